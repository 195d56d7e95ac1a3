/* explain_out.c - explanations as text, as JSON and as remarks. */
#include "report/explain.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "outcome/history.h"
#include "source/lines.h"

static void text_access(FILE *out, const struct explanation *e, const struct explained *x)
{
    fprintf(out, "      | %c %s: ",
            !strcmp(x->kind, "moved")  ? '+'
            : x->final == BARRIER_NONE ? '-'
            : x->final == BARRIER_READ ? 'R'
                                       : 'W',
            x->text);
    if (x->copy)
        fprintf(out, "in %s, ", x->function);
    if (x->remover)
        fprintf(out, "removed by %s: %s", x->remover, x->why);
    else
        fprintf(out, "%s: %s", explain_state(x), x->why);
    if (e->counted)
        fprintf(out, " (executed %lu times)", x->executed);
    fputc('\n', out);
}

static void text_copy(FILE *out, const struct copied *c)
{
    fprintf(out, "      | = %s: a copy of %s for the calls at %s: %s\n", c->name, c->of, c->calls, c->given);
}

static void text_inevitable(FILE *out, const struct inevitable *i)
{
    fprintf(out, "      | ! inevitable: %s%s%s\n", i->what,
            i->unknown ? ", a function that no table of externals names" : "", explain_turn(i));
}

/* One file's lines with what belongs to each; of other files than the main one only lines that have
 * something. */
static void text_file(FILE *out, const struct explanation *e, const char *file, bool whole)
{
    unsigned n, x = 0, v = 0;
    char **lines = lines_read(file, &n);
    unsigned last = n;
    for (unsigned i = 0; i < e->n; i++)
        if (!strcmp(e->v[i].loc.file, file) && e->v[i].loc.line > last)
            last = e->v[i].loc.line;
    for (unsigned line = 1; line <= last; line++) {
        unsigned here = 0;
        for (unsigned pass = 0; pass < 2; pass++) { /* count, print */
            unsigned a = x, b = v, k = 0;
            if (pass && (whole || here))
                fprintf(out, "%5u | %s\n", line, line <= n ? lines[line - 1] : "");
            for (unsigned m = 0; m < e->ncopies; m++)
                if (e->copies[m].loc.line == line && !strcmp(e->copies[m].loc.file, file)) {
                    k++;
                    if (pass)
                        text_copy(out, &e->copies[m]);
                }
            for (; a < e->n; a++)
                if (!strcmp(e->v[a].loc.file, file)) {
                    if (e->v[a].loc.line != line)
                        break;
                    k++;
                    if (pass)
                        text_access(out, e, &e->v[a]);
                }
            for (; b < e->ninev; b++)
                if (!strcmp(e->inev[b].loc.file, file)) {
                    if (e->inev[b].loc.line != line)
                        break;
                    k++;
                    if (pass)
                        text_inevitable(out, &e->inev[b]);
                }
            here = k;
            if (pass) {
                x = a;
                v = b;
            }
        }
    }
    lines_free(lines, n);
}

static void text_summary(FILE *out, const struct explanation *e)
{
    unsigned accesses = 0, placed = 0, read = 0, write = 0, moved = 0, copied = 0;
    for (unsigned i = 0; i < e->n; i++) {
        moved += !strcmp(e->v[i].kind, "moved");
        accesses += strcmp(e->v[i].kind, "moved") && !e->v[i].copy;
        placed += e->v[i].naive != BARRIER_NONE && !e->v[i].copy;
        copied += e->v[i].final != BARRIER_NONE && e->v[i].copy;
        read += e->v[i].final == BARRIER_READ;
        write += e->v[i].final == BARRIER_WRITE;
    }
    fprintf(out, "%s: %u accesses, %u barriers placed, %u read and %u write barriers stay", e->file, accesses,
            placed, read, write);
    if (moved)
        fprintf(out, ", %u of them elsewhere", moved);
    fprintf(out, e->ncopies ? ", %u of them in %u copies of functions\n" : "\n", copied, e->ncopies);
    for (unsigned p = 1; p < history_rows(); p++) {
        unsigned removed = 0;
        for (unsigned i = 0; i < e->n; i++)
            removed += e->v[i].remover && !e->v[i].copy && !strcmp(e->v[i].remover, history_row(p));
        if (removed)
            fprintf(out, "  %s removed %u\n", history_row(p), removed);
    }
}

void explain_text(FILE *out, const struct explanation *e)
{
    text_file(out, e, e->file, true);
    const char *last = e->file;
    for (unsigned i = 0; i < e->n; i++) /* other files, headers mostly, come after */
        if (strcmp(e->v[i].loc.file, e->file) && strcmp(e->v[i].loc.file, last)) {
            last = e->v[i].loc.file;
            fprintf(out, "\n%s\n", last);
            text_file(out, e, last, false);
        }
    fputc('\n', out);
    text_summary(out, e);
}

static json_t *string_or_null(const char *s)
{
    return s ? json_string(s) : json_null();
}

void explain_json(FILE *out, const struct explanation *e)
{
    static const char *const barrier[] = {"none", "read", "write"};
    json_t *accesses = json_array(), *inevitable = json_array();
    for (unsigned i = 0; i < e->n; i++) {
        const struct explained *x = &e->v[i];
        json_t *j =
            json_pack("{s:s, s:i, s:i, s:s, s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:s}", "file", x->loc.file,
                      "line", (int)x->loc.line, "col", (int)x->loc.col, "function", x->function, "text",
                      x->text, "field", string_or_null(x->field), "kind", x->kind, "naive", barrier[x->naive],
                      "barrier", barrier[x->final], "removed_by", string_or_null(x->remover), "upgraded_by",
                      string_or_null(x->upgrader), "why", x->why);
        if (e->counted)
            json_object_set_new(j, "executed", json_integer((json_int_t)x->executed));
        json_array_append_new(accesses, j);
    }
    for (unsigned i = 0; i < e->ninev; i++) {
        const struct inevitable *x = &e->inev[i];
        json_array_append_new(inevitable,
                              json_pack("{s:s, s:i, s:i, s:s, s:s, s:b, s:b, s:o}", "file", x->loc.file,
                                        "line", (int)x->loc.line, "col", (int)x->loc.col, "function",
                                        x->function, "what", x->what, "unknown", x->unknown, "moved",
                                        x->moved, "removed_by", string_or_null(x->remover)));
    }
    json_t *copies = json_array();
    for (unsigned i = 0; i < e->ncopies; i++) {
        const struct copied *x = &e->copies[i];
        json_array_append_new(copies, json_pack("{s:s, s:i, s:s, s:s, s:s, s:s}", "file", x->loc.file, "line",
                                                (int)x->loc.line, "name", x->name, "of", x->of, "calls",
                                                x->calls, "given", x->given));
    }
    json_t *all = json_pack("{s:s, s:o, s:o, s:o}", "file", e->file, "accesses", accesses, "inevitable",
                            inevitable, "copies", copies);
    json_dumpf(all, out, JSON_INDENT(1) | JSON_ENSURE_ASCII);
    fputc('\n', out);
    json_decref(all);
}

void explain_remarks(FILE *out, const struct explanation *e)
{
    for (unsigned i = 0; i < e->n; i++) {
        const struct explained *x = &e->v[i];
        if (x->final != BARRIER_NONE)
            fprintf(out, "%s:%u:%u: remark: %s at '%s' %s%s%s: %s [-Rstm]\n", x->loc.file, x->loc.line,
                    x->loc.col, explain_state(x), x->text, strcmp(x->kind, "moved") ? "stays" : "stands here",
                    x->copy ? " in " : "", x->copy ? x->function : "", x->why);
    }
    for (unsigned i = 0; i < e->ninev; i++) {
        const struct inevitable *x = &e->inev[i];
        if (x->remover)
            continue;
        if (x->moved) {
            fprintf(out,
                    "%s:%u:%u: remark: the transaction turns inevitable here, because of '%s', which follows "
                    "[-Rstm]\n",
                    x->loc.file, x->loc.line, x->loc.col, x->what);
            continue;
        }
        if (x->unknown)
            fprintf(out,
                    "%s:%u:%u: remark: the call of '%s', which no table of externals names, makes the "
                    "transaction inevitable; "
                    "name it in a table (--externals), or declare it STM_TRANSACTION_SAFE or "
                    "STM_TRANSACTION_PURE [-Rstm]\n",
                    x->loc.file, x->loc.line, x->loc.col, x->what);
        else if (!strcmp(x->what, "raw write"))
            fprintf(out,
                    "%s:%u:%u: remark: a write to memory outside the heap may make the transaction "
                    "inevitable [-Rstm]\n",
                    x->loc.file, x->loc.line, x->loc.col);
        else if (!strcmp(x->what, "inline assembly"))
            fprintf(out, "%s:%u:%u: remark: inline assembly makes the transaction inevitable [-Rstm]\n",
                    x->loc.file, x->loc.line, x->loc.col);
        else if (!strcmp(x->what, "STM_ATOMIC_EXCLUSIVE") || !strncmp(x->what, "stm_become_inevitable", 21))
            fprintf(out, "%s:%u:%u: remark: %s makes the transaction inevitable [-Rstm]\n", x->loc.file,
                    x->loc.line, x->loc.col, x->what);
        else
            fprintf(out,
                    "%s:%u:%u: remark: the call of '%s', which cannot be undone, makes the transaction "
                    "inevitable [-Rstm]\n",
                    x->loc.file, x->loc.line, x->loc.col, x->what);
    }
}
