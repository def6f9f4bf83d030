#include "model/source.h"

static bool scan_records(const struct source *source, struct conn *conn, struct model *model,
			 const struct scope *scope, const struct record_query *query,
			 struct arena *arena, struct json *json, struct err *err)
{
	return record_list(conn, model, scope, source->type, query, arena, json, err);
}

static bool get_record(const struct source *source, struct conn *conn, struct model *model,
		       const struct scope *scope, const struct uuid *id, struct json *json,
		       int64_t *version, struct err *err)
{
	return record_read(conn, model, scope, source->type, id, json, version, err);
}

static struct source source_of(const struct type *type)
{
	return (struct source){
		.name = type->name,
		.type = type,
		.writable = !type->native && !type->removed,
		.scan = scan_records,
		.get = get_record,
	};
}

size_t model_sources(const struct type_set *set, struct source *sources, size_t room)
{
	for (size_t i = 0; i < set->count && i < room; i++)
		sources[i] = source_of(set->types[i]);
	return set->count;
}

bool model_source(const struct type_set *set, struct str name, struct source *source)
{
	const struct type *type = type_find(set, name);

	if (type)
		*source = source_of(type);
	return type != NULL;
}
