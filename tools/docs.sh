#!/bin/bash
# docs.sh: the man pages are well formed, and every link between the documents leads somewhere.
set -euo pipefail
. tools/common.sh
bad=0

for page in man/*.[1-8]; do
	[ -e "$page" ] || continue
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
[ $bad = 0 ] && say "man pages and links are in order"
exit $bad
