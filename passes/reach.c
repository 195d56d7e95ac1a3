/* reach.c - which bytes a write may reach, through pointers of whatever types.
 *
 * Memory is known here by *views*: what a pointer to it points to, as the front end spells it (a record, a
 * scalar, "v" for void; "c " before it: const).  The module says which conversions of pointers the program
 * has (struct ir_view), with the places that they keep or lose.  They are edges of a graph.  Memory that was
 * made as an X can be seen as a V only if there is a way from X to V; the places in the X where such a
 * pointer may point are the sum of the places along the way, joined over all ways.  So a write of span s
 * through a pointer to S reaches a read of span t through a pointer to T only if for some X there are ways to
 * both, and the bytes meet, counted in X.  Every node is tried as X.
 *
 * Places are a least one, a greatest one and a step.  What is not followed ends in one of these nodes:
 *   "#"  pointers that went through an integer: out at any place if there was arithmetic
 *   "?"  pointers out of sight (`...`, va_arg, untranslated code, assembly, bytes): any view may come out
 *   "!"  untranslated code that may write: all bytes
 *   "v"  void *: what goes in comes out as anything, at the same place
 *
 * Pointers in memory.  Bytes that are a pointer to A in X and a pointer to B in a view V of it turn the one
 * into the other without a conversion: that is an edge both ways; found while ways are, until no more come. A
 * pointer over an integer is an edge to and from "#", over other bytes to and from "?".  Views of copied
 * memory count here only.  Where X itself says nothing (void, beyond its end) all its views are held against
 * each other. Function types are records of what they return and get, so functions that are called through
 * another type need no rule of their own.
 *
 * Object hierarchies.  A record B whose members begin T (same names, kinds and places) is its base.  From T
 * to B is up, from B to T down.  A program that goes down knows what it has: so what was made as an X, and
 * was only gone up and down since, is used as a T only as far as the members of X and T agree.  (Going down
 * to the wrong type is an error in plain C too; the checking build finds it if a field believed immutable is
 * hit.)  No other conversion is trusted so.
 *
 * Unions of records are bases and derived at once: each alternative begins the union.  An X that becomes the
 * union agrees with it in whatever place it agrees with one alternative, so members that overlap others of
 * their record are no difference.  From the union to one alternative is as going down, but for the names: C
 * lets alternatives be used for each other as far as they begin alike.
 */
#include "priv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_JOINS = 8, MAX_PAIRS = 1 << 22, MAX_ROUNDS = 64, NEAR = 1 << 20 };

/* The places where a pointer may point, and what is known of the way there. */
struct seen {
    bool reached, disciplined, loose; /* loose: arithmetic may lead anywhere */
    unsigned joins;
    long lo, hi, step;
    long limit; /* the view is used up to here only */
};
struct edge {
    unsigned to;
    long lo, hi, step;
    bool copied, arith, part, up, down, picks, keeps; /* picks: up, from a record with alternatives; keeps:
                                                          only const comes or goes */
};
struct node {
    const char *view;
    unsigned base; /* without const */
    unsigned same; /* another that a pointer to this may become and back, or itself (same_as) */
    bool record, object, mixed, untyped, function;
    long size; /* 0: not known */
    struct ir_member *members;
    unsigned nmembers, capmembers;
    bool *shared; /* of each member: others lie in the same bytes, in a union; null: none does */
    struct edge *edges;
    unsigned nedges, capedges;
    unsigned *spans;
    unsigned nspans, capspans;
};
struct entry {
    struct ir_span at;
    unsigned node;
    const struct ir_inst *who; /* of a write */
    bool write;
    const struct ir_inst *writer; /* of a question: the answer */
};
struct reach {
    const struct ir_module *m;
    struct node *nodes;
    unsigned nnodes, capnodes;
    unsigned *slot, nslots; /* by view: number, plus one */
    struct entry *entries;
    unsigned nentries, capentries;
    uint64_t *known; /* hashes of edges */
    size_t nknown, capknown;
    bool changed;
    const struct ir_inst *anywhere; /* a write of which nothing is known */
    bool all;
    struct seen *seen;
    unsigned *work;
    bool *queued;
};

#define PUSH(v, n, cap, item)                                                                                \
    do {                                                                                                     \
        if ((n) == (cap))                                                                                    \
            (v) = ir_xrealloc((v), ((cap) = (cap) ? 2 * (cap) : 8) * sizeof *(v));                           \
        (v)[(n)++] = (item);                                                                                 \
    } while (0)

/* ---- sets of places ---- */

static long far_add(long a, long b)
{
    return a >= IR_FAR || b >= IR_FAR ? IR_FAR : a + b >= IR_FAR ? IR_FAR : a + b;
}

/* Keeps the least place within bounds, congruent. */
static long near(long lo, long step)
{
    if (lo >= -IR_FAR || !step)
        return lo;
    return -IR_FAR + ((lo + IR_FAR) % step + step) % step;
}

/* May bytes of a and b be the same, moved by x and y? */
static bool meet(const struct ir_span *a, const struct ir_span *b, long wrap)
{
    long g = ir_gcd(ir_gcd(a->step, b->step), wrap), first = a->lo - b->lo;
    long least = b->hi >= IR_FAR || wrap ? -2 * IR_FAR : a->lo - b->hi;
    long most = a->hi >= IR_FAR || wrap ? 2 * IR_FAR : a->hi - b->lo;
    if (least < 1 - a->size)
        least = 1 - a->size;
    if (most > b->size - 1)
        most = b->size - 1;
    if (!g)
        return first >= least && first <= most;
    long at = least + (((first - least) % g) + g) % g;
    return at <= most;
}

/* Adds all multiples of size. */
static void walk(long *lo, long *hi, long *step, long size)
{
    *step = ir_gcd(*step, size);
    *lo = near(*lo - size * NEAR, *step);
    *hi = IR_FAR;
}

/* ---- nodes ---- */

static uint64_t hash(const char *s)
{
    uint64_t h = 14695981039346656037u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h;
}

static void add_edge(struct reach *r, unsigned from, struct edge e)
{
    uint64_t key[6] =
        {from, e.to, (uint64_t)e.lo, (uint64_t)e.hi, (uint64_t)e.step, e.copied + 2u * e.arith + 4u * e.part},
             h = 88172645463325252u;
    for (unsigned k = 0; k < 6; k++) {
        h = (h ^ key[k]) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    h |= 1;
    if (2 * r->nknown >= r->capknown) {
        uint64_t *old = r->known;
        size_t n = r->capknown;
        r->capknown = n ? 2 * n : 256;
        r->known = ir_xcalloc(r->capknown, sizeof *r->known);
        for (size_t k = 0; k < n; k++)
            if (old[k]) {
                size_t at = old[k] & (r->capknown - 1);
                while (r->known[at])
                    at = (at + 1) & (r->capknown - 1);
                r->known[at] = old[k];
            }
        free(old);
    }
    size_t at = h & (r->capknown - 1);
    while (r->known[at] && r->known[at] != h)
        at = (at + 1) & (r->capknown - 1);
    if (r->known[at])
        return;
    r->known[at] = h;
    r->nknown++;
    r->changed = true;
    struct node *n = &r->nodes[from];
    PUSH(n->edges, n->nedges, n->capedges, e);
}

/* Bytes of a scalar, as its view says: "i8", "f4", "o16", "*..."; 0: no scalar. */
static long scalar_size(const char *view)
{
    if (*view == '*')
        return 8;
    return strchr("ifo", *view) && view[1] >= '0' && view[1] <= '9' ? atol(view + 1) : 0;
}

static const char *plain(const char *view)
{
    return strncmp(view, "c ", 2) ? view : view + 2;
}

static unsigned node(struct reach *r, const char *view)
{
    if (2 * r->nnodes >= r->nslots) {
        free(r->slot);
        r->nslots = r->nslots ? 2 * r->nslots : 128;
        r->slot = ir_xcalloc(r->nslots, sizeof *r->slot);
        for (unsigned k = 0; k < r->nnodes; k++) {
            unsigned at = (unsigned)hash(r->nodes[k].view) & (r->nslots - 1);
            while (r->slot[at])
                at = (at + 1) & (r->nslots - 1);
            r->slot[at] = k + 1;
        }
    }
    unsigned at = (unsigned)hash(view) & (r->nslots - 1);
    while (r->slot[at] && strcmp(r->nodes[r->slot[at] - 1].view, view))
        at = (at + 1) & (r->nslots - 1);
    if (r->slot[at])
        return r->slot[at] - 1;
    unsigned k = r->nnodes;
    const char *p = plain(view);
    PUSH(r->nodes, r->nnodes, r->capnodes,
         ((struct node){.view = view,
                        .base = k,
                        .same = k,
                        .size = scalar_size(p),
                        .untyped = strchr("v?#!", *p) && !p[1],
                        .function = !strncmp(p, "f(", 2)}));
    r->slot[at] = k + 1;
    if (p != view) {
        unsigned base = node(r, p);
        r->nodes[k].base = base;
        r->nodes[k].size = r->nodes[base].size;
        add_edge(r, base, (struct edge){.to = k, .keeps = true});
    }
    return k;
}

static const struct node *base_of(const struct reach *r, unsigned n)
{
    return &r->nodes[r->nodes[n].base];
}

static bool same_member(const struct ir_member *a, const struct ir_member *b)
{
    return a->at.lo == b->at.lo && a->at.hi == b->at.hi && a->at.step == b->at.step &&
           a->at.size == b->at.size && !strcmp(a->name, b->name) && !strcmp(a->kind, b->kind);
}

static bool has_member(const struct node *n, const struct ir_member *m)
{
    for (unsigned k = 0; k < n->nmembers; k++)
        if (same_member(&n->members[k], m))
            return true;
    return false;
}

/* Do the members of b begin t? */
static bool is_prefix(const struct node *b, const struct node *t)
{
    if (!b->record || !t->record || b->mixed || t->mixed || !b->nmembers)
        return false;
    for (unsigned k = 0; k < b->nmembers; k++)
        if (!has_member(t, &b->members[k]))
            return false;
    return true;
}

/* Has n, at the same place, a member of the same kind?  All pointers are of one. */
static bool has_like(const struct node *n, const struct ir_member *m)
{
    for (unsigned k = 0; k < n->nmembers; k++) {
        struct ir_member like = n->members[k];
        like.name = m->name;
        if (*like.kind == '*' && *m->kind == '*')
            like.kind = m->kind;
        if (same_member(&like, m))
            return true;
    }
    return false;
}

/* Up to where what was made as a is the same as t, or as one of t's alternatives; what lies behind the end of
 * t is no difference.  by_kind: names do not count. */
static long common(const struct node *a, const struct node *t, bool by_kind)
{
    long n = IR_FAR;
    if (a == t)
        return n;
    if (a->mixed || t->mixed)
        return 0;
    for (unsigned pass = 0; pass < 2; pass++) {
        const struct node *x = pass ? a : t, *y = pass ? t : a;
        for (unsigned k = 0; k < x->nmembers; k++) {
            const struct ir_member *m = &x->members[k];
            if (m->at.lo < n && !(x->shared && x->shared[k]) && (x == t || m->at.lo < t->size) &&
                !(by_kind ? has_like(y, m) : has_member(y, m)))
                n = m->at.lo;
        }
    }
    return n;
}

static const struct ir_span start;

/* A pointer to one of these places in `from` becomes one to `to`. */
static void convert(struct reach *r, unsigned from, unsigned to, const struct ir_span *at,
                    enum ir_view_kind kind)
{
    const struct node *f = base_of(r, from), *t = base_of(r, to);
    bool copied = kind == IR_VIEW_COPIED;
    struct edge e = {.to = to,
                     .lo = at->lo,
                     .hi = at->hi,
                     .step = at->step,
                     .copied = copied,
                     .part = kind == IR_VIEW_PART,
                     .arith = kind == IR_VIEW_ARITH};
    if (!at->lo && f != t && !copied) {
        e.up = is_prefix(t, f);
        e.down = !e.up && is_prefix(f, t);
        e.picks = e.up && f->shared;
    }
    e.keeps = f == t && !at->lo && !at->hi && !e.arith;
    if (e.up || e.down)
        e.hi = e.step = 0;
    add_edge(r, from, e);
}

static unsigned same_as(struct reach *r, unsigned n)
{
    while (r->nodes[n].same != n)
        n = r->nodes[n].same = r->nodes[r->nodes[n].same].same;
    return n;
}

/* Pointers to a become pointers to b, and back.  Where they do by way of others already nothing is added:
 * else the views of a place that all types share would be joined two by two. */
static void both(struct reach *r, const char *a, const char *b)
{
    if (!strcmp(a, b))
        return;
    unsigned x = node(r, a), y = node(r, b);
    const struct node *f = base_of(r, x), *t = base_of(r, y);
    if (!f->function && !t->function && !is_prefix(f, t) && !is_prefix(t, f)) {
        unsigned fx = same_as(r, x), fy = same_as(r, y);
        if (fx == fy)
            return;
        r->nodes[fy].same = fx;
    }
    convert(r, x, y, &start, IR_VIEW_CONVERT);
    convert(r, y, x, &start, IR_VIEW_CONVERT);
}

/* s, of a pointer to n, as it is seen where `to` is. */
static struct ir_span moved(const struct ir_span *s, const struct node *n, const struct seen *to)
{
    struct ir_span r = *s;
    r.step = ir_gcd(s->step, to->step);
    r.lo = near(s->lo + to->lo, r.step);
    r.hi = far_add(s->hi, to->hi);
    if (s->indexed && to->loose)
        walk(&r.lo, &r.hi, &r.step, n->size > 0 ? n->size : 1);
    if (to->limit < IR_FAR && r.lo == r.hi && r.lo + r.size > to->limit)
        r.size = to->limit - r.lo;
    return r;
}

/* ---- what the module says ---- */

static void take_record(struct reach *r, const struct ir_record *rec)
{
    unsigned k = node(r, rec->view);
    struct node *n = &r->nodes[k];
    unsigned before = n->nmembers, same = 0;
    for (unsigned i = 0; i < rec->nmembers; i++) {
        bool has = has_member(n, &rec->members[i]);
        same += has;
        if (!has)
            PUSH(n->members, n->nmembers, n->capmembers, rec->members[i]);
    }
    if (n->record && (same != rec->nmembers || before != n->nmembers || n->object != rec->object))
        n->mixed = true;
    n->object = rec->object && (!n->record || n->object);
    n->record = true;
    if (rec->size > n->size)
        n->size = rec->size;
}

/* Which members of n lie in the same bytes as others. */
static void find_shared(struct node *n)
{
    for (unsigned k = 0; k < n->nmembers && n->record && !n->function; k++)
        for (unsigned i = 0; i < k; i++) {
            if (!meet(&n->members[i].at, &n->members[k].at, 0))
                continue;
            if (!n->shared)
                n->shared = ir_xcalloc(n->nmembers, sizeof *n->shared);
            n->shared[i] = n->shared[k] = true;
        }
}

static void take_views(struct reach *r)
{
    struct makers *makers = makers_new(r->m);
    for (unsigned k = 0; k < r->m->nviews; k++) {
        const struct ir_view *v = r->m->views[k];
        if (v->unless && makers_keep_none(makers, v->unless))
            continue;
        unsigned from = node(r, v->from.view), to = node(r, v->to);
        convert(r, from, to, &v->from, v->kind);
        if (v->kind == IR_VIEW_COPIED)
            convert(r, to, from, &start, v->kind);
    }
    makers_free(makers);
}

static int by_place(const void *a, const void *b)
{
    const struct ir_declared *x = *(struct ir_declared *const *)a, *y = *(struct ir_declared *const *)b;
    int c = strcmp(x->name, y->name);
    return c ? c : (x->param > y->param) - (x->param < y->param);
}

/* What files take for different things is all of them; what none defines is out of sight. */
static void take_declared(struct reach *r)
{
    unsigned n = r->m->ndeclared;
    struct ir_declared **v = ir_xcalloc(n, sizeof *v);
    if (n) {
        memcpy(v, r->m->declared, n * sizeof *v);
        qsort(v, n, sizeof *v, by_place);
    }
    for (unsigned k = 0, end; k < n; k = end) {
        bool defined = false;
        for (end = k; end < n && !by_place(&v[k], &v[end]); end++)
            defined |= v[end]->defined;
        for (unsigned i = k; i < end; i++) {
            both(r, v[k]->view, v[i]->view);
            if (defined)
                continue;
            both(r, v[i]->view, "?");
            if (strncmp(v[i]->view, "c ", 2))
                convert(r, node(r, v[i]->view), node(r, "!"), &start, IR_VIEW_CONVERT);
        }
    }
    free(v);
}

struct reach *reach_new(const struct ir_module *m)
{
    struct reach *r = ir_xcalloc(1, sizeof *r);
    r->m = m;
    for (unsigned k = 0; k < m->nrecords; k++)
        take_record(r, m->records[k]);
    for (unsigned k = 0; k < r->nnodes; k++)
        find_shared(&r->nodes[k]);
    take_views(r);
    take_declared(r);
    both(r, "?", "#"); /* integers are made of bytes, and passed by what passes pointers */
    return r;
}

void reach_free(struct reach *r)
{
    for (unsigned k = 0; k < r->nnodes; k++) {
        free(r->nodes[k].members);
        free(r->nodes[k].shared);
        free(r->nodes[k].edges);
        free(r->nodes[k].spans);
    }
    free(r->nodes);
    free(r->slot);
    free(r->entries);
    free(r->known);
    free(r);
}

/* ---- writes and questions ---- */

static bool same_span(const struct ir_span *a, const struct ir_span *b)
{
    return a->lo == b->lo && a->hi == b->hi && a->step == b->step && a->size == b->size &&
           a->indexed == b->indexed && a->own == b->own;
}

static unsigned add_entry(struct reach *r, const struct ir_span *s, const struct ir_inst *who, bool write)
{
    unsigned k = node(r, s->view);
    struct node *n = &r->nodes[k];
    bool each = write && r->m->mutant; /* who says where all are that write there */
    for (unsigned i = 0; i < n->nspans && !each; i++)
        if (r->entries[n->spans[i]].write == write && same_span(&r->entries[n->spans[i]].at, s))
            return n->spans[i];
    PUSH(n->spans, n->nspans, n->capspans, r->nentries);
    PUSH(r->entries, r->nentries, r->capentries, ((struct entry){*s, k, who, write, NULL}));
    return r->nentries - 1;
}

void reach_write(struct reach *r, const struct ir_span *s, const struct ir_inst *who)
{
    if (s) {
        add_entry(r, s, who, true);
        return;
    }
    r->all = true;
    r->anywhere = who;
}

unsigned reach_ask(struct reach *r, const struct ir_span *s)
{
    return add_entry(r, s, NULL, false);
}

const struct ir_inst *reach_writer(const struct reach *r, unsigned question)
{
    static const struct ir_inst something = {.sym = "something"};
    return !r->all ? r->entries[question].writer : r->anywhere ? r->anywhere : &something;
}

/* ---- ways ---- */

/* What is seen over edge e from where s is seen, of memory that was made as x; false: nothing. */
static bool over(const struct reach *r, unsigned x, const struct seen *s, const struct edge *e,
                 struct seen *to)
{
    const struct node *made = base_of(r, x), *t = base_of(r, e->to);
    *to = *s;
    to->joins = 0;
    if (t->function != made->function && !(made->function && t->untyped))
        return false; /* functions are no data */
    if (made->function) {
        to->loose = false;
        return !e->arith;
    }
    if (e->keeps)
        return true;
    if (e->arith) {
        if (s->loose)
            walk(&to->lo, &to->hi, &to->step, t->size > 0 ? t->size : 1);
        to->disciplined = false;
        return true;
    }
    to->loose = !e->part && !t->object;
    to->step = ir_gcd(s->step, e->step);
    to->lo = near(s->lo + e->lo, to->step);
    to->hi = far_add(s->hi, e->hi);
    if (to->lo != to->hi && !to->step)
        to->step = to->hi >= IR_FAR ? 1 : to->hi - to->lo;
    if (s->limit < IR_FAR && to->lo >= s->limit)
        return false;
    to->disciplined = s->disciplined && !s->lo && !s->hi && (e->up || e->down);
    if (to->disciplined && (e->down || e->picks)) {
        long n = common(made, t, e->picks);
        to->limit = n < s->limit ? n : s->limit;
        return to->limit > 0;
    }
    return true;
}

/* Joins s into *to; true if that changed. */
static bool join(struct seen *to, const struct seen *s)
{
    if (!to->reached) {
        *to = *s;
        to->reached = true;
        to->joins = 0;
        return true;
    }
    struct seen was = *to;
    to->step = ir_gcd(ir_gcd(to->step, s->step), to->lo - s->lo);
    to->lo = s->lo < to->lo ? s->lo : to->lo;
    to->hi = s->hi > to->hi ? s->hi : to->hi;
    to->limit = s->limit > to->limit ? s->limit : to->limit;
    to->disciplined &= s->disciplined;
    to->loose |= s->loose;
    if (to->lo == was.lo && to->hi == was.hi && to->step == was.step && to->limit == was.limit &&
        to->disciplined == was.disciplined && to->loose == was.loose)
        return false;
    if (++to->joins > MAX_JOINS && to->step) { /* it walks */
        to->hi = to->hi > was.hi ? IR_FAR : to->hi;
        to->lo = to->lo < was.lo ? near(to->lo - to->step * NEAR * NEAR, to->step) : to->lo;
    }
    return true;
}

/* r->seen: as what memory that was made as x is seen. */
static void ways(struct reach *r, unsigned x, bool copies)
{
    unsigned head = 0, tail = 0, n = 0, cap = r->nnodes;
    memset(r->seen, 0, r->nnodes * sizeof *r->seen);
    memset(r->queued, 0, r->nnodes * sizeof *r->queued);
    r->seen[x] =
        (struct seen){.reached = true, .disciplined = true, .loose = !base_of(r, x)->object, .limit = IR_FAR};
    r->work[tail] = x;
    tail = (tail + 1) % cap;
    n = 1;
    while (n) {
        unsigned at = r->work[head];
        head = (head + 1) % cap;
        n--;
        r->queued[at] = false;
        for (unsigned k = 0; k < r->nodes[at].nedges; k++) {
            const struct edge *e = &r->nodes[at].edges[k];
            struct seen s;
            if ((e->copied && !copies) || !over(r, x, &r->seen[at], e, &s) || !join(&r->seen[e->to], &s) ||
                r->queued[e->to])
                continue;
            r->queued[e->to] = true;
            r->work[tail] = e->to;
            tail = (tail + 1) % cap;
            n++;
        }
    }
}

/* ---- pointers in memory ---- */

struct leaf {
    const char *kind;
    struct ir_span at;
};
struct leaves {
    struct leaf *v;
    unsigned n, cap;
};

static void add_leaves(struct leaves *l, const struct node *n, const struct seen *s)
{
    struct ir_span whole = {.size = n->size};
    for (unsigned k = 0; k < (n->record ? n->nmembers : n->size > 0); k++) {
        struct leaf leaf = {n->record ? n->members[k].kind : plain(n->view),
                            moved(n->record ? &n->members[k].at : &whole, n, s)};
        if (leaf.at.lo < s->limit)
            PUSH(l->v, l->n, l->cap, leaf);
    }
}

/* The same bytes are a's and b's. */
static void overlay(struct reach *r, const char *a, const char *b)
{
    bool pa = *a == '*', pb = *b == '*';
    if ((!pa && !pb) || !strcmp(a, b))
        return;
    if (pa && pb)
        both(r, a + 1, b + 1);
    else
        both(r, pa ? a + 1 : b + 1, scalar_size(pa ? b : a) >= 8 ? "#" : "?");
}

static void overlay_all(struct reach *r, const struct leaves *a, const struct leaves *b, long wrap)
{
    if ((unsigned long)a->n * b->n > MAX_PAIRS) {
        for (unsigned k = 0; k < a->n + b->n; k++) {
            const char *kind = k < a->n ? a->v[k].kind : b->v[k - a->n].kind;
            if (*kind == '*')
                both(r, kind + 1, "?");
        }
        return;
    }
    for (unsigned i = 0; i < a->n; i++)
        for (unsigned k = 0; k < b->n; k++)
            if ((*a->v[i].kind == '*' || *b->v[k].kind == '*') && meet(&a->v[i].at, &b->v[k].at, wrap))
                overlay(r, a->v[i].kind, b->v[k].kind);
}

static bool has_place(const struct leaves *l, long at)
{
    for (unsigned k = 0; k < l->n; k++)
        if (l->v[k].at.lo == at)
            return true;
    return false;
}

/* What memory made as x holds, by its members and by what it is seen as. */
static void look_inside(struct reach *r, unsigned x)
{
    struct leaves own = {0}, beyond = {0};
    struct seen start_of = {.limit = IR_FAR};
    const struct node made = r->nodes[x];
    unsigned nnodes = r->nnodes; /* grows */
    long size = made.untyped ? 0 : made.size, wrap = made.record && !made.object ? size : 0;
    add_leaves(&own, &made, &start_of);
    overlay_all(r, &own, &own, 0);
    if (!made.record && own.n) { /* perhaps an array */
        own.v[0].at.step = size;
        own.v[0].at.lo = -size * NEAR;
        own.v[0].at.hi = IR_FAR;
    }
    for (unsigned v = 0; v < nnodes; v++) {
        const struct node n = *base_of(r, v);
        const struct seen *as = &r->seen[v];
        if (!as->reached || (n.base == x && !as->lo && !as->hi))
            continue;
        struct leaves seen = {0};
        add_leaves(&seen, &n, as);
        overlay_all(r, &own, &seen, wrap);
        for (unsigned k = 0; made.function && n.function && k < own.n + seen.n; k++) {
            const struct leaf *one = k < own.n ? &own.v[k] : &seen.v[k - own.n];
            if (*one->kind == '*' && !has_place(k < own.n ? &seen : &own, one->at.lo))
                both(r, one->kind + 1, "?"); /* passed, but not got, or the other way */
        }
        for (unsigned k = 0; *n.view == '!' && k < own.n; k++)
            if (*own.v[k].kind == '*')
                both(r, own.v[k].kind + 1, "?");
        for (unsigned k = 0; k < seen.n; k++)
            if (!wrap && *seen.v[k].kind == '*' && (seen.v[k].at.lo >= size || seen.v[k].at.hi >= size))
                PUSH(beyond.v, beyond.n, beyond.cap, seen.v[k]);
        free(seen.v);
    }
    overlay_all(r, &beyond, &beyond, 0);
    free(own.v);
    free(beyond.v);
}

/* ---- the answers ---- */

/* Is memory that was made as x used by entry e, of view v? */
static bool is_used(const struct reach *r, unsigned x, unsigned v, unsigned e)
{
    return r->entries[e].at.lo + r->seen[v].lo < r->seen[v].limit && (!r->entries[e].at.own || v == x);
}

/* The bytes of it that e is about. */
static struct ir_span place_in(const struct reach *r, unsigned e)
{
    static const struct seen made = {.limit = IR_FAR};
    const struct entry *n = &r->entries[e];
    return moved(&n->at, base_of(r, n->node), n->at.own ? &made : &r->seen[n->node]);
}

/* Are bytes of s and t, of memory made as n, the same? */
static bool meet_in(const struct node *n, const struct ir_span *s, const struct ir_span *t)
{
    bool both_inside = !s->step && s->lo >= 0 && s->lo + s->size <= n->size && !t->step && t->lo >= 0 &&
                       t->lo + t->size <= n->size;
    return meet(s, t, n->object || both_inside ? 0 : n->size);
}

static const struct ir_inst untranslated = {.sym = "untranslated code"};

static void answer(struct reach *r, unsigned x)
{
    unsigned *writes = NULL, *asked = NULL, nwrites = 0, nasked = 0, capwrites = 0, capasked = 0;
    struct ir_span *at = NULL;
    bool lost = false;
    for (unsigned v = 0; v < r->nnodes; v++) {
        if (!r->seen[v].reached)
            continue;
        lost |= !strcmp(r->nodes[v].view, "!");
        for (unsigned k = 0; k < r->nodes[v].nspans; k++) {
            unsigned e = r->nodes[v].spans[k];
            if (!is_used(r, x, v, e))
                continue;
            if (r->entries[e].write)
                PUSH(writes, nwrites, capwrites, e);
            else if (!r->entries[e].writer)
                PUSH(asked, nasked, capasked, e);
        }
    }
    at = ir_xcalloc(nwrites, sizeof *at);
    for (unsigned k = 0; k < nwrites; k++)
        at[k] = place_in(r, writes[k]);
    for (unsigned q = 0; q < nasked; q++) {
        struct entry *e = &r->entries[asked[q]];
        struct ir_span s = place_in(r, asked[q]);
        if (lost)
            e->writer = &untranslated;
        for (unsigned k = 0; k < nwrites && !e->writer; k++)
            if (meet_in(&r->nodes[x], &s, &at[k]))
                e->writer = r->entries[writes[k]].who;
    }
    free(writes);
    free(asked);
    free(at);
}

static void give_room_back(struct reach *r)
{
    free(r->seen);
    free(r->work);
    free(r->queued);
    r->seen = NULL;
    r->work = NULL;
    r->queued = NULL;
}

static void make_room(struct reach *r)
{
    give_room_back(r);
    r->seen = ir_xcalloc(r->nnodes, sizeof *r->seen);
    r->work = ir_xcalloc(r->nnodes, sizeof *r->work);
    r->queued = ir_xcalloc(r->nnodes, sizeof *r->queued);
}

void reach_solve(struct reach *r)
{
    unsigned rounds = 0;
    if (!r->nnodes)
        return;
    do {
        r->changed = false;
        for (unsigned x = 0; x < r->nnodes; x++) {
            if (x == 0 || !r->seen)
                make_room(r);
            unsigned before = r->nnodes;
            if (r->nodes[x].base != x)
                continue;
            ways(r, x, true);
            look_inside(r, x);
            if (before != r->nnodes) /* const, "#" or "?" for the first time */
                make_room(r);
        }
    } while (r->changed && ++rounds < MAX_ROUNDS);
    r->all |= r->changed;
    make_room(r);
    for (unsigned x = 0; x < r->nnodes; x++) {
        ways(r, x, false);
        answer(r, x);
    }
    give_room_back(r);
}

void reach_forget(struct reach *r, unsigned question, void (*visit)(void *ctx, const struct ir_inst *who),
                  void *ctx)
{
    const struct entry *q = &r->entries[question];
    bool *may = ir_xcalloc(r->nentries + 1, sizeof *may), lost = r->all; /* whose writes may reach it */
    make_room(r);
    for (unsigned x = 0; x < r->nnodes; x++) {
        ways(r, x, false);
        if (!r->seen[q->node].reached || !is_used(r, x, q->node, question))
            continue;
        struct ir_span s = place_in(r, question);
        for (unsigned v = 0; v < r->nnodes; v++)
            lost |= r->seen[v].reached && !strcmp(r->nodes[v].view, "!");
        for (unsigned e = 0; e < r->nentries; e++) {
            unsigned v = r->entries[e].node;
            if (!r->entries[e].write || !r->seen[v].reached || !is_used(r, x, v, e))
                continue;
            struct ir_span t = place_in(r, e);
            may[e] |= meet_in(&r->nodes[x], &s, &t);
        }
    }
    give_room_back(r);
    if (lost)
        visit(ctx, r->anywhere ? r->anywhere : &untranslated);
    for (unsigned e = 0; e < r->nentries; e++)
        if (may[e])
            visit(ctx, r->entries[e].who);
    free(may);
    r->entries[question].writer = NULL;
}

void reach_asked(struct reach *r, void (*visit)(void *ctx, unsigned question, const struct ir_span *at),
                 void *ctx)
{
    if (r->all || !r->nnodes)
        return;
    make_room(r);
    for (unsigned x = 0; x < r->nnodes; x++) {
        const struct node *made = &r->nodes[x];
        if (made->base != x || !made->record || made->function)
            continue;
        ways(r, x, false);
        for (unsigned v = 0; v < r->nnodes; v++)
            for (unsigned k = 0; r->seen[v].reached && k < r->nodes[v].nspans; k++) {
                unsigned e = r->nodes[v].spans[k];
                if (r->entries[e].write || r->entries[e].writer || !is_used(r, x, v, e))
                    continue;
                struct ir_span at = place_in(r, e);
                at.view = made->view;
                at.indexed = at.own = false;
                visit(ctx, e, &at);
            }
    }
    give_room_back(r);
}
