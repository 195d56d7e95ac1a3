/* Functions that the compiler knows, by the names that only it has: those of the library do what the
 * library's names do, and the arithmetic ones store their result where a pointer leads, with a barrier. */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "lock.h"

struct STM_OBJECT node {
    struct node *next;
    int a, b, e;
    long wide;
    double d, whole;
    char text[64], copy[64];
    unsigned items[40];
};
static struct node *root;
static int total = 1;
static long carried;

#define NOINLINE static __attribute__((noinline))

NOINLINE struct node *pass(struct node *n)
{
    STM_SAFEPOINT();
    n->b++;
    return n;
}

/* ---- arithmetic */

NOINLINE int add_to(int *p, int by)
{
    return __builtin_add_overflow(*p, by, p);
}

NOINLINE void arithmetic(struct node *n)
{
    int local = 5, *heap = malloc(8 * sizeof *heap);
    heap[2] = 3;
    STM_SAFEPOINT();
    int o = __builtin_add_overflow(n->a, 40, &n->b);
    STM_SAFEPOINT();
    o = 2 * o + __builtin_smul_overflow(pass(n)->b, 1 << 30, &pass(root)->e);
    STM_SAFEPOINT();
    o = 2 * o + add_to(&n->a, 3);
    STM_SAFEPOINT();
    o = 2 * o + add_to(&local, 4) + add_to(heap + 2, 9) + add_to(&total, 8);
    STM_SAFEPOINT();
    __builtin_sub_overflow(n->a, 1000L, &n->wide);
    o = 2 * o + __builtin_usub_overflow(0, 1, &n->items[n->a + 30]);
    STM_SAFEPOINT();
    o = 2 * o + __builtin_mul_overflow(7, 6, n->items);
    o = 2 * o + (__builtin_mul_overflow(n->wide, 1L << 62, &carried) ? 1 : 0);
    printf("%d %d %d %ld %u %u %d %d %d %ld %d\n", n->a, n->b, n->e, n->wide, n->items[33], n->items[0],
           local, heap[2], total, carried, o);
    free(heap);
}

static void *count(void *arg)
{
    (void)arg;
    for (int i = 0; i < 5000; i++) {
        ENTER();
        if (__builtin_add_overflow(total, 1, &total))
            abort();
        root->e += add_to(&root->a, 1);
        LEAVE();
    }
    return NULL;
}

/* ---- the library's */

NOINLINE int print(char *to, size_t size, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = __builtin_vsnprintf(to, size, format, ap);
    va_end(ap);
    return n;
}

NOINLINE void library(struct node *n)
{
    char *q = __builtin_strdup("text");
    STM_SAFEPOINT();
    __builtin_strcpy(n->text, q);
    q = __builtin_realloc(q, 100);
    STM_SAFEPOINT();
    __builtin_strcat(n->text, q);
    __builtin_free(q);
    STM_SAFEPOINT();
    n->d = __builtin_frexp(n->d, &n->e);
    n->d += __builtin_modf(3.25, &n->whole);
    STM_SAFEPOINT();
    int k = __builtin_sprintf(n->copy, "%s.%d", n->text, n->e);
    STM_SAFEPOINT();
    __builtin_bzero(n->copy, 2);
    n->copy[0] = n->copy[1] = '-';
    STM_SAFEPOINT();
    __builtin_printf("%s %s %d %d\n", n->text, __builtin_strchr(n->copy, 't'), k, n->e);
    __builtin_puts(n->copy);
    STM_SAFEPOINT();
    print(n->copy, sizeof n->copy, "%s|%d", n->text + 4, 7);
    STM_SAFEPOINT();
    printf("%s %.4f %.1f\n", n->copy, n->d, n->whole);
}

/* As -D_FORTIFY_SOURCE makes them of the plain names. */
NOINLINE void checked(struct node *n)
{
    STM_SAFEPOINT();
    __builtin___strcpy_chk(n->text, "checked", __builtin_object_size(n->text, 0));
    STM_SAFEPOINT();
    __builtin___memcpy_chk(n->copy, n->text, 8, __builtin_object_size(n->copy, 0));
    __builtin___memset_chk(n->copy, 'C', 1, (pass(n), __builtin_object_size(n->copy, 0)));
    STM_SAFEPOINT();
    __builtin___snprintf_chk(n->text, sizeof n->text, 1, sizeof n->text, "%s%d", n->copy, 5);
    STM_SAFEPOINT();
    __builtin___printf_chk(1, "%s %s %d\n", n->text, n->copy, n->b);
    __builtin___fprintf_chk(stdout, 1, "%s\n", n->text);
}

int main(void)
{
    pthread_t t[2];
    root = STM_NEW(struct node);
    root->d = 8.5;
    arithmetic(root);
    library(root);
    checked(root);
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, count, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    printf("%d %d\n", total, root->a);
    return 0;
}
