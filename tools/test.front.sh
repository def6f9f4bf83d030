# Rows of the tests (sourced by test.sh) that see the project as its user does: `run`, the demonstration; `openapi`, the
# document that the server gives out, judged by a program of others; `docs`, the documents.

# simple_row NAME COMMAND...: passes when the command does; it may print its own sum as its last line.
simple_row() {
	local name=$1 result=$log_folder/$1.result status=0
	shift

	row_started=$SECONDS
	"$@" >"$log_folder/$name.log" 2>&1 || status=1
	if tail -n 1 "$log_folder/$name.log" | grep -qE '^[0-9]+ passed, [0-9]+ failed$'; then
		cp "$log_folder/$name.log" "$result"
	elif [ $status = 0 ]; then
		echo '1 passed, 0 failed' >"$result"
	else
		{ tail -n 20 "$log_folder/$name.log"; echo '0 passed, 1 failed'; } >"$result"
	fi
	count "$name"
}

row_run() {
	simple_row run tools/run.sh --check
}

row_openapi() {
	simple_row openapi tools/openapi.sh
}

row_docs() {
	simple_row docs tools/docs.sh --check
}
rows+=(run openapi docs)
