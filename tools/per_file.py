#!/usr/bin/env python3
"""per_file.py tidy|analyzer|header BUILD: runs a check on each file with the compiler arguments of the build folder, on
all cores. A file that was clean is not checked again until it, a header or the check's own list changes."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

# The analyzer reads what takes hostile bytes apart.
PARSERS = ("src/base/json_", "src/base/yaml", "src/base/encode", "src/base/str.c", "src/base/uuid", "src/ident/", "src/parse/",
           "src/ledger/note", "src/ledger/tile", "src/ledger/checkpoint", "src/model/pack", "src/model/filter", "src/http/head", "src/http/chunked", "src/http/message")


def arguments(command):
    """The compiler's arguments without its input and output."""
    words, kept, skip = shlex.split(command["command"]), [], False
    while words and not words[0].startswith("-"):
        words.pop(0)
    for word in words:
        if skip:
            skip = False
        elif word in ("-o", "-MF", "-MQ", "-MT"):
            skip = True
        elif word in ("-c", "-MD") or word == command["file"]:
            pass
        else:
            kept.append(word)
    return kept


def tasks(kind, build):
    commands = {}
    for command in json.loads((build / "compile_commands.json").read_text()):
        path = os.path.relpath(os.path.join(command["directory"], command["file"]))
        if path.endswith(".c") and path.split("/")[0] in ("src", "test", "bench", "fuzz"):
            commands[path] = (arguments(command), command["directory"])
    if kind == "tidy":
        for path, (words, folder) in sorted(item for item in commands.items() if item[0].startswith("src/")):
            yield path, ["clang-tidy-14", "--quiet", "--warnings-as-errors=*", os.path.abspath(path), "--", *words], folder
    elif kind == "analyzer":
        for path, (words, folder) in sorted(commands.items()):
            if path.startswith(PARSERS):
                yield path, ["gcc", *words, "-fanalyzer", "-fdiagnostics-color=never", "-O2", "-c", os.path.abspath(path), "-o", "/dev/null"], folder
    else:
        words, folder = next(value for path, value in sorted(commands.items()) if path.startswith("src/base/"))
        seen = {word for others, _ in commands.values() for word in others if word.startswith(("-I", "-isystem"))}
        words = [*words, *sorted(seen), "-I" + os.path.abspath("test")]
        for path in sorted(str(p) for top in ("src", "test") for p in pathlib.Path(top).rglob("*.h")):
            yield path, ["gcc", *words, "-fsyntax-only", "-x", "c", os.path.abspath(path)], folder


def fingerprint(words, path, headers):
    digest = hashlib.sha256(headers)
    digest.update(json.dumps(words).encode())
    digest.update(pathlib.Path(path).read_bytes())
    return digest.hexdigest()


def main(kind, build):
    build = pathlib.Path(build)
    headers = hashlib.sha256()
    for path in sorted(p for p in pathlib.Path("src").rglob("*") if p.suffix in (".h", ".def")):
        headers.update(path.read_bytes())
    headers.update(pathlib.Path(".clang-tidy").read_bytes())
    cache_path = build / f"clean-{kind}"
    cache = set(cache_path.read_text().split()) if cache_path.exists() else set()
    clean, waiting, bad = set(), [], 0
    for path, words, folder in tasks(kind, build):
        mark = fingerprint(words, path, headers.digest())
        if mark in cache:
            clean.add(mark)
        else:
            waiting.append((path, words, folder, mark))

    def run(task):
        path, words, folder, mark = task
        done = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return path, mark, done.returncode, done.stdout

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, mark, status, output in pool.map(run, waiting):
            if status == 0:
                clean.add(mark)
            else:
                bad += 1
                lines = [line for line in output.splitlines() if ": error: " in line or "fatal error" in line]
                print(f"--- {path}\n" + "\n".join((lines or output.splitlines())[:40]))
    cache_path.write_text("\n".join(sorted(clean)))
    print(f"{len(clean)} files clean, {bad} not")
    return 1 if bad or not clean else 0


sys.exit(main(sys.argv[1], sys.argv[2]))
