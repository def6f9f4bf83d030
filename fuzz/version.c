/* Versions of every scheme: the first byte chooses it, a line end parts two versions. Keys never fail to give an order. */
#include "ident/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_writer a_key = { 0 }, b_key = { 0 };
	struct err err = { 0 };
	int order = 0, back = 0;

	if (size == 0)
		return 0;

	enum version_scheme scheme = (enum version_scheme)(data[0] % VERSION_SCHEMES);
	struct str b = { (const char *)data + 1, size - 1 }, a;

	(void)str_split(&b, '\n', &a);
	bool a_valid = version_key(scheme, a, &a_key, &err);

	demand(a_valid ? a_key.len > 0 : a_key.len == 0 && err.message != MSG_NONE);
	if (!b.at || !version_key(scheme, b, &b_key, &err) || !a_valid)
		return 0;

	bool known = version_compare(scheme, a, b, &order, &err);

	demand(known == version_compare(scheme, b, a, &back, &err));
	demand((order > 0) == (back < 0) && (order < 0) == (back > 0));
	demand(version_keys_order(scheme, writer_str(&a_key), writer_str(&a_key), &back) &&
	       back == 0);
	return 0;
}
