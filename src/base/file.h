/* Owns files: read whole, replaced whole, flushed to the disk. */
#ifndef XIEDUN_BASE_FILE_H
#define XIEDUN_BASE_FILE_H

#include <sys/types.h>
#include <unistd.h>

#include "base/err.h"
#include "base/writer.h"

static inline void auto_close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}
/* auto_fd fd = -1; hand on with fd_steal(&fd). */
#define auto_fd cleanup_with(auto_close_fd) int

int fd_steal(int *fd);

/* Appends the whole file to the writer. MSG_FILE_MISSING, MSG_FILE_FAILED or MSG_LIMIT_SIZE. */
must_use bool file_read(const char *path, size_t limit, struct writer *to, struct err *err);

/*
 * Replaces the file: written beside it, flushed, renamed, folder flushed. After a crash the file
 * is the old one or the new one. The temporary name is PATH.new.
 */
must_use bool file_replace(const char *path, struct str bytes, mode_t mode, struct err *err);

/* Writes all bytes, going on after short writes and signals. */
must_use bool fd_write(int fd, const char *path, struct str bytes, struct err *err);

/* Flushes a folder, so that names made or removed in it survive a power cut. */
must_use bool folder_flush(const char *path, struct err *err);

/* Makes the folder and what is missing above it; one that stands already is fine. */
must_use bool folder_make(const char *path, mode_t mode, struct err *err);

/* Removes a file or a whole folder; one that is not there is fine. */
must_use bool path_remove(const char *path, struct err *err);

bool path_exists(const char *path);

/* "DIR/NAME" in a fresh allocation, released with free(). */
char *path_join(const char *dir, const char *name);

/* For the caller's MSG_FILE_FAILED: errno as text, in the thread's own buffer. */
const char *errno_text(int number);

#endif
