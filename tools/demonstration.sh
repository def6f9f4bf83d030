# Sourced: an installation in a folder of its own, its server, a signed-in administrator, and records of a small hospital.
# Uses build/xiedun; sets XIEDUN_DATA and XDG_CONFIG_HOME, so that commands need not say where.
xiedun=$PWD/build/xiedun
server=

# One member of an answer in JSON on standard input.
value() {
	python3 -c 'import json, sys; print(json.load(sys.stdin)["'"$1"'"])'
}

# installation_make FOLDER [OPTION...]: data, root key and anchor in the folder; sets `token`.
installation_make() {
	folder=$1
	shift
	export XIEDUN_DATA=$folder/data XDG_CONFIG_HOME=$folder/config
	"$xiedun" init --organisation 示例医院 --no-sheet-check "$@" >"$folder/init" </dev/null
	token=$(sed -n 's/.* --token //p' "$folder/init")
}

# installation_serve PORT: starts the server; sets `address`, `fingerprint` and `server`.
installation_serve() {
	"$xiedun" serve --port "$1" --json >"$folder/ready" 2>"$folder/log" </dev/null &
	server=$!
	for _ in $(seq 300); do
		[ ! -s "$folder/ready" ] || break
		kill -0 "$server" 2>/dev/null || break
		sleep 0.1
	done
	[ -s "$folder/ready" ] || { cat "$folder/log" >&2; die "the server did not start"; }
	address=$(value address <"$folder/ready")
	fingerprint=$(value fingerprint <"$folder/ready")
}

installation_stop() {
	[ -n "$server" ] || return 0
	kill -TERM "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	server=
}

# Redeems the token: sets `password`, keeps the seed in FOLDER/seed and signs in.
installation_sign_in() {
	password=$(head -c 12 /dev/urandom | base64 | tr '+/' '-_')
	printf '%s\n' "$password" | "$xiedun" login "$address" --token "$token" --login admin --name 演示管理员 \
		--fingerprint "$fingerprint" --seed-file "$folder/seed" >"$folder/sign-in"
}

# create TYPE FIELD=VALUE...: makes a record; prints its id.
create() {
	"$xiedun" record create "$@" --json | value id
}

# A hospital with two departments, a maker, a model with one release, and five devices.
installation_fill() {
	local root icu maker model release number

	root=$("$xiedun" organisation list --json |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["items"][0]["id"])')
	icu=$("$xiedun" organisation create name=重症医学科 kind=department parent="$root" --json | value id)
	"$xiedun" organisation create name=设备科 kind=department parent="$root" >/dev/null
	maker=$(create party name=示例医疗器械有限公司 'roles:=["maker"]' security_phone=010-00000000)
	model=$(create model name=多参数监护仪 designation=M-800 maker="$maker" class=class_2 criticality=monitoring)
	release=$(create release version_name=3.2.1 model="$model" sbom=requested)
	for number in 1 2 3 4 5; do
		create device name="监护仪 $number 号" model="$model" release="$release" place="$icu" organisation="$icu" \
			serial="SN-000$number" asset_code="A-000$number" >/dev/null
	done
}
