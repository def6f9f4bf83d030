#!/bin/bash
# soak.sh PART: the long things. `chroot` is here; the other parts stand in tools/soak.PART.sh.
set -euo pipefail
. tools/common.sh

part=${1:-}
[ $# -eq 0 ] || shift
[[ $part =~ ^[a-z]+$ && -x tools/soak.$part.sh ]] ||
	die "soak what? there are: $(for name in tools/soak.*.sh; do basename "$name" .sh | cut -d . -f 2; done | tr '\n' ' ')"
mkdir -p "$log_folder"
exec "tools/soak.$part.sh" "$@"
