/* report.c - findings, sorted by file and line, each once: the access, and what may come between. */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

static struct finding {
    char *file, *text;
    unsigned line, col;
} * all;
static size_t n, cap;

/* "file:line:column", of an instruction or a function; of what has no place, its function. */
static void place(LLVMValueRef v, char **file, unsigned *line, unsigned *col)
{
    unsigned len = 0;
    const char *s = LLVMIsAInstruction(v) || LLVMIsAFunction(v) ? LLVMGetDebugLocFilename(v, &len) : NULL;
    *file = strndup(s ? s : "?", s ? len : 1);
    *line = s ? LLVMGetDebugLocLine(v) : 0;
    *col = s && LLVMIsAInstruction(v) ? LLVMGetDebugLocColumn(v) : 0;
}

const char *place_text(LLVMValueRef v)
{
    static char buf[600];
    char *file;
    unsigned line, col;
    place(v, &file, &line, &col);
    snprintf(buf, sizeof buf, "%s:%u:%u", file, line, col);
    free(file);
    return buf;
}

static const char *function_of(LLVMValueRef v, size_t *len)
{
    LLVMValueRef f = LLVMIsAInstruction(v) ? LLVMGetBasicBlockParent(LLVMGetInstructionParent(v)) : v;
    return LLVMGetValueName2(f, len);
}

static void note(FILE *out, LLVMValueRef where, const char *what)
{
    size_t len;
    unsigned line, col;
    char *file;
    place(where, &file, &line, &col);
    fprintf(out, "%s:%u:%u: note: in %s: %s\n", file, line, col, function_of(where, &len), what);
    free(file);
}

void report(LLVMValueRef at, const char *what, const struct failure *why)
{
    struct finding f;
    char *text = NULL;
    size_t size, len;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        die("out of memory");
    place(at, &f.file, &f.line, &f.col);
    fprintf(out, "%s:%u:%u: error: in %s: %s\n", f.file, f.line, f.col, function_of(at, &len), what);
    if (why->why && *why->why)
        note(out, why->where ? why->where : at, why->why);
    if (why->writer)
        note(out, why->writer, "the field is not immutable: this may write to it");
    fclose(out);
    f.text = text;
    PUSH(all, n, cap, f);
}

static int by_place(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int c = strcmp(x->file, y->file);
    if (c)
        return c;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->col != y->col)
        return x->col < y->col ? -1 : 1;
    return strcmp(x->text, y->text);
}

void report_all(void)
{
    if (n)
        qsort(all, n, sizeof *all, by_place);
    for (size_t k = 0; k < n; k++)
        if (!k || strcmp(all[k].text, all[k - 1].text))
            fputs(all[k].text, stdout);
}
