#!/bin/bash
# upgrade-fixture.sh: a small installation of this version, on each database, under test/upgrade/NUMBER, where NUMBER is its
# highest migration. Made before a migration is added; row `upgrade` of the tests upgrades them all. The keys are in it:
# there is nothing to protect. Paths in its configuration are written as @FOLDER@ and @DATABASE@.
set -euo pipefail
. tools/common.sh
. tools/postgres.sh
. tools/demonstration.sh

build_program
work=$(mktemp -d /tmp/xiedun-fixture-XXXXXX)
clean_up() {
	installation_stop
	postgres_stop
	rm -rf "$work"
}
trap clean_up EXIT
postgres_start
umask 077

# make BACKEND [OPTION...]: the installation, filled and verified, packed into WORK/BACKEND.tar.gz.
make() {
	local backend=$1 at
	shift

	at=$work/$backend
	mkdir "$at"
	installation_make "$at" "$@"
	installation_serve 0
	installation_sign_in
	installation_fill
	installation_stop
	"$xiedun" ledger verify --deep >"$at/verified"
	rm -rf "$at/config" "$at/ready" "$at/log" "$at/init" "$at/sign-in"
	if [ "$backend" = postgres ]; then
		"$postgres_bin/pg_dump" --no-owner --no-privileges --dbname "$XIEDUN_TEST_POSTGRES" >"$at/dump.sql"
		sed -i "s|$XIEDUN_TEST_POSTGRES|@DATABASE@|" "$at/data/xiedun.yaml"
	fi
	sed -i "s|$at|@FOLDER@|g" "$at/data/xiedun.yaml"
	tar -C "$at" --sort=name --owner=0 --group=0 --numeric-owner -c . | gzip -9n >"$work/$backend.tar.gz"
}

make sqlite
make postgres --database "$XIEDUN_TEST_POSTGRES"
number=$("$postgres_bin/psql" --no-psqlrc -At "$XIEDUN_TEST_POSTGRES" -c 'SELECT max(number) FROM migration')
umask 022
mkdir -p "test/upgrade/$number"
cp "$work"/{sqlite,postgres}.tar.gz "test/upgrade/$number/"
"$xiedun" version >"test/upgrade/$number/version"
say "test/upgrade/$number: $(du -sk "test/upgrade/$number" | cut -f 1) KiB"
