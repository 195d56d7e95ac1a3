/* Elements of vectors, parts of complex numbers, members of what is no place: assigned beside calls that end
 * the transaction. */
#include <stdio.h>
#include "ungil.h"

typedef int v4 __attribute__((vector_size(16)));
typedef double d2 __attribute__((vector_size(16)));
struct in {
    int k;
    v4 v;
};
struct STM_OBJECT node {
    v4 v, many[3];
    struct in in[2];
    _Complex double c;
    d2 d;
    int a;
    unsigned bits : 5;
};
struct arrays {
    int a[4];
    v4 v;
};

static struct node *root;
static v4 global, table[2], never = {9, 8, 7, 6};
static v4 *all;

static int inc(int x)
{
    root->a++;
    STM_SAFEPOINT();
    return x + 1;
}
static v4 *at(v4 *p)
{
    STM_SAFEPOINT();
    return p;
}
static v4 make(int x)
{
    v4 v = {x, inc(x), 3, 4};
    return v;
}
static struct arrays arrays(int x)
{
    struct arrays a = {{x, 1, 2, 3}, {x, 5, 6, inc(7)}};
    return a;
}
static void show(const char *name, v4 v)
{
    printf("%s: %d %d %d %d\n", name, v[0], v[1], v[2], v[3]);
}

static void fields(struct node *n)
{
    n->v[2] = 5;
    STM_SAFEPOINT();
    n->v[0] = n->v[2] + 1;
    n->v[2] += inc(n->v[0] + 4);
    n->v[inc(0)] = inc(11);
    n->v[inc(2)]++;
    --n->v[n->a & 1];
    n->many[inc(0)][inc(1)] = inc(3); /* gcc evaluates the first index of a compound assignment twice */
    (n->many[2])[1] = n->many[1][inc(1)] + inc(1);
    n->in[inc(0)].v[3] = n->in[1].k = inc(20);
    n->d[inc(0)] = n->d[0] + inc(2);
    n->bits = inc(n->bits + 3);
    show("v", n->v);
    show("many", n->many[inc(0)]);
    show("many", n->many[2]);
    show("in", n->in[1].v);
    printf("%g %g %d %d\n", n->d[0], n->d[1], n->a, n->bits);
}

static void complex_parts(struct node *n)
{
    __real__ n->c = inc(2);
    __imag__ n->c = __real__ n->c + inc(3);
    __real__ n->c += inc(1);
    (__imag__ n->c)++;
    printf("%g %g\n", __real__ n->c, __imag__ n->c);
}

static void others(int i)
{
    v4 local = {1, 1, 1, 1}, *p = &local;
    local[i & 3] = inc(5);
    local[inc(1)] *= inc(2);
    (*p)[inc(2)] = inc(6);
    at(p)[0][inc(0)]++;
    show("local", local);
    global[1] = 3;
    global[inc(1)] = inc(7) + never[inc(0)];
    table[inc(0)][inc(0)] = inc(8);
    all = &table[0];
    all[inc(-1)][3] = inc(9);
    (*all)[inc(1)] = inc(2);
    STM_SAFEPOINT();
    show("global", global);
    show("table", table[0]);
    show("table", table[1]);
    int a = arrays(inc(3)).a[inc(0)], b = make(4)[inc(0)], c = arrays(2).v[inc(2)];
    printf("%d %d %d %d\n", a, b, c, ((v4){1, 2, 3, 4})[inc(1)]);
}

int main(void)
{
    struct node *n = root = STM_NEW(struct node);
    fields(n);
    STM_SAFEPOINT();
    complex_parts(n);
    others(6);
    fields(n);
    return 0;
}
