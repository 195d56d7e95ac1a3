/* The only pointer to an object goes through its elements in a loop that collects: whatever the
 * compiler keeps of it over a round, the collector must find the object by it. */
#include <stdio.h>
#include <string.h>
#include "ungil.h"

enum { N = 64 };
struct STM_OBJECT big {
    long a[N];
};
static long junk;

#define NOINLINE static __attribute__((noinline))

NOINLINE void collect(void)
{
    stm_collect();
    for (int i = 0; i < 400; i++) {
        struct big *b = STM_NEW(struct big);
        memset(b, 0xee, sizeof *b);
        junk += b->a[i & 7];
    }
    STM_SAFEPOINT();
}
NOINLINE struct big *made(void)
{
    struct big *b = STM_NEW(struct big);
    for (int i = 0; i < N; i++)
        b->a[i] = i + 1;
    return b;
}
NOINLINE long upwards(long *p)
{
    long s = 0;
    for (int i = 0; i < N; i++) {
        collect();
        s += p[i];
    }
    return s;
}
NOINLINE long downwards(long *p)
{
    long s = 0;
    for (int i = 0; i < N; i++) {
        collect();
        s += p[-i];
    }
    return s;
}
NOINLINE long bytes(const char *p)
{
    long s = 0;
    for (unsigned i = 0; i < N * sizeof(long); i += 4) {
        collect();
        s += p[i];
    }
    return s;
}
NOINLINE long from(long *p, int lo)
{
    long s = 0;
    for (int i = lo; i < N + lo; i++) {
        collect();
        s += p[i - lo];
    }
    return s;
}
NOINLINE long from_end(long *p)
{
    long s = 0;
    for (int i = -N; i < 0; i++) {
        collect();
        s += p[i];
    }
    return s;
}
NOINLINE long object(struct big *b)
{
    long s = 0;
    for (int i = 0; i < N; i++) {
        collect();
        s += b->a[i];
        b->a[i] = 3;
    }
    return s;
}
NOINLINE long moving(long *p)
{
    long s = 0;
    for (const long *end = p + N; p < end; p++) {
        collect();
        s += *p;
        *p = 1;
    }
    return s;
}
NOINLINE long rows(long (*p)[8])
{
    long s = 0;
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++) {
            collect();
            s += p[i][j];
            p[i][j]++;
        }
    return s;
}

int main(void)
{
    printf("%ld %ld %ld %ld\n", upwards(made()->a), downwards(made()->a + N - 1), bytes((char *)made()->a),
           from(made()->a, 3));
    printf("%ld %ld %ld %ld\n", from_end(made()->a + N), object(made()), moving(made()->a),
           rows((long(*)[8])made()->a));
    return 0;
}
