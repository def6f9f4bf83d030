# Row `upgrade` of the tests (sourced by test.sh): every installation under test/upgrade is brought up to date on its
# database and has to verify in depth; a database with a migration that this program does not know is refused.

# upgrade_one FIXTURE BACKEND WORK: prints what went wrong.
upgrade_one() {
	local work=$3 database=xiedun_upgrade_$1

	mkdir -p "$work"
	tar -x -z -f "test/upgrade/$1/$2.tar.gz" -C "$work" || return 1
	sed -i "s|@FOLDER@|$work|g; s|@DATABASE@|${XIEDUN_TEST_POSTGRES/dbname=postgres/dbname=$database}|" "$work/data/xiedun.yaml"
	if [ "$2" = postgres ]; then
		"$postgres_bin/psql" --no-psqlrc -q "$XIEDUN_TEST_POSTGRES" -c "CREATE DATABASE $database TEMPLATE template0" || return 1
		"$postgres_bin/psql" --no-psqlrc -q -v ON_ERROR_STOP=1 "${XIEDUN_TEST_POSTGRES/dbname=postgres/dbname=$database}" \
			-f "$work/dump.sql" >/dev/null || return 1
	fi
	build/xiedun upgrade --dry-run --data "$work/data" && build/xiedun upgrade --data "$work/data" &&
		build/xiedun ledger verify --deep --data "$work/data" || return 1
	# From the future: exit status 4, the environment is not what this program can work in.
	build/gcc/test/system-sql "$work/data" \
		"INSERT INTO migration (number, name, hash, applied) SELECT 999999, name, hash, applied FROM migration WHERE number = 1" ||
		return 1
	build/xiedun upgrade --data "$work/data"
	[ $? = 4 ] || { echo "a newer database was not refused"; return 1; }
}

row_upgrade() {
	local fixture backend work passed=0 failed=0

	row_started=$SECONDS
	build_program
	work=$(mktemp -d /tmp/xiedun-upgrade-XXXXXX)
	for fixture in test/upgrade/*/; do
		[ -e "$fixture/sqlite.tar.gz" ] || continue
		fixture=$(basename "$fixture")
		for backend in sqlite postgres; do
			if upgrade_one "$fixture" "$backend" "$work/$fixture-$backend" >"$log_folder/upgrade-$fixture-$backend.log" 2>&1; then
				passed=$((passed + 1))
			else
				failed=$((failed + 1))
				echo "--- upgrade from $fixture on $backend"
				tail -n 20 "$log_folder/upgrade-$fixture-$backend.log"
			fi
		done
	done >"$log_folder/upgrade.result"
	rm -rf "$work"
	[ $((passed + failed)) -gt 0 ] || failed=1
	echo "$passed passed, $failed failed" >>"$log_folder/upgrade.result"
	count upgrade
}
rows+=(upgrade)
