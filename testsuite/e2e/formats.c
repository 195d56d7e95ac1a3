/* printf and its kin: strings in transactional memory are read, %n stores into it; by the format where that
 * is a literal, else by the types of the arguments. */
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include "lock.h"

struct STM_OBJECT node {
    struct node *next;
    int len, other;
    long wide;
    short half;
    signed char tiny;
    char text[40], copy[40];
};
static int global;
static const char *chosen = "%s%n";

#define NOINLINE static __attribute__((noinline))

NOINLINE void literals(struct node *n)
{
    STM_SAFEPOINT();
    snprintf(n->text, sizeof n->text, "x%d%n%s%ln", 5, &n->len, "abc", &n->wide);
    STM_SAFEPOINT();
    printf("%s %d %ld\n", n->text, n->len, n->wide);
    STM_SAFEPOINT();
    printf("%*d%hn|%-*s%hhn|%%%n\n", 4, 7, &n->half, 5, n->text, &n->tiny, &global);
    STM_SAFEPOINT();
    fprintf(stdout, "%" PRId64 "-" /* joined */ "\x25s%n\n", (int64_t)3, n->text, &n->other);
    STM_SAFEPOINT();
    printf("%d %d %d %d\n", n->half, n->tiny, n->other, global);
    snprintf(n->copy, sizeof n->copy, "%s", (char *)(void *)n->text);
    STM_SAFEPOINT();
    printf(n->len > 1 ? "%s%n\n" : "<%s>%n\n", n->copy, &n->len);
    STM_SAFEPOINT();
    printf("%2$s %1$d%3$n\n", n->len, n->copy, &n->other);
    STM_SAFEPOINT();
    printf("%d\n", n->other);
}

NOINLINE int by_list(char *to, size_t size, const char *format, ...)
{
    va_list ap, again;
    va_start(ap, format);
    va_copy(again, ap);
    vsnprintf(to, size, format, ap);
    int k = vprintf(format, again);
    va_end(again);
    va_end(ap);
    return k;
}

NOINLINE void others(struct node *n)
{
    STM_SAFEPOINT();
    sprintf(n->text, chosen, "four", &n->len);
    STM_SAFEPOINT();
    printf(chosen, n->text, &n->other);
    STM_SAFEPOINT();
    int k = by_list(n->copy, sizeof n->copy, "[%s]%n", n->text, &global);
    STM_SAFEPOINT();
    printf(" %d %d %s %d %d\n", n->len, n->other, n->copy, k, global);
}

/* Numbered arguments in a va_list: of all types, used twice, as widths, none left out but an int; and formats
 * that are none. */
NOINLINE void numbered(struct node *n)
{
    static const char *const formats[] = {
        "%3$d %1$s %1$.2s %2$5.1f|",
        "%2$*3$d %1$-*3$s|%1$s",
        "%4$Lf %5$c%6$lc %1$s %2$ld%3$n",
        "%1$s%%%2$m%1$10s",
        "%3$s and %1$p",
        "%2$hhd %1$s",
        "%1$ld",
    };
    strcpy(n->text, "text");
    STM_SAFEPOINT();
    printf(" %d\n", by_list(n->copy, sizeof n->copy, formats[0], n->text, 2.25, 7));
    printf(" %d %s\n", by_list(n->copy, sizeof n->copy, formats[1], n->text, 42, 6), n->copy);
    STM_SAFEPOINT();
    int k = by_list(n->copy, sizeof n->copy, formats[2], n->text, 77l, &n->other, 1.5l, 'x', (wint_t)'y');
    STM_SAFEPOINT();
    printf(" %d %d %s\n", k, n->other, n->copy);
    printf(" %d\n", by_list(n->copy, sizeof n->copy, formats[3], n->text));
    printf(" %d\n", by_list(n->copy, sizeof n->copy, formats[4], (void *)0, 5, n->text));
    printf(" %d\n", by_list(n->copy, sizeof n->copy, formats[5], n->text, 300));
    printf(" %d\n", by_list(n->copy, sizeof n->copy, formats[6], 1l << 40));
    printf(" %d\n", by_list(n->copy, sizeof n->copy, "%C%lc%b", (wint_t)'a', (wint_t)'b', 5));
}

/* Wide: the same, and %p is what the program has, not where it lies for this thread. */
static void wide(struct node *n)
{
    char narrow[64];
    wchar_t w[64];
    void *back = NULL, *file_back = NULL;
    snprintf(narrow, sizeof narrow, "%p", (void *)n);
    STM_SAFEPOINT();
    swprintf(w, 64, L"%p", (void *)n);
    swscanf(w, L"%p", &back);
    FILE *f = tmpfile();
    fwprintf(f, L"%p", (void *)n);
    rewind(f);
    fwscanf(f, L"%p", &file_back);
    fclose(f);
    STM_SAFEPOINT();
    printf("%d %d %d\n", back == n, file_back == n, (int)wcslen(w) == (int)strlen(narrow));
    n->len = 0;
    int written = swprintf(w, 64, L"%s %d%n", n->text, 5, &n->len);
    printf("%d %d %ls\n", written, n->len, w);
}

/* What is stored is part of the transaction. */
static struct node *root;
static void *count(void *arg)
{
    char b[32];
    (void)arg;
    for (int i = 0; i < 3000; i++) {
        ENTER();
        snprintf(b, sizeof b, "%*s%n", root->len % 7, "", &root->len);
        root->other += root->len == root->half;
        snprintf(b, sizeof b, "%*s%hn", (root->len + 1) % 7, "", &root->half);
        root->len = root->half;
        root->wide++;
        LEAVE();
    }
    return NULL;
}

int main(void)
{
    pthread_t t[2];
    struct node *n = root = STM_NEW(struct node);
    literals(n);
    others(n);
    numbered(n);
    wide(n);
    n->len = n->half = 0;
    n->other = n->wide = 0;
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, count, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    printf("%d %d %ld\n", n->len, n->other, n->wide);
    return 0;
}
