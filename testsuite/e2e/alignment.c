/* Static variables are aligned as their types say, by a typedef, a struct, a member or a vector; and as they
 * say themselves. */
#include <stdint.h>
#include <stdio.h>
#include "ungil.h"

typedef int line __attribute__((aligned(64)));
typedef struct {
    int q;
} __attribute__((aligned(128))) wide;
struct member {
    char c;
    _Alignas(32) int a;
};
typedef float v8 __attribute__((vector_size(32)));
struct STM_OBJECT node {
    struct node *next;
    long x;
};

static char pad1 = 1;
static line one;
char pad2 = 1;
wide two, three[2];
static char pad3 = 1;
static struct member four, five[3];
static char pad4 = 1;
static v8 six;
static char pad5 = 1;
static _Alignas(256) long seven;
static char pad6 = 1;
static struct node *eight, *nine __attribute__((aligned(64)));
static const wide ten = {3};
static wide eleven[2] = {{1}}, *twelve = eleven;

__attribute__((noinline)) static int behind(const volatile void *p, unsigned n)
{
    volatile uintptr_t at = (uintptr_t)p;
    return (int)(at % n);
}

int main(void)
{
    static line inner;
    static char pad7 = 1;
    static wide inner2;
    one++, two.q++, three[1].q++, four.a++, five[2].a++, six[1] += 2, seven++, inner++, inner2.q++, pad7++;
    pad1++, pad2++, pad3++, pad4++, pad5++, pad6++;
    eight = nine = STM_NEW(struct node);
    STM_SAFEPOINT();
    printf("%d %d %d %d %d %d\n", behind(&one, 64), behind(&two, 128), behind(&three[1], 128),
           behind(&four, 32), behind(&five[1], 32), behind(&six, 32));
    printf("%d %d %d %d %d %d\n", behind(&seven, 256), behind(&nine, 64), behind(&ten, 128),
           behind(&eleven[1], 128), behind(&inner, 64), behind(&inner2, 128));
    printf("%d %g %d %d\n", one + two.q + three[1].q + four.a + five[2].a + inner + ten.q, six[1], twelve->q,
           eight == nine);
    return 0;
}
