#include "crypto/argon.h"

#include <argon2.h>
#include <sys/mman.h>

#include "base/memory.h"

/*
 * Pages of their own: from malloc, the first block of this size that is freed raises the size from
 * which malloc maps and unmaps, and each thread's arena would keep the next one for good.
 */
static int take_pages(uint8_t **memory, size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		return ARGON2_MEMORY_ALLOCATION_ERROR;
	(void)madvise(pages, size, MADV_DONTDUMP);
	*memory = pages;
	return ARGON2_OK;
}

static void give_pages(uint8_t *memory, size_t size)
{
	(void)munmap(memory, size);
}

void argon_derive(const struct argon_cost *cost, struct str password,
		  const uint8_t salt[ARGON_SALT_SIZE], void *to, size_t size)
{
	uint8_t salt_copy[ARGON_SALT_SIZE];
	/* The library's type is not const; without its flags it does not write there. */
	auto_memory char *copy = memory_zero(password.len + 1, 1);
	argon2_context context = {
		.out = to,
		.outlen = (uint32_t)size,
		.pwd = (uint8_t *)copy,
		.pwdlen = (uint32_t)password.len,
		.salt = salt_copy,
		.saltlen = ARGON_SALT_SIZE,
		.t_cost = cost->passes,
		.m_cost = cost->memory,
		.lanes = cost->lanes,
		.threads = cost->lanes,
		.version = ARGON2_VERSION_13,
		.allocate_cbk = take_pages,
		.free_cbk = give_pages,
	};

	assert(password.len < UINT32_MAX && size <= 64);
	memcpy(salt_copy, salt, sizeof(salt_copy));
	if (password.len > 0)
		memcpy(copy, password.at, password.len);

	int result = argon2_ctx(&context, Argon2_id);

	memory_wipe(copy, password.len);
	if (result != ARGON2_OK)
		abort();
}
