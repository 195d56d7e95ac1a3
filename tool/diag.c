/* diag.c - messages to the user, in clang's form: file:line:col, the source line, a caret, and a hint.
 *
 * The line shown is the preprocessed one, which is what was parsed; its place is the user's. */
#include "tool.h"

#include <stdarg.h>
#include <string.h>

unsigned diag_errors;

void diag(const struct source *s, size_t off, enum diag_kind k, const char *hint, const char *fmt, ...)
{
    static const char *const kind_name[] = {"error", "unsupported", "warning", "note"};
    if (k == DIAG_ERROR || k == DIAG_UNSUPPORTED)
        diag_errors++;
    struct ir_loc l = source_loc(s, off);
    fprintf(stderr, "%s:%u:%u: %s: ", l.file, l.line, l.col, k == DIAG_UNSUPPORTED ? "error: unsupported" : kind_name[k]);
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    size_t b = off, e = off;
    while (b > 0 && s->text[b - 1] != '\n')
        b--;
    while (e < s->n && s->text[e] != '\n')
        e++;
    fprintf(stderr, "%.*s\n", (int)(e - b), s->text + b);
    for (size_t i = b; i < off; i++)
        fputc(s->text[i] == '\t' ? '\t' : ' ', stderr);
    fputs("^\n", stderr);
    if (hint)
        fprintf(stderr, "%s:%u:%u: note: %s\n", l.file, l.line, l.col, hint);
}
