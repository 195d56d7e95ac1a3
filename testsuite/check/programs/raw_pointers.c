/* Pointers that are said to lead to raw memory, and lead to the heap, by ways that the translator does not
 * see.  CASE says which; 0 is fine. */
#include <stdlib.h>

#include "ungil.h"

struct STM_OBJECT code { STM_RAW int *text; STM_RAW int *parts[2]; struct code *next; };
struct plain { long n; STM_RAW int *p; };
static int stays STM_RAW, stay[4] STM_RAW;
static STM_RAW int *kept, *many[2];
static STM_THREAD_LOCAL STM_RAW int *own;

static __attribute__((noinline)) int *any(int raw) { return raw ? &stays : (int *)malloc(8); }
static __attribute__((noinline)) int take(STM_RAW int *p) { return p ? *p : 0; }
static __attribute__((noinline)) void put(void *at, int *p) { *(int **)at = p; }

int main(void)
{
    struct code *c = STM_NEW(struct code);
    int local = 1;
    kept = any(CASE != 1);
    c->text = any(CASE != 2);
    c->parts[1] = any(CASE != 3);
    STM_RAW int *here = any(CASE != 4), *list[] = {NULL, any(CASE != 5)};
    struct plain in = {1, any(CASE != 6)};
    own = any(CASE != 7);
    many[1] = any(CASE != 8);
    local += take(any(CASE != 9)) + take(0) + take(&local) + take(stay + 1);
    put(&c->text, any(CASE != 10));
    put(&in.p, any(CASE != 11));
    put(&many[0], any(CASE != 12));
    STM_SAFEPOINT();
    local += *c->text + c->parts[1][0];
    local += *kept + *here + *own;
    local += *in.p + *list[1];
    local += *many[0] + *many[1] + any(1)[0];
    here = here + 1, --here, kept = kept ? kept : NULL;
    return local != 2;
}
