#!/bin/bash
# lint.sh [CHECK...]: the checks of the source (all, or those named), each with its time; last line "N passed, N failed".
set -euo pipefail
. tools/common.sh

c_files() {
	project_files | grep -E '^(src|test|bench|fuzz)/.*\.[ch]$'
}

# Only the layout; what does not fit is shown as a difference.
check_format() {
	local bad=0 name

	for name in $(c_files); do
		clang-format-14 "$name" | diff -u --label "$name" --label 'as .clang-format has it' "$name" - | head -n 12 || bad=1
	done
	return $bad
}

# clang-tidy with the committed list, two at a time, on what changed since its last clean run.
check_tidy() {
	configure build/clang clang-14
	compile build/clang src/cli/packs.h
	tools/per_file.py tidy build/clang
}

# gcc's analyzer on the files that read hostile bytes.
check_analyzer() {
	configure build/gcc gcc
	tools/per_file.py analyzer build/gcc
}

# Each header compiles alone, as the first line of a file.
check_headers() {
	configure build/gcc gcc
	tools/per_file.py header build/gcc
}

check_floors() {
	tools/floors.py
}

check_catalogue() {
	tools/catalogue.py
}

# No registry's host, no machine's path, and lock files without the address of where a package came from.
check_hosts() {
	local bad=0 found

	found=$(project_files | grep -vE '^(tools/lint\.sh|LICENSE|fuzz/corpus/)' | tr '\n' '\0' |
		xargs -0 grep -nIE 'registry\.npm|npmjs\.(org|com)|(deb|security|ftp)[a-z0-9.]*\.debian\.org|/work/|/home/[a-z]|/root/' || true)
	if [ -n "$found" ]; then
		echo "a registry's host or a path of one machine:"
		echo "$found"
		bad=1
	fi
	for name in $(project_files | grep -E '(^|/)package-lock\.json$'); do
		if grep -n '"resolved"' "$name"; then
			echo "$name: says where a package came from; make it with npm's omit-lockfile-registry-resolved=true"
			bad=1
		fi
	done
	for name in $(project_files | grep -E '(^|/)package\.json$'); do
		if grep -nE '"[^"]+": *"[\^~><*]' "$name"; then
			echo "$name: pin the exact version"
			bad=1
		fi
	done
	return $bad
}

check_scripts() {
	local name
	for name in $(project_files | grep -E '^(dev|\.ci/run|tools/.*\.sh)$'); do
		bash -n "$name" || return 1
	done
	[ "$(wc -l <dev)" -le 500 ] || { echo "./dev has more than 500 lines"; return 1; }
}

checks=(scripts hosts floors catalogue format headers analyzer tidy)
[ $# -gt 0 ] || set -- "${checks[@]}"
mkdir -p "$log_folder"
passed=0
failed=0
for check in "$@"; do
	[[ " ${checks[*]} " == *" $check "* ]] || die "no such check: $check (there are: ${checks[*]})"
	started=$SECONDS
	# A condition would switch `set -e` off inside the check; a subshell of its own keeps it.
	set +e
	(set -e; "check_$check") >"$log_folder/lint-$check.log" 2>&1
	status=$?
	set -e
	cat "$log_folder/lint-$check.log"
	if [ $status = 0 ]; then
		passed=$((passed + 1))
		printf '%-34s clean  (%d s)\n' "lint: $check" $((SECONDS - started))
	else
		failed=$((failed + 1))
		printf '%-34s FAILED  (%d s)\n' "lint: $check" $((SECONDS - started))
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
