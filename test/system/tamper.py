"""What somebody with the disk or the database can do behind the server's back: each is found and named."""
import os
import random
import shutil
import struct
import subprocess
import sys
import time

from harness import Client, check, expect, run_tests, same, uuid7

HERE = os.path.dirname(os.path.abspath(__file__))
SQL = os.environ.get("XIEDUN_SQL", os.path.join(os.path.dirname(os.environ.get("XIEDUN_PROGRAM", "build/xiedun")),
                                                "test", "system-sql"))
VERIFIER = os.path.join(HERE, "..", "verifier", "verify_log.py")


def sql(installation, *statements):
    done = subprocess.run([SQL, installation.data, *statements], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    check(done.returncode == 0, "sql: " + done.stderr.decode())
    return done.stdout.decode().split()


def with_records(installation, count=40):
    installation.ready()
    client = installation.client
    for i in range(count):
        made = expect(client.post("/api/v1/records/device", installation.device("S-%d" % i)), 201)
        if i % 3 == 0:
            expect(client.request("PATCH", made.headers["Location"], {"name": "泵泵 %d" % i}, {"If-Match": '"1"'}), 200)
    installation.stop()
    installation.run("ledger", "verify", "--deep")


def snapshot(installation):
    """Keeps data and anchor, so that each case begins from the same state; PostgreSQL by a template database."""
    keep = os.path.join(installation.folder, "keep")
    shutil.copytree(installation.data, keep)
    shutil.copy(installation.data + ".anchor", keep + ".anchor")
    database = installation.database
    if database.name:
        database.sql("postgres", "CREATE DATABASE %s_keep TEMPLATE %s" % (database.name, database.name))


def back(installation, anchor=True):
    keep = os.path.join(installation.folder, "keep")
    shutil.rmtree(installation.data)
    shutil.copytree(keep, installation.data)
    if anchor:
        shutil.copy(keep + ".anchor", installation.data + ".anchor")
    database = installation.database
    if database.name:
        database.sql("postgres", "DROP DATABASE %s WITH (FORCE)" % database.name)
        database.sql("postgres", "CREATE DATABASE %s TEMPLATE %s_keep" % (database.name, database.name))


def drop_kept(installation):
    if installation.database.name:
        installation.database.sql("postgres", "DROP DATABASE IF EXISTS %s_keep WITH (FORCE)" % installation.database.name)


def found(installation, what, deep=True, names=()):
    text = installation.run("ledger", "verify", *(["--deep"] if deep else []), expect_status=1)
    check("✗" in text, "%s: found but not named: %s" % (what, text))
    for name in names:
        check(name in text, "%s: “%s” is not named in: %s" % (what, name, text))


def rows_behind_the_servers_back(installation):
    with_records(installation)
    snapshot(installation)
    try:
        cases = [
            ("a value changed", ["UPDATE r_device SET f_name = 'x' WHERE id = 7"], ["device"]),
            ("a state changed", ["UPDATE r_device SET state = 'disposed' WHERE id = 8"], ["device"]),
            ("a version number changed", ["UPDATE r_device SET version = version + 1 WHERE id = 9"], ["device"]),
            ("a row removed", ["DELETE FROM r_device WHERE id = 10"], ["device"]),
            ("a row added", ["CREATE TABLE copied AS SELECT * FROM r_device WHERE id = 11",
                             "UPDATE copied SET id = 1000, public_id = salt, number = 'D-9', f_serial = 'S-9'",
                             "INSERT INTO r_device SELECT * FROM copied", "DROP TABLE copied"], ["device"]),
            ("a version removed", ["DELETE FROM record_version WHERE entry = (SELECT max(entry) FROM record_version)"], []),
            ("a version's values changed",
             ["UPDATE record_version SET previous = '{\"f_name\":\"y\"}' WHERE entry = "
              "(SELECT max(entry) FROM record_version)"], []),
            ("an account changed", ["UPDATE account SET state = 'disabled' WHERE login = 'admin'"], ["account"]),
            ("a password changed", ["UPDATE account SET password = 'x' WHERE login = 'admin'"], ["account"]),
            ("a grant removed", ["DELETE FROM grant_row"], ["grant"]),
            ("an organisation renamed", ["UPDATE organisation SET name = 'z'"], ["organisation"]),
        ]
        for what, statements, names in cases:
            sql(installation, *statements)
            found(installation, what, names=names)
            back(installation)
        installation.run("ledger", "verify", "--deep")
    finally:
        drop_kept(installation)


def the_log_itself(installation):
    with_records(installation)
    snapshot(installation)
    try:
        blob = "x'00'" if not installation.database.name else "'\\x00'::bytea"
        cases = [
            ("a bundle removed", ["DELETE FROM ledger_bundle"]),
            ("a bundle overwritten", ["UPDATE ledger_bundle SET data = %s" % blob]),
            ("a tile overwritten", ["UPDATE ledger_tile SET hashes = %s" % blob]),
            ("a tile removed", ["DELETE FROM ledger_tile"]),
            ("the size set back", ["UPDATE ledger_state SET size = size - 1"]),
            ("an index row removed", ["DELETE FROM ledger_index WHERE position = 3"]),
            ("an index row moved", ["UPDATE ledger_index SET position = 1000000 WHERE position = 3"]),
        ]
        for what, statements in cases:
            sql(installation, *statements)
            found(installation, what)
            back(installation)
        installation.run("ledger", "verify", "--deep")
    finally:
        drop_kept(installation)


def an_old_copy(installation):
    """The whole data set back to yesterday, anchor aside: the server only reads and says what to do."""
    with_records(installation, 5)
    snapshot(installation)
    try:
        installation.start()
        installation.client = installation.sign_in()
        expect(installation.client.post("/api/v1/records/device", installation.device("last")), 201)
        time.sleep(1.5)
        token = installation.client.token
        installation.stop()
        back(installation, anchor=False)
        found(installation, "an old copy", deep=False)
        installation.start()
        client = Client(installation.port, token)
        health = expect(client.get("/health"), 503).json
        same(health["status"], "read-only")
        check("LEDGER_ANCHOR" in health["trouble"] or "LEDGER" in health["trouble"], health["trouble"])
        answer = client.post("/api/v1/session", {"login": "admin", "password": "x", "code": "1"})
        check(answer.status in (401, 503), answer.body)
        installation.stop()
    finally:
        drop_kept(installation)


def every_page(installation):
    """One bit in pages of the file, free ones among them."""
    if installation.database.name:
        installation.init()
        installation.run("ledger", "verify", "--deep")
        return
    with_records(installation, 60)
    # A table filled and dropped leaves free pages behind.
    sql(installation, "CREATE TABLE waste (a BLOB)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) "
        "INSERT INTO waste SELECT randomblob(3000) FROM n", "DROP TABLE waste")
    free = int(sql(installation, "SELECT freelist_count FROM pragma_freelist_count")[0])
    check(free > 50, "no free pages to flip: %d" % free)
    path = os.path.join(installation.data, "xiedun.db")
    pages = os.path.getsize(path) // 4096
    chance = random.Random("page")
    chosen = sorted(set([0, 1, pages - 1] + [chance.randrange(pages) for _ in range(60)]))
    with open(path, "r+b") as file:
        for page in chosen:
            at = page * 4096 + chance.randrange(4096 if page else 3000)
            if page == 0:
                # The first 16 bytes are the cipher's salt, 16 to 23 the header that every cipher leaves in clear.
                at = 100 + chance.randrange(3900)
            file.seek(at)
            old = file.read(1)
            file.seek(at)
            file.write(bytes([old[0] ^ 1 << chance.randrange(8)]))
            file.flush()
            done = subprocess.run([os.environ.get("XIEDUN_PROGRAM", "build/xiedun"), "ledger", "verify", "--deep", "--data",
                                   installation.data, "--lang", "en"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            check(done.returncode in (1, 3, 4), "page %d of %d, byte %d: not found" % (page + 1, pages, at))
            file.seek(at)
            file.write(old)
            file.flush()
    installation.run("ledger", "verify", "--deep")
    print("# %d of %d pages flipped, %d free" % (len(chosen), pages, free))


def frames_of_the_log(installation):
    """One bit in committed frames of the write-ahead log of a server that was cut off."""
    if installation.database.name:
        installation.init()
        installation.run("ledger", "verify", "--deep")
        return
    installation.ready()
    for i in range(30):
        expect(installation.client.post("/api/v1/records/device", installation.device("S-%d" % i)), 201)
    time.sleep(2.5)
    installation.kill()
    keep = os.path.join(installation.folder, "cut")
    shutil.copytree(installation.data, keep)
    wal = os.path.join(installation.data, "xiedun.db-wal")
    with open(wal, "rb") as file:
        data = file.read()
    page = struct.unpack(">I", data[8:12])[0]
    salt = data[16:24]
    frames = 0
    while data[32 + frames * (24 + page) + 8:32 + frames * (24 + page) + 16] == salt:
        frames += 1
    check(frames > 5, "no frames: %d" % frames)
    chance = random.Random("frame")
    for frame in sorted(set([0, frames - 1] + [chance.randrange(frames) for _ in range(25)])):
        shutil.rmtree(installation.data)
        shutil.copytree(keep, installation.data)
        at = 32 + frame * (24 + page) + 24 + chance.randrange(page)
        with open(wal, "r+b") as file:
            file.seek(at)
            old = file.read(1)
            file.seek(at)
            file.write(bytes([old[0] ^ 1]))
        done = subprocess.run([os.environ.get("XIEDUN_PROGRAM", "build/xiedun"), "ledger", "verify", "--data",
                               installation.data, "--lang", "en"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        check(done.returncode in (1, 3, 4), "frame %d of %d: not found: %s" % (frame + 1, frames, done.stdout.decode()))
    shutil.rmtree(installation.data)
    shutil.copytree(keep, installation.data)
    installation.run("ledger", "verify", "--deep")
    print("# %d frames" % frames)


def exported_logs(installation):
    """The verifier that shares no code finds what shows in an exported log."""
    with_records(installation, 300)
    good = os.path.join(installation.folder, "export")
    installation.run("ledger", "export", good)
    key = [os.path.join(folder, name) for folder, _, names in os.walk(good) for name in names if name == "key"]
    check(key, "the export has no verifier key")
    kept = os.path.join(installation.folder, "verifier-key")
    shutil.copy(key[0], kept)

    def verdict(folder):
        return subprocess.run([sys.executable, VERIFIER, folder, "--key", kept], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)

    done = verdict(good)
    same(done.returncode, 0, done.stdout.decode())
    files = sorted(os.path.join(folder, name) for folder, _, names in os.walk(good) for name in names
                   if os.path.join(folder, name) not in key)
    chance = random.Random("export")
    cases = 0
    for path in files:
        if os.path.getsize(path) == 0:
            continue
        relative = os.path.relpath(path, good)
        for kind in ("flip", "cut", "remove"):
            bad = good + ".bad"
            shutil.copytree(good, bad)
            target = os.path.join(bad, relative)
            with open(target, "rb") as file:
                data = file.read()
            if kind == "flip":
                at = chance.randrange(len(data))
                data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
            elif kind == "cut":
                data = data[:-1]
            if kind == "remove":
                os.unlink(target)
            else:
                with open(target, "wb") as file:
                    file.write(data)
            done = verdict(bad)
            check(done.returncode == 1, "%s of %s: exit %d\n%s" % (kind, relative, done.returncode, done.stdout.decode()))
            shutil.rmtree(bad)
            cases += 1
    check(cases >= 12, "too few files: %d" % cases)


run_tests([rows_behind_the_servers_back, the_log_itself, an_old_copy, every_page, frames_of_the_log, exported_logs])
