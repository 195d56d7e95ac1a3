/* flags: -pthread */
/* What the C library keeps a pointer to, and where it stores pointers into what it is given. */
#define _GNU_SOURCE
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include "lock.h"

struct STM_OBJECT text {
    char s[32], *end;
    wchar_t w[16], *wend;
    FILE *file;
};
static char raw[BUFSIZ] STM_RAW, shared_buffer[BUFSIZ];

/* A stream's buffer: of any memory, also such that an abort of its owner's puts back. */
enum { LINES = 5000 };
static FILE *file;
static long turns, lines, done;

static void *writer(void *arg)
{
    for (int i = 0; i < LINES; i++) {
        ENTER();
        turns++;
        LEAVE();
        ENTER();
        fprintf(file, "%06ld\n", lines++);
        LEAVE();
    }
    ENTER();
    done++;
    LEAVE();
    return arg;
}

static void buffers(void)
{
    char local[4096], line[64];
    struct text *t = STM_NEW(struct text);
    for (int kind = 0; kind < 3; kind++) {
        pthread_t id[2];
        long n = 0, wrong = 0, end = 0;
        file = tmpfile();
        kind == 0   ? (void)setvbuf(file, local, _IOFBF, sizeof local)
        : kind == 1 ? setbuf(file, shared_buffer)
                    : setbuffer(file, t->s, sizeof t->s);
        lines = done = 0;
        for (int i = 0; i < 2; i++)
            pthread_create(&id[i], NULL, writer, NULL);
        while (end < 2) {
            ENTER();
            turns++;
            end = done;
            LEAVE();
        }
        for (int i = 0; i < 2; i++)
            pthread_join(id[i], NULL);
        rewind(file);
        while (fgets(line, sizeof line, file))
            wrong += atol(line) != n++;
        fclose(file);
        printf("%d: %ld %ld\n", kind, n, wrong);
    }
}

int main(void)
{
    buffers();
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
