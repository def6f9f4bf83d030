#include "crypto/recovery.h"

#include "base/random.h"
#include "crypto/secret.h"

/*
 * A share reads "1-XXXXX-…-XXXXX": its number, then 60 symbols of Crockford's base32 in twelve
 * groups: 14 bits that all shares of a sheet have in common, the 256 bits of the share, and a
 * checksum of six symbols.
 */
enum {
	SHEET_BITS = 14,
	DATA_SYMBOLS = (SHEET_BITS + 8 * KEY_SIZE) / 5,
	CHECK_SYMBOLS = 6,
	SYMBOLS = DATA_SYMBOLS + CHECK_SYMBOLS,
	GROUP = 5,
	PACKED_SIZE =
		2 + KEY_SIZE, /* the sheet's two bytes, of which 14 bits count, and the share */
};

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct share {
	uint8_t number; /* 1 to 3: where the polynomials were evaluated */
	uint8_t packed[PACKED_SIZE];
};

static void share_wipe(struct share *share)
{
	memory_wipe(share, sizeof(*share));
}
#define auto_share cleanup_with(share_wipe) struct share

/* In GF(256) with x^8 + x^4 + x^3 + x + 1, without branches or tables that depend on the values. */
static uint8_t multiply(uint8_t a, uint8_t b)
{
	unsigned product = 0, factor = a;

	for (int bit = 0; bit < 8; bit++) {
		product ^= factor & (0U - (b >> bit & 1U));
		factor = (factor << 1) ^ (0x11bU & (0U - (factor >> 7)));
	}
	return (uint8_t)product;
}

/* a^254; 0 for 0. */
static uint8_t inverse(uint8_t a)
{
	uint8_t power = a;

	for (int i = 0; i < 6; i++)
		power = multiply(multiply(power, power), a);
	return multiply(power, power);
}

/*
 * The checksum of BIP 173: a BCH code over GF(32), which notices for certain up to four wrong
 * symbols in 89; a cut hash would only make it likely.
 */
static uint32_t checksum_step(uint32_t state, uint8_t symbol)
{
	static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
					      0x2a1462b3 };
	uint32_t top = state >> 25;

	state = (state & 0x1ffffff) << 5 ^ symbol;
	for (size_t i = 0; i < nitems(generator); i++)
		state ^= generator[i] & (0U - (top >> i & 1U));
	return state;
}

static uint32_t checksum(uint8_t number, const uint8_t *symbols, size_t count)
{
	uint32_t state = checksum_step(1, number);

	for (size_t i = 0; i < count; i++)
		state = checksum_step(state, symbols[i]);
	return state;
}

static void share_symbols(const struct share *share, uint8_t symbols[SYMBOLS])
{
	static const uint8_t none[CHECK_SYMBOLS];

	for (size_t i = 0; i < DATA_SYMBOLS; i++) {
		size_t bit = 8 * PACKED_SIZE - 5 * DATA_SYMBOLS + 5 * i;
		unsigned two = (unsigned)share->packed[bit / 8] << 8 |
			       (bit / 8 + 1 < PACKED_SIZE ? share->packed[bit / 8 + 1] : 0U);

		symbols[i] = (uint8_t)(two >> (11 - bit % 8) & 31);
	}

	uint32_t state = checksum(share->number, symbols, DATA_SYMBOLS);

	for (size_t i = 0; i < CHECK_SYMBOLS; i++)
		state = checksum_step(state, none[i]);
	/* The last 1 keeps a share of zeros from being its own checksum. */
	state ^= 1;
	for (size_t i = 0; i < CHECK_SYMBOLS; i++)
		symbols[DATA_SYMBOLS + i] = (uint8_t)(state >> (25 - 5 * i) & 31);
}

static void share_write(const struct share *share, struct writer *out)
{
	uint8_t symbols[SYMBOLS];
	char text[2 + SYMBOLS + SYMBOLS / GROUP];
	size_t len = 0;

	share_symbols(share, symbols);
	text[len++] = (char)('0' + share->number);
	for (size_t i = 0; i < SYMBOLS; i++) {
		if (i % GROUP == 0)
			text[len++] = '-';
		text[len++] = alphabet[symbols[i]];
	}
	writer_put(out, (struct str){ text, len });
	memory_wipe(symbols, sizeof(symbols));
	memory_wipe(text, sizeof(text));
}

void recovery_split(const struct root_key *root, struct writer share[RECOVERY_SHARES])
{
	uint8_t sheet[2];
	auto_secret slope; /* of the line through the key byte at 0, for each byte its own */

	random_bytes(sheet, sizeof(sheet));
	sheet[0] &= (1 << (SHEET_BITS - 8)) - 1;
	random_bytes(slope.bytes, KEY_SIZE);
	for (unsigned n = 1; n <= RECOVERY_SHARES; n++) {
		auto_share one = { .number = (uint8_t)n, .packed = { sheet[0], sheet[1] } };

		for (size_t i = 0; i < KEY_SIZE; i++)
			one.packed[2 + i] = root->bytes[i] ^ multiply(slope.bytes[i], (uint8_t)n);
		share_write(&one, &share[n - 1]);
	}
}

/* -1 for what is no symbol. Small letters and the letters that look like digits are understood. */
static int symbol_value(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c + 'A' - 'a');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';

	const char *hit = c ? strchr(alphabet, c) : NULL;

	return hit ? (int)(hit - alphabet) : -1;
}

/* The number and the symbols; what separates them does not count. `entry`: first or second, for the
 * message. */
static bool read_symbols(struct str text, int entry, uint8_t symbols[1 + SYMBOLS], struct err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++) {
		int value = symbol_value(text.at[i]);

		if (memchr(" -\t\r\n", text.at[i], 5))
			continue;
		if (value < 0)
			return fail(err, MSG_RECOVERY_CHARACTER, entry, i + 1);
		if (count <= SYMBOLS)
			symbols[count] = (uint8_t)value;
		count++;
	}
	if (count != 1 + SYMBOLS)
		return fail(err, MSG_RECOVERY_LENGTH, entry, count, 1 + SYMBOLS);
	return true;
}

static bool share_read(struct str text, int entry, struct share *share, struct err *err)
{
	auto_secret typed;
	const uint8_t *symbols = typed.bytes;

	static_assert(sizeof(typed.bytes) >= 1 + SYMBOLS, "a share's symbols fit a secret");
	if (!read_symbols(text, entry, typed.bytes, err))
		return false;
	share->number = symbols[0];
	if (share->number < 1 || share->number > RECOVERY_SHARES ||
	    checksum(share->number, symbols + 1, SYMBOLS) != 1)
		return fail(err, MSG_RECOVERY_SHARE, entry);
	memset(share->packed, 0, sizeof(share->packed));
	for (size_t i = 0; i < DATA_SYMBOLS; i++) {
		size_t bit = 8 * PACKED_SIZE - 5 * DATA_SYMBOLS + 5 * i;
		unsigned two = (unsigned)symbols[1 + i] << (11 - bit % 8);

		share->packed[bit / 8] |= (uint8_t)(two >> 8);
		if (bit / 8 + 1 < PACKED_SIZE)
			share->packed[bit / 8 + 1] |= (uint8_t)two;
	}
	return true;
}

bool recovery_join(struct str first, struct str second, struct root_key *root, struct err *err)
{
	auto_share a = { 0 };
	auto_share b = { 0 };

	if (!share_read(first, 1, &a, err) || !share_read(second, 2, &b, err))
		return false;
	if (memcmp(a.packed, b.packed, 2) != 0)
		return fail(err, MSG_RECOVERY_SHEETS);
	if (a.number == b.number)
		return fail(err, MSG_RECOVERY_SAME, a.number);

	/* Lagrange at 0: subtraction is exclusive or. */
	uint8_t run = inverse(a.number ^ b.number);

	for (size_t i = 0; i < KEY_SIZE; i++)
		root->bytes[i] = multiply(a.packed[2 + i], multiply(b.number, run)) ^
				 multiply(b.packed[2 + i], multiply(a.number, run));
	return true;
}
