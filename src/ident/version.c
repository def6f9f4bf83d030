#include "ident/version.h"
#include "ident/version_key.h"

struct scheme_row {
	const char *name, *alias; /* alias NULL: none */
	version_key_fn *key;
	const char *looks; /* of which form its versions are, for messages */
};

static const struct scheme_row rows[] = {
	[VERSION_SEMVER] = { "semver", NULL, key_semver, "1.2.3, 1.2.3-rc.1, 1.2.3+build" },
	[VERSION_NPM] = { "npm", NULL, key_npm, "1.2.3, v1.2.3-rc.1" },
	[VERSION_PYPI] = { "pypi", NULL, key_pypi, "1.2.3, 1!2.0rc1, 1.0.post1.dev2+local" },
	[VERSION_MAVEN] = { "maven", NULL, key_maven, "1.2.3, 1.2-beta-1" },
	[VERSION_DEB] = { "deb", "debian", key_deb, "1.2.3-1, 1:2.0~rc1-1+deb12u1" },
	[VERSION_RPM] = { "rpm", "redhat", key_rpm, "1.2.3-4.el9, 1:2.0~rc1-1" },
	[VERSION_APK] = { "apk", "alpine", key_apk, "1.2.3-r0, 1.2_rc1-r2" },
	[VERSION_GEM] = { "gem", "rubygems", key_gem, "1.2.3, 2.0.0.rc1" },
	[VERSION_NUGET] = { "nuget", NULL, key_nuget, "1.2.3, 1.2.3.4-beta.1" },
	[VERSION_COMPOSER] = { "composer", "packagist", key_composer, "1.2.3, 1.0.0-beta2" },
	[VERSION_GOLANG] = { "golang", NULL, key_golang,
			     "v1.2.3, v0.0.0-20210101000000-abcdef123456, go1.21rc2" },
	[VERSION_CARGO] = { "cargo", NULL, key_cargo, "1.2.3, 1.2.3-rc.1" },
	[VERSION_HEX] = { "hex", NULL, key_cargo, "1.2.3, 1.2.3-rc.1" },
	[VERSION_PUB] = { "pub", NULL, key_pub, "1.2.3, 1.2.3-dev.1+2" },
	[VERSION_HACKAGE] = { "hackage", NULL, key_dotted, "0.4.1.2" },
	[VERSION_CRAN] = { "cran", NULL, key_cran, "1.0-2, 0.1.4" },
	[VERSION_CONAN] = { "conan", NULL, key_conan, "1.2.3, 1.0.2zd, 1.2-rc1+b2" },
	[VERSION_ALPM] = { "alpm", NULL, key_alpm, "1.2.3-1, 1:2.0rc1-1" },
	[VERSION_GENTOO] = { "gentoo", NULL, key_gentoo, "1.2.3, 1.2b_rc1_p2-r3" },
	[VERSION_OPENSSL] = { "openssl", NULL, key_openssl, "1.0.2zd, 1.1.0-pre2, 3.0.7" },
	[VERSION_NGINX] = { "nginx", NULL, key_dotted, "1.25.3" },
	[VERSION_DATETIME] = { "datetime", NULL, key_datetime, "2024-01-31T12:00:00Z, 2024-01-31" },
	[VERSION_LEXICOGRAPHIC] = { "lexicographic", NULL, key_lexicographic, "text" },
	[VERSION_INTDOT] = { "intdot", NULL, key_intdot, "10.1.2.4" },
	[VERSION_GENERIC] = { "generic", NULL, key_generic, "1.2.3, 2.0 beta 1" },
	[VERSION_WINDOWS] = { "windows", NULL, key_windows, "10.0.19045.3803" },
	[VERSION_FIRMWARE] = { "firmware", NULL, key_firmware,
			       "V2.01 SP3, 012U000040, Rev. B, july 1 2017, 2017-07-01" },
};
static_assert(nitems(rows) == VERSION_SCHEMES, "a row for each scheme");

bool version_scheme_parse(struct str name, enum version_scheme *scheme, struct err *err)
{
	for (size_t i = 0; i < nitems(rows); i++) {
		if (!str_is(name, rows[i].name) && !(rows[i].alias && str_is(name, rows[i].alias)))
			continue;
		*scheme = (enum version_scheme)i;
		return true;
	}

	auto_writer known = { 0 };

	for (size_t i = 0; i < nitems(rows); i++)
		writer_printf(&known, i > 0 ? " %s" : "%s", rows[i].name);
	return fail(err, MSG_VERSION_SCHEME, name, writer_str(&known));
}

const char *version_scheme_name(enum version_scheme scheme)
{
	return rows[scheme].name;
}

static bool text_valid(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
			return false;
	return str_is_utf8(text);
}

bool version_key(enum version_scheme scheme, struct str text, struct writer *key, struct err *err)
{
	auto_writer own = { 0 };

	if (scheme != VERSION_LEXICOGRAPHIC)
		text = str_trim(text);
	if (text.len > VERSION_SIZE)
		return fail(err, MSG_VERSION_SIZE, VERSION_SIZE);
	if (!text_valid(text))
		return fail(err, MSG_VERSION_TEXT);
	if (text.len == 0 || !rows[scheme].key(text, &own))
		return fail(err, MSG_VERSION_INVALID, text, rows[scheme].name, rows[scheme].looks);
	writer_put(key, writer_str(&own));
	return writer_check(key, err);
}

bool version_keys_order(enum version_scheme scheme, struct str a, struct str b, int *order)
{
	bool a_released, b_released;

	if (scheme == VERSION_FIRMWARE && a.at[0] != b.at[0])
		return false;
	if (scheme == VERSION_ALPM) {
		struct str a_base = alpm_key_without_release(a, &a_released);
		struct str b_base = alpm_key_without_release(b, &b_released);

		if (!a_released || !b_released) {
			*order = str_compare(a_base, b_base);
			return true;
		}
	}
	*order = str_compare(a, b);
	return true;
}

bool version_compare(enum version_scheme scheme, struct str a, struct str b, int *order,
		     struct err *err)
{
	auto_writer a_key = { 0 }, b_key = { 0 };

	if (!version_key(scheme, a, &a_key, err) || !version_key(scheme, b, &b_key, err))
		return false;
	if (!version_keys_order(scheme, writer_str(&a_key), writer_str(&b_key), order))
		return fail(err, MSG_VERSION_KINDS, a, b);
	return true;
}
