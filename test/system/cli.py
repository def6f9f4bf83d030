"""The command line as a person at a fresh machine uses it."""
import json
import os
import subprocess

from harness import PASSWORD, PROGRAM, check, run_tests, same

FILE = """pack: 1
name: gadgets
edition: 1
label: {zh: 小器具, en: Gadgets}
types:
  gadget:
    label: {zh: 小器具, en: Gadget}
    plural: {zh: 小器具, en: Gadgets}
    title: name
    fields:
      name:
        label: {zh: 名称, en: Name}
        kind: text
        required: true
    indexes:
      - [name]
"""


def signed_in(installation):
    installation.init().start()
    address = "https://127.0.0.1:%d" % installation.port
    text = remote(installation, "login", address, "--token", installation.token, "--login", "admin", "--name", "管理员",
                  "--fingerprint", installation.fingerprint, "--seed-file", os.path.join(installation.folder, "seed"),
                  stdin=(PASSWORD + "\n").encode())
    same(len([line for line in text.splitlines() if line.startswith("  ")]), 10, "recovery codes")


def remote(installation, *words, status=0, stdin=b"", language="en"):
    done = subprocess.run([PROGRAM, *words, "--lang", language], input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, timeout=120,
                          env={**os.environ, "HOME": installation.folder, "XDG_CONFIG_HOME": installation.folder})
    check(done.returncode == status, "xiedun %s: exit %d, want %d\n%s%s" % (
        " ".join(words), done.returncode, status, done.stdout.decode(), done.stderr.decode()))
    return done.stdout.decode() + done.stderr.decode()


def from_nothing_to_records(installation):
    signed_in(installation)
    organisation = json.loads(remote(installation, "organisation", "list", "--json"))["items"][0]["id"]
    maker = json.loads(remote(installation, "record", "create", "party", "name=泵业", "roles:=[\"maker\"]", "--json"))["id"]
    model = json.loads(remote(installation, "record", "create", "model", "name=输液泵 P1", "maker=" + maker, "--json"))["id"]
    made = json.loads(remote(installation, "record", "create", "device", "organisation=" + organisation, "name=输液泵",
                             "model=" + model, "serial=SN-1", "--json"))
    check("输液泵" in remote(installation, "record", "list", "device"), "listed")
    remote(installation, "record", "change", "device", made["id"], "name=注射泵")
    shown = json.loads(remote(installation, "record", "show", "device", made["id"], "--json"))
    same((shown["name"], shown["version"]), ("注射泵", 2))
    remote(installation, "record", "change", "device", made["id"], "name=x", "--version", "1", status=3)
    check("2" in remote(installation, "record", "history", "device", made["id"]), "history")
    remote(installation, "logout")
    check("login" in remote(installation, "record", "list", "device", status=5), "says what to do")


def a_type_is_one_file(installation):
    signed_in(installation)
    path = os.path.join(installation.folder, "gadgets.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(FILE)
    remote(installation, "pack", "check", path)
    remote(installation, "pack", "add", path)
    organisation = json.loads(remote(installation, "organisation", "list", "--json"))["items"][0]["id"]
    remote(installation, "record", "create", "gadget", "organisation=" + organisation, "name=a")
    check("a" in remote(installation, "record", "list", "gadget"), "listed")
    with open(path, "w", encoding="utf-8") as file:
        file.write(FILE.replace("required: true", "requierd: true"))
    for language in ("zh", "en"):
        text = remote(installation, "pack", "check", path, status=1, language=language)
        check("gadgets.yaml:14" in text and "required" in text, text)


def wrong_words(installation):
    for words, status in ((["nonsense"], 2), (["serve", "--nonsense"], 2), (["record", "list"], 2),
                          (["record", "list", "a", "b"], 2), (["ledger", "verify", "--data"], 2),
                          (["ledger", "verify", "--data", "/nonexistent"], 4), (["pack", "check", "/nonexistent"], 4),
                          (["record", "list", "device"], 5)):
        for language in ("zh", "en"):
            text = remote(installation, *words, status=status, language=language)
            check(len(text) > 10, "says something: %r" % text)
    same(remote(installation, "version").split()[0], "xiedun")
    check("ledger verify" in remote(installation, "help"), "help")


def a_check_up(installation):
    installation.init()
    answer = json.loads(installation.run("doctor", "--json"))
    levels = {check_["check"]: check_["level"] for check_ in answer["checks"]}
    same((levels["mode"], levels["anchor"], levels["ledger"], levels["database"]), ("good", "warning", "good", "good"))
    os.chmod(installation.data, 0o755)
    installation.run("doctor", expect_status=1)


def two_servers_on_one_file(installation):
    """The embedded database has one writer; a second server says so instead of damaging anything."""
    installation.ready()
    if not installation.database.name:
        installation.run("serve", "--allow-root", expect_status=4)
        installation.run("backup", os.path.join(installation.folder, "b"), expect_status=4)
    installation.run("ledger", "verify", "--deep")


run_tests([from_nothing_to_records, a_type_is_one_file, wrong_words, a_check_up, two_servers_on_one_file])
