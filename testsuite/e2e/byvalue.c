/* Structs given to functions by value, out of objects: clang copies such arguments from where they lie, and
 * forgot %gs. */
#include <stdarg.h>
#include <stdio.h>
#include "ungil.h"

struct two {
    long a;
    int b;
};
struct three {
    int a;
    long b;
    short c[3];
};
struct one {
    long a;
};
struct STM_OBJECT node {
    struct node *next;
    struct one o;
    struct two w;
    struct three t;
    struct three many[3];
};

static struct node *head;
static struct three plain = {1, 2, {3, 4, 5}};
static struct one single = {17};

static long of_one(struct one s)
{
    return s.a;
}
static long of_two(struct two s)
{
    return s.a * 10 + s.b;
}
static long of_three(struct three s, long n)
{
    STM_SAFEPOINT();
    return s.a + s.b * n + s.c[2];
}
static long of_any(int n, ...)
{
    va_list ap;
    va_start(ap, n);
    struct three s = va_arg(ap, struct three);
    va_end(ap);
    return s.a + s.b + s.c[1] + n;
}
static struct three give(const struct node *n)
{
    return n->t;
}

int main(void)
{
    long (*call)(struct three, long) = of_three;
    head = STM_NEW(struct node);
    head->next = head;
    head->o.a = 4;
    head->w = (struct two){5, 6};
    head->t = (struct three){7, 8, {9, 10, 11}};
    head->many[2] = head->t;
    plain.a++;
    single.a++;
    STM_SAFEPOINT();
    printf("%ld %ld\n", of_one(head->o), of_two(head->next->w));
    printf("%ld %ld\n", of_three(head->next->t, head->w.a), of_three((head->many[head->w.b - 4]), 2));
    printf("%ld %ld %ld\n", call(head->t, 3), of_three(plain, 3), of_one(single));
    printf("%ld %ld\n", of_any(1, head->t), of_three(give(head), 1));
    printf("%ld\n", of_three(head ? head->t : plain, 4));
    return 0;
}
