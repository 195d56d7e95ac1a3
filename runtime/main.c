/* main.c - the program's main, when it is translated: ungil renames the user's to stm_user_main.  In an
 * archive member of its own, so that a program with an untranslated main has just that. */
#include "runtime.h"

int stm_user_main(int argc, char **argv, char **envp);

int main(int argc, char **argv, char **envp)
{
    stmi_enter_main((char *)__builtin_frame_address(0) + 16);
    stm_exit(stm_user_main(argc, argv, envp));
}
