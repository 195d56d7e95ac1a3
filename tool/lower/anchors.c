/* anchors.c - where the emitter can put a barrier that stands for accesses elsewhere, and what it can name
 * there.
 *
 * An anchor is an IR instruction that says: here, at the end of a block or right behind a call,
 * emit/anchors.c can put statements, and these C locals hold these values.  Only there may passes put
 * barriers (passes/motion.c).  The places:
 *
 *   before a loop, `break`, `continue`, `goto`; before a label or case that is fallen into
 *   at the end of an arm of `if` and of a loop's body; in the place of a missing `else`
 *   behind a call that may end the transaction, within the expression: ({ T r = f(x); ...; r; })
 *
 * In functions that do what cannot be undone also, without names, for turning inevitable (passes/turn.c): at
 * the start of each block, and before each statement that has such a call in its expression; and of the
 * places above those at which nothing can be named.
 *
 * What is left out, since there the text cannot be edited or the name might mean something else: text from
 * system headers' macros, what follows a #pragma, STM_BLOCKING, functions that declare types or enumerators
 * of their own, and locals that share their name with another one of the function. Behind a call within an
 * expression: locals that the full expression assigns, for C does not say when. */
#include "lower/anchors.h"

#include <ctype.h>
#include <string.h>

#include "analysis/callee.h"
#include "ast/query.h"
#include "lower/lower.h"

static uint64_t name_key(const char *s)
{
    return hash_bytes(s, strlen(s)) | 1;
}

/* Is there a `typedef`, or an enum's list of names, in the text? */
static bool declares_names(const char *s, const char *end)
{
    while (s < end) {
        size_t n = 0;
        while (s + n < end && (isalnum((unsigned char)s[n]) || s[n] == '_'))
            n++;
        bool is_enum = n == 4 && !strncmp(s, "enum", 4);
        if (n == 7 && !strncmp(s, "typedef", 7))
            return true;
        s += n ? n : 1;
        for (const char *p = s; is_enum && p < end && (isalnum((unsigned char)*p) || strchr("_ \t\n{", *p));
             p++)
            if (*p == '{')
                return true;
    }
    return false;
}

static void count_names(struct lower *l, const struct node *n)
{
    if (!n)
        return;
    if (n->kind == N_VAR)
        low_count_name(l, n->decl);
    for (unsigned i = 0; i < n->nkids; i++)
        count_names(l, n->kids[i]);
}

void low_count_name(struct lower *l, const struct decl *d)
{
    static char once, twice;
    if (!d->name)
        return;
    uint64_t key = name_key(d->name);
    map_put(&l->names, key, map_get(&l->names, key) ? &twice : &once);
    l->twice = &twice;
}

/* Does something under n turn the transaction inevitable? */
static bool turns(const struct node *n)
{
    if (!n)
        return false;
    if (n->kind == N_ASM)
        return n->nkids;
    if (n->kind == N_CALL && n->decl) {
        const struct external *e = call_external(n);
        if (e ? call_is_irreversible(e) : n->decl->irreversible)
            return true;
    }
    for (unsigned i = 0; i < n->nkids; i++)
        if (turns(n->kids[i]))
            return true;
    return false;
}

void low_scope_begin(struct lower *l, const struct node *body)
{
    const char *text = l->u->src.text;
    l->anchors = !declares_names(text + body->begin, text + body->end);
    l->turns = turns(body);
    count_names(l, body);
}

void low_scope_add(struct lower *l, struct decl *d)
{
    if (d->var && d->name && *d->name && map_get(&l->names, name_key(d->name)) != l->twice &&
        class_of_type(d->type, d) != IRC_RAW)
        ptr_push(&l->scope, &l->nscope, &l->capscope, d);
}

/* ---- full expressions ---- */

/* The locals that n assigns, but for the one that it, being an assignment itself, assigns last of all. */
static void collect_assigned(struct lower *l, struct node *n, bool outermost)
{
    if (!n)
        return;
    bool assigns = n->kind == N_ASSIGN || n->kind == N_COMPOUND_ASSIGN || n->kind == N_INCDEC;
    struct node *t = assigns ? target_of(n->kids[0]) : NULL;
    if (t && t->kind == N_REF && t->decl->var && !(outermost && n->kind == N_ASSIGN))
        ptr_push(&l->assigned, &l->nassigned, &l->capassigned, t->decl);
    for (unsigned i = 0; i < n->nkids; i++)
        collect_assigned(l, n->kids[i], outermost && n->kind == N_PAREN);
}

static void find_assigned(struct lower *l, struct node *n)
{
    struct node *full = NULL;
    for (; n; n = n->parent)
        if (n->kind < N_BLOCK)
            full = n;
    if (full == l->full)
        return;
    l->full = full;
    l->nassigned = 0;
    collect_assigned(l, full, true);
}

static bool is_assigned(const struct lower *l, const struct decl *d)
{
    for (unsigned i = 0; i < l->nassigned; i++)
        if (l->assigned[i] == d)
            return true;
    return false;
}

/* ---- places ---- */

/* Does the emitter rebuild n's text? */
static bool can_edit(const struct node *n)
{
    for (; n; n = n->parent)
        if (n->in_macro)
            return false;
    return true;
}

/* Does a #pragma stand right before n?  It would be for the statement put there. */
static bool follows_pragma(const struct lower *l, const struct node *n)
{
    const char *text = l->u->src.text;
    for (size_t at = n->begin; at > 0;) {
        size_t line = at;
        while (line > 0 && text[line - 1] != '\n')
            line--;
        const char *p = text + line + strspn(text + line, " \t");
        if (*p == '#') {
            p += 1 + strspn(p + 1, " \t");
            if (!strncmp(p, "pragma", 6))
                return true;
        } else if (p < text + at) {
            return false;
        }
        at = line ? line - 1 : 0;
    }
    return false;
}

static void anchor(struct lower *l, struct node *n, enum anchor_slot slot, unsigned flags, bool names)
{
    struct ir_inst *i = NULL;
    if (!l->anchors || l->blocking || ir_terminated(l->b) || !can_edit(n))
        return;
    if (l->turns)
        i = low_op(l, IR_ANCHOR, IRC_INT, n);
    for (unsigned k = 0; names && k < l->nscope; k++) {
        struct decl *d = l->scope[k];
        if (flags & IRI_AFTER && is_assigned(l, d))
            continue;
        if (!i)
            i = low_op(l, IR_ANCHOR, IRC_INT, n);
        ir_add_local(i, ir_var_read(l->b, d->var - 1), ir_intern(l->u->ir, d->name));
    }
    if (!i)
        return;
    i->flags |= flags;
    i->index = (int)l->u->nanchors++;
    n->anchor[slot] = i;
}

bool low_can_edit(struct lower *l, const struct node *n)
{
    return l->anchors && !l->blocking && n->parent && can_edit(n) &&
           (n->parent->kind != N_BLOCK || is_braced(&l->u->src, n->parent)) && !follows_pragma(l, n) &&
           statement_end(&l->u->src, n);
}

void low_anchor_call(struct lower *l, struct node *n, const struct ir_inst *call)
{
    if (!(ir_effects(call) & IRF_SAFEPOINT) || (call->flags & (IRI_NORETURN | IRI_RETURNS_TWICE)))
        return;
    if (n->type->kind != T_VOID && n->type->kind != T_SCALAR && n->type->kind != T_POINTER)
        return;
    find_assigned(l, n);
    anchor(l, n, ANCHOR_HERE, IRI_AFTER, true);
}

void low_anchor_before(struct lower *l, struct node *n)
{
    bool label = n->kind == N_CASE || n->kind == N_DEFAULT || n->kind == N_LABEL;
    if (!n->parent || (label && !is_braced(&l->u->src, n->parent)) ||
        (n->parent->kind == N_BLOCK && !is_braced(&l->u->src, n->parent)) || follows_pragma(l, n))
        return;
    for (unsigned i = 1; label && i < n->parent->nkids; i++) { /* not between [[fallthrough]] and the label */
        const struct node *k = n->parent->kids[i - 1];
        if (n->parent->kids[i] == n &&
            (k->kind == N_EMPTY || (k->kind == N_BLOCK && !is_braced(&l->u->src, k))))
            return;
    }
    if (label || statement_end(&l->u->src, n))
        anchor(l, n, ANCHOR_HERE, 0, true);
}

void low_anchor_end(struct lower *l, struct node *n)
{
    if (n->kind != N_DECLS && (n->kind != N_BLOCK || is_braced(&l->u->src, n)) && !follows_pragma(l, n) &&
        statement_end(&l->u->src, n))
        anchor(l, n, ANCHOR_END, 0, true);
}

void low_anchor_else(struct lower *l, struct node *n)
{
    if (statement_end(&l->u->src, n->kids[1]) && !follows_pragma(l, n->kids[1]))
        anchor(l, n, ANCHOR_ELSE, 0, true);
}

/* n's own expressions, without statements in it. */
static bool expression_turns(const struct node *n)
{
    bool first = n->kind == N_IF || n->kind == N_SWITCH || n->kind == N_RETURN;
    return n->kind < N_BLOCK || n->kind == N_DECLS || n->kind == N_ASM
               ? turns(n)
               : first && n->nkids && turns(n->kids[0]);
}

void low_anchor_turn(struct lower *l, struct node *n)
{
    const struct node *p = n->parent;
    if (!l->turns || !p || (p->kind == N_FOR && p->kids[3] != n))
        return;
    if (p->kind == N_BLOCK ? !is_braced(&l->u->src, p) : n->kind == N_DECLS || !statement_end(&l->u->src, n))
        return;
    if (expression_turns(n) && !follows_pragma(l, n))
        anchor(l, n, n->kind < N_BLOCK ? ANCHOR_BEFORE : ANCHOR_HERE, 0, false);
}

void low_anchor_start(struct lower *l, struct node *n)
{
    if (l->turns && is_braced(&l->u->src, n) && !follows_pragma(l, n))
        anchor(l, n, ANCHOR_START, 0, false);
}
