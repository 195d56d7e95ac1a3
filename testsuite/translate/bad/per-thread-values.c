#include "ungil.h"
#include <stddef.h>
struct state { int depth STM_PER_THREAD; int *sp STM_PER_THREAD; int shared; struct { int top; }
    inner STM_PER_THREAD; const char *name; };
struct state vm = {.depth = 1, .shared = 2}, zero = {0}, fine = {.shared = 3, .sp = NULL, .inner = {0},
    .name = "a, .depth = 4"};
struct state by_place = {0, NULL, 5};
struct state all[2] = {[1] = {.inner.top = 7}};
int *where = &vm.depth;
struct wrapper { int n; struct state s; } wrapped = {1, {.name = "x"}};
struct state copies(struct state *s)
{
    struct state other = *s, deep = {.inner.top = 4};
    struct wrapper w = wrapped;
    static int *inside = &vm.depth;
    other = deep;
    *s = (struct state){.shared = *inside + w.n};
    return copies(&other);
}
struct state by_value(struct state s) { return s; }
