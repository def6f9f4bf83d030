# Sourced: postgres_start starts a PostgreSQL of one's own on a Unix socket in a temporary folder and exports
# XIEDUN_TEST_POSTGRES; postgres_stop stops it and removes the folder. PostgreSQL refuses to run as root.
postgres_bin=/usr/lib/postgresql/15/bin

postgres_start() {
	postgres_folder=$(mktemp -d /tmp/xiedun-postgres-XXXXXX)
	"$postgres_bin/initdb" --pgdata "$postgres_folder/data" --username xiedun --auth trust --encoding UTF8 --locale C \
		>"$log_folder/postgres.log" 2>&1 || { cat "$log_folder/postgres.log" >&2; die "initdb failed"; }
	# Power cuts are tested elsewhere; a test database need not wait for the disk.
	"$postgres_bin/pg_ctl" --pgdata "$postgres_folder/data" --log "$postgres_folder/log" --wait --timeout 60 --options \
		"-c listen_addresses='' -c unix_socket_directories='$postgres_folder' -c fsync=${1:-off} -c max_connections=200" \
		start >>"$log_folder/postgres.log" 2>&1 || { cat "$postgres_folder/log" >&2; die "PostgreSQL did not start"; }
	export XIEDUN_TEST_POSTGRES="host=$postgres_folder user=xiedun dbname=postgres"
}

postgres_stop() {
	[ -n "${postgres_folder:-}" ] || return 0
	"$postgres_bin/pg_ctl" --pgdata "$postgres_folder/data" --mode immediate stop >/dev/null 2>&1 || true
	rm -rf "$postgres_folder"
	postgres_folder=
}
