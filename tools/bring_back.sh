#!/bin/bash
# bring_back.sh FOLDER: takes from the copy made by copy.sh what commands leave in the project: the program, logs,
# results of fuzzing, data directories for the upgrade test.
set -euo pipefail
from=$1

mkdir -p build
for name in build/xiedun doc/fuzz.tsv; do
	[ ! -e "$from/$name" ] || cmp -s "$from/$name" "$name" || cp "$from/$name" "$name"
done
for folder in build/log fuzz/corpus test/upgrade man; do
	[ -d "$from/$folder" ] || continue
	(cd "$from" && find "$folder" -type f) | while IFS= read -r name; do
		cmp -s "$from/$name" "$name" && continue
		mkdir -p "$(dirname "$name")"
		cp "$from/$name" "$name"
	done
done
