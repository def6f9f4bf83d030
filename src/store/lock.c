#include "store/parts.h"

#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/memory.h"

bool store_lock(const char *directory, int *lock, struct err *err)
{
	auto_memory char *path = path_join(directory, "xiedun.lock");
	auto_fd fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	/* A lock of the open file: it ends with the process however that ends, and holds between
	 * two stores of one process. */
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char holder[24] = "";

	if (fd < 0)
		return fail(err, MSG_FILE_FAILED, "open", path, errno_text(errno));
	if (fcntl(fd, F_OFD_SETLK, &whole) != 0) {
		if (errno != EAGAIN && errno != EACCES)
			return fail(err, MSG_FILE_FAILED, "lock", path, errno_text(errno));
		if (pread(fd, holder, sizeof(holder) - 1, 0) <= 0)
			holder[0] = '\0';
		return fail(err, MSG_STORE_BUSY, path, str_trim(str_of(holder)));
	}
	(void)snprintf(holder, sizeof(holder), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, holder, strlen(holder), 0) < 0)
		return fail(err, MSG_FILE_FAILED, "write", path, errno_text(errno));
	*lock = fd_steal(&fd);
	return true;
}
