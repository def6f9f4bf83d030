"""Power cuts: kill -9 at random moments under 32 writing clients; then nothing acknowledged may be missing."""
import json
import os
import random
import subprocess
import sys
import threading
import time

from harness import Client, Failed, Installation, check, expect, run_tests, same, uuid7

ROUNDS = int(os.environ.get("XIEDUN_KILL_ROUNDS", "10"))
CLIENTS = 32


def write_until_killed(installation, sample, acknowledged, sent, stop):
    client = Client(installation.port, installation.client.token)
    while not stop.is_set():
        identifier = uuid7()
        sent.append(identifier)
        try:
            answer = client.post("/api/v1/records/device", {**sample, "id": identifier, "serial": identifier})
        except Exception:
            return
        if answer.status != 201:
            return
        acknowledged.append(identifier)


def all_devices(client):
    seen, cursor = set(), ""
    while True:
        page = expect(client.get("/api/v1/records/device?limit=500" + cursor), 200).json
        seen.update(item["id"] for item in page["items"])
        if not page["next"]:
            return seen
        cursor = "&cursor=" + page["next"]


def power_cuts(installation):
    installation.ready()
    sample = installation.device("S")
    token = installation.client.token
    acknowledged, sent = [], []
    chance = random.Random(os.environ.get("XIEDUN_KILL_SEED", "械盾"))
    for number in range(ROUNDS):
        stop = threading.Event()
        threads = [threading.Thread(target=write_until_killed,
                                    args=(installation, sample, acknowledged, sent, stop))
                   for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.05, 1.2))
        installation.kill()
        stop.set()
        for thread in threads:
            thread.join()
        installation.start()
        # The session is a row like any other: it lives on.
        installation.client = Client(installation.port, token)
        if number % 10 == 9 or number == ROUNDS - 1:
            there = all_devices(installation.client)
            missing = set(acknowledged) - there
            check(not missing, "round %d: %d acknowledged writes are missing" % (number, len(missing)))
            check(there <= set(sent), "round %d: a record that nobody sent" % number)
        installation.client.close()
    check(len(acknowledged) > ROUNDS * 10, "too few writes to mean anything: %d" % len(acknowledged))
    installation.stop()
    # Every entry has its change and the reverse; pages, rows, versions and tree agree.
    installation.run("ledger", "verify", "--deep")
    print("# %d rounds, %d acknowledged writes, %d sent" % (ROUNDS, len(acknowledged), len(sent)))


def database_stops_and_starts(installation):
    """PostgreSQL loses its connections under load: answers say so, nothing acknowledged is lost, service resumes."""
    if not installation.database.name:
        installation.init()
        installation.run("ledger", "verify", "--deep")
        return
    installation.ready()
    sample = installation.device("S")
    acknowledged, sent, stop = [], [], threading.Event()

    def write():
        client = Client(installation.port, installation.client.token)
        while not stop.is_set():
            identifier = uuid7()
            sent.append(identifier)
            answer = client.post("/api/v1/records/device", {**sample, "id": identifier, "serial": identifier})
            if answer.status == 201:
                acknowledged.append(identifier)
            else:
                check(answer.status in (500, 503), answer.body)
                time.sleep(0.05)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        time.sleep(0.4)
        installation.database.sql("postgres", "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                                              "WHERE datname = '%s'" % installation.database.name)
    time.sleep(1)
    before = len(acknowledged)
    time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join()
    check(len(acknowledged) > before, "the service did not resume")
    check(set(acknowledged) <= all_devices(installation.client), "an acknowledged write is missing")
    installation.stop()
    installation.run("ledger", "verify", "--deep")


run_tests([power_cuts, database_stops_and_starts])
