/* addresses.c - numbers that are addresses, as far as the text of one function shows.
 *
 * A number may hold a reference: the type says so (uintptr_t, intptr_t, STM_TAGGED), or it is a pointer's
 * value, with or without a tag, perhaps by way of a local variable.  What has been shifted, divided or
 * truncated is none, nor the low bits. */
#include "analysis/addresses.h"

#include "ast/query.h"

static bool is_word(const struct type *t)
{
    return t && t->is_integer && t->size >= (long)sizeof(void *);
}

/* `v & 7` is no address, `v & ~7ul` is. */
static bool is_low_bits(const struct node *n)
{
    return n->kind == N_LITERAL && n->end - n->begin < sizeof "0x7fffffff";
}

static const struct node *either(const struct node *a, const struct node *b)
{
    const struct node *r = address_in(a);
    return r ? r : address_in(b);
}

const struct node *address_in(const struct node *n)
{
    const struct type *from;
    const struct node *found = NULL;
    switch (n->kind) {
    case N_PAREN:
    case N_ADDROF: /* for atomic built-ins, where the value lies */
        return address_in(n->kids[0]);
    case N_REF:
        return n->decl->got_address || n->decl->is_address ? n : NULL;
    case N_MEMBER:
        return n->decl->is_address ? n : NULL;
    case N_CALL:
        return n->decl && n->decl->is_address ? n : NULL;
    case N_SUBSCRIPT:
        return address_in(n->kids[0]);
    case N_CAST:
        if (!n->nkids || !is_word(n->type))
            return NULL;
        from = n->kids[n->nkids - 1]->type;
        if (from && (from->kind == T_POINTER || from->kind == T_ARRAY))
            return n->kids[n->nkids - 1]->is_raw || (from->kind == T_POINTER && from->elem->kind == T_FUNC)
                       ? NULL
                       : n->kids[n->nkids - 1];
        return address_in(n->kids[n->nkids - 1]);
    case N_BINARY:
        if (!is_word(n->type) ||
            (n->op != OP_ADD && n->op != OP_SUB && n->op != OP_AND && n->op != OP_XOR && n->op != OP_OR))
            return NULL;
        if (n->op == OP_AND &&
            (is_low_bits(strip_parens(n->kids[0])) || is_low_bits(strip_parens(n->kids[1]))))
            return NULL;
        return either(n->kids[0], n->kids[1]);
    case N_ASSIGN:
    case N_COMMA:
        return address_in(n->kids[1]);
    case N_GENERIC:
        for (unsigned i = 1; i < n->nkids && !found; i++)
            found = address_in(n->kids[i]);
        return found;
    case N_STMT_EXPR: /* the last expression in its block */
    case N_BLOCK:
        return n->nkids && n->kids[n->nkids - 1] ? address_in(n->kids[n->nkids - 1]) : NULL;
    case N_COND:
        return either(n->kids[1], n->kids[2]);
    case N_GNU_COND:
        return either(n->kids[0], n->kids[1]);
    default:
        return NULL;
    }
}

void note_address(struct decl *d, const struct node *value)
{
    if (d->storage == ST_LOCAL && (d->kind == D_VAR || d->kind == D_PARAM) && is_word(d->type))
        d->got_address |= address_in(value) != NULL;
}
