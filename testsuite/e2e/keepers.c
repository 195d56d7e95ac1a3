/* What the C library keeps a pointer to, and where it stores pointers into what it is given. */
#define _GNU_SOURCE
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include "ungil.h"

struct STM_OBJECT text {
    char s[32], *end;
    wchar_t w[16], *wend;
    FILE *file;
};
static char raw[BUFSIZ] STM_RAW;

int main(void)
{
    struct text *t = STM_NEW(struct text);
    locale_t l = newlocale(LC_ALL_MASK, "C", 0);
    strcpy(t->s, "12.5 77x"), wcscpy(t->w, L"0x1fz");
    STM_SAFEPOINT();
    double d = strtod_l(t->s, &t->end, l);
    STM_SAFEPOINT();
    long n = strtol_l(t->end, &t->end, 10, l);
    STM_SAFEPOINT();
    long long w = wcstoll_l(t->w, &t->wend, 0, l);
    STM_SAFEPOINT();
    printf("%g %ld %lld %d %s %d\n", d, n, w, (int)(t->end - t->s), t->end, (int)(t->wend - t->w));
    d = (double)strtof64(t->s, &t->end);
    STM_SAFEPOINT();
    printf("%g %d\n", d, (int)(t->end - t->s));
    t->file = tmpfile();
    STM_SAFEPOINT();
    setvbuf(t->file, raw, _IOFBF, sizeof raw);
    fputs(t->s, t->file);
    STM_SAFEPOINT();
    rewind(t->file);
    int c = fgetc(t->file);
    printf("%c %c\n", c, fgetc(t->file));
    setvbuf(t->file, NULL, _IONBF, 0);
    fclose(t->file);
    return 0;
}
