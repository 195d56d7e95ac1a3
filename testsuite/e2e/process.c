/* flags: -pthread */
/* What the C library keeps for the whole process: who changes the environment or the locale, and puts it
 * back, is not seen in the midst of it, nor by a getenv that meets what the library has just freed. */
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ungil.h"
#include "lock.h"

enum { ROUNDS = 3000, READERS = 2 };
static long over, torn, found, wrong;
static STM_RAW char entry[2][16] = {"PUT=0", "PUT=1"};

static void change(int i)
{
    char v[16], name[16];
    snprintf(v, sizeof v, "%d", i);
    setenv("A", v, 1);
    setenv("B", v, 1);
    putenv(entry[i & 1]);
    setlocale(LC_CTYPE, "C.UTF-8");
    wrong += snprintf(v, sizeof v, "%ls", L"\xe9") != 2;
    setlocale(LC_CTYPE, "C");
    if (i % 50 == 0) { /* a table that grows: the old one is freed */
        for (int k = 0; k < 40; k++) {
            snprintf(name, sizeof name, "NAME%d", k);
            setenv(name, "x", 1);
        }
        for (int k = 0; k < 40; k++) {
            snprintf(name, sizeof name, "NAME%d", k);
            unsetenv(name);
        }
    }
    if (i % 500 == 0) {
        clearenv();
        setenv("A", "7", 1);
        setenv("B", "7", 1);
        putenv(entry[0]);
    }
}

static void *reader(void *arg)
{
    for (long end = 0; !end;) {
        char v[16];
        ENTER();
        torn += strcmp(getenv("A"), getenv("B")) != 0;
        found += getenv("NAME7") != NULL;
        found += *getenv("PUT") - '0' > 1;
        wrong += snprintf(v, sizeof v, "%ls", L"\xe9") != -1;
        end = over;
        LEAVE();
    }
    return arg;
}

int main(void)
{
    pthread_t threads[READERS];
    ENTER();
    change(0);
    LEAVE();
    for (int i = 0; i < READERS; i++)
        if (pthread_create(&threads[i], NULL, reader, NULL))
            return 2;
    for (int i = 1; i <= ROUNDS; i++) {
        ENTER();
        change(i);
        LEAVE();
    }
    ENTER();
    over = 1;
    LEAVE();
    for (int i = 0; i < READERS; i++)
        STM_BLOCKING
        {
            pthread_join(threads[i], NULL);
        }
    printf("%ld %ld %ld %s\n", torn, found, wrong, getenv("A"));
    return 0;
}
