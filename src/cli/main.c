/* xiedun: one program, the server and its commands. */
#include "cli/command.h"

int main(int argc, char **argv)
{
	return command_main(argc, argv);
}
