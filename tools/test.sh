#!/bin/bash
# test.sh [ROW...]: the rows of the test run (all, or those named), each with its time, and the sum as the last line.
set -euo pipefail
. tools/common.sh
. tools/postgres.sh
trap postgres_stop EXIT

total_passed=0
total_failed=0
row_started=0
launcher=()

# Takes the sum of a row: its last line "N passed, N failed"; shows the lines before it.
count() {
	local name=$1 last

	[ "$(wc -l <"$log_folder/$name.result")" -le 1 ] || head -n -1 "$log_folder/$name.result"
	last=$(tail -n 1 "$log_folder/$name.result")
	if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
		total_passed=$((total_passed + BASH_REMATCH[1]))
		total_failed=$((total_failed + BASH_REMATCH[2]))
	else
		last="no result"
		total_failed=$((total_failed + 1))
	fi
	printf '%-34s %s  (%d s)\n' "$name" "$last" $((SECONDS - row_started))
}

# meson_row NAME FOLDER ARGUMENT...: runs tests of a build folder; the words of `launcher` go before the command.
meson_row() {
	local name=$1 folder=$2 brief=(--brief)
	shift 2

	[ "$name" != gcc ] || brief=()
	rm -rf "$folder"/meson-logs/testlog*.json
	"${launcher[@]}" meson test -C "$folder" --no-rebuild "$@" >"$log_folder/$name.log" 2>&1 || true
	if [ -e "$folder/meson-logs/testlog.json" ]; then
		tools/results.py "$folder/meson-logs/testlog.json" "${brief[@]}" >"$log_folder/$name.result"
	else
		tail -n 20 "$log_folder/$name.log" >"$log_folder/$name.result"
	fi
	count "$name"
}

# built NAME FOLDER COMPILER OPTION...: a row's build; a build that fails is a failed row.
built() {
	local name=$1 folder=$2
	row_started=$SECONDS
	if ! (shift; configure "$@" && compile "$folder"); then
		echo '0 passed, 1 failed' >"$log_folder/$name.result"
		count "$name"
		return 1
	fi
}

row_gcc() {
	built gcc build/gcc gcc || return 0
	build_program
	meson_row gcc build/gcc --timeout-multiplier 2
}

row_clang() {
	built clang build/clang clang-14 || return 0
	meson_row clang build/clang --suite unit --timeout-multiplier 2
}

# Undefined behaviour ends the program too, so that it fails the test.
row_address() {
	built address build/address clang-14 "${address_options[@]}" || return 0
	ASAN_OPTIONS=$asan_options UBSAN_OPTIONS=$ubsan_options \
		meson_row address build/address --suite unit --suite sqlite --suite corpus --timeout-multiplier 6
}

# What has threads. The sanitizer needs a layout of memory that newer kernels give only when asked.
row_thread() {
	local launcher=() names

	built thread build/thread clang-14 "${thread_options[@]}" || return 0
	! setarch -R true 2>/dev/null || launcher=(setarch -R)
	mapfile -t names < <(meson test -C build/thread --list 2>/dev/null | sed 's/.* \/ //; s/.*://' |
		grep -E '^ *(store|ledger|http|identity|model|api|daemon)/|^ *system/(api|backup)-' | grep -v -- '-postgres$')
	TSAN_OPTIONS=$tsan_options meson_row thread build/thread --timeout-multiplier 6 "${names[@]}"
}

row_lint() {
	row_started=$SECONDS
	tools/lint.sh >"$log_folder/lint.result" || true
	count lint
}

rows=(gcc clang address thread lint)
for name in tools/test.*.sh; do
	[ ! -e "$name" ] || . "$name"
done

[ $# -gt 0 ] || set -- "${rows[@]}"
mkdir -p "$log_folder"
started=$SECONDS
[ -n "${XIEDUN_SHARED:-}" ] || echo "../shared is not here: the larger suites are skipped"
postgres_start
for row in "$@"; do
	[[ " ${rows[*]} " == *" $row "* ]] || die "no such row: $row (there are: ${rows[*]})"
	"row_$row"
done
echo "all rows: $((SECONDS - started)) s"
echo "$total_passed passed, $total_failed failed"
[ "$total_failed" = 0 ] && [ "$total_passed" -gt 0 ]
