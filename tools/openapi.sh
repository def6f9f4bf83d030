#!/bin/bash
# openapi.sh: the OpenAPI document of a running server is accepted by @seriousme/openapi-schema-validator, also after a type was
# added by one YAML file, which then stands in it; and the validator refuses a broken one.
set -euo pipefail
. tools/common.sh
. tools/demonstration.sh

build_program
folder=$(mktemp -d /tmp/xiedun-openapi-XXXXXX)
trap 'installation_stop; rm -rf "$folder"' EXIT
passed=0
failed=0

expect() {
	local what=$1
	shift

	if "$@" >"$folder/said" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "--- $what"
		tail -n 30 "$folder/said"
	fi
}

document() {
	python3 - "$address/api/v1/openapi.json" <<-'END' >"$1"
		import ssl, sys, urllib.request
		# The certificate was made by the server a moment ago; who it is does not matter here.
		context = ssl._create_unverified_context()
		sys.stdout.write(urllib.request.urlopen(sys.argv[1], context=context).read().decode())
	END
}

accepted() {
	node .deps/node/node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js "$1"
}

refused() {
	! accepted "$1"
}

installation_make "$folder"
installation_serve 0
installation_sign_in
document "$folder/first.json"
expect "the document is accepted" accepted "$folder/first.json"
"$xiedun" pack add test/node/gadget.yaml >/dev/null
document "$folder/second.json"
expect "the document with one more type is accepted" accepted "$folder/second.json"
expect "the type of one YAML file is in the document" grep -q 'gadget' "$folder/second.json"
expect "and was not before" bash -c "! grep -q gadget '$folder/first.json'"
python3 -c 'import json, sys; document = json.load(open(sys.argv[1])); del document["info"]; print(json.dumps(document))' \
	"$folder/first.json" >"$folder/broken.json"
expect "a document without info is refused" refused "$folder/broken.json"
echo "$passed passed, $failed failed"
