#include "model/model.h"

#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "model/install.h"
#include "model/parts.h"

/* The server's own zone stands for the organisations' until they have one each. */
static int32_t local_zone(void)
{
	time_t now = (time_t)(clock_now() / 1000000);
	struct tm local;

	return localtime_r(&now, &local) ? (int32_t)local.tm_gmtoff : 0;
}

/* What packs give to identity: the roles by name. */
static void hand_roles(struct model *model, const struct held_set *held)
{
	struct role *roles = memory_zero(held->role_count + 1, sizeof(*roles));

	for (size_t i = 0; i < held->role_count; i++)
		roles[i] = held->roles[i];
	identity_set_roles(model->identity, roles, held->role_count);
	free(roles);
}

static bool load(struct conn *conn, void *context, struct err *err)
{
	return set_load(conn, context, err);
}

bool model_reload(struct model *model, struct err *err)
{
	struct held_set *held, *old;

	if (!store_read(model->store, load, &held, err))
		return false;
	hand_roles(model, held);
	(void)pthread_mutex_lock(&model->lock);
	old = model->current;
	model->current = held;
	(void)pthread_mutex_unlock(&model->lock);
	if (old)
		type_set_release(&old->set);
	return true;
}

static bool read_generation(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query query =
		query_start(conn, "SELECT generation FROM model_state WHERE id = 1");
	int64_t *generation = context;
	bool found;

	if (!query_one(&query, &found, err))
		return false;
	*generation = column_int(&query, 0);
	return query_end(&query, err);
}

/* Another server may have added a pack: looked at once a second at most. */
static void notice_others(struct model *model)
{
	int64_t looked = atomic_load(&model->looked), now = clock_elapsed(), generation, mine;
	struct err err;

	if (now - looked < SECONDS(1) ||
	    !atomic_compare_exchange_strong(&model->looked, &looked, now))
		return;
	(void)pthread_mutex_lock(&model->lock);
	mine = model->current->set.generation;
	(void)pthread_mutex_unlock(&model->lock);
	if (!store_read(model->store, read_generation, &generation, &err) ||
	    (generation != mine && !model_reload(model, &err)))
		log_err("model", NULL, &err);
}

const struct type_set *model_types(struct model *model)
{
	struct held_set *held;

	notice_others(model);
	(void)pthread_mutex_lock(&model->lock);
	held = model->current;
	atomic_fetch_add(&held->users, 1);
	(void)pthread_mutex_unlock(&model->lock);
	return &held->set;
}

bool model_open(struct store *store, struct ledger *ledger, struct identity *identity,
		const struct keyring *keyring, const char *builtin, struct model **out,
		struct err *err)
{
	struct model *model = memory_zero(1, sizeof(*model));

	model->store = store;
	model->ledger = ledger;
	model->identity = identity;
	model->keyring = keyring;
	model->zone = local_zone();
	atomic_store(&model->looked, clock_elapsed());
	(void)pthread_mutex_init(&model->lock, NULL);
	if (!model_reload(model, err) || (builtin && !install_builtin(model, builtin, err))) {
		model_close(model);
		return false;
	}
	*out = model;
	return true;
}

void model_close(struct model *model)
{
	if (!model)
		return;
	if (model->current)
		type_set_release(&model->current->set);
	(void)pthread_mutex_destroy(&model->lock);
	free(model);
}

static bool list_packs(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query query = query_start(
		conn,
		"SELECT p.name, p.edition, p.installed FROM model_pack p WHERE p.version = "
		"(SELECT max(q.version) FROM model_pack q WHERE q.name = p.name) ORDER BY p.name");
	struct json *json = context;
	char installed[INSTANT_TEXT_SIZE];

	json_array(json);
	while (query_row(&query)) {
		json_object(json);
		json_put_str(json, "name", column_text(&query, 0));
		json_put_int(json, "edition", column_int(&query, 1));
		json_put_text(json, "installed", instant_text(column_int(&query, 2), installed));
		json_object_end(json);
	}
	json_array_end(json);
	return query_end(&query, err);
}

bool model_packs(struct model *model, struct json *json, struct err *err)
{
	return store_read(model->store, list_packs, json, err);
}
