# Rows `run` and `docs` of the tests (sourced by test.sh): the demonstration, and the documents.
row_run() {
	row_started=$SECONDS
	if tools/run.sh --check >"$log_folder/run.log" 2>&1; then
		echo '1 passed, 0 failed' >"$log_folder/run.result"
	else
		{ tail -n 20 "$log_folder/run.log"; echo '0 passed, 1 failed'; } >"$log_folder/run.result"
	fi
	count run
}

row_docs() {
	row_started=$SECONDS
	tools/docs.sh --check >"$log_folder/docs.result" 2>&1 || true
	count docs
}
rows+=(run docs)
