/* STM_IMMUTABLE in memory from malloc, which has no type: stores to beside it (case 0), and to it, in each
 * way that does not name it.  From case 20 on: it is read only after the store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ungil.h"

struct part { STM_IMMUTABLE long id; long value; };
struct cell {
    long value;
    STM_IMMUTABLE long id;
    struct part parts[3];
    long last;
    STM_IMMUTABLE char text[];
};
struct twin { long value, number; };
enum { SIZE = sizeof(struct cell) + 16 };
static struct cell *shared;

static __attribute__((noinline)) void set(void *p, long at, long v) { *(long *)((char *)p + at) = v; }

static long read_all(const struct cell *c)
{
    long sum = c->id + c->text[1];
    for (int k = 0; k < 3; k++)
        sum += c->parts[k].id;
    return sum;
}

static struct cell *make(long id)
{
    struct cell *c = malloc(SIZE);
    memset(c, 0, SIZE);
    c->id = id;
    c->parts[1].id = id;
    c->text[1] = 'x';
    return c;
}

int main(int argc, char **argv)
{
    long two = 2, one = argc, sum = 0;
    struct cell other = {0};
    struct part part = {2, 2};
    struct twin twin = {2, 2};
    long *to = &two;
    (void)argv;
    shared = make(1);
    STM_SAFEPOINT();
    if (CASE < 20)
        sum = read_all(shared);
    STM_SAFEPOINT();
    struct cell *c = shared;
    if (CASE % 20 == 3 || CASE % 20 == 4)
        to = CASE % 20 == 3 ? &c->id : &c->parts[one].id;
    switch (CASE % 20) {
    case 0:
        c->value = c->last = 2, c->parts[one].value = 2;
        memcpy(&c->value, &two, sizeof two), memset(&c->last, 1, sizeof c->last);
        sscanf("3", "%ld", &c->parts[one].value), set(c, 0, 4);
        for (long k = 1; k < 500; k++) { /* its memory becomes another's */
            long *first = malloc(SIZE);
            struct cell *new = make(k);
            *new = other;
            new->id = k;
            long *raw = k % 3 ? malloc(SIZE) : first;
            STM_SAFEPOINT();
            raw[k % 8] = raw[one] = k;
            sum += read_all(new);
            free(new), free(raw);
            STM_SAFEPOINT();
        }
        break;
    case 1: memcpy(c, &other, sizeof other); break;
    case 2: memcpy(&c->id, &two, sizeof two); break;
    case 3: *to = 3; break;
    case 4: *to = 3; break;
    case 5: *c = other; break;
    case 6: c->parts[one] = part; break;
    case 7: *(struct twin *)c = twin; break;
    case 8: set(c, 8, 2); break;
    case 9: sscanf("2", "%ld", &c->id); break;
    case 10: memset(&c->parts[1], 2, sizeof *c->parts); break;
    case 11: memset(c->text, 2, 2); break;
    case 12: sscanf("2", "%ld", &c->value + 1); break;
    }
    STM_SAFEPOINT();
    sum += read_all(shared);
    printf("%ld\n", sum);
    return 0;
}
