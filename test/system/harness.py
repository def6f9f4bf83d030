"""Starts the real server on a temporary directory and port and speaks HTTPS with it. Standard library only."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse
import uuid

PROGRAM = os.environ.get("XIEDUN_PROGRAM", os.path.join("build", "xiedun"))
BACKEND = os.environ.get("XIEDUN_TEST_BACKEND", "sqlite")
POSTGRES = os.environ.get("XIEDUN_TEST_POSTGRES", "")
PASSWORD = "Pumpe-4711-盾"
LOGIN = "admin"


def uuid7():
    """A UUIDv7 (RFC 9562, section 5.7)."""
    value = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def totp(seed, step):
    """RFC 6238 with SHA-1, 30 seconds, six digits; written here a second time, from the RFC."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """One keep-alive connection with a token."""

    def __init__(self, port, token=None, language="en"):
        self.port, self.token, self.language = port, token, language
        self.connection = None

    def request(self, method, path, body=None, headers=None, raw=None):
        all_headers = {"Accept-Language": self.language}
        if self.token:
            all_headers["Authorization"] = "Bearer " + self.token
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
            all_headers["Content-Type"] = "application/json"
        all_headers.update(headers or {})
        if self.connection is None:
            context = ssl._create_unverified_context()
            self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=60)
        try:
            self.connection.request(method, path, body=data, headers=all_headers)
            answer = self.connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        except Exception:
            self.connection.close()
            self.connection = None
            raise

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body=None, **headers):
        return self.request("POST", path, {} if body is None else body, headers)

    def close(self):
        if self.connection:
            self.connection.close()


class Failed(Exception):
    pass


def check(holds, text):
    if not holds:
        raise Failed(text)


def same(got, want, what=""):
    check(got == want, "%s: got %r, want %r" % (what, got, want))


def expect(answer, status):
    check(answer.status == status, "status %d, want %d: %s" % (answer.status, status, answer.body[:600]))
    return answer


class Database:
    """A fresh PostgreSQL database, dropped at the end; nothing for the embedded one."""
    count = 0

    def __init__(self):
        self.address = self.name = None
        if BACKEND != "postgres":
            return
        Database.count += 1
        self.name = "xiedun_system_%d_%d" % (os.getpid(), Database.count)
        self.sql("postgres", "CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'" % self.name)
        self.address = POSTGRES + " dbname=" + self.name

    def sql(self, database, text):
        done = subprocess.run(["psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d",
                               POSTGRES + " dbname=" + database, "-c", text],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        check(done.returncode == 0, done.stderr.decode())
        return done.stdout.decode().strip()

    def drop(self):
        if self.name:
            self.sql("postgres", "DROP DATABASE IF EXISTS %s WITH (FORCE)" % self.name)


class Installation:
    """A data directory with its keys, its server and its administrator."""

    def __init__(self, folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix="xiedun-system-")
        self.data = os.path.join(self.folder, "data")
        self.database = Database()
        self.process = self.port = None
        self.seed = None
        self.last_step = 0
        self.log = os.path.join(self.folder, "server.log")

    def run(self, *words, expect_status=0, stdin=b"", env=None):
        done = subprocess.run([PROGRAM, *words, "--data", self.data, "--lang", "en"], input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=300,
                              env={**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": self.folder, **(env or {})})
        wanted = expect_status if isinstance(expect_status, tuple) else (expect_status,)
        check(done.returncode in wanted, "xiedun %s: exit %d, want %s\n%s%s" % (
            " ".join(words), done.returncode, expect_status, done.stdout.decode(), done.stderr.decode()))
        return done.stdout.decode()

    def init(self, *options):
        words = ["init", "--no-sheet-check", "--port", "0", *options]
        if self.database.address:
            words += ["--database", self.database.address]
        text = self.run(*words)
        self.shares = [line.strip() for line in text.splitlines() if line.startswith("  1-") or
                       line.startswith("  2-") or line.startswith("  3-")]
        self.token = text.split("--token ")[1].split()[0]
        return self

    def start(self, wait=True):
        self.err = open(self.log, "ab")
        root = ["--allow-root"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen([PROGRAM, "serve", "--data", self.data, "--json", *root],
                                        stdout=subprocess.PIPE, stderr=self.err)
        if wait:
            line = self.process.stdout.readline()
            check(line, "the server did not start: " + self.log_text()[-1500:])
            ready = json.loads(line)
            self.port = int(ready["address"].rsplit(":", 1)[1])
            self.fingerprint = ready["fingerprint"]
        return self

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as text:
            return text.read()

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            status = self.process.wait(60)
            self.process.stdout.close()
            self.process = None
            check(status == 0, "the server ended with %d: %s" % (status, self.log_text()[-1500:]))

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def code(self):
        """A code that was not used yet: steps from one before now to one after are taken."""
        while True:
            now = int(time.time()) // 30
            step = max(self.last_step + 1, now - 1)
            if step <= now + 1:
                self.last_step = step
                return totp(self.seed, step)
            time.sleep(1)

    def redeem(self):
        client = Client(self.port)
        self.seed = expect(client.post("/api/v1/redeem/begin", {"token": self.token}), 200).json["seed"]
        answer = expect(client.post("/api/v1/redeem", {"token": self.token, "login": LOGIN, "name": "管理员",
                                                       "password": PASSWORD, "code": self.code()}), 201)
        self.recovery_codes = answer.json["recovery_codes"]
        client.close()
        return self

    def sign_in(self, code=None):
        """With a code of now, or one of the recovery codes, which need no waiting."""
        client = Client(self.port)
        answer = expect(client.post("/api/v1/session", {"login": LOGIN, "password": PASSWORD,
                                                        "code": code or self.code()}), 201)
        client.token = answer.json["token"]
        return client

    def ready(self):
        """From nothing to a signed-in administrator."""
        self.init().start().redeem()
        self.client = self.sign_in()
        return self

    def root_organisation(self):
        return expect(self.client.get("/api/v1/organisations"), 200).json["items"][0]["id"]

    def device(self, serial):
        """The fields of a device of the one sample model."""
        if not hasattr(self, "sample"):
            maker = expect(self.client.post("/api/v1/records/party", {"name": "泵业", "roles": ["maker"]}), 201).json["id"]
            model = expect(self.client.post("/api/v1/records/model", {"name": "输液泵 P1", "maker": maker}), 201).json["id"]
            self.sample = {"organisation": self.root_organisation(), "model": model}
        return {**self.sample, "name": "泵 " + serial, "serial": serial}

    def close(self):
        self.kill()
        self.database.drop()
        shutil.rmtree(self.folder, ignore_errors=True)


def run_tests(tests):
    """Each test gets an Installation of its own, not yet made; prints the closing line and exits."""
    chosen = set(sys.argv[1:])
    passed = failed = 0
    for test in tests:
        if chosen and test.__name__ not in chosen:
            continue
        begin = time.time()
        installation = Installation()
        try:
            test(installation)
            passed += 1
            print("ok %s (%.1f s)" % (test.__name__, time.time() - begin), flush=True)
        except Exception as error:  # a failed test is reported, the next one runs
            failed += 1
            print("not ok %s: %s" % (test.__name__, error), flush=True)
            if not isinstance(error, Failed):
                traceback.print_exc(file=sys.stdout)
        finally:
            installation.close()
    print("%d passed, %d failed" % (passed, failed), flush=True)
    sys.exit(1 if failed or not passed else 0)
