#!/bin/bash
# fuzz.sh [TARGET] [SECONDS]: runs one fuzz target, or each, for so long (60) with libFuzzer and the address and
# undefined-behaviour sanitizers, from its seeds in fuzz/corpus/TARGET, and adds a row to doc/fuzz.tsv. What crashes it becomes
# a file of the seeds, so that the test run replays it from then on.
set -euo pipefail
. tools/common.sh

table=doc/fuzz.tsv
targets=()
seconds=60
for word in "$@"; do
	if [[ $word =~ ^[0-9]+$ ]]; then
		seconds=$word
	else
		targets+=("$word")
	fi
done
if [ ${#targets[@]} -eq 0 ]; then
	for name in fuzz/*.c; do
		name=$(basename "$name" .c)
		[ "$name" = replay ] || targets+=("$name")
	done
fi

configure build/fuzzing clang-14 -Dfuzz=true "${address_options[@]}"
mkdir -p doc
[ -e "$table" ] || printf 'target\tcommit\tseconds\tinputs\tresult\n' >"$table"
status=0
for target in "${targets[@]}"; do
	[ -e "fuzz/$target.c" ] || die "no such fuzz target: $target"
	compile build/fuzzing "fuzz/fuzz-$target" || die "fuzz target $target does not build"
	work=build/fuzzing/corpus-$target
	found=build/fuzzing/found-$target
	log=$log_folder/fuzz-$target.log
	mkdir -p "$work" "$found" "fuzz/corpus/$target"
	dictionary=()
	[ ! -e "fuzz/$target.dict" ] || dictionary=("-dict=fuzz/$target.dict")
	say "fuzz $target for $seconds s"
	started=$SECONDS
	result=clean
	ASAN_OPTIONS=$asan_options UBSAN_OPTIONS=$ubsan_options "build/fuzzing/fuzz/fuzz-$target" "-max_total_time=$seconds" \
		-timeout=10 -rss_limit_mb=2048 -print_final_stats=1 "-artifact_prefix=$found/" "${dictionary[@]}" \
		"$work" "fuzz/corpus/$target" >"$log" 2>&1 || result=found
	if [ $result = found ]; then
		status=1
		tail -n 40 "$log"
		for file in "$found"/*; do
			[ ! -f "$file" ] || { mv "$file" "fuzz/corpus/$target/"; result="found $(basename "$file")"; }
		done
	fi
	inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	printf '%s\t%s\t%s\t%s\t%s\n' "$target" "$(commit_name)" $((SECONDS - started)) "${inputs:-0}" "$result" | tee -a "$table"
done
exit $status
