/* Elements of vectors are part of the vector: what writes one writes the vector, wherever that is; halves of
 * complex numbers likewise. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "lock.h"

typedef int v4 __attribute__((vector_size(16)));
typedef double d2 __attribute__((vector_size(16)));
typedef long v16 __attribute__((vector_size(128)));
struct STM_OBJECT node {
    int a;
    v4 v;
    v4 many[3];
    d2 d;
    v16 wide;
    _Complex double z;
};
static struct node *root;
static v4 everywhere, quiet = {1, 2, 3, 4};

#define NOINLINE static __attribute__((noinline))

NOINLINE int inc(int x)
{
    STM_SAFEPOINT();
    root->a++;
    return x + 1;
}
NOINLINE int only_write(struct node *n, int i)
{
    n->v[i] = 5;
    STM_SAFEPOINT();
    n->many[i][2] = 7;
    STM_SAFEPOINT();
    everywhere[i] = 9;
    STM_SAFEPOINT();
    return quiet[i];
}
NOINLINE void through(v4 *p, int i)
{
    (*p)[i]++;
    STM_SAFEPOINT();
    p[1][i] -= 2;
    STM_SAFEPOINT();
    (p[1])[1] |= inc(i);
}
NOINLINE void assign(struct node *n)
{
    n->v = (v4){1, 2, 3, 4};
    n->v[2] = inc(n->v[0] + 4);
    n->v[inc(0)] += inc(11);
    v4 l = {1, 1, 1, 1};
    l[n->a & 1] = inc(n->a);
    l[2] = l[3] = inc(6);
    printf("%d %d %d %d %d %d\n", n->v[2], n->v[1], l[0], l[1], l[2], l[3]);
    STM_SAFEPOINT();
    n->d[1] = n->d[0] + inc(3);
    STM_SAFEPOINT();
    n->wide[inc(8)] = inc(9);
    n->wide[15] += n->wide[9];
    STM_SAFEPOINT();
    v4 sum = n->v + (v4){inc(0), 0, 0, inc(1)};
    printf("%g %ld %ld %d %d\n", n->d[1], n->wide[9], n->wide[15], sum[0], sum[3]);
}

/* gcc unrolls the loops. */
NOINLINE unsigned all(struct node *n)
{
    unsigned s = 0;
    for (int i = 0; i < 4; i++)
        n->v[i] += 2;
    for (int i = 0; i < 4; i++)
        s = s * 31 + (unsigned)(n->v[i] + n->many[1][i]) + (unsigned)everywhere[i];
    return s;
}

NOINLINE void complex(struct node *n)
{
    n->z = 1 + 2i;
    STM_SAFEPOINT();
    n->z = n->z + inc(0);
    STM_SAFEPOINT();
    __imag__ n->z = inc(4);
    STM_SAFEPOINT();
    __real__ n->z += __imag__ n->z * inc(0);
    STM_SAFEPOINT();
    ++n->z;
    _Complex double less = - --n->z;
    n->z -= less;
    printf("%g %g\n", __real__ n->z, __imag__ n->z);
}

/* A barrier for the one half is none for the other. */
static _Complex long double halves;
NOINLINE void both_halves(_Complex long double *z, long by)
{
    long double *re = &__real__ * z, *im = &(__imag__ * z);
    *re += by;
    *im -= by;
}

static void *count(void *arg)
{
    (void)arg;
    for (int i = 0; i < 4000; i++) {
        ENTER();
        both_halves(&halves, i % 5);
        long double *part = &__real__ halves;
        *part += i % 3;
        part = &__imag__ halves;
        *part -= i % 3;
        everywhere[3]++;
        root->many[2][i & 1] += 1;
        LEAVE();
    }
    return NULL;
}

/* Built-in functions of values. */
typedef float f4 __attribute__((vector_size(16)));
static void values(struct node *n)
{
    n->v = (v4){1, 2, 3, 4};
    STM_SAFEPOINT();
    v4 b = __builtin_shufflevector(n->v, n->v, 3, 2, 1, 0);
    STM_SAFEPOINT();
    f4 f = __builtin_convertvector(n->v, f4);
    n->v = __builtin_shufflevector(b, n->v, 0, 1, 4, 5);
    printf("%d %g %d %d\n", b[0], (double)f[1], n->v[0], n->v[2]);
}

/* An index that is itself in an object, a bit-field, too. */
struct STM_OBJECT indexed {
    v4 v, many[4];
    unsigned at : 2, step : 3;
    long numbers[3];
};
static struct {
    v4 v;
    unsigned at : 2;
} variable;
static int indices(struct indexed *m)
{
    STM_SAFEPOINT();
    m->v[m->at] = (int)m->step;
    m->many[m->at][m->step & 3] += (int)m->at;
    m->v[m->at]++;
    STM_SAFEPOINT();
    m->numbers[m->at] = m->v[m->numbers[m->step - 1] & 3];
    variable.at = m->at;
    variable.v[variable.at] += 3;
    STM_SAFEPOINT();
    return m->v[m->at + 0] + m->many[m->at][m->at] * m->many[m->step - 1][m->at + m->step] + m->v[(m->at)] +
           ((v4){1, 2, 3, 4})[m->at] + variable.v[variable.at];
}

int main(void)
{
    pthread_t t[2];
    struct indexed *m = STM_NEW(struct indexed);
    *m = (struct indexed){{1, 2, 7, 4}, {{5, 6, 7, 8}, {9, 1, 2, 3}, {4, 5, 6, 7}}, 2, 1, {3, 4, 5}};
    int sum = indices(m);
    printf("%d %ld\n", sum, m->numbers[2]);
    root = STM_NEW(struct node);
    values(root);
    assign(root);
    complex(root);
    int q = only_write(root, 1);
    STM_SAFEPOINT();
    through(root->many, 1);
    v4 *heap = calloc(2, sizeof *heap), local[2] = {{0, 1, 2, 3}, {4, 5, 6, 7}};
    through(heap, 2);
    through(local, 3);
    STM_SAFEPOINT();
    printf("%d %d %d %d %d %d\n", q, root->v[1], root->many[1][2], everywhere[1], root->many[0][1],
           root->many[1][1]);
    printf("%d %d %d %d %d\n", heap[0][2], heap[1][2], heap[1][1], local[0][3], local[1][3]);
    STM_SAFEPOINT();
    printf("%u\n", all(root));
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, count, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    printf("%d %d\n", everywhere[3], root->many[2][0] + root->many[2][1]);
    printf("%Lg %Lg\n", __real__ halves, __imag__ halves);
    free(heap);
    return 0;
}
