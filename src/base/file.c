#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "base/memory.h"

const char *errno_text(int number)
{
	static _Thread_local char text[128];

	return strerror_r(number, text, sizeof(text));
}

static bool file_failed(struct err *err, const char *action, const char *path)
{
	return fail(err, MSG_FILE_FAILED, action, path, errno_text(errno));
}

int fd_steal(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

bool file_read(const char *path, size_t limit, struct writer *to, struct err *err)
{
	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t total = 0;

	if (fd < 0 && errno == ENOENT)
		return fail(err, MSG_FILE_MISSING, path);
	if (fd < 0)
		return file_failed(err, "open", path);
	for (;;) {
		char chunk[16384];
		ssize_t got = read(fd, chunk, sizeof(chunk));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return file_failed(err, "read", path);
		if (got == 0)
			return writer_check(to, err);
		total += (size_t)got;
		if (total > limit) {
			(void)fail(err, MSG_LIMIT_SIZE, limit);
			return err_in_file(err, path);
		}
		writer_put(to, (struct str){ chunk, (size_t)got });
		memory_wipe(chunk, (size_t)got);
	}
}

bool fd_write(int fd, const char *path, struct str bytes, struct err *err)
{
	while (bytes.len > 0) {
		ssize_t put = write(fd, bytes.at, bytes.len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return file_failed(err, "write", path);
		bytes = str_sub(bytes, (size_t)put, bytes.len);
	}
	return true;
}

bool folder_flush(const char *path, struct err *err)
{
	auto_fd fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return file_failed(err, "open", path);
	if (fsync(fd) != 0)
		return file_failed(err, "flush", path);
	return true;
}

static bool flush_parent(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	auto_memory char *dir = !slash ? memory_copy(STR("."))
				: slash == path
					? memory_copy(STR("/"))
					: memory_copy((struct str){ path, (size_t)(slash - path) });

	return folder_flush(dir, err);
}

static bool write_beside(const char *path, struct str bytes, mode_t mode, struct err *err)
{
	auto_fd fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);

	if (fd < 0)
		return file_failed(err, "create", path);
	/* The mode holds for a left-over file and under any umask too. */
	if (fchmod(fd, mode) != 0)
		return file_failed(err, "create", path);
	if (!fd_write(fd, path, bytes, err))
		return false;
	if (fsync(fd) != 0)
		return file_failed(err, "flush", path);
	if (close(fd_steal(&fd)) != 0)
		return file_failed(err, "close", path);
	return true;
}

bool file_replace(const char *path, struct str bytes, mode_t mode, struct err *err)
{
	auto_writer beside = { 0 };

	writer_printf(&beside, "%s.new", path);
	if (!write_beside(beside.at, bytes, mode, err)) {
		(void)unlink(beside.at);
		return false;
	}
	if (rename(beside.at, path) != 0) {
		(void)file_failed(err, "replace", path);
		(void)unlink(beside.at);
		return false;
	}
	return flush_parent(path, err);
}

bool folder_make(const char *path, mode_t mode, struct err *err)
{
	struct stat info;

	if (mkdir(path, mode) == 0)
		return flush_parent(path, err);
	if (errno == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		return true;
	if (errno != ENOENT)
		return file_failed(err, "create", path);

	const char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return file_failed(err, "create", path);

	auto_memory char *parent = memory_copy((struct str){ path, (size_t)(slash - path) });

	if (!folder_make(parent, mode, err))
		return false;
	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return file_failed(err, "create", path);
	return flush_parent(path, err);
}

static int remove_one(const char *path, const struct stat *info unused, int kind unused,
		      struct FTW *walk unused)
{
	return remove(path);
}

bool path_remove(const char *path, struct err *err)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
		return file_failed(err, "remove", path);
	return true;
}

bool path_exists(const char *path)
{
	struct stat info;

	return lstat(path, &info) == 0;
}

char *path_join(const char *dir, const char *name)
{
	size_t len = strlen(dir);
	const char *between = len && dir[len - 1] == '/' ? "" : "/";
	size_t size = len + strlen(between) + strlen(name) + 1;
	char *path = memory_zero(size, 1);

	(void)snprintf(path, size, "%s%s%s", dir, between, name);
	return path;
}
