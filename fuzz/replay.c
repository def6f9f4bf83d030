/* Runs a fuzz target over the files of a folder: the corpus as a regression test, with any compiler. */
#include <dirent.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	int files = 0;

	if (!folder) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return EXIT_USAGE;
	}
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		char path[4096];
		auto_writer bytes = { 0 };
		struct err err;

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		if (!file_read(path, SIZE_MAX, &bytes, &err))
			return EXIT_ENVIRONMENT;
		(void)LLVMFuzzerTestOneInput((const uint8_t *)bytes.at, bytes.len);
		files++;
	}
	(void)closedir(folder);
	printf("%d passed, %d failed\n", files, files == 0);
	return files == 0;
}
