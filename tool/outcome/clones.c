/* clones.c - copies of functions (passes/clone.c) in the source's terms: what of a copy belongs to which
 * node of the tree.
 *
 * There is one tree for a function and all its copies, and emit/ works on it once for each of them.  What
 * differs is what the nodes refer to: the numbers of accesses, and the IR's instructions.  clone_bind
 * exchanges these for those of a copy, and clone_unbind puts them back. */
#include "outcome/clones.h"

#include <stdlib.h>
#include <string.h>

/* ---- before the passes ---- */

/* ---- after them ---- */

static uint64_t name_key(const char *s)
{
    return hash_bytes(s, strlen(s)) | 1;
}
static uint64_t inst_key(const struct ir_inst *i)
{
    return (uint64_t)(uintptr_t)i;
}

static void adopt_accesses(struct unit *u, const struct ir_func *f)
{
    for (unsigned b = 0; b < f->nblocks; b++)
        for (const struct ir_inst *i = f->blocks[b]->first; i; i = i->next)
            if (ir_op_flags[i->op] & IRF_ACCESS)
                u->access_nodes[i->access] = u->access_nodes[i->origin->access];
}

void clones_adopt(struct unit *u)
{
    struct map by_name = {0};
    if (u->nclones || !u->ir->nfuncs || !u->ir->funcs[u->ir->nfuncs - 1]->clone_of) /* copies come last */
        return;
    for (unsigned i = 0; i < u->nfuncs; i++)
        map_put(&by_name, name_key(u->funcs[i]->name), u->funcs[i]);
    if (u->capaccesses < u->ir->naccesses) {
        u->access_nodes = xrealloc(u->access_nodes, u->ir->naccesses * sizeof *u->access_nodes);
        u->capaccesses = u->ir->naccesses;
    }
    for (; u->naccesses < u->ir->naccesses; u->naccesses++)
        u->access_nodes[u->naccesses] = NULL;
    for (unsigned k = 0; k < u->ir->nfuncs; k++) {
        struct ir_func *f = u->ir->funcs[k];
        if (!f->clone_of)
            continue;
        struct clone *c = arena_alloc(&u->arena, sizeof *c);
        c->f = f;
        c->of = map_get(&by_name, name_key(f->clone_of->name));
        ptr_push(&u->clones, &u->nclones, &u->capclones, c);
        map_put(&u->clone_of_name, name_key(f->name), c);
        struct clone **at = (struct clone **)&c->of->clones;
        while (*at)
            at = &(*at)->next;
        *at = c;
        adopt_accesses(u, f);
    }
    map_free(&by_name);
}

struct clone *clone_named(const struct unit *u, const char *name)
{
    return map_get(&u->clone_of_name, name_key(name));
}

void clones_free(struct unit *u)
{
    free(u->clones);
    map_free(&u->clone_of_name);
}

/* ---- the tree ---- */

struct bound {
    struct node *n;
    int access;
    const struct ir_inst *inst, *inev;
    struct ir_inst *anchor[ANCHOR_SLOTS];
};
struct binding {
    struct map
        twin; /* the front end's instruction -> the copy's, and access number + 1 -> the copy's access */
    struct bound *v;
    unsigned n, cap;
};

static void exchange(const struct binding *b, struct node *n)
{
    const struct ir_inst *i;
    if (n->access >= 0 && (i = map_get(&b->twin, (uint64_t)n->access + 1)))
        n->access = i->access;
    if (n->inst && (i = map_get(&b->twin, inst_key(n->inst))))
        n->inst = i;
    if (n->inev && (i = map_get(&b->twin, inst_key(n->inev))))
        n->inev = i;
    for (unsigned k = 0; k < ANCHOR_SLOTS; k++) {
        struct ir_inst *a = n->anchor[k] ? map_get(&b->twin, inst_key(n->anchor[k])) : NULL;
        n->anchor[k] = a ? a : n->anchor[k];
    }
}

static bool has_anchor(const struct node *n)
{
    bool any = false;
    for (unsigned k = 0; k < ANCHOR_SLOTS; k++)
        any |= n->anchor[k] != NULL;
    return any;
}

static void bind(struct binding *b, struct node *n)
{
    if (!n)
        return;
    if (n->access >= 0 || n->inst || n->inev || has_anchor(n)) {
        if (b->n == b->cap)
            b->v = xrealloc(b->v, (b->cap = b->cap ? 2 * b->cap : 64) * sizeof *b->v);
        struct bound *x = &b->v[b->n++];
        *x = (struct bound){.n = n, .access = n->access, .inst = n->inst, .inev = n->inev};
        memcpy(x->anchor, n->anchor, sizeof x->anchor);
        exchange(b, n);
    }
    for (unsigned i = 0; i < n->nkids; i++)
        bind(b, n->kids[i]);
    if (n->old) { /* shares its children with the target */
        struct node alone = *n->old;
        n->old->nkids = 0;
        bind(b, n->old);
        n->old->nkids = alone.nkids;
    }
}

struct binding *clone_bind(const struct clone *c)
{
    struct binding *b = memset(xrealloc(NULL, sizeof *b), 0, sizeof *b);
    for (unsigned k = 0; k < c->f->nblocks; k++)
        for (struct ir_inst *i = c->f->blocks[k]->first; i; i = i->next) {
            if (!i->origin)
                continue;
            map_put(&b->twin, inst_key(i->origin), i);
            if (ir_op_flags[i->op] & IRF_ACCESS)
                map_put(&b->twin, (uint64_t)i->origin->access + 1, i);
        }
    bind(b, c->of->body);
    return b;
}

void clone_unbind(struct binding *b)
{
    while (b->n) {
        struct bound *x = &b->v[--b->n];
        x->n->access = x->access;
        x->n->inst = x->inst;
        x->n->inev = x->inev;
        memcpy(x->n->anchor, x->anchor, sizeof x->anchor);
    }
    map_free(&b->twin);
    free(b->v);
    free(b);
}
