/* libcrypto's headers first: they use the word "unused", which base/compiler.h defines. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "crypto/certificate.h"

#include <arpa/inet.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "crypto/algorithms.h"
#include "crypto/digest.h"

enum { SERIAL_SIZE = 16, DAYS = 825, DAY = 24 * 60 * 60, HOST_MAX = 253, COMMON_NAME_MAX = 64 };

#define DEFINE_LIBCRYPTO_AUTO(name, type, release)        \
	static inline void auto_free_##name(type **thing) \
	{                                                 \
		release(*thing);                          \
	}
DEFINE_LIBCRYPTO_AUTO(certificate, X509, X509_free)
DEFINE_LIBCRYPTO_AUTO(key, EVP_PKEY, EVP_PKEY_free)
DEFINE_LIBCRYPTO_AUTO(bio, BIO, BIO_vfree)
DEFINE_LIBCRYPTO_AUTO(names, GENERAL_NAMES, GENERAL_NAMES_free)
DEFINE_LIBCRYPTO_AUTO(extension, X509_EXTENSION, X509_EXTENSION_free)
DEFINE_LIBCRYPTO_AUTO(number, BIGNUM, BN_free)
#define auto_certificate cleanup_with(auto_free_certificate) X509 *
#define auto_key         cleanup_with(auto_free_key) EVP_PKEY *
#define auto_bio         cleanup_with(auto_free_bio) BIO *
#define auto_names       cleanup_with(auto_free_names) GENERAL_NAMES *
#define auto_extension   cleanup_with(auto_free_extension) X509_EXTENSION *
#define auto_number      cleanup_with(auto_free_number) BIGNUM *

static bool is_host_name(struct str host)
{
	for (size_t i = 0; i < host.len; i++) {
		char c = host.at[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '_' || (c == '.' && i > 0)))
			return false;
	}
	return host.len > 0 && host.len <= HOST_MAX;
}

/* The bytes of an IPv4 or IPv6 address, and how many; 0 for a name. */
static int address_bytes(struct str host, uint8_t to[16])
{
	auto_memory char *text = memory_copy(host);

	if (inet_pton(AF_INET, text, to) == 1)
		return 4;
	return inet_pton(AF_INET6, text, to) == 1 ? 16 : 0;
}

static bool add_host(GENERAL_NAMES *names, struct str host, struct err *err)
{
	uint8_t address[16];
	int size = host.at ? address_bytes(host, address) : 0;

	if (size == 0 && !is_host_name(host))
		return fail(err, MSG_CERTIFICATE_HOST, host);

	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_STRING *value = ASN1_STRING_type_new(size ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);

	if (!name || !value)
		abort();
	GENERAL_NAME_set0_value(name, size ? GEN_IPADD : GEN_DNS, value);
	if (!ASN1_STRING_set(value, size ? (const void *)address : host.at,
			     size ? size : (int)host.len) ||
	    !sk_GENERAL_NAME_push(names, name)) {
		GENERAL_NAME_free(name);
		return crypto_failed(err, "make a certificate");
	}
	return true;
}

/* Subject and issuer: the first host that fits a common name (RFC 5280, appendix A.1), for people;
 * clients look at the alternative names. */
static bool set_names(X509 *certificate, const struct str *hosts, size_t count, struct err *err)
{
	X509_NAME *subject = X509_get_subject_name(certificate);
	auto_names names = GENERAL_NAMES_new();
	struct str common = STR("Xiedun");

	for (size_t i = count; i > 0; i--) {
		if (hosts[i - 1].len <= COMMON_NAME_MAX)
			common = hosts[i - 1];
		if (!add_host(names, hosts[i - 1], err))
			return false;
	}
	if (!X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const uint8_t *)common.at,
					(int)common.len, -1, 0) ||
	    !X509_set_issuer_name(certificate, subject) ||
	    X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) != 1)
		return crypto_failed(err, "make a certificate");
	return true;
}

static bool set_extensions(X509 *certificate, struct err *err)
{
	static const struct {
		int kind;
		const char *value;
	} rows[] = {
		{ NID_basic_constraints, "critical,CA:FALSE" },
		{ NID_key_usage, "critical,digitalSignature" },
		{ NID_ext_key_usage, "serverAuth" },
		{ NID_subject_key_identifier, "hash" },
	};
	X509V3_CTX context;

	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	for (size_t i = 0; i < nitems(rows); i++) {
		auto_extension extension =
			X509V3_EXT_conf_nid(NULL, &context, rows[i].kind, rows[i].value);

		if (!extension || !X509_add_ext(certificate, extension, -1))
			return crypto_failed(err, "make a certificate");
	}
	return true;
}

/* A day back, for clients whose clocks are behind. */
static bool set_life(X509 *certificate, struct err *err)
{
	uint8_t serial[SERIAL_SIZE];
	time_t begin = (time_t)(clock_now() / SECONDS(1)) - DAY;

	random_bytes(serial, sizeof(serial));
	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40); /* positive, and of full length */

	auto_number number = BN_bin2bn(serial, sizeof(serial), NULL);

	if (!number || !BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) ||
	    !ASN1_TIME_set(X509_getm_notBefore(certificate), begin) ||
	    !ASN1_TIME_set(X509_getm_notAfter(certificate), begin + (time_t)DAYS * DAY))
		return crypto_failed(err, "make a certificate");
	return true;
}

static void put_pem(BIO *bio, struct writer *out)
{
	char *at;
	long len = BIO_get_mem_data(bio, &at);

	writer_put(out, (struct str){ at, (size_t)len });
}

bool certificate_make(const struct str *hosts, size_t count, struct writer *certificate_pem,
		      struct writer *key_pem, struct err *err)
{
	auto_certificate certificate = X509_new();
	auto_key key = EVP_EC_gen("P-256");
	/* The key's BIO wipes its memory when it is freed. */
	auto_bio public = BIO_new(BIO_s_mem());
	auto_bio private = BIO_new(BIO_s_secmem());

	if (!certificate || !key || !public || !private ||
	    !X509_set_version(certificate, X509_VERSION_3) || !X509_set_pubkey(certificate, key))
		return crypto_failed(err, "make a certificate");
	if (!set_names(certificate, hosts, count, err) || !set_extensions(certificate, err) ||
	    !set_life(certificate, err))
		return false;
	if (!X509_sign(certificate, key, algorithms()->sha256) ||
	    !PEM_write_bio_X509(public, certificate) ||
	    !PEM_write_bio_PrivateKey(private, key, NULL, NULL, 0, NULL, NULL))
		return crypto_failed(err, "make a certificate");
	put_pem(public, certificate_pem);
	put_pem(private, key_pem);
	return true;
}

static bool read_first(struct str pem, X509 **certificate, struct err *err)
{
	auto_bio bio =
		pem.len <= INT_MAX ? BIO_new_mem_buf(pem.len ? pem.at : "", (int)pem.len) : NULL;

	*certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	ERR_clear_error();
	return *certificate ? true : fail(err, MSG_CERTIFICATE_MALFORMED);
}

bool certificate_fingerprint(struct str pem, struct writer *out, struct err *err)
{
	auto_certificate certificate = NULL;
	struct digest digest;

	if (!read_first(pem, &certificate, err))
		return false;
	if (X509_digest(certificate, algorithms()->sha256, digest.bytes, NULL) != 1)
		return crypto_failed(err, "hash a certificate");
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		writer_printf(out, i ? ":%02X" : "%02X", digest.bytes[i]);
	return true;
}

bool certificate_expiry(struct str pem, int64_t *instant, struct err *err)
{
	auto_certificate certificate = NULL;
	struct tm end;

	if (!read_first(pem, &certificate, err))
		return false;
	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1)
		return fail(err, MSG_CERTIFICATE_MALFORMED);
	*instant = SECONDS(timegm(&end));
	return true;
}
