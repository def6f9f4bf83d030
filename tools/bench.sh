#!/bin/bash
# bench.sh [NAME...]: the benchmarks of bench/ (all, or those named), with the machine they ran on. PostgreSQL waits for the disk.
set -euo pipefail
. tools/common.sh
. tools/postgres.sh

build_program
echo "machine: $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), \
$(awk '/^MemTotal/ { printf "%d MB", $2 / 1024 }' /proc/meminfo), commit $(commit_name)"
[ $# -gt 0 ] || for name in build/gcc/bench/bench-*; do
	[ ! -f "$name" ] || set -- "$@" "$(basename "$name" | cut -c 7-)"
done
[ $# -gt 0 ] || die "there is no benchmark"
trap postgres_stop EXIT
postgres_start on
for name in "$@"; do
	[ -x "build/gcc/bench/bench-$name" ] || die "no such benchmark: $name"
	say "$name"
	"build/gcc/bench/bench-$name"
done
