/* libcrypto's headers first: they use the word "unused", which base/compiler.h defines. */
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "check.h"
#include "crypto/certificate.h"

static const struct str hosts[] = { { "xiedun.hospital.example", 23 },
				    { "localhost", 9 },
				    { "192.168.1.5", 11 },
				    { "fd00::5", 7 } };

static X509 *read_certificate(const struct writer *pem)
{
	BIO *bio = BIO_new_mem_buf(pem->at, (int)pem->len);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	return certificate;
}

static bool key_fits(X509 *certificate, const struct writer *pem)
{
	BIO *bio = BIO_new_mem_buf(pem->at, (int)pem->len);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	bool fits = key && EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) == 256 &&
		    X509_check_private_key(certificate, key) == 1 &&
		    X509_verify(certificate, key) == 1;

	EVP_PKEY_free(key);
	BIO_free(bio);
	return fits;
}

static void a_certificate_is_what_browsers_ask_for(void)
{
	const int64_t begin = SECONDS(1780000000), day = SECONDS(86400);
	auto_writer certificate_pem = { 0 }, key_pem = { 0 };
	int64_t end = 0;
	struct err err;

	clock_hold(begin);

	bool made = certificate_make(hosts, nitems(hosts), &certificate_pem, &key_pem, &err);

	clock_run();
	CHECK_DONE(made, err);

	X509 *certificate = read_certificate(&certificate_pem);

	CHECK(certificate != NULL);

	const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
	bool fits = key_fits(certificate, &key_pem),
	     names = X509_check_host(certificate, "xiedun.hospital.example", 0, 0, NULL) == 1 &&
		     X509_check_host(certificate, "localhost", 0, 0, NULL) == 1 &&
		     X509_check_host(certificate, "other.example", 0, 0, NULL) == 0 &&
		     X509_check_ip_asc(certificate, "192.168.1.5", 0) == 1 &&
		     X509_check_ip_asc(certificate, "fd00::5", 0) == 1 &&
		     X509_check_ip_asc(certificate, "192.168.1.6", 0) == 0,
	     server = X509_check_purpose(certificate, X509_PURPOSE_SSL_SERVER, 0) == 1 &&
		      X509_check_purpose(certificate, X509_PURPOSE_SSL_CLIENT, 0) == 0 &&
		      X509_check_ca(certificate) == 0,
	     numbered = ASN1_STRING_length(serial) == 16 && ASN1_STRING_get0_data(serial)[0] < 0x80;

	X509_free(certificate);
	CHECK(fits);
	CHECK(names);
	CHECK(server);
	CHECK(numbered);
	CHECK_DONE(certificate_expiry(writer_str(&certificate_pem), &end, &err), err);
	CHECK_INT(end, begin + 824 * day);
}

static void fingerprints(void)
{
	auto_writer certificate_pem = { 0 }, key_pem = { 0 }, second_pem = { 0 }, print = { 0 },
		    again = { 0 };
	struct err err;

	CHECK_DONE(certificate_make(hosts, nitems(hosts), &certificate_pem, &key_pem, &err), err);
	CHECK_DONE(certificate_fingerprint(writer_str(&certificate_pem), &print, &err), err);
	CHECK_INT((int64_t)print.len, 95);
	for (size_t i = 2; i < print.len; i += 3)
		CHECK(print.at[i] == ':');
	writer_put(&second_pem, writer_str(&certificate_pem));
	CHECK_DONE(certificate_make(hosts, 1, &second_pem, &key_pem, &err), err);
	CHECK_DONE(certificate_fingerprint(writer_str(&second_pem), &again, &err), err);
	CHECK_STR(writer_str(&again), writer_str(&print));
}

/* The certificate of the self-signed example below, its fingerprint made by openssl(1): x509 -fingerprint -sha256. */
static void a_known_fingerprint(void)
{
	static const char pem[] =
		"-----BEGIN CERTIFICATE-----\n"
		"MIIBeTCCAR+gAwIBAgIUY/LzQfWva9QjWYjQ0z5VADsk6hUwCgYIKoZIzj0EAwIw\n"
		"EjEQMA4GA1UEAwwHZXhhbXBsZTAeFw0yNjExMjIwMTU5MzJaFw0zNTAyMDgwMTU5\n"
		"MzJaMBIxEDAOBgNVBAMMB2V4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
		"AARGL5u2EgA+fwR1MKoxlW4U2JTlynkj1/C+QrbSwItqV37U6kFLnqHQ5EGHQPfO\n"
		"w2g0Q35nI9wYEzJ6Qw68gIiso1MwUTAdBgNVHQ4EFgQUZkhhygil63Y5Xh2IJoxV\n"
		"IibNF2EwHwYDVR0jBBgwFoAUZkhhygil63Y5Xh2IJoxVIibNF2EwDwYDVR0TAQH/\n"
		"BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBNAPjxeUaPUH0HJPSyRyrnefW6A2DN\n"
		"pj4Kln4SlJQwJQIhAI+c7mgFXNV7rx6Ay+A2+GACMhxQ/+1coz3fXCN1KgMh\n"
		"-----END CERTIFICATE-----\n";
	auto_writer print = { 0 };
	int64_t end;
	struct err err;

	CHECK_DONE(certificate_fingerprint(str_of(pem), &print, &err), err);
	CHECK_STR(writer_str(&print), STR("D4:09:25:70:ED:8C:DB:44:D3:41:BD:56:58:B1:88:D9:"
					  "DD:1E:0A:10:A4:EB:5A:36:59:85:C3:13:1B:93:DC:ED"));
	CHECK_DONE(certificate_expiry(str_of(pem), &end, &err), err);
	CHECK_INT(end, SECONDS(2054512772));
}

static void wrong_hosts_are_named(void)
{
	static const char *const bad[] = { "",         "a b",      "a,DNS:b",        "-é",
					   ".example", "http://a", "192.168.1.5/24", "[::1]" };
	auto_writer certificate_pem = { 0 }, key_pem = { 0 };
	struct err err;

	for (size_t i = 0; i < nitems(bad); i++) {
		struct str host = str_of(bad[i]);

		CHECK_FAILS(certificate_make(&host, 1, &certificate_pem, &key_pem, &err), err,
			    MSG_CERTIFICATE_HOST);
		CHECK_STR(str_of(err.arg[0]), host);
	}
	CHECK_INT((int64_t)(certificate_pem.len + key_pem.len), 0);
}

static void texts_that_are_no_certificate(void)
{
	static const char *const bad[] = {
		"", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n"
	};
	auto_writer out = { 0 };
	int64_t end;
	struct err err;

	for (size_t i = 0; i < nitems(bad); i++) {
		CHECK_FAILS(certificate_fingerprint(str_of(bad[i]), &out, &err), err,
			    MSG_CERTIFICATE_MALFORMED);
		CHECK_FAILS(certificate_expiry(str_of(bad[i]), &end, &err), err,
			    MSG_CERTIFICATE_MALFORMED);
	}
	CHECK_FAILS(certificate_expiry(STR_NONE, &end, &err), err, MSG_CERTIFICATE_MALFORMED);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(a_certificate_is_what_browsers_ask_for),
		TEST(fingerprints),
		TEST(a_known_fingerprint),
		TEST(wrong_hosts_are_named),
		TEST(texts_that_are_no_certificate),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
