/* compilers: clang-19 */
/* Built-in functions that gcc does not have: carries, non-temporal accesses, and one without a line in the
 * table of externals that gets a pointer, which counts as an unknown function. */
#include <stdio.h>
#include <ungil.h>

#ifndef __clang__
static unsigned long carry(unsigned long a, unsigned long b, unsigned long *out)
{
    return *out = a + b < a, a + b;
}
#define __builtin_addcl(a, b, in, out) carry(a, (b) + (in), out)
#define __builtin_nontemporal_load(p) (*(p))
#define __builtin_nontemporal_store(v, p) (*(p) = (v))
#define __builtin_ia32_clflush(p) ((void)(p))
#endif

struct STM_OBJECT node {
    struct node *next;
    unsigned long items[40], out;
    int a, b;
};
static unsigned long out;

static __attribute__((noinline)) struct node *pass(struct node *n)
{
    STM_SAFEPOINT();
    n->a++;
    return n;
}

static __attribute__((noinline)) unsigned long through(unsigned long *to, unsigned long v)
{
    return __builtin_addcl(v, 1, 0, to);
}

int main(void)
{
    struct node *n = STM_NEW(struct node);
    unsigned long local;
    STM_SAFEPOINT();
    n->items[3] = __builtin_addcl(~0ul, 1, 0, &n->items[n->a + 2]);
    STM_SAFEPOINT();
    n->items[4] = __builtin_addcl(pass(n)->items[2], 5, 1, &pass(n)->out);
    STM_SAFEPOINT();
    n->items[5] = through(&n->items[6], ~0ul) + through(&out, ~0ul) + through(&local, 1) + local;
    STM_SAFEPOINT();
    __builtin_nontemporal_store(__builtin_nontemporal_load(&n->a) + 40, &n->b);
    STM_SAFEPOINT();
    __builtin_ia32_clflush(n->items);
    STM_SAFEPOINT();
    printf("%lu %lu %lu %lu %lu %lu %lu %d %d\n", n->items[2], n->items[3], n->items[4], n->out, n->items[5],
           n->items[6], out, n->a, n->b);
    return 0;
}
