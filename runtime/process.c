/* process.c - what the C library keeps for the whole process: the environment, the locale.
 *
 * Functions that look there (getenv, strtod, isalpha, snprintf...) run in any transaction, without a barrier:
 * they are called often.  So those that change it, which is seldom, are called here, in a transaction that is
 * serial from then on (inevitable.c): nobody looks in the midst of what it does, nor while the library frees
 * what it has replaced.
 *
 * In a callback, a signal handler or STM_BLOCKING there is no transaction: there they are as they are. */
#include "runtime.h"

#include <locale.h>
#include <stdlib.h>

#define SERIAL(name) stmi_serial_at(name, __builtin_return_address(0))

int stm_setenv(const char *name, const char *value, int over)
{
    SERIAL("setenv");
    return setenv(name, value, over);
}

int stm_unsetenv(const char *name)
{
    SERIAL("unsetenv");
    return unsetenv(name);
}

int stm_putenv(char *entry)
{
    SERIAL("putenv");
    return putenv(entry);
}

int stm_clearenv(void)
{
    SERIAL("clearenv");
    return clearenv();
}

char *stm_setlocale(int category, const char *name)
{
    SERIAL("setlocale");
    return setlocale(category, name);
}
