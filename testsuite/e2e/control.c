/* Control flow around accesses: every loop, switch with fall through, goto, computed goto, ?: and ?:, comma,
 * short circuits, statement expressions, compound assignment, ++ and --, bit-fields, unions, flexible
 * arrays. */
#include <stdio.h>
#include <stdlib.h>
#include "ungil.h"

struct STM_OBJECT vec {
    unsigned n : 12, flag : 1;
    union {
        long l;
        char bytes[8];
    };
    int items[];
};

static int calls;
static int touch(struct vec *v, int i)
{
    calls++;
    STM_SAFEPOINT();
    return v->items[i] += i;
}

static int run(struct vec *v)
{
    static void *const labels[] = {&&add, &&sub, &&out};
    int acc = 0, pc = 0;
    static const int code[] = {0, 0, 1, 0, 2};
    goto *labels[code[pc++]];
add:
    acc += v->items[pc % (int)v->n];
    goto *labels[code[pc++]];
sub:
    acc -= v->items[pc % (int)v->n]--;
    goto *labels[code[pc++]];
out:
    return acc;
}

int main(void)
{
    struct vec *v = STM_NEW_FLEX(struct vec, items, 10);
    struct vec *none = NULL;
    v->n = 10;
    v->flag = 1;
    for (unsigned i = 0; i < v->n; i++)
        v->items[i] = (int)(i * 3);
    int i = 0, total = 0;
    do {
        switch (v->items[i] % 4) {
        case 0:
            total += 1;
            /* fallthrough */
        case 1:
            total += 10;
            break;
        case 2:
            if (v->items[i] > 10)
                break;
            total += 100;
            break;
        default:
            total += v->flag ? 1000 : 0;
        }
    } while (++i < (int)v->n);
    printf("%d %d\n", total, run(v));
    v->items[2] = touch(v, 3) + touch(v, 4) * v->items[5];
    v->items[touch(v, 0) & 7] += touch(v, 1), v->items[9]++;
    printf("%d %d %d %d\n", v->items[2], v->items[0], v->items[9], calls);
    if ((none && none->n) || (v && v->items[1]-- > 0 && !(v->items[1] & 1)))
        printf("%d\n", v->items[1] ?: -1);
    v->l = 0x4142434445464748;
    v->bytes[7] = 'Z';
    printf("%c%c %lx\n", v->bytes[0], v->bytes[7], (unsigned long)v->l);
    int *p = &v->items[4], *end = v->items + v->n;
    long s = 0;
    for (; p < end; p++)
        s = s * 3 + *p;
    printf("%ld %d\n", s, ({
               int t = v->items[6];
               t <<= 2;
               t ^ (int)v->n;
           }));
    v->n -= 3;
    v->n++;
    for (int k = 0;;) {
        if (k++ == 3)
            continue;
        if (k > (int)v->n)
            goto done;
        v->items[k % 8] |= 1 << k;
    }
done:
    for (unsigned k = 0; k < v->n; k++)
        printf("%d ", v->items[k]);
    printf("%d\n", (int)sizeof(*v));
    return 0;
}
