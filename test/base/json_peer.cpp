#include "json_peer.h"

#include <simdjson.h>

#include <string>

namespace ondemand = simdjson::ondemand;
namespace dom = simdjson::dom;

struct json_peer {
	dom::parser tree;
	ondemand::parser values;
	std::string tokens;
};

extern "C" struct json_peer *json_peer_new(void)
{
	return new json_peer;
}

extern "C" void json_peer_free(struct json_peer *peer)
{
	delete peer;
}

extern "C" enum json_peer_verdict json_peer_verdict(struct json_peer *peer, const char *text, size_t len)
{
	dom::element root;
	simdjson::error_code error = peer->tree.parse(text, len).get(root);

	if (error == simdjson::SUCCESS)
		return PEER_TAKES;
	return error == simdjson::NUMBER_ERROR ? PEER_REFUSES_NUMBER : PEER_REFUSES;
}

static void put(std::string &out, char kind, std::string_view text)
{
	out += kind;
	out += std::to_string(text.size());
	out += ':';
	out += text;
}

static std::string_view trimmed(std::string_view text)
{
	while (!text.empty() && strchr(" \t\r\n", text.back()))
		text.remove_suffix(1);
	return text;
}

/* A document and a value are read alike, but are different types. */
template <typename Value> static void put_tokens(std::string &out, Value &&value)
{
	switch (ondemand::json_type(value.type())) {
	case ondemand::json_type::object:
		out += '{';
		for (auto field : value.get_object()) {
			put(out, 'k', field.unescaped_key());
			put_tokens(out, field.value());
		}
		out += '}';
		break;
	case ondemand::json_type::array:
		out += '[';
		for (auto element : value.get_array())
			put_tokens(out, element);
		out += ']';
		break;
	case ondemand::json_type::string:
		put(out, 's', value.get_string());
		break;
	case ondemand::json_type::number:
		put(out, 'n', trimmed(value.raw_json_token()));
		break;
	case ondemand::json_type::boolean:
		out += bool(value.get_bool()) ? 't' : 'f';
		break;
	case ondemand::json_type::null:
		out += value.is_null() ? 'z' : '?';
		break;
	}
}

extern "C" const char *json_peer_tokens(struct json_peer *peer, const char *text, size_t len, size_t *tokens_len)
{
	simdjson::padded_string padded(text, len);

	peer->tokens.clear();
	try {
		ondemand::document document = peer->values.iterate(padded);

		put_tokens(peer->tokens, document);
	} catch (const simdjson::simdjson_error &) {
		return nullptr;
	}
	*tokens_len = peer->tokens.size();
	return peer->tokens.data();
}

extern "C" size_t json_peer_padding(void)
{
	return simdjson::SIMDJSON_PADDING;
}

extern "C" uint64_t json_peer_pass_tree(struct json_peer *peer, const char *text, size_t len)
{
	dom::element root;

	return peer->tree.parse(text, len, false).get(root) == simdjson::SUCCESS ? 1 : 0;
}

template <typename Value> static uint64_t sum_values(Value &&value)
{
	uint64_t sum = 1;

	switch (ondemand::json_type(value.type())) {
	case ondemand::json_type::object:
		for (auto field : value.get_object()) {
			sum += std::string_view(field.unescaped_key()).size();
			sum += sum_values(field.value());
		}
		break;
	case ondemand::json_type::array:
		for (auto element : value.get_array())
			sum += sum_values(element);
		break;
	case ondemand::json_type::string:
		sum += std::string_view(value.get_string()).size();
		break;
	case ondemand::json_type::number:
		sum += std::string_view(value.raw_json_token()).size();
		break;
	case ondemand::json_type::boolean:
		sum += bool(value.get_bool());
		break;
	case ondemand::json_type::null:
		sum += value.is_null();
		break;
	}
	return sum;
}

extern "C" uint64_t json_peer_pass_values(struct json_peer *peer, const char *text, size_t len)
{
	try {
		ondemand::document document =
			peer->values.iterate(text, len, len + simdjson::SIMDJSON_PADDING);

		return sum_values(document);
	} catch (const simdjson::simdjson_error &) {
		return 0;
	}
}
