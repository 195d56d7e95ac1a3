/* build.c - SSA construction on the fly.
 *
 * After Matthias Braun, Sebastian Buchwald, Sebastian Hack, Roland Leissa, Christoph Mallon and Andreas
 * Zwinkau, "Simple and Efficient Construction of Static Single Assignment Form", CC 2013.  A read looks for
 * the variable's definition backwards through the predecessors; where paths join it makes a phi, and where
 * not all predecessors are known yet ("unsealed") an operandless phi that sealing completes.  Two changes to
 * the paper's text, both for robustness:
 *
 * - No recursion: a run of single-predecessor blocks is a loop, and new phis wait on a list.  A C function
 *   with
 *   100,000 blocks in a row must not exhaust our stack.
 * - A phi found trivial (one value besides itself) is not rewritten into its users at once but
 *   *forwarded*: `aux` points
 *   to its replacement, and everybody who takes a value resolves it first.  So the caller may keep values
 *   across seals.  ir_finish removes what became trivial later, with user lists as in the paper, and
 *   rewrites all operands in one sweep.
 *
 * A variable read before any write is an `opaque` value in the entry block: reading it is undefined in C,
 * but knowing nothing is safe.
 */
#include "priv.h"

#include <stdlib.h>
#include <string.h>

struct builder {
    enum ir_class *varcls;
    unsigned capvars;
    struct ir_inst **phis;
    unsigned nphis, capphis; /* all phis made, in order */
    struct ir_inst **todo;
    unsigned ntodo, captodo; /* phis whose operands are not filled in yet */
};

/* ---- current definitions of one block: a small open-addressing table, variable -> value ---- */

struct defs {
    unsigned n, cap;
    struct def {
        unsigned var;
        struct ir_inst *value;
    } * slot;
};

static struct def *def_slot(struct def *slots, unsigned cap, unsigned var)
{
    unsigned i = (var * 2654435761u) & (cap - 1);
    while (slots[i].value && slots[i].var != var)
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

static struct ir_inst *def_get(const struct ir_block *b, unsigned var)
{
    const struct defs *d = b->defs;
    return d ? def_slot(d->slot, d->cap, var)->value : NULL;
}

static void def_set(struct ir_block *b, unsigned var, struct ir_inst *value)
{
    struct ir_module *m = b->func->module;
    struct defs *d = b->defs;
    if (!d)
        d = b->defs = ir_alloc(m, sizeof *d);
    if (4 * (d->n + 1) > 3 * d->cap) {
        unsigned cap = d->cap ? d->cap * 2 : 8;
        struct def *slot = ir_alloc(m, cap * sizeof *slot);
        for (unsigned i = 0; i < d->cap; i++)
            if (d->slot[i].value)
                *def_slot(slot, cap, d->slot[i].var) = d->slot[i];
        d->slot = slot;
        d->cap = cap;
    }
    struct def *s = def_slot(d->slot, d->cap, var);
    if (!s->value)
        d->n++;
    *s = (struct def){var, value};
}

/* ---- forwarding of trivial phis ---- */

static struct ir_inst *resolve(struct ir_inst *v)
{
    struct ir_inst *end = v;
    while (end->op == IR_PHI && end->aux)
        end = end->aux;
    while (v != end) {
        struct ir_inst *next = v->aux;
        v->aux = end;
        v = next;
    }
    return end;
}

static void insert_after_phis(struct ir_block *b, struct ir_inst *i)
{
    struct ir_inst *at = b->first;
    while (at && at->op == IR_PHI)
        at = at->next;
    if (!at || !at->prev) {
        (at ? ir_prepend : ir_append)(b, i);
        return;
    }
    i->block = b;
    i->prev = at->prev;
    i->next = at;
    at->prev->next = i;
    at->prev = i;
}

/* Forwards phi if it is trivial; true if it was. */
static bool forward_if_trivial(struct ir_inst *phi)
{
    struct ir_inst *same = NULL;
    for (unsigned k = 0; k < phi->nargs; k++) {
        struct ir_inst *v = phi->args[k] = resolve(phi->args[k]);
        if (v == phi || v == same)
            continue;
        if (same)
            return false;
        same = v;
    }
    if (!same) { /* its block is unreachable, or it feeds only itself */
        same = ir_inst_new(phi->block->func, IR_OPAQUE, phi->cls, phi->loc);
        insert_after_phis(phi->block, same);
    }
    phi->aux = same;
    return true;
}

/* ---- variables ---- */

static struct ir_inst *new_phi(struct ir_block *b, unsigned var)
{
    struct ir_func *f = b->func;
    struct builder *bld = f->builder;
    struct ir_loc loc = b->first ? b->first->loc : f->loc;
    struct ir_inst *phi = ir_inst_new(f, IR_PHI, bld->varcls[var], loc);
    phi->index = (int)var; /* until ir_finish */
    ir_prepend(b, phi);
    bld->phis = ir_grow(f->module, bld->phis, bld->nphis, &bld->capphis, sizeof *bld->phis);
    bld->phis[bld->nphis++] = phi;
    return phi;
}

static struct ir_inst *undefined(struct ir_block *b, unsigned var)
{
    struct builder *bld = b->func->builder;
    struct ir_inst *v = ir_inst_new(b->func, IR_OPAQUE, bld->varcls[var], b->func->loc);
    ir_prepend(b, v); /* a block without predecessors has no phis to stay behind */
    return v;
}

/* The value of var at the end of b.  Phis made on the way go to the todo list. */
static struct ir_inst *look_up(struct ir_block *b, unsigned var)
{
    struct ir_func *f = b->func;
    struct builder *bld = f->builder;
    struct ir_block *at = b;
    struct ir_inst *v;
    for (unsigned steps = 0; !(v = def_get(at, var)); steps++) {
        if (!at->sealed) {
            v = new_phi(at, var);
            at->incomplete = ir_grow(f->module, at->incomplete, at->nincomplete, &at->capincomplete,
                                     sizeof *at->incomplete);
            at->incomplete[at->nincomplete++] = v;
        } else if (at->npreds == 1 && steps < f->nblocks) { /* else a closed, unreachable loop */
            at = at->preds[0];
            continue;
        } else if (at->npreds <= 1) {
            v = undefined(at, var);
        } else {
            v = new_phi(at, var);
            bld->todo = ir_grow(f->module, bld->todo, bld->ntodo, &bld->captodo, sizeof *bld->todo);
            bld->todo[bld->ntodo++] = v;
        }
        break;
    }
    v = resolve(v);
    for (;; b = b->preds[0]) {
        def_set(b, var, v);
        if (b == at)
            return v;
    }
}

static void add_arg_raw(struct ir_inst *i, struct ir_inst *v)
{
    i->args = ir_grow(i->block->func->module, i->args, i->nargs, &i->capargs, sizeof *i->args);
    i->args[i->nargs++] = v;
}

static void fill_phi(struct ir_inst *phi)
{
    for (unsigned k = 0; k < phi->block->npreds; k++)
        add_arg_raw(phi, look_up(phi->block->preds[k], (unsigned)phi->index));
    forward_if_trivial(phi);
}

static void fill_pending(struct builder *bld)
{
    while (bld->ntodo)
        fill_phi(bld->todo[--bld->ntodo]);
}

unsigned ir_var_new(struct ir_func *f, enum ir_class cls)
{
    struct builder *bld = f->builder;
    bld->varcls = ir_grow(f->module, bld->varcls, f->nvars, &bld->capvars, sizeof *bld->varcls);
    bld->varcls[f->nvars] = cls;
    return f->nvars++;
}

void ir_var_write(struct ir_block *b, unsigned var, struct ir_inst *value)
{
    if (var >= b->func->nvars)
        ir_die("%s: write of variable %u of %u", b->func->name, var, b->func->nvars);
    def_set(b, var, resolve(value));
}

struct ir_inst *ir_var_read(struct ir_block *b, unsigned var)
{
    if (var >= b->func->nvars)
        ir_die("%s: read of variable %u of %u", b->func->name, var, b->func->nvars);
    struct ir_inst *v = look_up(b, var);
    fill_pending(b->func->builder);
    return resolve(v);
}

void ir_seal(struct ir_block *b)
{
    if (b->sealed)
        return;
    b->sealed = true;
    for (unsigned k = 0; k < b->nincomplete; k++)
        fill_phi(b->incomplete[k]);
    b->nincomplete = 0;
    fill_pending(b->func->builder);
}

/* ---- blocks and instructions ---- */

struct ir_func *ir_func_new(struct ir_module *m, const char *name)
{
    if (m->nfuncs == m->capfuncs) { /* malloc'ed, not arena: a whole program has very many */
        m->capfuncs = m->capfuncs ? m->capfuncs * 2 : 16;
        m->funcs = ir_xrealloc(m->funcs, m->capfuncs * sizeof *m->funcs);
    }
    struct ir_func *f = ir_alloc(m, sizeof *f);
    f->name = ir_intern(m, name);
    f->module = m;
    f->builder = ir_alloc(m, sizeof(struct builder));
    return m->funcs[m->nfuncs++] = f;
}

struct ir_block *ir_block_new(struct ir_func *f)
{
    f->blocks = ir_grow(f->module, f->blocks, f->nblocks, &f->capblocks, sizeof *f->blocks);
    struct ir_block *b = ir_alloc(f->module, sizeof *b);
    b->id = f->nblocks;
    b->func = f;
    return f->blocks[f->nblocks++] = b;
}

bool ir_terminated(const struct ir_block *b)
{
    return b->last && ir_is(b->last, IRF_TERM);
}

struct ir_inst *ir_emit(struct ir_block *b, enum ir_op op, enum ir_class cls, struct ir_loc loc)
{
    if (ir_terminated(b))
        ir_die("%s: %s emitted into block b%u, which is terminated", b->func->name, ir_op_name[op], b->id);
    struct ir_inst *i = ir_inst_new(b->func, op, cls, loc);
    ir_append(b, i);
    return i;
}

void ir_add_arg(struct ir_inst *i, struct ir_inst *value)
{
    add_arg_raw(i, resolve(value));
}

void ir_name_last(struct ir_inst *i, const char *name)
{
    unsigned n = i->nargs - 1, cap = n < 4         ? (n ? 4 : 0)
                                     : n & (n - 1) ? ~0u
                                                   : n; /* grown at 0, 4, 8, 16, ... */
    i->names = ir_grow(i->block->func->module, i->names, n, &cap, sizeof *i->names);
    i->names[n] = name;
}

void ir_add_local(struct ir_inst *i, struct ir_inst *value, const char *name)
{
    ir_add_arg(i, value);
    ir_name_last(i, name);
}

void ir_add_edge(struct ir_block *from, struct ir_block *to)
{
    struct ir_module *m = from->func->module;
    if (to->sealed)
        ir_die("%s: edge from b%u to b%u, which is sealed", from->func->name, from->id, to->id);
    from->succs = ir_grow(m, from->succs, from->nsuccs, &from->capsuccs, sizeof(struct ir_block *));
    from->succs[from->nsuccs++] = to;
    to->preds = ir_grow(m, to->preds, to->npreds, &to->cappreds, sizeof(struct ir_block *));
    to->preds[to->npreds++] = from;
}

void ir_jump(struct ir_block *from, struct ir_block *to, struct ir_loc loc)
{
    ir_emit(from, IR_JUMP, IRC_INT, loc);
    ir_add_edge(from, to);
}

void ir_branch(struct ir_block *from, struct ir_block *const *to, unsigned n, struct ir_loc loc)
{
    if (!n)
        ir_die("%s: branch without successors in b%u", from->func->name, from->id);
    struct ir_inst *t = ir_emit(from, IR_BRANCH, IRC_INT, loc);
    for (unsigned i = 0; i < n; i++) { /* several cases of a switch may go to one block: that is one edge */
        unsigned k = 0;
        while (k < from->nsuccs && from->succs[k] != to[i])
            k++;
        bool another = i + 1 < n || from->nsuccs; /* one is left in any case */
        if (k == from->nsuccs &&
            !(n > 1 && another && ir_mutant_is(from->func->module, "edge", loc, from->func->name)))
            ir_add_edge(from, to[i]);
    }
    if (from->nsuccs == 1)
        t->op = IR_JUMP;
}

void ir_ret(struct ir_block *from, struct ir_inst *value_or_null, struct ir_loc loc)
{
    struct ir_inst *t = ir_emit(from, IR_RET, IRC_INT, loc);
    if (value_or_null)
        ir_add_arg(t, value_or_null);
}

void ir_unreachable(struct ir_block *from, struct ir_loc loc)
{
    ir_emit(from, IR_UNREACH, IRC_INT, loc);
}

/* ---- finishing ---- */

/* Takes unreachable blocks out, with their edges and phi operands, and puts each block's predecessors into
 * the order of their numbers, so that the order does not depend on the order of construction (the text form
 * does not show it). */
static void prune_blocks(struct ir_func *f)
{
    ir_compute_rpo(f);
    unsigned n = 0;
    for (unsigned i = 0; i < f->nblocks; i++)
        if (f->blocks[i]->rpo != ~0u) {
            f->blocks[n] = f->blocks[i];
            f->blocks[n]->id = n;
            n++;
        }
    f->nblocks = n;
    for (unsigned i = 0; i < n; i++) {
        struct ir_block *b = f->blocks[i];
        unsigned *perm = ir_xcalloc(b->npreds, sizeof *perm), kept = 0;
        for (unsigned k = 0; k < b->npreds; k++) {
            if (b->preds[k]->rpo == ~0u)
                continue;
            unsigned at = kept++;
            for (; at && b->preds[perm[at - 1]]->id > b->preds[k]->id; at--)
                perm[at] = perm[at - 1];
            perm[at] = k;
        }
        struct ir_block **preds = ir_alloc(f->module, (kept + 1) * sizeof *preds);
        for (unsigned k = 0; k < kept; k++)
            preds[k] = b->preds[perm[k]];
        for (struct ir_inst *phi = b->first; phi && phi->op == IR_PHI; phi = phi->next) {
            if (phi->aux)
                continue;
            struct ir_inst **args = ir_alloc(f->module, (kept + 1) * sizeof *args);
            for (unsigned k = 0; k < kept; k++)
                args[k] = resolve(phi->args[perm[k]]);
            phi->args = args;
            phi->nargs = kept;
            phi->capargs = kept + 1;
        }
        b->preds = preds;
        b->npreds = kept;
        b->cappreds = kept + 1;
        free(perm);
    }
}

/* Users of phis among phis, as lists that can be joined when one phi is forwarded to another. */
struct user {
    struct ir_inst *phi;
    struct user *next;
};
struct userlist {
    struct user *first, *last;
};

/* Forwards all phis that are or become trivial. */
static void remove_trivial_phis(struct ir_func *f)
{
    struct builder *bld = f->builder;
    struct userlist *users = ir_xcalloc(f->nvalues + bld->nphis, sizeof *users);
    struct ir_inst **work = ir_xcalloc(bld->nphis, sizeof *work);
    bool *queued = ir_xcalloc(f->nvalues + bld->nphis, sizeof *queued);
    unsigned nwork = 0;
    for (unsigned i = bld->nphis; i-- > 0;) {
        struct ir_inst *phi = bld->phis[i];
        if (phi->aux || phi->block->rpo == ~0u)
            continue;
        work[nwork++] = phi;
        queued[phi->id] = true;
        for (unsigned k = 0; k < phi->nargs; k++) {
            struct ir_inst *v = phi->args[k];
            if (v->op != IR_PHI)
                continue;
            struct user *u = ir_alloc(f->module, sizeof *u);
            *u = (struct user){phi, users[v->id].first};
            users[v->id].first = u;
            if (!users[v->id].last)
                users[v->id].last = u;
        }
    }
    while (nwork) {
        struct ir_inst *phi = work[--nwork];
        queued[phi->id] = false;
        if (phi->aux || !forward_if_trivial(phi))
            continue;
        struct userlist *mine = &users[phi->id], *theirs = &users[resolve(phi)->id];
        for (struct user *u = mine->first; u; u = u->next)
            if (!queued[u->phi->id] && !u->phi->aux) {
                queued[u->phi->id] = true;
                work[nwork++] = u->phi;
            }
        if (mine->first) { /* they are users of the replacement now */
            mine->last->next = theirs->first;
            theirs->first = mine->first;
            if (!theirs->last)
                theirs->last = mine->last;
        }
    }
    free(queued);
    free(work);
    free(users);
}

void ir_finish(struct ir_func *f)
{
    for (unsigned i = 0; i < f->nblocks; i++)
        ir_seal(f->blocks[i]);
    if (!f->nblocks)
        ir_die("%s: no blocks", f->name);
    prune_blocks(f);
    remove_trivial_phis(f);
    f->nvalues = 0;
    for (unsigned i = 0; i < f->nblocks; i++) {
        struct ir_block *b = f->blocks[i];
        for (struct ir_inst *in = b->first, *next; in; in = next) {
            next = in->next;
            if (in->op == IR_PHI && in->aux) {
                ir_remove(in);
                continue;
            }
            for (unsigned k = 0; k < in->nargs; k++)
                in->args[k] = resolve(in->args[k]);
            if (in->op == IR_PHI)
                in->index = 0;
            if (ir_has_result(in))
                in->id = f->nvalues++;
        }
        b->defs = NULL;
        b->incomplete = NULL;
    }
    for (unsigned i = 0; i < f->nblocks; i++)
        for (struct ir_inst *in = f->blocks[i]->first; in; in = in->next)
            in->aux = NULL;
    f->builder = NULL;
    if (!ir_verify(f, stderr))
        ir_die("%s: the front end built malformed IR", f->name);
}
