#!/usr/bin/env python3
"""floors.py: no floor includes one that is not below it, every file leads to banned.h, and the lines of C per floor with
their sum, which has a ceiling. A line counts that holds code: neither blank nor comment only. The rows of the message
catalogue are data."""
import pathlib
import re
import sys

BELOW = {  # floor: the floors it may include
    "base": "",
    "crypto": "base",
    "http": "base crypto",
    "ident": "base",
    "parse": "base ident",
    "match": "base ident parse",
    "store": "base crypto http ident parse match",
    "ledger": "base crypto http ident parse match store",
    "identity": "base crypto http ident parse match store ledger",
    "model": "base crypto http ident parse match store ledger identity",
}
ENGINES = "exposure monitor release continuity compliance report".split()
KERNEL = list(BELOW)
for engine in ENGINES:  # neighbours that never visit each other
    BELOW[engine] = " ".join(KERNEL)
BELOW["api"] = " ".join(KERNEL + ENGINES)
BELOW["daemon"] = BELOW["api"] + " api"
BELOW["cli"] = BELOW["daemon"] + " daemon"

LIMITED = "base crypto http store ledger identity model api daemon cli".split()
GOAL = 20_000
CEILING = 29_810  # only ever lowered, with each change that makes something simpler, until it is the goal
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def read(path):
    return path.read_text(encoding="utf-8")


def lines_of_code(text):
    bare = re.sub(r"/\*.*?\*/", lambda comment: "\n" * comment[0].count("\n"), text, flags=re.S)
    return sum(1 for line in bare.splitlines() if line.strip())


def reaches(path, wanted, seen):
    """Whether the file includes `wanted`, itself or through another file."""
    for name in INCLUDE.findall(read(path)):
        if name == wanted:
            return True
        target = pathlib.Path("src") / name
        if target.exists() and target not in seen:
            seen.add(target)
            if reaches(target, wanted, seen):
                return True
    return False


def main():
    wrong = []
    lines = {}
    for path in sorted(p for p in pathlib.Path("src").rglob("*") if p.suffix in (".c", ".h", ".def")):
        parts = path.parts
        if len(parts) < 3:  # src/main.c: the program itself stands on the top floor
            floor, allowed = "cli", BELOW["cli"].split() + ["cli"]
        elif parts[1] in BELOW:
            floor, allowed = parts[1], BELOW[parts[1]].split() + [parts[1]]
        else:
            wrong.append(f"{path}: “{parts[1]}” is not a floor")
            continue
        text = read(path)
        if path.suffix != ".def":
            lines[floor] = lines.get(floor, 0) + lines_of_code(text)
        for number, line in enumerate(text.splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            target = found[1].split("/")[0]
            if "/" not in found[1]:
                wrong.append(f"{path}:{number}: “{found[1]}”: name the floor: \"{floor}/{found[1]}\"")
            elif target not in allowed:
                wrong.append(f"{path}:{number}: floor {floor} includes “{found[1]}” of floor {target}, which is not below it")
        if path.suffix in (".c", ".h") and path.name != "banned.h" and not reaches(path, "base/banned.h", set()):
            wrong.append(f"{path}: does not lead to base/banned.h")
    total = sum(lines.get(floor, 0) for floor in LIMITED)
    print("lines of C: " + ", ".join(f"{floor} {lines[floor]}" for floor in BELOW if floor in lines))
    print(f"lines of C in {', '.join(LIMITED)} together: {total}; goal {GOAL}, ceiling {CEILING}")
    if total > CEILING:
        wrong.append(f"{total} lines of C: the ceiling is {CEILING}")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


sys.exit(main())
