#!/bin/bash
# run.sh [--check]: builds, makes a demonstration organisation in a temporary folder, prints address and sign-in, and serves
# until Ctrl-C. With --check: one signed-in request instead of waiting.
set -euo pipefail
. tools/common.sh

check=no
case ${1:-} in
--check) check=yes ;;
'') ;;
*) die "run knows only --check, not $1" ;;
esac

build_program
xiedun=$PWD/build/xiedun
folder=$(mktemp -d /tmp/xiedun-run-XXXXXX)
server=
clean_up() {
	trap '' INT TERM
	if [ -n "$server" ]; then
		kill -TERM "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 0' INT TERM
umask 077
export XIEDUN_DATA=$folder/data XDG_CONFIG_HOME=$folder/config
export XIEDUN_LANG=${XIEDUN_LANG:-zh}

# One value of an answer in JSON.
value() {
	python3 -c 'import json, sys; print(json.load(sys.stdin)["'"$1"'"])'
}

# Makes a record; prints its id.
create() {
	"$xiedun" record create "$@" --json | value id
}

# A hospital with two departments, a maker, a model with one release, and devices.
demonstration() {
	local root icu maker model release number

	root=$("$xiedun" organisation list --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["items"][0]["id"])')
	icu=$("$xiedun" organisation create name=重症医学科 kind=department parent="$root" --json | value id)
	"$xiedun" organisation create name=设备科 kind=department parent="$root" >/dev/null
	maker=$(create party name=示例医疗器械有限公司 'roles:=["maker"]')
	model=$(create model name=多参数监护仪 designation=M-800 maker="$maker" class=class_2 criticality=monitoring)
	release=$(create release version_name=3.2.1 model="$model" sbom=requested)
	for number in 1 2 3 4 5; do
		create device name="监护仪 $number 号" model="$model" release="$release" place="$icu" serial="SN-000$number" \
			asset_code="A-000$number" organisation="$icu" >/dev/null
	done
}

"$xiedun" init --organisation 示例医院 --no-sheet-check >"$folder/init" </dev/null
token=$(sed -n 's/.* --token //p' "$folder/init")
port=8443
! (exec 9<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || port=0
[ $check = no ] || port=0
"$xiedun" serve --port "$port" --json >"$folder/ready" 2>"$folder/log" </dev/null &
server=$!
for _ in $(seq 100); do
	[ ! -s "$folder/ready" ] || break
	kill -0 "$server" 2>/dev/null || break
	sleep 0.1
done
[ -s "$folder/ready" ] || { cat "$folder/log" >&2; die "the server did not start"; }
address=$(value address <"$folder/ready")
fingerprint=$(value fingerprint <"$folder/ready")
password=$(head -c 12 /dev/urandom | base64 | tr '+/' '-_')

printf '%s\n' "$password" | "$xiedun" login "$address" --token "$token" --login admin --name 演示管理员 \
	--fingerprint "$fingerprint" --seed-file "$folder/seed" >"$folder/sign-in"
demonstration

if [ $check = yes ]; then
	found=$("$xiedun" record list device --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["items"]))')
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
server=
