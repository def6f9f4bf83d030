#!/usr/bin/env python3
"""manual.py [--check]: writes the parts of the man pages that come from tables: the commands into xiedun.1 (as the
program itself tells them), the keys of the configuration into xiedun.yaml.5. With --check only compares."""
import pathlib
import re
import subprocess
import sys

BEGIN = re.compile(r'^\.\\" Written by ./dev docs.*\n', re.M)
END = '.\\" End of what ./dev docs writes.\n'
KEY = re.compile(r'^\t(TEXT|INTEGER)\((\w+), ([^,]+),(?: (-?\d+), (-?\d+),)?\s*"[^"]*",\s*"([^"]*)"\)', re.M)


def commands():
    return subprocess.run(["build/xiedun", "help", "--manual"], check=True, capture_output=True, text=True).stdout


def keys():
    source = pathlib.Path("src/daemon/config.c").read_text(encoding="utf-8")
    found = list(KEY.finditer(source))
    if len(found) != len(re.findall(r"^\t(?:TEXT|INTEGER)\(", source, re.M)):
        sys.exit("src/daemon/config.c: a row of the table of keys cannot be read")
    lines = []
    for kind, name, fallback, low, high, meaning in (row.groups() for row in found):
        lines.append(f".TP\n.B {name}\n{meaning[0].upper()}{meaning[1:]}.")
        if kind == "INTEGER":
            lines.append(f"From {low} to {high}.".replace("-", "\\-"))
        if fallback != "NULL":
            lines.append(f"Without it: {fallback}.".replace('"', "").replace("-", "\\-"))
    return "\n".join(lines) + "\n"


def main(check):
    stale = 0
    for page, text in (("man/xiedun.1", commands()), ("man/xiedun.yaml.5", keys())):
        path = pathlib.Path(page)
        old = path.read_text(encoding="utf-8")
        begin = BEGIN.search(old).end()
        new = old[:begin] + text + old[old.index(END):]
        if new == old:
            continue
        stale = 1
        if check:
            print(f"{page} is not what the tables say; run ./dev docs")
        else:
            path.write_text(new, encoding="utf-8")
            print(f"wrote {page}")
    return stale if check else 0


sys.exit(main("--check" in sys.argv[1:]))
