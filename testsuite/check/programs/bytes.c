/* Writes to an immutable field, node.id, of an object that other threads may have read by then, each by
 * another way; case 0 writes beside it, and to a fresh object. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ungil.h"

struct STM_OBJECT head { STM_IMMUTABLE long id; };
struct STM_OBJECT node { struct head h; long value; STM_IMMUTABLE struct { int a, b; } both[3]; };
struct STM_OBJECT twin { long number, value; };
static struct node *shared;
static struct node fixed;

static __attribute__((noinline)) void set(void *p, long at, long v) { *(long *)((char *)p + at) = v; }
static __attribute__((noinline)) void set_any(int n, ...)
{
    va_list ap;
    va_start(ap, n);
    *va_arg(ap, long *) = 2;
    va_end(ap);
}

int main(void)
{
    long two = 2;
    struct twin other = {2, 2};
    struct node *n = STM_NEW(struct node);
    n->h.id = 1;
    set(n, 0, 1);
    memcpy(&n->both[1], &two, sizeof two);
    shared = n;
    STM_SAFEPOINT();
    n = shared;
    n->value = n->h.id + fixed.h.id;
    STM_SAFEPOINT();
    switch (CASE) {
    case 0: set(n, 8, 2); memcpy(&n->value, &two, sizeof two); sscanf("2", "%ld", &n->value); break;
    case 1: set(n, 0, 2); break;
    case 2: *(long *)n = 2; break;
    case 3: ((struct twin *)n)->number = 2; break;
    case 4: memcpy(n, &two, sizeof two); break;
    case 5: sscanf("2", "%ld", (long *)n); break;
    case 6: *(struct twin *)n = other; break;
    case 7: memset((char *)n + 3, 7, 2); break;
    case 8: set_any(1, n); break;
    case 9: ((short *)n)[18] = 2; break; /* both[2].b */
    case 10: set(&fixed, 0, 2); break;
    }
    printf("%ld\n", shared->h.id);
    return 0;
}
