/* flags: -pthread */
/* Loops over arrays, whose barriers become one for a range: every kind of bound, step, index type and
 * wrap-around; then two threads that change all elements of the same arrays. */
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include "ungil.h"
#include "lock.h"

enum { N = 5000 };
struct STM_OBJECT vector {
    int n;
    int items[N];
};
struct STM_OBJECT bytes {
    int before;
    unsigned char items[300];
    int n;
};
struct STM_OBJECT small {
    short a[12], b[12];
};
struct pair {
    long key;
    double weight;
    char tag[9];
};
struct STM_OBJECT table {
    unsigned n;
    struct pair pairs[400];
};
struct STM_OBJECT matrix {
    int w;
    double cell[40][40];
};
static int sieve[1000], counted;
static unsigned limit = 17;
static struct vector *v, *w;

#define OLD STM_SAFEPOINT() /* what has been written so far is another transaction's */
#define NOINLINE __attribute__((noinline))

static NOINLINE void fill(struct vector *a, int lo, int hi, int x)
{
    OLD;
    for (int i = lo; i < hi; i++)
        a->items[i] = x + i;
}
static NOINLINE void fill_all(struct vector *a, int x)
{
    OLD;
    for (int i = 0; i < a->n; i++)
        a->items[i] = x;
}
static NOINLINE void fill_up_to(struct vector *a, int hi)
{
    OLD;
    for (int i = hi; i >= 0; --i)
        a->items[i] = -i;
}
static NOINLINE void fill_down(struct vector *a, unsigned n)
{
    OLD;
    unsigned i;
    for (i = n; i > 0; i -= 1)
        a->items[i - 1] += (int)i;
}
static NOINLINE void third(struct vector *a, int n)
{
    OLD;
    int i;
    for (i = 1; i <= n; i += 3)
        a->items[i] = 3 * a->items[i - 1];
}
static NOINLINE void while_down(struct vector *a, unsigned n)
{
    OLD;
    while (n--)
        a->items[n] ^= 5;
    for (n = 9; n-- > 0;)
        a->items[n]++;
}

static NOINLINE void fill_until(struct vector *a, int x)
{
    OLD;
    for (int i = 0; i < a->n; i++) {
        if (a->items[i] == x)
            break;
        a->items[i] = 7;
    }
}

static NOINLINE int find(struct vector *a, int x)
{
    OLD;
    for (int i = 0; i < a->n; i++)
        if (a->items[i] == x)
            return i;
    return -1;
}

/* The bound changes in the loop. */
static NOINLINE void bound_aliased(struct vector *a, int *p)
{
    OLD;
    for (int i = 0; i < a->n; i++)
        p[i] = i < 3 ? a->n + 5 : a->n - 3;
}
static NOINLINE void bound_in_array(int *p)
{
    OLD;
    for (int i = 0; i < p[0]; i++)
        p[i] = p[1] + 10;
}
static NOINLINE void bound_assigned(struct vector *a, int n)
{
    OLD;
    for (int i = 0; i < n; i++) {
        a->items[i] = i;
        if (i == 5)
            n = 2000;
    }
}
static NOINLINE void bound_elsewhere(struct bytes *b, struct vector *a)
{
    OLD;
    for (int i = 0; i < b->n; i++) {
        a->items[i] = 1;
        b->n = i < 5 ? 60 : b->n;
    }
}
static NOINLINE void bound_global(void)
{
    OLD;
    for (unsigned i = 0; i < limit; i++)
        sieve[i * 3] += (int)limit;
}
static NOINLINE void base_assigned(struct vector *a, struct vector *b)
{
    OLD;
    for (int i = 0; i < 4000; i++) {
        a->items[i] = i;
        a = i == 100 ? b : a;
    }
}

/* Conversions and wrapping around. */
static NOINLINE void char_index(struct bytes *b)
{
    OLD;
    for (unsigned char i = 250; i != 5; i++)
        b->items[i] = i;
}
static NOINLINE void char_sum(struct bytes *b, int n)
{
    OLD;
    for (int i = 0; i < n; i++)
        b->items[(unsigned char)(i + 250)] += 3;
}
static NOINLINE void char_bound(struct bytes *b, unsigned char n)
{
    OLD;
    for (unsigned char i = 3; i < n; i++)
        b->items[i] = (unsigned char)(i * 2);
}
static NOINLINE void signed_char(struct bytes *b, signed char n)
{
    OLD;
    for (signed char i = -5; i <= n; i++)
        b->items[i + 5] = 9;
}
static NOINLINE void mixed(struct vector *a, unsigned n)
{
    OLD;
    for (int i = -3; i < (int)n; i++)
        a->items[i + 3] = i;
    for (int i = -1; (unsigned)i < n; i++)
        a->items[4000] = 1;
}
static NOINLINE void mixed_compare(struct vector *a, unsigned n, int lo)
{
    OLD;
    for (int i = lo; i - 0u < n; i++)
        a->items[i] = 1;
    for (int i = lo; i < n + 0L; i++)
        a->items[i & 1023] = 2;
}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
static NOINLINE void never(struct vector *a, unsigned n, int lo)
{
    OLD;
    for (int i = lo; i < n; i++)
        a->items[i] = 1234;
}
static NOINLINE void up_to_huge(struct vector *a, int lo, unsigned n)
{
    OLD;
    for (int i = lo; i > n; i++)
        a->items[i + 100] = i;
} /* from -100 on, while it is huge */
#pragma GCC diagnostic pop
static NOINLINE void unsigned_wrap(struct vector *a, unsigned k, unsigned n)
{
    OLD;
    for (unsigned i = 3; i < n; i++)
        a->items[i + k] = (int)i;
}
static NOINLINE void size_wrap(struct vector *a, size_t k)
{
    OLD;
    for (size_t i = k; i != 5; i++)
        a->items[i + 4] = 11;
}
static NOINLINE void near_max(struct vector *a, size_t hi)
{
    OLD;
    for (size_t i = hi - 30; i < hi; i++)
        a->items[i - (hi - 30)] = 12;
    for (size_t i = hi - 1; i >= hi - 20; i -= 3)
        a->items[hi - i] -= 13;
}
static NOINLINE void long_max(struct vector *a, long hi)
{
    OLD;
    for (long i = hi - 25; i < hi; i += 2)
        a->items[hi - i] = 14;
}
static NOINLINE void reverse(struct vector *a, struct vector *b, int n)
{
    OLD;
    for (int i = 0; i < n; i++)
        b->items[n - 1 - i] = a->items[i];
}

/* Other places. */
static NOINLINE void two_arrays(struct small *s)
{
    OLD;
    for (int i = 0; i < 12; i++) {
        s->a[i] = (short)i;
        s->b[11 - i] = (short)(s->a[i] * 2);
    }
}
static NOINLINE void records(struct table *t, struct table *u)
{
    OLD;
    for (unsigned i = 0; i < t->n; i++) {
        u->pairs[i] = t->pairs[i];
        t->pairs[i].key = (long)i;
        t->pairs[i].tag[3] = 'x';
    }
}
static NOINLINE void columns(struct matrix *m, int j)
{
    OLD;
    for (int i = 0; i < 40; i++)
        m->cell[i][j] = i;
}
static NOINLINE void any(int *p, int n)
{
    OLD;
    for (int i = 0; i < n; i++)
        p[i] += 2;
    for (int i = n - 1; i >= 0; i--)
        p[i] ^= 1;
}
static NOINLINE void one_place(struct vector *a, const struct vector *b, int k, int n)
{
    OLD;
    a->items[k] = 0;
    OLD;
    for (int i = 0; i < n; i++)
        a->items[k] += b->items[i];
}

static NOINLINE void product(struct matrix *c, const struct matrix *a, const struct matrix *b, int n)
{
    OLD;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            c->cell[i][j] = 0;
            for (int k = 0; k < n; k++)
                c->cell[i][j] += a->cell[i][k] * b->cell[k][j];
        }
}

static NOINLINE void prefix_sums(struct vector *a, int n)
{
    OLD;
    for (int i = 1; i < n; i++)
        a->items[i] += a->items[i - 1];
}

static NOINLINE int primes(int n)
{
    int found = 0;
    OLD;
    for (int i = 2; i < n; i++)
        sieve[i] = 1;
    for (int i = 2; i < n; i++) {
        found += sieve[i];
        for (int k = i; sieve[i] && k < (n - 1) / i; k++)
            sieve[(k + 1) * i] = 0;
        OLD;
        int more = sieve[i];
        for (int k = 2 * i; more && i < 3 && k < n; k += i)
            sieve[k] = 0;
        for (int k = 2 * i; k < n; k += 2) /* wrong, but not for 2 */
            sieve[k] = i == 2 ? 0 : sieve[k];
    }
    return found;
}

static NOINLINE void sort(struct vector *a, int lo, int hi)
{
    if (hi - lo < 8) {
        for (int i = lo + 1; i < hi; i++) {
            int x = a->items[i], k = i;
            for (; k > lo && a->items[k - 1] > x; k--)
                a->items[k] = a->items[k - 1];
            a->items[k] = x;
        }
        return;
    }
    OLD;
    int pivot = a->items[lo + (hi - lo) / 2], i = lo, k = hi - 1;
    while (i <= k) {
        while (a->items[i] < pivot)
            i++;
        while (a->items[k] > pivot)
            k--;
        if (i <= k) {
            int x = a->items[i];
            a->items[i++] = a->items[k];
            a->items[k--] = x;
        }
    }
    sort(a, lo, k + 1);
    sort(a, i, hi);
}

static NOINLINE unsigned hash(const void *p, size_t n)
{
    const unsigned char *s = p;
    unsigned h = 1;
    OLD;
    for (size_t i = 0; i < n; i++)
        h = h * 31 + s[i];
    return h;
}

static void show(const char *what, const void *p, size_t n)
{
    printf("%s %08x\n", what, hash(p, n));
}
#define SHOW(call, p) call, show(#call, p, sizeof *(p))

/* ---- two threads */

static NOINLINE void raise(struct vector *a, int by)
{
    for (int i = 0; i < N; i++)
        a->items[i] += by;
}
static NOINLINE void copy(struct vector *to, const struct vector *from, int n)
{
    for (int i = n - 1; i >= 0; i--)
        to->items[i] = from->items[i];
}
static NOINLINE void raise_small(struct small *s)
{
    for (int i = 0; i < 12; i++) {
        s->a[i]++;
        s->b[i]--;
    }
}

static struct small *shared;
static void *worker(void *arg)
{
    int by = *(int *)arg;
    for (int i = 0; i < 60; i++) {
        ENTER();
        raise(v, by);
        copy(w, v, N);
        raise_small(shared);
        LEAVE();
        ENTER();
        for (int k = 0; k < 500; k++)
            sieve[k]++;
        counted++;
        LEAVE();
    }
    return NULL;
}

static void threads(void)
{
    static int by[2] = {1, 3};
    pthread_t t[2];
    fill_all(v, 0);
    for (int i = 0; i < 1000; i++)
        sieve[i] = 0;
    for (int i = 0; i < 2; i++)
        if (pthread_create(&t[i], NULL, worker, &by[i]))
            return;
    for (int i = 0; i < 2; i++)
        STM_BLOCKING
        {
            pthread_join(t[i], NULL);
        }
    int wrong = 0;
    for (int i = 0; i < N; i++)
        wrong += (v->items[i] != 240) + (w->items[i] != 240);
    for (int i = 0; i < 500; i++)
        wrong += sieve[i] != 120;
    for (int i = 0; i < 12; i++)
        wrong += shared->a[i] - shared->b[i] != 240;
    printf("%d wrong of %d\n", wrong, counted);
}

int main(void)
{
    struct bytes *b = STM_NEW(struct bytes);
    struct small *s = STM_NEW(struct small);
    struct table *t = STM_NEW(struct table), *u = STM_NEW(struct table);
    struct matrix *m = STM_NEW(struct matrix), *k = STM_NEW(struct matrix);
    v = STM_NEW(struct vector);
    w = STM_NEW(struct vector);
    v->n = w->n = N;
    t->n = 400;
    SHOW(fill(v, 0, N, 5), v);
    SHOW(fill(v, 300, 4000, -5), v);
    SHOW(fill(v, 10, 10, 1), v);
    SHOW(fill(v, 10, 4, 1), v);
    SHOW(fill(v, 1 << 30, INT_MIN, 1), v);
    SHOW(fill_up_to(v, 3000), v);
    SHOW(fill_up_to(v, -1), v);
    SHOW(fill_down(v, N), v);
    SHOW(fill_down(v, 0), v);
    SHOW(third(v, N - 1), v);
    SHOW(while_down(v, 2000), v);
    SHOW(fill_until(v, v->items[700]), v);
    printf("%d %d\n", find(v, v->items[4500]), find(v, 123456));
    v->n = 50;
    SHOW(bound_aliased(v, v->items), v);
    v->n = 40;
    SHOW(bound_aliased(v, &v->n), v);
    v->items[0] = 3, v->items[1] = 4;
    SHOW(bound_in_array(v->items), v);
    SHOW(bound_assigned(v, 9), v);
    b->n = 7;
    SHOW(bound_elsewhere(b, v), v);
    SHOW(bound_global(), &sieve);
    SHOW(base_assigned(v, w), w);
    v->n = N;
    SHOW(char_index(b), b);
    SHOW(char_sum(b, 20), b);
    SHOW(char_bound(b, 255), b);
    SHOW(char_bound(b, 2), b);
    SHOW(signed_char(b, 100), b);
    SHOW(mixed(v, 2000), v);
    SHOW(mixed_compare(v, 1000, 10), v);
    SHOW(never(v, 100, -5), v);
    SHOW(up_to_huge(v, -100, 5000), v);
    SHOW(unsigned_wrap(v, -3u, 1000), v);
    SHOW(unsigned_wrap(v, 7, 3000), v);
    SHOW(size_wrap(v, SIZE_MAX - 3), v);
    SHOW(near_max(v, SIZE_MAX), v);
    SHOW(near_max(v, SIZE_MAX - 5), v);
    SHOW(long_max(v, LONG_MAX - 2), v);
    SHOW(reverse(v, w, N), w);
    SHOW(two_arrays(s), s);
    SHOW(records(t, u), t);
    SHOW(records(t, u), u);
    SHOW(columns(m, 3), m);
    for (int i = 0; i < 40; i++)
        columns(k, i);
    SHOW(product(m, k, k, 40), m);
    SHOW(any(v->items + 20, 4000), v);
    int local[50] = {1, 2, 3};
    SHOW(any(local, 50), &local);
    SHOW(one_place(v, w, 77, 3000), v);
    SHOW(one_place(v, v, 77, 100), v);
    for (int i = 0; i < N; i++)
        w->items[i] = v->items[i] = i * 7919 % 10007;
    SHOW(prefix_sums(v, N), v);
    SHOW(sort(w, 0, N), w);
    printf("%d\n", primes(900));
    shared = s;
    for (int i = 0; i < 12; i++)
        s->a[i] = s->b[i] = 0;
    threads();
    return 0;
}
