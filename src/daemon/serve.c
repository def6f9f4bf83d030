#include "daemon/serve.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "crypto/harden.h"
#include "daemon/backup.h"
#include "daemon/transport.h"

enum { STOP_SECONDS = 20, BODY_BYTES = 4 << 20, TICK_SECONDS = 1 };

/* Everything that lives while the server serves. */
struct service {
	struct instance instance;
	struct api *api;
	struct http_server *http;
	struct writer fingerprint;
};

static bool install_signals(sigset_t *waited)
{
	sigemptyset(waited);
	sigaddset(waited, SIGTERM);
	sigaddset(waited, SIGINT);
	(void)signal(SIGPIPE, SIG_IGN);
	/* Blocked before any thread begins, so that only the main thread takes them. */
	return pthread_sigmask(SIG_BLOCK, waited, NULL) == 0;
}

/* Tells systemd (sd_notify(3)) without its library: one datagram. */
static void notify_manager(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;

	if (len == 0 || len >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0';

	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	(void)close(fd);
}

static bool start_http(struct service *service, const struct serve_options *options,
		       struct err *err)
{
	const struct config *config = &service->instance.config;
	auto_writer certificate = { 0 }, key = { 0 };

	if (!transport_load(&service->instance, &certificate, &key, &service->fingerprint, err))
		return false;

	const struct api_config api = {
		.store = service->instance.store,
		.ledger = service->instance.ledger,
		.identity = service->instance.identity,
		.model = service->instance.model,
		.keyring = service->instance.keyring,
		.edition = XIEDUN_VERSION,
		.fingerprint = writer_str(&service->fingerprint),
		.backup = config->backup_directory ? backup_now : NULL,
		.backup_context = &service->instance,
	};

	service->api = api_new(&api);

	const struct http_config http = {
		.address = options->address ? options->address : config->address,
		.port = (int)(options->port >= 0 ? options->port : config->port),
		.certificate_pem = writer_str(&certificate),
		.key_pem = writer_str(&key),
		.workers = (int)config->workers,
		.body_memory = BODY_BYTES,
		.body_limit = BODY_BYTES,
		.handler = api_handle,
		.context = service->api,
	};
	bool done = http_server_start(&http, &service->http, err);

	memory_wipe(key.at, key.len);
	if (done)
		api_set_server(service->api, service->http);
	return done;
}

static void announce(const struct service *service, const struct serve_options *options)
{
	const struct config *config = &service->instance.config;
	const char *host = options->address ? options->address : config->address;
	const struct err *trouble = ledger_trouble(service->instance.ledger);
	auto_writer address = { 0 };

	writer_printf(&address, strchr(host, ':') ? "https://[%s]:%d" : "https://%s:%d", host,
		      http_server_port(service->http));
	log_info("daemon", "ready at %s version=%s certificate=%s", address.at, XIEDUN_VERSION,
		 service->fingerprint.at);
	if (trouble)
		log_err("daemon", NULL, trouble);
	if (options->ready)
		options->ready(address.at, service->fingerprint.at, options->context);
	notify_manager("READY=1");
}

/* Once a second: what is due by the clock. */
static void tick(struct service *service, int64_t *backup_day)
{
	struct instance *instance = &service->instance;
	struct err err;

	if (!identity_tick(instance->identity, &err))
		log_err("daemon", NULL, &err);
	if (instance->config.backup_hour < 0 || !instance->config.backup_directory)
		return;

	int64_t hour = clock_now() / SECONDS(3600);

	if (hour % 24 != instance->config.backup_hour || *backup_day == hour / 24)
		return;
	*backup_day = hour / 24;
	if (!backup_daily(instance, &err))
		log_err("daemon", NULL, &err);
}

static void wait_for_end(struct service *service, const sigset_t *waited)
{
	const struct timespec second = { .tv_sec = TICK_SECONDS };
	int64_t backup_day = -1;

	while (sigtimedwait(waited, NULL, &second) < 0)
		tick(service, &backup_day);
}

static void end(struct service *service)
{
	notify_manager("STOPPING=1");
	if (service->api)
		api_stopping(service->api);
	if (service->http)
		http_server_stop(service->http, SECONDS(STOP_SECONDS));
	api_free(service->api);
	instance_close(&service->instance);
	writer_release(&service->fingerprint);
}

bool serve(const struct serve_options *options, struct err *err)
{
	struct service service = { 0 };
	enum log_level level;
	sigset_t waited;

	if (geteuid() == 0 && !options->allow_root)
		return fail(err, MSG_RUN_AS_ROOT);
	process_harden();
	if (!install_signals(&waited))
		return fail(err, MSG_SYSTEM_FAILED, "pthread_sigmask", "");

	bool done = instance_open(options->data, INSTANCE_SERVE, INSTANCE_ALL, options->passphrase,
				  &service.instance, err);

	if (done && log_level_parse(str_of(service.instance.config.log_level), &level))
		log_set_level(level);
	done = done && start_http(&service, options, err);
	if (done) {
		announce(&service, options);
		wait_for_end(&service, &waited);
		log_info("daemon", "stopping");
	}
	end(&service);
	return done;
}
