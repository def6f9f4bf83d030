#!/bin/bash
# soak.sh PART: the long things that the test run has no time for.
#   chroot      a bare Debian 12 in which run and test have to pass (tools/soak.chroot.sh)
#   kill        200 rounds of kill -9 under 32 writing clients, on each database (XIEDUN_KILL_ROUNDS)
#   sanitizers  every test under the address and undefined-behaviour sanitizers and under the thread sanitizer, on both databases
#   fuzz        each target until it has 30 minutes over its life, and 5 more
#   tamper      the tests of tampering and damage, ten times
set -euo pipefail
. tools/common.sh

part=${1:-}
[ $# -eq 0 ] || shift
mkdir -p "$log_folder"
started=$SECONDS

# soak_tests FOLDER ARGUMENT...: meson's tests of a build folder on a PostgreSQL that waits for the disk.
soak_tests() {
	local folder=$1 status=0
	shift

	. tools/postgres.sh
	trap postgres_stop EXIT
	postgres_start on
	meson test -C "$folder" --no-rebuild "$@" >"$log_folder/soak-$part.log" 2>&1 || status=1
	tools/results.py "$folder/meson-logs/testlog.json"
	say "$part: $((SECONDS - started)) s"
	postgres_stop
	return $status
}

case $part in
chroot)
	exec tools/soak.chroot.sh "$@"
	;;
kill)
	build_program
	export XIEDUN_KILL_ROUNDS=${XIEDUN_KILL_ROUNDS:-200} XIEDUN_KILL_SEED=${XIEDUN_KILL_SEED:-$RANDOM$RANDOM}
	say "$XIEDUN_KILL_ROUNDS rounds, seed $XIEDUN_KILL_SEED"
	soak_tests build/gcc --timeout-multiplier 30 system/kill-sqlite system/kill-postgres
	;;
sanitizers)
	status=0
	configure build/address clang-14 "${address_options[@]}"
	compile build/address || die "the build failed"
	ASAN_OPTIONS=$asan_options UBSAN_OPTIONS=$ubsan_options soak_tests build/address --timeout-multiplier 10 || status=1
	configure build/thread clang-14 "${thread_options[@]}"
	compile build/thread || die "the build failed"
	TSAN_OPTIONS=$tsan_options soak_tests build/thread --timeout-multiplier 20 || status=1
	exit $status
	;;
fuzz)
	status=0
	for target in fuzz/*.c; do
		target=$(basename "$target" .c)
		[ "$target" != replay ] || continue
		had=$(awk -F '\t' -v target="$target" '$1 == target { sum += $3 } END { print sum + 0 }' doc/fuzz.tsv 2>/dev/null || echo 0)
		tools/fuzz.sh "$target" $((had < 1500 ? 1800 - had : 300)) || status=1
	done
	exit $status
	;;
tamper)
	build_program
	soak_tests build/gcc --timeout-multiplier 10 --repeat 10 \
		system/tamper-sqlite system/tamper-postgres store/damage-sqlite store/damage-postgres
	;;
*)
	die "soak what? chroot, kill, sanitizers, fuzz or tamper"
	;;
esac
