/* flags: -pthread */
/* Places that their types do not align: packed structs in arrays, inside others, behind pointers and
 * typedefs, of 2 to 16 bytes.  Another thread, which has its own view, sees all that was written. */
#include <complex.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "ungil.h"
#include "lock.h"

struct __attribute__((packed)) part {
    char c;
    long v;
    short s;
    int i;
    long double d;
    char bytes[3];
};
struct aligned_outside {
    int n;
    struct part inner;
};
typedef long unaligned_long __attribute__((aligned(1)));
static struct __attribute__((packed)) {
    long v;
    char c;
} pairs[64];
static struct part parts[40];
static struct aligned_outside outside[8];
static char raw[200];
static double _Complex z[8];
static struct __attribute__((packed)) {
    char c;
    double _Complex z;
} zs[9];
/* What compilers move 16 bytes at a time, if it is aligned so. */
typedef int v4 __attribute__((vector_size(16)));
struct aligned {
    double a, b;
} __attribute__((aligned(16)));
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wpacked-not-aligned"
#endif
struct __attribute__((packed)) wide {
    char c;
    v4 x, many[2];
    __float128 f;
    __int128 i;
    struct aligned s;
};
struct STM_OBJECT holder {
    long n;
    struct wide w;
};
static struct wide wides[2];
static __attribute__((noinline)) int set_wide(struct wide *p, v4 a, int k)
{
    p->x = a;
    p->x += p->x;
    p->many[k] = p->x;
    p->many[k][1]++;
    p->f = p->many[k][1];
    p->f += 1;
    p->i = (__int128)p->f << 70;
    p->s = (struct aligned){1, p->x[2]};
    return (int)p->s.b;
}
static __attribute__((noinline)) int set_holder(struct holder *h, v4 a, int k)
{
    h->w.x = a;
    h->w.many[k] = h->w.x + 1;
    h->w.s = wides[k].s;
    return h->w.many[k][3] + (int)h->w.s.a;
}
static void show_wide(void)
{
    struct holder *h = STM_NEW(struct holder);
    int n = set_wide(wides + 1, (v4){1, 2, 3, 4}, 1);
    STM_SAFEPOINT();
    n = n * 100 + set_wide(&h->w, (v4){5, 6, 7, 8}, 0);
    STM_SAFEPOINT();
    n = n * 100 + set_holder(h, (v4){-1, -2, -3, -4}, 1);
    STM_SAFEPOINT();
    printf("%d %d %ld\n", n, (int)wides[1].f, (long)(h->w.i >> 70));
}

static int stop, ready;

static unsigned long sum(const void *p, size_t n)
{
    unsigned long s = 0;
    for (size_t i = 0; i < n; i++)
        s = s * 31 + ((const unsigned char *)p)[i];
    return s;
}
static unsigned long sum_all(void)
{
    unsigned long s = 0;
    for (int i = 0; i < 40; i++) {
        struct part *p = &parts[i];
        s = s * 3 + (unsigned long)p->v + (unsigned)p->i + (unsigned char)p->bytes[2];
        s = s * 3 + (unsigned char)p->c + (unsigned short)p->s + (unsigned long)p->d;
    }
    for (int i = 0; i < 8; i++) {
        s = s * 3 + (unsigned long)outside[i].inner.v + (unsigned)outside[i].inner.i;
        s = s * 3 + (unsigned long)creal(z[i]) + (unsigned long)cimag(zs[i].z);
    }
    for (int i = 0; i < 64; i++)
        s = s * 3 + (unsigned long)pairs[i].v;
    return s + sum(raw, sizeof raw);
}

static __attribute__((noinline)) void put(int i, long v)
{
    parts[i].v = v;
    parts[i].i = (int)v + 1;
    parts[i].s += (short)v;
    parts[i].d = (long double)v;
    parts[i].bytes[2]++;
    parts[i].c = (char)i;
}
static __attribute__((noinline)) void put_behind(struct aligned_outside *o, long v)
{
    o->inner.v += v;
    o->inner.i ^= (int)v;
}
static __attribute__((noinline)) void put_unaligned(int at, long v)
{
    *(unaligned_long *)(raw + at) = v;
}

static __attribute__((noinline)) void put_pair(int i, long v)
{
    pairs[i].v = v;
}

static void *reader(void *arg)
{
    int done;
    do {
        ENTER();
        ready = 1;
        done = stop;
        if (done)
            *(unsigned long *)arg = sum_all();
        LEAVE();
    } while (!done);
    return arg;
}

int main(void)
{
    pthread_t id;
    static unsigned long seen;
    if (pthread_create(&id, NULL, reader, &seen))
        return 2;
    for (int begun = 0; !begun;) {
        ENTER();
        begun = ready;
        LEAVE();
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 40; i++) {
            ENTER();
            put(i, 0x0101010101010101 * (i + round));
            LEAVE();
        }
        for (int i = 0; i < 63; i += 16) { /* nothing else writes where the second ends */
            ENTER();
            put_pair(i, 0x0707070707070707);
            put_pair(i + 1, 0x0808080808080808);
            LEAVE();
        }
        for (int i = 0; i < 8; i++) {
            ENTER();
            put_behind(&outside[i], 0x1111111111111 * i);
            z[i] = i + 2 * i * I;
            zs[i].z = z[i] * 3;
            LEAVE();
        }
        for (int at = 3; at + 15 < 200; at += 18) {
            ENTER();
            put_unaligned(at - 2, at * 0x1234567890123);
            put_unaligned(at + 7, at);
            LEAVE();
        }
    }
    ENTER();
    stop = 1;
    LEAVE();
    pthread_join(id, NULL);
    printf("%d\n", seen == sum_all());
    printf("%lu\n", seen);
    show_wide();
    return 0;
}
