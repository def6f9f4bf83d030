#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "crypto/harden.h"

/* A child that hardens itself and then crashes, in a folder of its own, leaves no core. */
static void a_crash_leaves_no_core(void)
{
	const char *folder = check_folder();
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct rlimit limit;

		if (chdir(folder) != 0)
			_exit(10);
		process_harden();
		if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0 ||
		    limit.rlim_max != 0 || prctl(PR_GET_DUMPABLE) != 0)
			_exit(11);
		(void)signal(SIGSEGV, SIG_DFL);
		(void)raise(SIGSEGV);
		_exit(12);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV && !WCOREDUMP(status));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = { TEST(a_crash_leaves_no_core) };

	return check_main(tests, nitems(tests), argc, argv);
}
