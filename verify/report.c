/* report.c - findings, sorted by file and line, each once: the access, and what may come between. */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

static char **all;
static size_t n, cap;

const char *place_text(LLVMValueRef v)
{
    static char buf[600];
    unsigned len = 0;
    bool ins = LLVMIsAInstruction(v) != NULL;
    const char *s = ins || LLVMIsAFunction(v) ? LLVMGetDebugLocFilename(v, &len) : NULL;
    snprintf(buf, sizeof buf, "%.*s:%u:%u", s ? (int)len : 1, s ? s : "?", s ? LLVMGetDebugLocLine(v) : 0,
             s && ins ? LLVMGetDebugLocColumn(v) : 0);
    return buf;
}

/* A line about an instruction or a function. */
static void line(FILE *out, LLVMValueRef at, const char *kind, const char *what)
{
    size_t len;
    LLVMValueRef f = LLVMIsAInstruction(at) ? LLVMGetBasicBlockParent(LLVMGetInstructionParent(at)) : at;
    fprintf(out, "%s: %s: in %s: %s\n", place_text(at), kind, LLVMGetValueName2(f, &len), what);
}

void report(LLVMValueRef at, const char *what, const struct failure *why)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        die("out of memory");
    line(out, at, "error", what);
    if (why && why->why && *why->why)
        line(out, why->where ? why->where : at, "note", why->why);
    if (why && why->writer)
        line(out, why->writer, "note", "the field is not immutable: this may write to it");
    fclose(out);
    PUSH(all, n, cap, text);
}

/* Numbers in them as numbers. */
static int by_place(const void *a, const void *b)
{
    return strverscmp(*(char *const *)a, *(char *const *)b);
}

void report_all(void)
{
    if (n)
        qsort(all, n, sizeof *all, by_place);
    for (size_t k = 0; k < n; k++)
        if (!k || strcmp(all[k], all[k - 1]))
            fputs(all[k], stdout);
}
