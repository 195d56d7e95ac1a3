/* per_thread.c - STM_PER_THREAD: fields of the interpreter's one state that each thread has a copy of
 * (annotations.md R7).
 *
 * An interpreter made for one thread keeps all it knows in one struct, and much of that belongs to the
 * thread that runs: its stack, its handlers, its current frame.  A field so annotated stays in the struct,
 * where nobody looks at it any more; each access, through whatever pointer, is to a thread-local variable.
 * Its name is made from the struct's and the field's, and it is defined, weakly, in each file that uses it:
 * so the files of a program agree, and headers need no definition.
 *
 * What the storage in the struct would have meant is rejected where that can be seen: its offset, its
 * address in a static initialiser, its initial value; a copy of the whole struct is warned of. */
#include "analysis/per_thread.h"

#include <string.h>

#include "ast/query.h"
#include "parse/parse.h"
#include "source/diag.h"

/* Has t such fields?  deep: or what is in it by value? */
static bool has_field(const struct type *t, bool deep)
{
    while (deep && t->kind == T_ARRAY)
        t = t->elem;
    type_fields((struct type *)t);
    for (unsigned i = 0; t->kind == T_RECORD && i < t->nfields; i++)
        if ((t->fields[i].decl && t->fields[i].decl->per_thread) ||
            (deep && t->fields[i].type && has_field(t->fields[i].type, true)))
            return true;
    return false;
}

/* ---- definitions */

/* ---- what cannot be meant */

/* 0, {0}, {{0}, 0}, ((void *)0) and the like. */
static bool is_zero_text(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (n - i >= 4 && !strncmp(s + i, "void", 4))
            i += 3;
        else if (!strchr("0 \t\n{}(),*", s[i]))
            return false;
    return true;
}

static size_t item_end(const char *s, size_t i, size_t end)
{
    for (int depth = 0; i < end && (depth || s[i] != ','); i++) {
        if (s[i] == '"' || s[i] == '\'') {
            char quote = s[i++];
            for (; i < end && s[i] != quote; i++)
                i += s[i] == '\\';
        }
        depth += (strchr("({[", s[i]) != NULL) - (strchr(")}]", s[i]) != NULL);
    }
    return i;
}

/* Every thread's copy begins zero.  Values without a designator could be anybody's. */
static void check_initialiser(struct unit *u, const struct node *n)
{
    const char *s = u->src.text;
    size_t end = n->end - 1;
    for (size_t i = n->begin + 1, next; i < end; i = next + 1) {
        i += strspn(s + i, " \t\n");
        next = item_end(s, i, end);
        const char *name = s + i + 1 + strspn(s + i + 1, " \t");
        const struct field *f = NULL;
        for (unsigned k = 0; s[i] == '.' && k < n->type->nfields; k++) {
            size_t len = strlen(n->type->fields[k].name);
            if (!strncmp(name, n->type->fields[k].name, len) && strchr(" \t\n.[=", name[len]))
                f = &n->type->fields[k];
        }
        size_t value = i + (s[i] == '.' ? strcspn(s + i, "=") + 1 : 0);
        if (value >= next || is_zero_text(s + value, next - value))
            continue;
        if (f && f->decl && f->decl->per_thread)
            diag(&u->src, i, DIAG_ERROR,
                 "each thread's copy begins zero: set it in main, and in a function given to "
                 "stm_on_thread_start",
                 "initial value of the STM_PER_THREAD field '%s'", f->name);
        else if (s[i] != '.')
            diag(&u->src, i, DIAG_ERROR, "name the fields: { .field = value }",
                 "initialiser without a designator in '%s', which has STM_PER_THREAD fields",
                 n->type->spelling);
    }
}

static void warn_of_copy(struct unit *u, const struct node *n)
{
    diag(&u->src, n->begin, DIAG_WARNING, NULL,
         "copy of '%s' leaves its STM_PER_THREAD fields out: they are not in it", n->type->spelling);
}

static bool is_copy(const struct node *n)
{
    return n && n->type && n->type->kind == T_RECORD && strip_parens(n)->kind != N_INITLIST &&
           strip_parens(n)->kind != N_COMPOUND_LITERAL && has_field(n->type, true);
}

void per_thread_check(struct unit *u, const struct node *n)
{
    if (!n || n->kind == N_UNEVALUATED)
        return;
    if (n->kind == N_INITLIST && n->type && n->type->kind == T_RECORD && has_field(n->type, false))
        check_initialiser(u, n);
    if (n->kind == N_ASSIGN && is_copy(n->kids[1]))
        warn_of_copy(u, n->kids[1]);
    if (n->kind == N_VAR && n->decl->init && is_copy(n->decl->init))
        warn_of_copy(u, n->decl->init);
    if (n->kind == N_RETURN && n->nkids && is_copy(n->kids[0]))
        warn_of_copy(u, n->kids[0]);
    for (unsigned i = n->kind == N_CALL ? 1 : n->nkids; i < n->nkids; i++)
        if (is_copy(n->kids[i]))
            warn_of_copy(u, n->kids[i]);
    for (unsigned i = 0; i < n->nkids; i++)
        per_thread_check(u, n->kids[i]);
}

void per_thread_check_static(struct unit *u, const struct node *n)
{
    if (is_per_thread(n))
        diag(&u->src, n->begin, DIAG_ERROR,
             "it has no address before its thread runs: set the variable in main",
             "the STM_PER_THREAD field '%s' in a static initialiser", n->decl->name);
}
