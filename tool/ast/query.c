/* query.c - questions that the tree answers by itself: what a place is computed from, what an expression
 * does, where a statement ends. */
#include "ast/query.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct node *strip_parens(const struct node *n)
{
    while (n->kind == N_PAREN && n->nkids == 1)
        n = n->kids[0];
    return (struct node *)n;
}

const struct node *with_parens(const struct node *n)
{
    while (n->parent && n->parent->kind == N_PAREN)
        n = n->parent;
    return n;
}

struct node *without_pointer_casts(const struct node *n)
{
    n = strip_parens(n);
    while (n->kind == N_CAST && n->nkids == 1 && n->kids[0]->type &&
           (n->kids[0]->type->kind == T_POINTER || n->kids[0]->type->kind == T_ARRAY))
        n = strip_parens(n->kids[0]);
    return (struct node *)n;
}

const struct node *argument_of(const struct node *n)
{
    const struct node *up = n->parent;
    while (up && (up->kind == N_PAREN || up->kind == N_CAST)) {
        n = up;
        up = n->parent;
    }
    return up && up->kind == N_CALL && up->kids[0] != n ? up : NULL;
}

const struct type *element_type(const struct type *t)
{
    while (t->kind == T_ARRAY)
        t = t->elem;
    return t;
}

bool is_bool_type(const struct type *t)
{
    return t->is_integer && t->size == 1 && strstr(t->spelling, "_Bool");
}

struct node *called_name(const struct node *n)
{
    while ((n->kind == N_PAREN || n->kind == N_DEREF || n->kind == N_ADDROF) && n->nkids == 1)
        n = n->kids[0];
    return n->kind == N_REF && n->decl->kind == D_FUNC ? (struct node *)n : NULL;
}

const struct node *call_of_name(const struct node *n)
{
    const struct node *k = n;
    while (k->parent &&
           (k->parent->kind == N_PAREN || k->parent->kind == N_DEREF || k->parent->kind == N_ADDROF))
        k = k->parent;
    const struct node *call = k->parent;
    return call && call->kind == N_CALL && call->nkids && call->kids[0] == k ? call : NULL;
}

bool is_fixed_number(const struct node *n)
{
    switch (n->kind) {
    case N_LITERAL:
    case N_UNEVALUATED:
        return true;
    case N_REF:
        return n->decl && n->decl->kind == D_ENUM;
    case N_PAREN:
    case N_CAST:
    case N_UNARY:
    case N_BINARY:
        for (unsigned i = 0; i < n->nkids; i++)
            if (!is_fixed_number(n->kids[i]))
                return false;
        return n->nkids > 0;
    default:
        return false;
    }
}

bool is_zero_literal(const struct source *s, const struct node *n)
{
    n = strip_parens(n);
    return n->kind == N_LITERAL && n->end == n->begin + 1 && s->text[n->begin] == '0';
}

static bool is_address(const struct node *n)
{
    return n->type->kind == T_ARRAY || n->type->kind == T_POINTER;
}

bool is_vector_element(const struct node *n)
{
    return n->kind == N_SUBSCRIPT && !is_address(n->kids[0]) && !is_address(n->kids[1]);
}

struct node *target_of(struct node *n)
{
    while (((n->kind == N_PAREN || n->kind == N_UNARY) && n->nkids == 1) || is_vector_element(n))
        n = n->kids[0];
    return n;
}

static long less(long a, long b)
{
    return a > 0 && a < b ? a : b;
}

static long type_align(const struct type *t)
{
    t = element_type(t);
    return t->align > 0 ? t->align : 1;
}

/* Of what lies `offset` bytes (-1: any multiple of `step`) behind a place of that alignment. */
static long align_at(long align, long offset, long step)
{
    unsigned long bits = (unsigned long)align | (unsigned long)(offset >= 0 ? offset : step);
    return (long)(bits & -bits);
}

static long pointee_alignment(const struct node *pointer)
{
    const struct type *t = pointer->type;
    if (t->kind == T_ARRAY)
        return place_alignment(pointer);
    return t->kind == T_POINTER ? type_align(t->elem) : 1;
}

static long element_size(const struct type *t)
{
    t = t->kind == T_ARRAY || t->kind == T_POINTER ? t->elem : t;
    return t->size > 0 ? t->size : type_align(t);
}

long place_alignment(const struct node *n)
{
    long align = type_align(n->type);
    switch (n->kind) {
    case N_PAREN:
    case N_UNARY:
        return less(place_alignment(n->kids[0]), align);
    case N_MEMBER: {
        long base = n->arrow ? pointee_alignment(n->kids[0]) : place_alignment(n->kids[0]);
        return n->offset < 0 ? 1 : less(align_at(base, n->offset, 0), align);
    }
    case N_SUBSCRIPT: {
        bool swapped = n->kids[0]->type->kind != T_ARRAY && n->kids[0]->type->kind != T_POINTER;
        const struct node *base = n->kids[swapped];
        return less(n->align, less(align_at(pointee_alignment(base), -1, element_size(base->type)), align));
    }
    case N_DEREF:
        return less(n->align, less(pointee_alignment(n->kids[0]), align));
    default:
        return align;
    }
}

bool has_effects(const struct node *n)
{
    if (!n)
        return false;
    if (n->kind == N_CALL || n->kind == N_ASSIGN || n->kind == N_COMPOUND_ASSIGN || n->kind == N_INCDEC ||
        n->kind == N_STMT_EXPR || n->kind == N_ATOMIC || n->kind == N_VA_ARG)
        return true;
    for (unsigned i = 0; i < n->nkids; i++)
        if (has_effects(n->kids[i]))
            return true;
    return false;
}

bool is_dropped(const struct node *n)
{
    switch (n->kind) {
    case N_REF:
        return n->decl->drop && n->decl->kind != D_FUNC;
    case N_MEMBER:
        return n->decl->drop || is_dropped(n->kids[0]);
    case N_CALL:
        return n->decl && n->decl->drop;
    case N_BINARY: /* pointer and number */
        return n->type->kind == T_POINTER && (is_dropped(n->kids[0]) || is_dropped(n->kids[1]));
    case N_SUBSCRIPT:
        return is_dropped(n->kids[!is_address(n->kids[0]) && is_address(n->kids[1])]);
    case N_PAREN:
    case N_DEREF:
    case N_INCDEC:
    case N_CAST:
        return n->nkids && is_dropped(n->kids[n->nkids - 1]);
    default:
        return false;
    }
}

bool is_call_to(const struct node *n, const char *name)
{
    n = strip_parens(n);
    return n->kind == N_CALL && n->decl && !strcmp(n->decl->name, name);
}

bool reads_memory(const struct node *n)
{
    if (n->kind == N_MEMBER || n->kind == N_SUBSCRIPT || n->kind == N_DEREF || n->kind == N_CALL ||
        (n->kind == N_REF && n->decl->kind == D_VAR && n->decl->storage != ST_LOCAL &&
         n->decl->storage != ST_THREAD && !n->decl->type->is_const))
        return true;
    for (unsigned i = 0; i < n->nkids; i++)
        if (n->kids[i] && reads_memory(n->kids[i]))
            return true;
    return false;
}

void place_operands(struct node *n, struct node ***v, unsigned *k, unsigned *cap)
{
    switch (n->kind) {
    case N_PAREN:
    case N_UNARY:
        place_operands(n->kids[0], v, k, cap);
        break;
    case N_MEMBER:
        if (is_per_thread(n))
            per_thread_operands(n, v, k, cap);
        else if (n->arrow)
            ptr_push(v, k, cap, n->kids[0]);
        else
            place_operands(n->kids[0], v, k, cap);
        break;
    case N_SUBSCRIPT: {
        bool rev = n->kids[0]->type->kind != T_ARRAY && n->kids[0]->type->kind != T_POINTER;
        if (is_vector_element(n)) {
            place_operands(n->kids[0], v, k, cap);
            ptr_push(v, k, cap, n->kids[1]);
            break;
        }
        if (n->kids[rev]->type->kind == T_ARRAY)
            place_operands(n->kids[rev], v, k, cap);
        else
            ptr_push(v, k, cap, n->kids[rev]);
        ptr_push(v, k, cap, n->kids[!rev]);
        break;
    }
    case N_DEREF:
        if (n->kids[0]->type->kind == T_ARRAY)
            place_operands(n->kids[0], v, k, cap);
        else
            ptr_push(v, k, cap, n->kids[0]);
        break;
    case N_REF:
        break;
    default:
        ptr_push(v, k, cap, n);
    }
}

/* Of the base of n, only what does something is evaluated. */
void per_thread_operands(struct node *n, struct node ***v, unsigned *k, unsigned *cap)
{
    struct node **all = NULL;
    unsigned nall = 0, capall = 0;
    if (n->arrow)
        ptr_push(&all, &nall, &capall, n->kids[0]);
    else
        place_operands(n->kids[0], &all, &nall, &capall);
    for (unsigned i = 0; i < nall; i++)
        if (has_effects(all[i]))
            ptr_push(v, k, cap, all[i]);
    free(all);
}

bool is_braced(const struct source *s, const struct node *n)
{
    return n->kind == N_BLOCK && s->text[n->begin] == '{';
}

size_t statement_end(const struct source *s, const struct node *n)
{
    while ((n->kind == N_IF || n->kind == N_WHILE || n->kind == N_FOR || n->kind == N_SWITCH ||
            n->kind == N_LABEL || n->kind == N_CASE || n->kind == N_DEFAULT) &&
           n->nkids)
        if (!(n = n->kids[n->nkids - 1]))
            return 0;
    size_t at = n->end;
    if (is_braced(s, n) || (at > n->begin && s->text[at - 1] == ';'))
        return at;
    while (at < s->n &&
           (isspace((unsigned char)s->text[at]) || s->text[at] == '#')) /* directives begin their lines */
        at += s->text[at] == '#' ? strcspn(s->text + at, "\n") : 1;
    return at < s->n && s->text[at] == ';' ? at + 1 : 0;
}

static bool is_raw_pointer(const struct decl *d)
{
    const struct type *t = d ? element_type(d->type) : NULL;
    return d && d->raw && t->kind == T_POINTER && t->elem->kind != T_FUNC;
}

void keep_in(const struct decl *d, struct node *n)
{
    if (!is_raw_pointer(d))
        return;
    n->kept_in = d;
    for (unsigned i = 0; n->kind == N_INITLIST && i < n->nkids; i++)
        keep_in(d, n->kids[i]);
}

bool is_used(const struct node *n)
{
    n = with_parens(n);
    const struct node *up = n->parent;
    if (up && up->kind == N_BLOCK) /* the last expression of ({...}) is */
        return up->parent && up->parent->kind == N_STMT_EXPR && up->kids[up->nkids - 1] == n;
    if (up && up->kind > N_BLOCK)
        return up->kind == N_VAR || up->kind == N_RETURN;
    return !up || up->kind != N_CAST || !up->type || up->type->kind != T_VOID;
}

size_t own_name_length(const char *text)
{
    static const char *const names[] = {"__func__", "__FUNCTION__", "__PRETTY_FUNCTION__"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (!strncmp(text, names[i], strlen(names[i])))
            return strlen(names[i]);
    return 0;
}
