/* homes.c - memory for what must outlive the statement expressions that the emitter makes.
 *
 * A compound literal in a function lives as long as the block around it, and the array in a struct that a
 * call returns as long as the full expression.  Where the text of either goes into a `({ })` that is not the
 * program's, that block would be the end of it, while its address is still in use.  So the bytes are copied,
 * as soon as they are there, to an array of the function's own, declared at the start of its body:
 *
 *     p = f(g(), (int[]){h(), 2});
 *     p = ({ __auto_type stm_t0 = g();
 *            __auto_type stm_t1 = (*(__typeof__(int[2]) *)__builtin_memcpy(stm_h0, &(int[]){h(), 2}, 8));
 *            f(stm_t0, stm_t1); });
 *
 * Each place in the text has an array of its own.  That it lives longer than in C does no harm, nor that the
 * rounds of a loop share it: a literal that is evaluated again in its block is the same object (C17 6.5.2.5),
 * and in another round there is another block. */
#include "emit/homes.h"

#include <stdlib.h>

#include "emit/expr.h"
#include "emit/text.h"

/* A struct or union that is a value, and no place. */
static bool is_value(const struct node *n)
{
    return n->type && n->type->kind == T_RECORD &&
           (n->kind == N_CALL || n->kind == N_COND || n->kind == N_GNU_COND || n->kind == N_COMMA ||
            n->kind == N_ASSIGN || n->kind == N_STMT_EXPR || n->kind == N_VA_ARG || n->kind == N_GENERIC);
}

/* Is the address of n, or of a part of it, taken, or does an array in it become one? */
static bool is_addressed(const struct node *n)
{
    const struct node *p = n->parent;
    for (; p; n = p, p = n->parent)
        if (p->kind != N_PAREN && p->kind != N_UNARY && !(p->kind == N_MEMBER && !p->arrow) &&
            !(n->type->kind == T_ARRAY && (p->kind == N_SUBSCRIPT || p->kind == N_DEREF)))
            break;
    if (!p || p->kind == N_UNEVALUATED || (p->kind == N_VAR && p->decl->type->kind == T_ARRAY))
        return false;
    return p->kind == N_ADDROF || n->type->kind == T_ARRAY;
}

bool emit_needs_home(const struct emitter *e, const struct node *n)
{
    return e->wrapped && (n->kind == N_COMPOUND_LITERAL || is_value(n)) && is_addressed(n);
}

void emit_home(struct emitter *e, const struct node *n, const char *text, struct str *o)
{
    long size = n->type->size > 0 ? n->type->size : 1, align = n->type->align > 0 ? n->type->align : 1;
    unsigned id = e->temps++;
    struct str type = {0};
    str_printf(&e->homes, "char stm_h%s%u[%ld] __attribute__((__aligned__(%ld))); ", e->u->own, id, size,
               align);
    emit_type_name(e, n, &type);
    str_printf(o, "(%s *)__builtin_memcpy(stm_h%s%u, ", type.s, e->u->own, id);
    if (n->kind == N_COMPOUND_LITERAL)
        str_printf(o, "(const void *)&%s, %ld)", text, size);
    else
        str_printf(o, "(__typeof__(%s)[1]){(%s)}, %ld)", type.s, text, size);
    str_free(&type);
}
