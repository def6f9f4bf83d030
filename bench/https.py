"""
Durable audited creates and list pages through HTTPS, on the embedded encrypted database or PostgreSQL.

usage: https.py [ROWS [SECONDS]]   (1,000,000 rows, 60 seconds)
Makes an installation with 1,000 organisations in 25 groups and a type with three indexes, fills it with ROWS records, then
measures: creates at 32 connections for SECONDS with sequencer and checkpoints running; list pages of 50 by a declared index
for an account that sees one group (4 %); anonymous memory 30 s later; time from start to ready.
"""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "system"))
from harness import BACKEND, PASSWORD, PROGRAM, Client, Installation, expect, totp  # noqa: E402

LOAD = os.path.join(os.path.dirname(PROGRAM), "bench", "bench-https_load")

PACK = """pack: 1
name: bench
edition: 1
label: {zh: 测量, en: Benchmark}
roles:
  clerk:
    label: {zh: 办事员, en: Clerk}
    permissions: [ticket.*, organisation.read]
types:
  ticket:
    label: {zh: 工单, en: Ticket}
    plural: {zh: 工单, en: Tickets}
    title: name
    fields:
      name: {kind: text, required: true, label: {zh: 名称, en: Name}}
      severity:
        kind: choice
        label: {zh: 严重程度, en: Severity}
        choices:
          low: {zh: 低, en: Low}
          medium: {zh: 中, en: Medium}
          high: {zh: 高, en: High}
          critical: {zh: 严重, en: Critical}
      due: {kind: date, label: {zh: 期限, en: Due}}
      hours: {kind: integer, label: {zh: 工时, en: Hours}}
      notes: {kind: markdown, label: {zh: 备注, en: Notes}}
    indexes:
      - [severity, due]
      - [due]
      - [name]
"""


def machine():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as cpu:
        name = next(line.split(":")[1].strip() for line in cpu if line.startswith("model name"))
    with open("/proc/meminfo", encoding="ascii") as memory:
        total = int(memory.readline().split()[1]) >> 20
    return "%s, %d cores, %d GiB" % (name, os.cpu_count(), total)


def memory(pid):
    """Anonymous memory of a process in MB."""
    with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as rollup:
        return next(int(line.split()[1]) / 1000 for line in rollup if line.startswith("Anonymous:"))


def load(installation, kind, token, connections, seconds, count=0, organisations=""):
    words = [LOAD, kind, str(installation.port), token, str(connections), str(seconds)]
    if kind == "create":
        words += [str(count), organisations]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=False)
    return done.stdout.decode().strip()


def organisations_of(installation):
    """25 groups of 40 organisations, each group's head among them."""
    client, root = installation.client, installation.root_organisation()
    heads, all_ids = [], []
    for group in range(25):
        head = expect(client.post("/api/v1/organisations", {"name": "集团 %d" % group, "parent": root, "kind": "group"}),
                      201).json["id"]
        heads.append(head)
        all_ids.append(head)
        for number in range(39):
            all_ids.append(expect(client.post("/api/v1/organisations", {
                "name": "医院 %d-%d" % (group, number), "parent": head, "kind": "hospital"}), 201).json["id"])
    path = os.path.join(installation.folder, "organisations")
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(all_ids) + "\n")
    return heads, path


def clerk_of(installation, organisation):
    client = installation.client
    made = expect(client.post("/api/v1/accounts", {"login": "clerk", "name": "办事员", "organisation": organisation}), 201).json
    expect(client.post("/api/v1/grants", {"account": made["id"], "role": "clerk", "organisation": organisation,
                                          "clearance": "internal"}), 201)
    other = Client(installation.port)
    seed = expect(other.post("/api/v1/redeem/begin", {"token": made["token"]}), 200).json["seed"]
    step = int(time.time()) // 30
    expect(other.post("/api/v1/redeem", {"token": made["token"], "login": "clerk", "name": "办事员", "password": PASSWORD,
                                         "code": totp(seed, step - 1)}), 201)
    return expect(other.post("/api/v1/session", {"login": "clerk", "password": PASSWORD, "code": totp(seed, step)}),
                  201).json["token"]


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    installation = Installation()
    try:
        installation.ready()
        client = installation.client
        expect(client.request("POST", "/api/v1/packs?name=bench.yaml", raw=PACK.encode(),
                              headers={"Content-Type": "application/yaml"}), 201)
        heads, organisations = organisations_of(installation)
        print("database: %s; page cache 8 MiB a connection (4 readers, 1 writer); machine: %s" % (BACKEND, machine()), flush=True)
        print("fill    " + load(installation, "create", client.token, 32, 0, rows, organisations), flush=True)
        print("measure " + load(installation, "create", client.token, 32, seconds, 0, organisations), flush=True)
        client.close()
        client.connection = None  # it was idle for longer than the server keeps it
        clerk = clerk_of(installation, heads[7])
        print("measure " + load(installation, "list", clerk, 1, 10), flush=True)
        print("measure " + load(installation, "list", clerk, 8, 10), flush=True)
        time.sleep(30)
        print("anonymous memory 30 s after the lists: %.1f MB" % memory(installation.process.pid), flush=True)
        installation.stop()
        times = []
        for _ in range(5):
            begin = time.time()
            installation.start()
            times.append((time.time() - begin) * 1000)
            installation.stop()
        print("ready after %.0f ms (median of 5: %s)" % (sorted(times)[2], ", ".join("%.0f" % t for t in times)), flush=True)
    finally:
        installation.close()


main()
