#!/usr/bin/env python3
"""catalogue.py: each message of the catalogue is used somewhere, each used one exists, no code stands twice, and the
two languages are there and name the same arguments as the row declares."""
import pathlib
import re
import sys

STRING = r'"((?:[^"\\]|\\.)*)"'
TEXT = rf'(?:{STRING}\s*)+'
ROW = re.compile(
    rf'MESSAGE\(\s*(\w+)\s*,\s*(\d+)\s*,\s*(\w+)\s*,\s*ARGS\(([^)]*)\)\s*,\s*((?:{STRING}\s*)+),\s*((?:{STRING}\s*)+)\)')
EXITS = "DONE NO USAGE INPUT ENVIRONMENT RIGHTS".split()
NOT_OURS = ("NONE", "COUNT", "NOSIGNAL", "DONTWAIT", "PEEK", "TRUNC", "CMSG_CLOEXEC")  # the enum's ends, socket(7)'s flags
HAN = re.compile(r"[\u4e00-\u9fff]")


def joined(strings):
    return "".join(re.findall(STRING, strings))


def rows(path, wrong):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    found = list(ROW.finditer(text))
    if len(found) != len(re.findall(r"\bMESSAGE\(", text)):
        wrong.append(f"{path}: {len(re.findall(r'MESSAGE[(]', text))} rows, but only {len(found)} can be read")
    for row in found:
        groups = row.groups()
        yield groups[0], groups[1], groups[2], re.findall(STRING, groups[3]), joined(groups[4]), joined(groups[6])


def main():
    wrong, messages = [], {}
    for path in sorted(pathlib.Path("src/base/messages").glob("*.def")):
        if path.name == "all.def":
            continue
        for code, http, exit_kind, arguments, chinese, english in rows(path, wrong):
            if code in messages:
                wrong.append(f"{path}: {code} stands in {messages[code]} too")
            messages[code] = path
            if exit_kind not in EXITS:
                wrong.append(f"{path}: {code}: exit kind {exit_kind} is none of {', '.join(EXITS)}")
            if not 200 <= int(http) <= 599:
                wrong.append(f"{path}: {code}: {http} is no HTTP status")
            if not HAN.search(chinese):
                wrong.append(f"{path}: {code}: the Chinese text is not Chinese")
            if HAN.search(english) or not english.strip():
                wrong.append(f"{path}: {code}: the English text is not English")
            for language, text in (("Chinese", chinese), ("English", english)):
                named = set(re.findall(r"\{(\w+)\}", text))
                if named != set(arguments):
                    wrong.append(f"{path}: {code}: the {language} text names {sorted(named)}, the row {sorted(arguments)}")
    used = {}
    for folder in ("src", "test", "bench", "fuzz"):
        for path in pathlib.Path(folder).rglob("*.[ch]"):
            text = path.read_text(encoding="utf-8")
            for code in re.findall(r"\bMSG_([A-Z][A-Z0-9_]*[A-Z0-9])(?<!_ARGS)\b", text):
                used.setdefault(code, path)
            # A use in a test alone is no use.
            if folder == "src":
                for code in re.findall(r"\bMSG_([A-Z][A-Z0-9_]*[A-Z0-9])(?<!_ARGS)\b", text):
                    used[code] = path
    for code, path in sorted(messages.items()):
        if code not in used or used[code].parts[0] != "src":
            wrong.append(f"{path}: {code} is used nowhere in src/")
    for code, path in sorted(used.items()):
        if code not in messages and code not in NOT_OURS:
            wrong.append(f"{path}: MSG_{code} is not in the catalogue")
    print(f"{len(messages)} messages")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


sys.exit(main())
