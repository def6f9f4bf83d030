#!/usr/bin/env python3
"""results.py TESTLOG.json [--brief]: reads the record of one meson test run, shows the output of what failed, without --brief
also how many cases the suites ran and what was skipped, and ends with the sum of the programs' own last lines: "N passed, N failed"."""
import json
import re
import sys

SUITE = re.compile(r"^# .*(\b(cases|vectors|rounds|files)\b|skipped|XIEDUN_SHARED)", re.I)  # what a passed program wants known
LAST = re.compile(r"^(\d+) passed, (\d+) failed$")


def counts(output):
    lines = output.rstrip().splitlines()
    match = LAST.match(lines[-1]) if lines else None
    return (int(match[1]), int(match[2])) if match else None


def main(path, brief):
    passed = failed = programs = 0
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            test = json.loads(line)
            output = test.get("stdout") or ""
            result, own = test["result"], counts(output)
            programs += 1
            if result == "SKIP":
                print(f"   skipped: {test['name']}: {output.strip().splitlines()[-1:] or ['no reason given']}")
                continue
            for said in output.splitlines():
                if SUITE.match(said) and not brief:
                    print(f"   {test['name']}: {said[2:]}")
            # A program that ends without its sum, or badly although its sum is clean, has failed once.
            good = result in ("OK", "EXPECTEDFAIL")
            own_passed, own_failed = own or (0, 0)
            if not good and own_failed == 0 or good and own is None:
                own_failed += 1
            passed += own_passed
            failed += own_failed
            if own_failed:
                print(f"--- {test['name']}: {result}")
                print("\n".join((output + (test.get("stderr") or "")).splitlines()[-80:]))
    if programs == 0:
        print("no test ran")
        failed += 1
    print(f"{passed} passed, {failed} failed")


main(sys.argv[1], "--brief" in sys.argv)
