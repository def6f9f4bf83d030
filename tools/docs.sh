#!/bin/bash
# docs.sh [--check]: writes what in the man pages comes from tables (--check: compares it), and checks that the man pages are
# well formed, that the links between the documents lead somewhere and that the index of decisions names each.
set -euo pipefail
. tools/common.sh
bad=0

build_program
tools/manual.py "$@" || bad=1
for page in man/*.[1-8]; do
	mandoc -T lint -W warning "$page" || bad=1
done
while IFS= read -r document; do
	while IFS= read -r link; do
		case $link in
		*://* | mailto:* | '#'*) continue ;;
		esac
		[ -e "$(dirname "$document")/${link%%#*}" ] || { echo "$document: the link $link leads nowhere"; bad=1; }
	done < <(sed 's/`[^`]*`//g' "$document" | grep -oE '\]\([^) ]+\)' | sed -E 's/^\]\((.*)\)$/\1/')
done < <(project_files | grep '\.md$')
for decision in doc/decisions/[0-9]*.md; do
	[ ! -e "$decision" ] || grep -qF "$(basename "$decision")" doc/decisions/README.md ||
		{ echo "doc/decisions/README.md does not name $(basename "$decision")"; bad=1; }
done
if [ $bad = 0 ]; then
	echo '1 passed, 0 failed'
else
	echo '0 passed, 1 failed'
fi
exit $bad
