/* diag.c - messages to the user, in clang's form: file:line:col, the source line, a caret, and a hint.
 *
 * What was parsed is the preprocessed text; what is shown is the user's line, read again from the file.  A
 * place in the one is a place in the other where the lines agree from their start up to it, or from it to
 * their end; else it lies in what a macro became, and the macro is shown. */
#include "source/diag.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned diag_errors;

/* Line number n of a file, without its end; to be freed.  Null if there is none. */
static char *user_line(const char *file, unsigned n)
{
    FILE *f = fopen(file, "r");
    char *line = NULL;
    size_t cap = 0;
    ssize_t len = -1;
    if (!f)
        return NULL;
    while (n-- > 0 && (len = getline(&line, &cap, f)) > 0)
        ;
    fclose(f);
    if (len <= 0) {
        free(line);
        return NULL;
    }
    line[strcspn(line, "\n")] = 0;
    return line;
}

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Does the word stand at line[i]? */
static bool is_word(const char *line, size_t n, size_t i, const char *word, size_t len)
{
    return n - i >= len && !memcmp(line + i, word, len) && (i == 0 || !name_char(line[i - 1])) &&
           (i + len == n || !name_char(line[i + len]));
}

/* The place in `user` that corresponds to place `at` of `text`, n bytes. */
static size_t corresponding(const char *user, const char *text, size_t n, size_t at)
{
    size_t m = strlen(user), same = 0, tail = 0;
    while (same < n && same < m && user[same] == text[same])
        same++;
    while (tail < n && tail < m && user[m - 1 - tail] == text[n - 1 - tail])
        tail++;
    if (at <= same)
        return at;
    if (n - at <= tail)
        return m - (n - at);
    while (same > 0 && name_char(user[same - 1]))
        same--;
    /* a macro's call and what it became end in different places: look for the word itself */
    size_t word = 0;
    while (at + word < n && name_char(text[at + word]))
        word++;
    unsigned skip = 0;
    for (size_t i = same; word && i < at; i++)
        skip += is_word(text, n, i, text + at, word);
    for (size_t i = same; word && i < m; i++)
        if (is_word(user, m, i, text + at, word) && skip-- == 0)
            return i;
    return same;
}

void diag(const struct source *s, size_t off, enum diag_kind k, const char *hint, const char *fmt, ...)
{
    static const char *const kind_name[] = {"error", "unsupported", "warning", "note"};
    if (k == DIAG_ERROR || k == DIAG_UNSUPPORTED)
        diag_errors++;
    struct ir_loc l = source_loc(s, off);
    size_t b = off, e = off;
    while (b > 0 && s->text[b - 1] != '\n')
        b--;
    while (e < s->n && s->text[e] != '\n')
        e++;
    char *line = user_line(l.file, l.line), *own = line ? line : strndup(s->text + b, e - b);
    size_t col = line ? corresponding(line, s->text + b, e - b, off - b) : off - b;
    unsigned c = (unsigned)col + 1;
    fprintf(stderr, "%s:%u:%u: %s: ", l.file, l.line, c,
            k == DIAG_UNSUPPORTED ? "error: unsupported" : kind_name[k]);
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\n%s\n", own);
    for (size_t i = 0; i < col; i++)
        fputc(own[i] == '\t' ? '\t' : ' ', stderr);
    fputs("^\n", stderr);
    if (hint)
        fprintf(stderr, "%s:%u:%u: note: %s\n", l.file, l.line, c, hint);
    free(own);
}
