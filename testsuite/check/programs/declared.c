/* STM_IMMUTABLE beside what is written: in arrays of structs in arrays, beside bit-fields, in a struct of the
 * same name in another file (SECOND).  Case 0 writes beside it only, the others once to it, at a computed
 * place. */
#include <stdio.h>
#include <stdlib.h>

#include "ungil.h"

#ifdef SECOND
struct STM_OBJECT node { int kind, count; long id; };
static struct node *mine;

void second(void)
{
    mine = STM_NEW(struct node);
    STM_SAFEPOINT();
    mine->id = 4;
    STM_SAFEPOINT();
    printf("%ld\n", mine->id);
}
#else
struct STM_OBJECT node { long value; STM_IMMUTABLE long id; };
struct point { STM_IMMUTABLE long id; long z; };
struct sub { long a, c[3]; struct point at[4]; };
struct bits {
    STM_IMMUTABLE unsigned kind : 8;
    unsigned mark : 8;
    STM_IMMUTABLE char k;
    char l;
    unsigned m : 3, n : 13;
};
struct STM_OBJECT big { long x; struct sub f[3]; struct bits b; };
static struct node *node;
static struct big *big;
static struct bits *raw_bits;
static struct sub *raw;
static struct big fixed;

void second(void);

static __attribute__((noinline)) void set(void *p, long at) { *((char *)p + at) = 2; }

static void write_beside(struct sub *s, struct bits *b)
{
    for (int i = 0; i < 3; i++) {
        s[i].a = 4;
        for (int k = 0; k < 4; k++)
            s[i].at[k].z = 5;
        for (int k = 0; k < 3; k++)
            s[i].c[k] = 6;
    }
    b->mark++;
    b->l = 7;
    b->m = b->n = 2;
}

static long read_all(const struct sub *s, const struct bits *b)
{
    long sum = b->kind + b->k;
    for (int i = 0; i < 12; i++)
        sum += s[i / 4].at[i % 4].id;
    return sum;
}

int main(int argc, char **argv)
{
    struct node *n = STM_NEW(struct node);
    (void)argv;
    n->id = argc;
    node = n;
    big = STM_NEW(struct big);
    raw_bits = calloc(1, sizeof *raw_bits);
    raw = calloc(3, sizeof *raw);
    STM_SAFEPOINT();
    write_beside(big->f, &big->b);
    write_beside(fixed.f, &fixed.b);
    write_beside(raw, raw_bits);
    node->value = node->id;
    STM_SAFEPOINT();
    long sum = read_all(big->f, &big->b) + read_all(raw, raw_bits) + read_all(fixed.f, &fixed.b);
    STM_SAFEPOINT();
    switch (CASE) {
    case 0: write_beside(big->f, &big->b), write_beside(raw, raw_bits), second(); break;
    case 1: set(big, 8 + 96 + 32 + 2 * 16); break; /* f[1].at[2].id */
    case 2: set(big, 8 + 3 * 96 + 2); break;       /* b.k */
    case 3: set(raw, 2 * 96 + 32 + 16); break;     /* raw[2].at[1].id */
    case 4: set(raw_bits, 0); break;
    case 5: set(&fixed, 8 + 2 * 96 + 32); break;
    case 6: set(node, 8); break;
    }
    STM_SAFEPOINT();
    printf("%ld %d %ld\n", sum, raw_bits->mark, node->value);
    return 0;
}
#endif
