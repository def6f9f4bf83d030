#!/bin/bash
# run.sh [--check]: builds, makes a demonstration organisation in a temporary folder, prints address and sign-in, and serves
# until Ctrl-C. With --check: one signed-in request instead of waiting.
set -euo pipefail
. tools/common.sh
. tools/demonstration.sh

check=no
case ${1:-} in
--check) check=yes ;;
'') ;;
*) die "run knows only --check, not $1" ;;
esac

build_program
folder=$(mktemp -d /tmp/xiedun-run-XXXXXX)
clean_up() {
	trap '' INT TERM
	installation_stop
	rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 0' INT TERM
umask 077

port=8443
if [ $check = yes ] || (exec 9<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
	port=0
fi
installation_make "$folder"
installation_serve "$port"
installation_sign_in
installation_fill

if [ $check = yes ]; then
	found=$("$xiedun" record list device --json |
		python3 -c 'import json, sys; print(len(json.load(sys.stdin)["items"]))')
	[ "$found" = 5 ] || die "the signed-in request found $found devices, not 5"
	say "signed in at $address and listed $found devices"
	exit 0
fi

# Every line in both languages: whoever starts a demonstration need not have told which one they read.
cat <<END

  地址 address              $address
  证书指纹 certificate      $fingerprint
  登录名 login              admin
  密码 password             $password
  动态口令种子 TOTP seed    $(cat "$folder/seed")
  此刻的动态口令 code now   $("$xiedun" code --seed-file "$folder/seed")

  登录 sign in:   build/xiedun login $address --login admin --fingerprint $fingerprint
  然后 then:      build/xiedun record list device

  演示数据在停止时删除。按 Ctrl-C 停止。  The demonstration is removed at the end. Ctrl-C stops it.

END
wait "$server" || { cat "$folder/log" >&2; die "the server ended"; }
