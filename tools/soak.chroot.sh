#!/bin/bash
# soak.chroot.sh [COMMAND...]: a bare Debian 12, debootstrap's minbase, given only the host's sources of packages, npm's system
# configuration and a clone of HEAD; in it `./dev run --check` and `.ci/run` (or the commands given) have to pass. Needs root
# and debootstrap. KEEP=1 leaves the folder.
# The mirror is read from the host and written nowhere in the project.
set -euo pipefail
. tools/common.sh
[ "$(id -u)" = 0 ] || die "soak chroot needs root"
command -v debootstrap >/dev/null || die "debootstrap is missing; apt-get install debootstrap"
command -v git >/dev/null || die "git is missing; apt-get install git"

[ $# -gt 0 ] || set -- "./dev run --check" ".ci/run"
base=$(mktemp -d /var/tmp/xiedun-chroot-XXXXXX)
root=$base/root
home=/root
started=$SECONDS

clean_up() {
	local folder

	for folder in dev/shm dev proc; do
		! mountpoint -q "$root/$folder" || umount -l "$root/$folder"
	done
	[ -n "${KEEP:-}" ] || rm -rf --one-file-system "$base"
}
trap clean_up EXIT

# The address of the host's bookworm suite, from either form of apt's lists.
mirror() {
	{
		awk '/^(URIs|Suites):/ { value[$1] = $2 } /^$/ { delete value }
			/^Suites:/ && / bookworm( |$)/ && value["URIs:"] { print value["URIs:"] }' /etc/apt/sources.list.d/*.sources
		sed -nE 's/^deb (\[[^]]*\] )?([^ ]+) bookworm .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list
	} 2>/dev/null | head -n 1
}

# What the host has by way of package sources: lists, options, keys, certificates, and npm's configuration.
copy_configuration() {
	local name

	rm -rf "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d"
	mkdir -p "$root/etc/apt/sources.list.d"
	for name in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
		# Debian's own only: another Node, say, is no part of a bare Debian.
		! grep -qE '^(deb|Suites:).* ?bookworm( |$)' "$name" 2>/dev/null || cp "$name" "$root$name"
	done
	cp -a /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
	rm -f "$root"/etc/apt/apt.conf.d/*docker* "$root"/etc/apt/apt.conf.d/*packagekit* "$root"/etc/apt/apt.conf.d/*appstream*
	for name in /etc/resolv.conf /etc/hosts /etc/npmrc /usr/etc/npmrc /usr/local/etc/npmrc /etc/ssl/certs/ca-certificates.crt; do
		[ -e "$name" ] || continue
		mkdir -p "$root$(dirname "$name")"
		cp -L "$name" "$root$name"
	done
	if [ -d /usr/local/share/ca-certificates ]; then
		mkdir -p "$root/usr/local/share"
		cp -a /usr/local/share/ca-certificates "$root/usr/local/share/"
	fi
}

inside() {
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=$home CI=true \
		${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} \
		chroot "$root" /bin/bash -c "cd ~/xiedun && $1" </dev/null
}

say "debootstrap"
mkdir -p "$root"
debootstrap --variant=minbase bookworm "$root" "$(mirror)" >"$log_folder/debootstrap.log" 2>&1 ||
	{ tail -n 20 "$log_folder/debootstrap.log" >&2; die "debootstrap failed"; }
copy_configuration
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
chmod 1777 "$root/tmp"
git clone -q "$PWD" "$root$home/xiedun"
chmod 0700 "$root$home"
say "debootstrap: $((SECONDS - started)) s; commit $(commit_name)"

for command in "$@"; do
	at=$SECONDS
	say "in the chroot: $command"
	inside "$command" || die "in the chroot, $command failed after $((SECONDS - at)) s"
	say "in the chroot: $command: $((SECONDS - at)) s"
done
