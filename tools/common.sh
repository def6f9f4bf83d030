# What ./dev and the scripts in tools/ share. Sourced, in the project's folder.
log_folder=build/log

# Archives of ../shared that tests and benchmarks use.
shared_archives=(merkle wycheproof purl vers versions cvss nvd2 cve5)

# How the sanitizers are built and told to end a program at their first finding, so that its test fails.
address_options=(-Db_sanitize=address,undefined -Db_lundef=false)
thread_options=(-Db_sanitize=thread -Db_lundef=false)
asan_options=detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1
ubsan_options=halt_on_error=1:print_stacktrace=1
tsan_options="halt_on_error=1 second_deadlock_stack=1 suppressions=$PWD/tools/tsan.supp"

say() {
	printf '%s\n' "== $*"
}

die() {
	printf '%s\n' "./dev: $*" >&2
	exit 1
}

# The commit of this folder, "unknown" where git or its data are absent. A copy made for xiedun-dev is told by its maker.
commit_name() {
	if [ -n "${XIEDUN_COMMIT:-}" ]; then
		printf '%s' "$XIEDUN_COMMIT"
	else
		git -c safe.directory='*' describe --always --dirty --abbrev=12 2>/dev/null || printf unknown
	fi
}

unpack_shared() {
	mkdir -p "$1"
	../shared/unpack "$1" "${shared_archives[@]}"
}

# Every file of the project, without what builds and installs leave behind.
project_files() {
	find . \( -name .git -o -path './build*' -o -path ./.deps -o -name node_modules -o -name __pycache__ \) -prune -o \
		\( -type f -o -type l \) -printf '%P\n' | LC_ALL=C sort
}

# configure FOLDER COMPILER OPTION...: makes the build folder, or brings it to these options. The tests compare the JSON reader
# with simdjson; what only builds the program does without.
configure() {
	local folder=$1 compiler=$2 peer=disabled again=() log wanted
	shift 2

	! pkg-config --exists simdjson || peer=enabled
	wanted="$compiler $* $peer"
	[ "$(cat "$folder/.options" 2>/dev/null)" != "$wanted" ] || return 0
	[ ! -e "$folder/build.ninja" ] || again=(--reconfigure)
	mkdir -p "$log_folder"
	log=$log_folder/$(basename "$folder").setup
	CC=$compiler meson setup "${again[@]}" "$folder" "-Dpeer=$peer" "$@" >"$log" 2>&1 ||
		{ tail -n 30 "$log" >&2; die "meson setup $folder failed"; }
	printf '%s\n' "$wanted" >"$folder/.options"
}

# compile FOLDER [TARGET...]: builds quietly; shows the compiler's words when it fails.
compile() {
	local log=$log_folder/$(basename "$1").build
	ninja -C "$@" >"$log" 2>&1 || {
		grep -v '^\[[0-9]*/[0-9]*\]' "$log" | tail -n 60 >&2
		return 1
	}
}

# build/gcc is the build that people and benchmarks use; build/xiedun its program.
build_program() {
	configure build/gcc gcc
	compile build/gcc || die "the build failed"
	cp build/gcc/xiedun build/xiedun.new
	mv build/xiedun.new build/xiedun
}
