/* ranges.c - counted loops, and which of a loop's accesses lie in a range that can be computed before it.
 *
 * A counted loop is a `for` whose variable nobody else can change, goes in equal steps, and is compared with
 * a bound:
 *
 *     for (INIT; i < BOUND; i += 2) { ... a->items[3 * i + k] ... }
 *
 * An access in it is a member of a range if its place is reached from a local pointer, or a global, that the
 * loop leaves alone, by indices that are linear in i.  Then the places are equally far apart, and the first
 * two and the last say all, unless an index wraps around: in unsigned arithmetic, or where a cast changes a
 * value. That none does in any round is computed at run time, too, where each expression has its own C type
 * (emit_ranges.c, STM_ROUNDS); whatever is in doubt there becomes the whole object.  Here it is enough that
 * the expressions can be repeated before the loop: they read no memory and have no effects, but for BOUND,
 * which may be a field.  The IR has it that the loop's head reads it (`load`, or `localread` where the memory
 * is the thread's own); that it keeps its value is for passes/range.c to prove.
 *
 * What is left out: variables whose address is taken, other assignments to them, loops with labels (control
 * may come in from elsewhere) or assembly, conditions with more than one comparison, and what anchors.c
 * cannot edit. */
#include "lower/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "ast/query.h"
#include "lower/anchors.h"
#include "lower/lower.h"

/* ---- what the loop leaves alone ---- */

/* Collects the locals that n assigns or declares, and how often; false if n holds what is left out. */
static bool collect_changed(struct counted *c, struct node *n, bool in_switch)
{
    if (!n)
        return true;
    if (n->kind == N_LABEL || n->kind == N_OPAQUE || n->kind == N_IGOTO ||
        (n->kind == N_ASM && (n->nkids || n->jumps)) ||
        ((n->kind == N_CASE || n->kind == N_DEFAULT) && !in_switch))
        return false;
    bool assigns = n->kind == N_ASSIGN || n->kind == N_COMPOUND_ASSIGN || n->kind == N_INCDEC;
    struct node *t = assigns ? target_of(n->kids[0]) : n;
    if ((assigns && t->kind == N_REF) || n->kind == N_VAR)
        ptr_push(&c->changed, &c->nchanged, &c->capchanged, t->decl);
    for (unsigned i = 0; i < n->nkids; i++)
        if (!collect_changed(c, n->kids[i], in_switch || n->kind == N_SWITCH))
            return false;
    return true;
}

static unsigned times_changed(const struct counted *c, const struct decl *d)
{
    unsigned n = 0;
    for (unsigned i = 0; i < c->nchanged; i++)
        n += c->changed[i] == d;
    return n;
}

static bool is_plain_local(const struct decl *d)
{
    return (d->kind == D_PARAM || (d->kind == D_VAR && d->storage == ST_LOCAL)) && !d->addr_taken &&
           !d->type->is_volatile && !d->type->is_atomic && !d->drop && !d->cleanup;
}

/* An integer expression that always has the same value in the loop, and can be evaluated before it. */
static bool is_invariant(const struct counted *c, const struct node *n)
{
    n = strip_parens(n);
    if (!n->type || !n->type->is_integer || n->type->is_bitint || n->type->size > 8 || n->in_macro)
        return false;
    switch (n->kind) {
    case N_LITERAL:
        return true;
    case N_UNEVALUATED:
        return !n->nkids;
    case N_REF:
        return n->decl->kind == D_ENUM || (is_plain_local(n->decl) && !times_changed(c, n->decl));
    case N_UNARY:
    case N_CAST:
        return n->nkids == 1 && is_invariant(c, n->kids[0]);
    case N_BINARY:
        return is_invariant(c, n->kids[0]) && is_invariant(c, n->kids[1]);
    default:
        return false;
    }
}

/* The local pointer that n is, if the loop leaves it alone. */
static struct decl *steady_pointer(const struct counted *c, const struct node *n)
{
    n = strip_parens(n);
    return n->kind == N_REF && n->decl->var && is_plain_local(n->decl) && !times_changed(c, n->decl) &&
                   !n->in_macro
               ? n->decl
               : NULL;
}

/* A field of what such a pointer points to, or a global: it can be read before the loop as well as in it. */
static bool is_field(const struct counted *c, const struct node *n)
{
    n = strip_parens(n);
    if (!n->type->is_integer || n->type->is_bitint || n->bitfield || n->type->is_volatile ||
        n->type->is_atomic || n->in_macro || is_dropped(n))
        return false;
    if (n->kind == N_REF)
        return n->decl->kind == D_VAR && (n->decl->storage == ST_STATIC || n->decl->storage == ST_EXTERN ||
                                          n->decl->storage == ST_STATIC_LOCAL);
    return n->kind == N_MEMBER && n->arrow && steady_pointer(c, n->kids[0]);
}

/* ---- the loop ---- */

static bool is_one(const struct source *s, const struct node *n)
{
    n = strip_parens(n);
    return n->kind == N_LITERAL && n->end == n->begin + 1 && s->text[n->begin] == '1';
}

static bool is_var(const struct node *n, const struct decl *d)
{
    n = strip_parens(n);
    return n->kind == N_REF && n->decl == d;
}

/* What n, an increment, adds to d, or with *minus subtracts from it: an expression, or null for 1.  False:
 * neither. */
static bool step_of(const struct counted *c, const struct node *n, const struct decl *d, struct node **step,
                    bool *minus)
{
    if (!n)
        return false;
    n = strip_parens(n);
    if (n->kind == N_COMMA)
        return step_of(c, n->kids[0], d, step, minus) || step_of(c, n->kids[1], d, step, minus);
    if ((n->kind != N_INCDEC && n->kind != N_COMPOUND_ASSIGN && n->kind != N_ASSIGN) ||
        !is_var(n->kids[0], d))
        return false;
    *step = NULL;
    if (n->kind == N_INCDEC) {
        *minus = n->op == 1 || n->op == 3;
        return true;
    }
    *step = n->kids[1];
    if (n->kind == N_COMPOUND_ASSIGN) {
        *minus = n->op == OP_SUB_ASSIGN;
        return (n->op == OP_ADD_ASSIGN || n->op == OP_SUB_ASSIGN) && is_invariant(c, *step);
    }
    const struct node *sum = strip_parens(n->kids[1]);
    if (sum->kind != N_BINARY || (sum->op != OP_ADD && sum->op != OP_SUB))
        return false;
    bool left = is_var(sum->kids[0], d);
    *minus = sum->op == OP_SUB;
    *step = sum->kids[left];
    return (left || (sum->op == OP_ADD && is_var(sum->kids[1], d))) && is_invariant(c, *step);
}

/* The comparison op, with its sides exchanged. */
static unsigned mirrored(unsigned op)
{
    return op == OP_LT ? OP_GT : op == OP_GT ? OP_LT : op == OP_LE ? OP_GE : op == OP_GE ? OP_LE : op;
}

/* Which way a comparison with op bounds the variable, and the last value that passes, next to the bound. */
static bool fits(unsigned op, struct counted_loop *k)
{
    k->up = op == OP_LT || op == OP_LE || (op == OP_NE && !k->minus);
    k->adjust = op == OP_LT || (op == OP_NE && k->up) ? -1 : op == OP_GT || op == OP_NE ? 1 : 0;
    return op == OP_LT || op == OP_LE || op == OP_GT || op == OP_GE || (op == OP_NE && !k->step);
}

/* Is d the variable, and the other side the bound? */
static bool counts(const struct lower *l, struct counted *c, struct node *var, struct node *bound,
                   unsigned op)
{
    const struct node *v = strip_parens(var);
    if (v->kind != N_REF || !is_plain_local(v->decl) || !v->decl->type->is_integer ||
        v->decl->type->is_bitint || !strcmp(v->decl->type->spelling, "_Bool") || v->decl->type->size > 8 ||
        !bound->type || bound->type->size > 8 || times_changed(c, v->decl) != 1 ||
        !(is_invariant(c, bound) || is_field(c, bound)))
        return false;
    c->loop.var = v->decl;
    c->loop.bound = bound;
    c->loop.in_memory = !is_invariant(c, bound);
    if (!step_of(c, c->node->kids[2], v->decl, &c->loop.step, &c->loop.minus))
        return false;
    if (c->loop.step && is_one(&l->u->src, c->loop.step))
        c->loop.step = NULL;
    return fits(op, &c->loop);
}

bool low_count_loop(struct lower *l, struct node *n, struct counted *c)
{
    *c = (struct counted){.node = n};
    struct node *cond = n->kids[1] ? strip_parens(n->kids[1]) : NULL;
    if (!cond || cond->kind != N_BINARY || !n->kids[2] || !n->kids[3] || ir_terminated(l->b) ||
        !low_can_edit(l, n))
        return false;
    for (unsigned i = 1; i < 4; i++)
        if (!collect_changed(c, n->kids[i], false))
            return false;
    c->before = l->b;
    return counts(l, c, cond->kids[0], cond->kids[1], cond->op) ||
           counts(l, c, cond->kids[1], cond->kids[0], mirrored(cond->op));
}

void low_counted_end(struct counted *c)
{
    free(c->changed);
    free(c->ranges);
}

/* ---- members ---- */

/* Is n linear in the loop's variable? */
static bool is_linear(const struct counted *c, const struct node *n)
{
    n = strip_parens(n);
    if (is_var(n, c->loop.var) || is_invariant(c, n))
        return true;
    if (n->in_macro || !n->type || !n->type->is_integer || n->type->is_bitint || n->type->size > 8)
        return false;
    if (n->kind == N_CAST && n->nkids == 1)
        return strcmp(n->type->spelling, "_Bool") != 0 && is_linear(c, n->kids[0]);
    if (n->kind != N_BINARY || !is_linear(c, n->kids[0]) || !is_linear(c, n->kids[1]))
        return false;
    bool left = is_invariant(c, n->kids[0]), right = is_invariant(c, n->kids[1]);
    return n->op == OP_ADD || n->op == OP_SUB || (n->op == OP_MUL && (left || right)) ||
           (n->op == OP_SHL && right);
}

struct place {
    struct node *root; /* its pointer, or variable */
    long at;           /* it lies so many bytes behind root, or further; -1: not known */
    bool indexed;
    bool computed; /* by an index that is not 0: else number.c knows which places are the same */
};

static bool place_of(const struct counted *c, const struct source *s, struct node *n, struct place *p);

static bool place_of_element(const struct counted *c, const struct source *s, struct node *n, struct place *p)
{
    bool rev = n->kids[0]->type->kind != T_ARRAY && n->kids[0]->type->kind != T_POINTER;
    struct node *base = n->kids[rev];
    if (n->type->size <= 0 || !is_linear(c, n->kids[!rev]))
        return false;
    if (base->type->kind == T_ARRAY ? !place_of(c, s, base, p) : !steady_pointer(c, base))
        return false;
    if (base->type->kind != T_ARRAY)
        *p = (struct place){.root = strip_parens(base), .at = -1};
    p->indexed = true;
    p->computed |= !is_zero_literal(s, n->kids[!rev]);
    return true;
}

static bool place_of(const struct counted *c, const struct source *s, struct node *n, struct place *p)
{
    if (n->in_macro)
        return false;
    switch (n->kind) {
    case N_PAREN:
        return place_of(c, s, n->kids[0], p);
    case N_REF:
        *p = (struct place){.root = n};
        return n->decl->kind == D_VAR && n->decl->storage != ST_LOCAL;
    case N_MEMBER:
        if (n->arrow)
            *p = (struct place){.root = strip_parens(n->kids[0])};
        if (n->arrow ? !steady_pointer(c, n->kids[0]) : !place_of(c, s, n->kids[0], p))
            return false;
        p->at = p->at < 0 || n->offset < 0 ? -1 : p->indexed ? p->at : p->at + n->offset;
        return true;
    case N_DEREF:
        if (n->kids[0]->type->kind == T_ARRAY)
            return place_of(c, s, n->kids[0], p);
        *p = (struct place){.root = strip_parens(n->kids[0])};
        return steady_pointer(c, n->kids[0]);
    case N_SUBSCRIPT:
        return place_of_element(c, s, n, p);
    default:
        return false;
    }
}

/* The value of root before the loop; null if it has another class there. */
static struct ir_inst *value_before(struct counted *c, const struct node *root, const struct ir_inst *target)
{
    struct ir_inst *at = c->anchor ? c->anchor : c->before->last;
    if (root->decl->var && root->type->kind == T_POINTER) {
        struct ir_inst *v = ir_var_read(c->before, root->decl->var - 1);
        if (v->cls != IRC_REF && target->cls == IRC_REF) {
            struct ir_inst *copy = ir_insert_before(at, IR_COPY, IRC_REF);
            ir_add_arg(copy, v);
            return copy;
        }
        return v->cls == target->cls ? v : NULL;
    }
    const struct ir_inst *like = ir_object_root((struct ir_inst *)target);
    if (like->op != IR_ADDR || like->cls != target->cls)
        return NULL;
    struct ir_inst *a = ir_insert_before(at, IR_ADDR, like->cls);
    a->sym = like->sym;
    a->flags = like->flags;
    return a;
}

static struct ir_inst *derive_before(struct counted *c, struct ir_inst *v)
{
    struct ir_inst *i = ir_insert_before(c->anchor ? c->anchor : c->before->last, IR_DERIVE, v->cls);
    ir_add_arg(i, v);
    return i;
}

/* A range for the place n, before the loop. */
static struct ir_inst *new_range(struct lower *l, struct counted *c, struct node *n, const struct place *p,
                                 const struct ir_inst *target, bool object)
{
    struct ir_inst *v = value_before(c, p->root, target);
    if (!v)
        return NULL;
    if (!c->anchor) {
        c->anchor = ir_insert_before(c->before->last, IR_ANCHOR, IRC_INT);
        c->anchor->flags = IRI_GUARDED;
        c->anchor->index = (int)l->u->nanchors++;
        c->anchor->loc = low_loc(l, c->node);
        c->node->anchor[ANCHOR_LOOP] = c->anchor;
        c->node->counted = arena_alloc(&l->u->arena, sizeof c->loop);
        *c->node->counted = c->loop;
    }
    bool array = object && p->at > 0 && p->at < 1 << 20;
    if (array) {
        v = derive_before(c, v);
        v->index = (int)p->at;
    }
    struct ir_inst *r = derive_before(c, v);
    r->flags = IRI_RANGE | (array ? IRI_ARRAY : 0);
    r->loc = low_loc(l, n);
    r->sym = ir_intern(l->u->ir, arena_strn(&l->u->arena, l->u->src.text + n->begin, n->end - n->begin));
    return r;
}

struct ir_inst *low_range_of(struct lower *l, struct node *n, const struct ir_inst *target, bool object)
{
    struct counted *c = l->counted;
    struct place p;
    if (!c || n->bitfield || n->type->is_atomic || n->type->size <= 0 || !place_of(c, &l->u->src, n, &p) ||
        !p.computed)
        return NULL;
    struct ir_inst *r = NULL;
    const char *text = l->u->src.text;
    for (unsigned k = 0; k < c->nranges && !r;
         k++) { /* the same text means the same: names declared in the loop are in no range */
        const struct node *m = c->ranges[k].node;
        if (m->end - m->begin == n->end - n->begin &&
            !memcmp(text + m->begin, text + n->begin, n->end - n->begin) &&
            c->ranges[k].start->cls == target->cls)
            r = c->ranges[k].start;
    }
    if (!r) {
        r = new_range(l, c, n, &p, target, object);
        if (!r)
            return NULL;
        if (c->nranges == c->capranges)
            c->ranges = xrealloc(c->ranges, (c->capranges = c->capranges * 2 + 8) * sizeof *c->ranges);
        c->ranges[c->nranges].node = n;
        c->ranges[c->nranges++].start = r;
    }
    n->counted = c->node->counted;
    return r;
}
