"""Backup, restore, continue; interrupted and damaged ones leave nothing half done."""
import hashlib
import os
import shutil
import subprocess
import time

from harness import PASSWORD, LOGIN, PROGRAM, Client, Database, Installation, check, expect, run_tests, same, totp


def with_records(installation, count=25):
    installation.ready()
    for i in range(count):
        expect(installation.client.post("/api/v1/records/device", installation.device("S-%d" % i)), 201)
    second_administrator(installation)
    installation.stop()
    return os.path.join(installation.folder, "one.backup")


def second_administrator(installation):
    client = installation.client
    made = expect(client.post("/api/v1/accounts", {"login": "second", "name": "第二人",
                                                   "organisation": installation.root_organisation()}), 201).json
    other = Client(installation.port)
    seed = expect(other.post("/api/v1/redeem/begin", {"token": made["token"]}), 200).json["seed"]
    step = int(time.time()) // 30 - 1
    expect(other.post("/api/v1/redeem", {"token": made["token"], "login": "second", "name": "第二人",
                                         "password": PASSWORD, "code": totp(seed, step)}), 201)
    expect(client.post("/api/v1/grants", {"account": made["id"], "role": "administrator", "clearance": "secret",
                                          "organisation": installation.root_organisation()}), 201)
    installation.second_seed, installation.second_step = seed, step


def second_code(installation):
    while True:
        now = int(time.time()) // 30
        step = max(installation.second_step + 1, now - 1)
        if step <= now + 1:
            installation.second_step = step
            return totp(installation.second_seed, step)
        time.sleep(1)


def restored(installation, path, expect_status=0):
    """A bare machine: another folder, another database, only the backup, the root key and nothing else."""
    other = Installation()
    words = ["restore", path, "--root-key", "file:" + installation.data + ".root-key", "--port", "0"]
    if other.database.address:
        words += ["--database", other.database.address]
    other.run(*words, expect_status=expect_status)
    other.seed, other.last_step = installation.seed, installation.last_step
    other.second_seed = getattr(installation, "second_seed", None)
    other.second_step = getattr(installation, "second_step", 0)
    return other


def round_trip(installation):
    path = with_records(installation)
    words = installation.run("backup", path).split()
    with open(path, "rb") as file:
        same(hashlib.sha256(file.read()).hexdigest(), words[0], "the hash told is the file's")
    installation.run("ledger", "verify", "--deep")
    other = restored(installation, path)
    try:
        # Until two people continue the ledger, the restored copy only reads.
        other.start()
        other.client = Client(other.port)
        same(expect(other.client.get("/health"), 503).json["status"], "read-only")
        other.stop()
        lines = [LOGIN, PASSWORD, other.code(), "second", PASSWORD, second_code(other)]
        other.run("ledger", "continue", "--reason", "restored after a fire", stdin=("\n".join(lines) + "\n").encode())
        other.run("ledger", "verify", "--deep")
        other.start()
        other.client = other.sign_in(installation.recovery_codes[0])
        same(len(expect(other.client.get("/api/v1/records/device?limit=100"), 200).json["items"]), 25)
        expect(other.client.post("/api/v1/records/device", {**installation.device("N"), "name": "新泵"}), 201)
        other.stop()
        other.run("ledger", "verify", "--deep")
    finally:
        other.close()


def one_person_cannot_continue(installation):
    path = with_records(installation, 3)
    installation.run("backup", path)
    other = restored(installation, path)
    try:
        lines = [LOGIN, PASSWORD, other.code(), LOGIN, PASSWORD, installation.recovery_codes[0]]
        other.run("ledger", "continue", "--reason", "alone", stdin=("\n".join(lines) + "\n").encode(), expect_status=5)
    finally:
        other.close()


def damaged_backups_are_refused(installation):
    path = with_records(installation, 3)
    installation.run("backup", path)
    with open(path, "rb") as file:
        good = file.read()
    bad = path + ".bad"
    places = [10, 100, len(good) // 3, len(good) // 2, len(good) - 20]
    for at in places:
        with open(bad, "wb") as file:
            file.write(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        other = restored(installation, bad, expect_status=(3, 4))
        check(not os.path.exists(os.path.join(other.data, "xiedun.yaml")), "half a restore is left (bit at %d)" % at)
        other.close()
    for length in (0, 50, len(good) // 2, len(good) - 1):
        with open(bad, "wb") as file:
            file.write(good[:length])
        other = restored(installation, bad, expect_status=(3, 4))
        check(not os.path.exists(other.data) or not os.listdir(other.data), "half a restore is left (%d bytes)" % length)
        other.close()


def interrupted(installation):
    """kill -9 in the middle of backup and restore, at several moments."""
    path = with_records(installation, 10)
    for wait in (0.005, 0.02, 0.05, 0.1):
        process = subprocess.Popen([PROGRAM, "backup", path, "--data", installation.data],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        process.kill()
        process.wait()
        if os.path.exists(path):
            break
    if os.path.exists(path):
        os.unlink(path)
    installation.run("backup", path)
    for wait in (0.005, 0.02, 0.05, 0.1):
        other = Installation()
        words = [PROGRAM, "restore", path, "--data", other.data, "--root-key", "file:" + installation.data + ".root-key",
                 "--port", "0"]
        if other.database.address:
            words += ["--database", other.database.address]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        process.kill()
        process.wait()
        # Either nothing is there, so that the same command succeeds, or all of it is.
        if not os.path.exists(os.path.join(other.data, "xiedun.yaml")):
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            check(done.returncode == 0, "a second restore after %.3f s: %s" % (wait, done.stderr.decode()))
        other.close()
    installation.run("ledger", "verify", "--deep")


def a_lost_root_key_comes_back(installation):
    installation.init()
    key = installation.data + ".root-key"
    with open(key, "rb") as file:
        before = file.read()
    os.unlink(key)
    installation.run("ledger", "verify", expect_status=4)
    shares = "\n".join([installation.shares[2], installation.shares[0]]) + "\n"
    installation.run("recover", key, stdin=shares.encode())
    with open(key, "rb") as file:
        same(file.read().strip(), before.strip())
    installation.run("ledger", "verify", "--deep")
    wrong = installation.shares[1][:-1] + ("A" if installation.shares[1][-1] != "A" else "B")
    installation.run("recover", key + "2", stdin=(installation.shares[0] + "\n" + wrong + "\n").encode(), expect_status=3)


run_tests([round_trip, one_person_cannot_continue, damaged_backups_are_refused, interrupted, a_lost_root_key_comes_back])
