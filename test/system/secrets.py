"""After a run with marked secrets and personal data, nothing on the disk holds the marks in clear, and no core is written."""
import glob
import os
import signal
import subprocess
import time

from harness import LOGIN, PASSWORD, Client, check, expect, run_tests, same

SECRET_PACK = """pack: 1
name: patients
edition: 1
label: {zh: 患者, en: Patients}
types:
  patient:
    label: {zh: 患者, en: Patient}
    plural: {zh: 患者, en: Patients}
    title: name
    fields:
      name:
        label: {zh: 姓名, en: Name}
        kind: text
        required: true
        sensitivity: personal
      phone:
        label: {zh: 电话, en: Phone}
        kind: text
        sensitivity: personal
        sealed: true
"""

MARK_NAME = "MARK-NAME-张三丰"
MARK_PHONE = "MARK-PHONE-13812345678"
MARK_REASON = "MARK-REASON-because"


def holds(path, marks):
    found = []
    with open(path, "rb") as file:
        data = file.read()
    for mark in marks:
        for form in (mark.encode(), mark.encode("utf-16-le")):
            if form in data:
                found.append(mark)
    return found


def marked_run(installation):
    installation.ready()
    client = installation.client
    expect(client.request("POST", "/api/v1/packs?name=p.yaml", raw=SECRET_PACK.encode(),
                          headers={"Content-Type": "application/yaml"}), 201)
    made = expect(client.post("/api/v1/records/patient?reason=" + MARK_REASON,
                              {"organisation": installation.root_organisation(), "name": MARK_NAME,
                               "phone": MARK_PHONE}), 201)
    path = made.headers["Location"]
    shown = expect(client.get(path), 200).json
    check(MARK_PHONE not in str(shown), "a sealed value is masked")
    same(expect(client.post(path + "/reveal/phone"), 200).json["value"], MARK_PHONE)
    # People type passwords where the login name belongs.
    expect(Client(installation.port).post("/api/v1/session", {"login": "MARK-TYPED-secret", "password": "MARK-WRONG-pw",
                                                               "code": "000000"}), 401)
    time.sleep(1.5)
    marks = [MARK_NAME, MARK_PHONE, MARK_REASON, PASSWORD, installation.seed, installation.token, client.token,
             "MARK-TYPED", "MARK-WRONG", *installation.recovery_codes]
    with open(installation.data + ".root-key", encoding="ascii") as file:
        marks.append(file.read().strip())
    export = os.path.join(installation.folder, "export")
    installation.run("ledger", "export", export)
    installation.stop()
    installation.run("backup", os.path.join(installation.folder, "b.backup"))
    checked = 0
    for folder, _, names in os.walk(installation.folder):
        for name in names:
            file = os.path.join(folder, name)
            if file == installation.data + ".root-key":
                continue
            checked += 1
            found = holds(file, marks)
            check(not found, "%s holds %s in clear" % (os.path.relpath(file, installation.folder), found))
    check(checked > 5, "too few files to mean anything")
    if installation.database.name:
        sealed = [MARK_PHONE, PASSWORD, installation.seed, installation.token, client.token, MARK_REASON, "MARK-TYPED",
                  "MARK-WRONG", *installation.recovery_codes]
        dump = subprocess.run(["pg_dump", "-d", installation.database.address], stdout=subprocess.PIPE, check=True).stdout
        for mark in sealed:
            for form in (mark.encode(), mark.encode().hex().encode()):
                check(form not in dump, "the database holds %s in clear" % mark)


def no_core(installation):
    installation.ready()
    installation.process.send_signal(signal.SIGSEGV)
    installation.process.wait()
    cores = glob.glob(os.path.join(installation.folder, "**", "core*"), recursive=True) + glob.glob("core*")
    check(not cores, "a core was written: %s" % cores)
    installation.process.stdout.close()
    installation.process = None
    # A crash is a power cut: all is there afterwards.
    installation.start()
    installation.sign_in()


run_tests([marked_run, no_core])
