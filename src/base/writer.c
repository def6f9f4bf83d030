#include "base/writer.h"

#include <stdarg.h>

#include "base/err.h"
#include "base/memory.h"

void *writer_reserve(struct writer *out, size_t len)
{
	if (out->over || (out->limit && len > out->limit - out->len)) {
		out->over = true;
		return NULL;
	}
	if (out->size - out->len < len + 1) {
		size_t size = out->size ? out->size * 2 : 256;

		if (size < out->len + len + 1)
			size = out->len + len + 1;
		out->at = memory_resize(out->at, size, 1);
		out->size = size;
	}

	char *here = out->at + out->len;

	out->len += len;
	out->at[out->len] = '\0';
	return here;
}

void writer_put(struct writer *out, struct str s)
{
	if (s.len == 0)
		return;

	char *here = writer_reserve(out, s.len);

	if (here)
		memcpy(here, s.at, s.len);
}

void writer_text(struct writer *out, const char *text)
{
	writer_put(out, str_of(text));
}

void writer_byte(struct writer *out, char byte)
{
	writer_put(out, (struct str){ &byte, 1 });
}

void writer_printf(struct writer *out, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);

	int len = vsnprintf(NULL, 0, format, args);
	char *here = len < 0 ? NULL : writer_reserve(out, (size_t)len);

	if (here)
		(void)vsnprintf(here, (size_t)len + 1, format, again);
	va_end(again);
	va_end(args);
}

void writer_int(struct writer *out, int64_t value)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (value < 0)
		digits[--at] = '-';
	writer_put(out, (struct str){ digits + at, sizeof(digits) - at });
}

struct str writer_str(const struct writer *out)
{
	return (struct str){ out->at ? out->at : "", out->len };
}

bool writer_check(const struct writer *out, struct err *err)
{
	return out->over ? fail(err, MSG_LIMIT_SIZE, out->limit) : true;
}

void writer_clear(struct writer *out)
{
	out->len = 0;
	out->over = false;
	if (out->at)
		out->at[0] = '\0';
}

void writer_release(struct writer *out)
{
	free(out->at);
	memset(out, 0, sizeof(*out));
}
