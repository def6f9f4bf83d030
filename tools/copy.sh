#!/bin/bash
# copy.sh FOLDER: brings a copy of the project and of .deps up to date. A file is written only where its bytes differ, so that
# what was built from it stays; files that the project no longer has go.
set -euo pipefail
. tools/common.sh
to=$1
wanted=$(mktemp)
had=$(mktemp)
trap 'rm -f "$wanted" "$had"' EXIT

project_files >"$wanted"
[ ! -d .deps ] || find -L .deps -type f -printf '.deps/%P\n' | LC_ALL=C sort >>"$wanted"
(cd "$to" && project_files && { [ ! -d .deps ] || find .deps -type f -printf '.deps/%P\n'; }) >"$had"
LC_ALL=C comm -13 <(LC_ALL=C sort "$wanted") <(LC_ALL=C sort "$had") | (cd "$to" && xargs -r -d '\n' rm -f)
while IFS= read -r name; do
	if [ "$name" -ef "$to/$name" ] || cmp -s "$name" "$to/$name"; then
		continue
	fi
	mkdir -p "$to/$(dirname "$name")"
	rm -f "$to/$name"
	cp -L "$name" "$to/$name"
	[ ! -x "$name" ] || chmod +x "$to/$name"
done <"$wanted"
