#include "daemon/transport.h"

#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "crypto/certificate.h"

enum { PEM_LIMIT = 1 << 20 };

static const char certificate_name[] = "certificate.pem";
static const char key_name[] = "certificate.key.sealed";

static bool make(const struct instance *instance, struct err *err)
{
	auto_writer certificate = { 0 }, key = { 0 }, sealed = { 0 };
	char host[256] = "";
	struct str names[4] = { STR("localhost"), STR("127.0.0.1"), STR("::1") };
	size_t count = 3;

	if (gethostname(host, sizeof(host) - 1) == 0 && host[0] && strcmp(host, "localhost") != 0)
		names[count++] = str_of(host);
	if (!certificate_make(names, count, &certificate, &key, err))
		return false;

	bool done =
		keyring_seal(instance->keyring, KEY_TRANSPORT, str_of(key_name), writer_str(&key),
			     &sealed, err) &&
		file_replace(instance_path(instance, key_name), writer_str(&sealed), 0600, err) &&
		file_replace(instance_path(instance, certificate_name), writer_str(&certificate),
			     0644, err);

	memory_wipe(key.at, key.len);
	return done;
}

static bool load_made(const struct instance *instance, struct writer *certificate,
		      struct writer *key, struct err *err)
{
	auto_writer sealed = { 0 };

	/* The certificate is written last: where it stands, its key does too. */
	if (!path_exists(instance_path(instance, certificate_name)) && !make(instance, err))
		return false;
	return file_read(instance_path(instance, certificate_name), PEM_LIMIT, certificate, err) &&
	       file_read(instance_path(instance, key_name), PEM_LIMIT, &sealed, err) &&
	       keyring_unseal(instance->keyring, KEY_TRANSPORT, str_of(key_name),
			      writer_str(&sealed), key, err);
}

bool transport_load(const struct instance *instance, struct writer *certificate, struct writer *key,
		    struct writer *fingerprint, struct err *err)
{
	const struct config *config = &instance->config;
	bool done;

	if (!config->certificate != !config->certificate_key)
		return fail(err, MSG_CERTIFICATE_PAIR);
	if (config->certificate)
		done = file_read(config->certificate, PEM_LIMIT, certificate, err) &&
		       file_read(config->certificate_key, PEM_LIMIT, key, err);
	else
		done = load_made(instance, certificate, key, err);
	return done && certificate_fingerprint(writer_str(certificate), fingerprint, err);
}
