#include "cli/remote.h"

#include "base/encode.h"
#include "base/file.h"
#include "base/memory.h"

enum { FILE_LIMIT = 1 << 20 };

static char *sign_in_folder(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && config[0])
		return path_join(config, "xiedun");
	return path_join(home && home[0] ? home : ".", ".config/xiedun");
}

bool sign_in_load(struct arena *arena, struct sign_in *sign_in, struct err *err)
{
	auto_memory char *folder = sign_in_folder();
	auto_memory char *path = path_join(folder, "session.json");
	auto_writer text = { 0 };
	const struct node *root;

	if (!file_read(path, FILE_LIMIT, &text, err))
		return err->message == MSG_FILE_MISSING ? fail(err, MSG_NOT_SIGNED_IN) : false;
	if (!node_from_json(arena, writer_str(&text), &root, err))
		return err_in_file(err, path);
	*sign_in = (struct sign_in){
		.address = node_member_text(root, "address"),
		.fingerprint = node_member_text(root, "fingerprint"),
		.token = node_member_text(root, "token"),
	};
	return sign_in->address.at && sign_in->token.at ? true : fail(err, MSG_NOT_SIGNED_IN);
}

bool sign_in_save(const struct sign_in *sign_in, struct err *err)
{
	auto_memory char *folder = sign_in_folder();
	auto_memory char *path = path_join(folder, "session.json");
	auto_writer text = { 0 };
	struct json json = json_into(&text);

	json_object(&json);
	json_put_str(&json, "address", sign_in->address);
	json_put_str(&json, "fingerprint", sign_in->fingerprint);
	json_put_str(&json, "token", sign_in->token);
	json_object_end(&json);
	return folder_make(folder, 0700, err) && file_replace(path, writer_str(&text), 0600, err);
}

bool sign_in_forget(struct err *err)
{
	auto_memory char *folder = sign_in_folder();
	auto_memory char *path = path_join(folder, "session.json");

	return path_remove(path, err);
}

static enum http_method method_of(const char *name)
{
	for (int m = 0; m < HTTP_METHODS; m++) {
		if (strcmp(http_method_name((enum http_method)m), name) == 0)
			return (enum http_method)m;
	}
	return HTTP_GET;
}

/* A problem document's own words, with each of its problems on a line. */
static bool refused(const struct invocation *call, const struct http_reply *reply,
		    const struct node *problem, struct err *err)
{
	struct str detail = node_member_text(problem, "detail");
	const struct node *list = node_member(problem, "problems");
	auto_writer text = { 0 };

	if (!detail.at)
		return fail(err, MSG_SERVER_ANSWER, reply->status);
	for (const struct node *each = list ? list->child : NULL; each && !call->json;
	     each = each->next) {
		struct str file = node_member_text(each, "file"),
			   field = node_member_text(each, "field");
		const struct node *line = node_member(each, "line");

		writer_printf(&text, "%.*s%s%.*s%s%.*s%s%.*s\n", STR_ARGS(file), line ? ":" : "",
			      STR_ARGS(line ? line->text : STR("")), file.len || line ? ": " : "",
			      STR_ARGS(field), field.len ? ": " : "",
			      STR_ARGS(node_member_text(each, "detail")));
	}
	if (text.len)
		fputs(text.at, stderr);
	if (reply->status >= 500)
		return fail(err, MSG_SERVER_FAILED, detail);
	if (reply->status == 401 || reply->status == 403)
		return fail(err, MSG_SERVER_REFUSED_RIGHTS, detail);
	return fail(err, MSG_SERVER_REFUSED, detail);
}

bool remote_send(const struct invocation *call, const struct sign_in *sign_in, const char *method,
		 const char *path, const char *if_match, struct str body, struct http_reply *reply,
		 const struct node **answer, struct err *err)
{
	const struct http_client_config config = {
		.base = arena_text(call->arena, sign_in->address),
		.fingerprint = sign_in->fingerprint.len
				       ? arena_text(call->arena, sign_in->fingerprint)
				       : NULL,
	};
	auto_http_client client = NULL;
	struct http_header headers[4];
	size_t count = 0;
	const struct node *tree = NULL;

	headers[count++] =
		(struct http_header){ STR("Accept-Language"),
				      call->language == LANGUAGE_ZH ? STR("zh") : STR("en") };
	if (body.at)
		headers[count++] =
			(struct http_header){ STR("Content-Type"), STR("application/json") };
	if (sign_in->token.at)
		headers[count++] = (struct http_header){
			STR("Authorization"),
			str_of(arena_printf(call->arena, "Bearer %.*s", STR_ARGS(sign_in->token)))
		};
	if (if_match)
		headers[count++] = (struct http_header){ STR("If-Match"), str_of(if_match) };
	if (!http_client_new(&config, &client, err) ||
	    !http_client_send(client, method_of(method), path, headers, count, body, reply, err))
		return false;

	struct str type = writer_str(&reply->content_type);
	bool is_json = str_starts(type, "application/json") ||
		       str_starts(type, "application/problem+json");

	if (is_json && reply->body.len > 0 &&
	    !node_from_json(call->arena, writer_str(&reply->body), &tree, err))
		return fail(err, MSG_SERVER_ANSWER, reply->status);
	if (reply->status >= 300)
		return refused(call, reply, tree, err);
	*answer = tree;
	return true;
}

/* Percent-encodes what is not unreserved (RFC 3986, section 2.3). */
static void put_encoded(struct writer *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			     (c >= 'A' && c <= 'Z') || strchr("-._~", c) != NULL;

		if (plain && c)
			writer_byte(out, (char)c);
		else
			writer_printf(out, "%%%02X", c);
	}
}

/* "{1}" becomes the first argument; options that the row calls like query parameters follow as "?name=value". */
static int put_path(const struct invocation *call, struct writer *out)
{
	struct str rest = str_of(call->command->path);
	int highest = 0;
	bool any = false;

	while (rest.len > 0) {
		size_t open = str_find(rest, '{');

		writer_put(out, str_sub(rest, 0, open));
		if (open == rest.len)
			break;

		int n = rest.at[open + 1] - '0';

		put_encoded(out, str_of(n <= call->count ? call->argument[n - 1] : ""));
		highest = n > highest ? n : highest;
		rest = str_sub(rest, open + 3, rest.len);
	}
	for (int i = 0; i < COMMAND_OPTIONS && call->command->options[i].name; i++) {
		const char *name = call->command->options[i].name + 2;

		if (!call->option[i] || strcmp(name, "version") == 0)
			continue;
		writer_printf(out, "%c%s=", any ? '&' : '?', name);
		put_encoded(out,
			    str_of(call->command->options[i].value ? call->option[i] : "true"));
		any = true;
	}
	return highest;
}

/* "name=value" is a text; "name:=value" is JSON as it stands (numbers, true, lists); "name=" is null. */
static bool put_pair(struct json *json, struct arena *arena, const char *word, struct err *err)
{
	struct str text = str_of(word);
	size_t equals = str_find(text, '=');
	bool raw = equals > 0 && equals < text.len && text.at[equals - 1] == ':';
	struct str name = str_sub(text, 0, raw ? equals - 1 : equals),
		   value = str_sub(text, equals + 1, text.len);
	const struct node *tree;

	if (name.len == 0 || equals == text.len)
		return fail(err, MSG_USAGE_PAIR, word);
	if (!str_is_utf8(text))
		return fail(err, MSG_NOT_UTF8);
	json_key_str(json, name);
	if (raw) {
		if (!node_from_json(arena, value, &tree, err))
			return err_in_field(err, name);
		node_write_json(tree, json);
	} else if (value.len == 0) {
		json_null(json);
	} else {
		json_str(json, value);
	}
	return true;
}

static bool put_fields(const struct invocation *call, int first, struct writer *body,
		       struct err *err)
{
	struct json json = json_into(body);

	json_object(&json);
	for (int i = first; i < call->count; i++) {
		if (!put_pair(&json, call->arena, call->argument[i], err))
			return false;
	}
	json_object_end(&json);
	return true;
}

/* The version that the person means: the one given, or the one that the record has now. */
static bool version_for(const struct invocation *call, const struct sign_in *sign_in,
			const char **match, struct err *err)
{
	const char *given = option_value(call, "--version");
	struct http_reply reply = { 0 };
	const struct node *record;
	auto_writer path = { 0 };

	if (given) {
		*match = arena_printf(call->arena, "\"%s\"", given);
		return true;
	}
	writer_text(&path, "/api/v1/records/");
	put_encoded(&path, str_of(call->argument[0]));
	writer_byte(&path, '/');
	put_encoded(&path, str_of(call->argument[1]));

	bool done =
		remote_send(call, sign_in, "GET", path.at, NULL, STR_NONE, &reply, &record, err);

	if (done)
		*match = arena_text(call->arena, writer_str(&reply.etag));
	http_reply_release(&reply);
	return done;
}

bool remote_run(struct invocation *call, struct err *err)
{
	const struct command *command = call->command;
	struct http_reply reply = { 0 };
	struct sign_in sign_in;
	const struct node *answer = NULL;
	const char *match = NULL;
	auto_writer path = { 0 }, body = { 0 }, shown = { 0 };

	if (!sign_in_load(call->arena, &sign_in, err))
		return false;

	int used = put_path(call, &path);

	if (command->fields && !put_fields(call, used, &body, err))
		return false;
	if (command->versioned && !version_for(call, &sign_in, &match, err))
		return false;

	bool done =
		remote_send(call, &sign_in, command->method, path.at, match,
			    command->fields ? writer_str(&body) : STR_NONE, &reply, &answer, err);

	if (done && answer)
		answer_show(call, answer, &shown);
	else if (done)
		writer_put(&shown, writer_str(&reply.body));
	if (done && shown.len)
		fputs(shown.at, stdout);
	http_reply_release(&reply);
	return done;
}
