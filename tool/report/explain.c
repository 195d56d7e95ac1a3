/* explain.c - why a barrier stayed, and which pass removed it.
 *
 * outcome/history.c knows what was decided after each pass.  The reason is found anew, by a search backward
 * through the function from the barrier, along every path, until the path meets an earlier barrier that would
 * do, or something that stands against it: the end of all facts (a safepoint, a call that may pass one), the
 * place where the pointer comes from, the function's start. So an explanation is independent of how the
 * passes compute it, and can be wrong in one way only: when paths meet nothing but barriers that would do,
 * the passes have missed something, and the explanation says so.
 *
 * The search is bounded; what it has found by then is reported. */
#include "report/explain.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/externals.h"
#include "outcome/history.h"

enum { MAX_STATES = 512, MAX_STEPS = 10000, MAX_ENDS = 16 };

/* ---- the search ---- */

enum end_kind { END_FACTS, END_DEFINITION, END_ADDRESS, END_ENTRY };

/* Which blocks of a function lie on a cycle: its strongly connected components, after Tarjan, "Depth-First
 * Search and Linear Graph Algorithms", SIAM J. Computing 1972. */
struct frame {
    const struct ir_block *b;
    unsigned next;
};
struct loops {
    const struct ir_func *f;
    bool *in;                     /* by block */
    unsigned *index, *low, count; /* index: 0 unseen, ~0u in a finished component */
    const struct ir_block **open;
    unsigned nopen;
    struct frame *path;
    unsigned npath;
};

/* Where a path stopped without a barrier that would do. */
struct end {
    enum end_kind kind;
    const struct ir_inst *at;
    const struct ir_inst *join;
};

/* At the end of a block: a barrier is wanted on what lies `off` bytes behind `base`, or on the object that
 * it points into. */
struct state {
    const struct ir_block *block;
    struct ir_inst *base;
    int off;
    bool object;                /* only a barrier on the whole object will do */
    const struct ir_inst *join; /* the end of the predecessor taken at the join nearest to the access */
};

struct search {
    const struct ir_inst *barrier;
    bool write;
    struct state states[MAX_STATES];
    unsigned n, done;
    unsigned steps;
    struct end ends[MAX_ENDS];
    unsigned nends;
    struct loops loops; /* of the function searched last */
    const struct ir_inst *covers[MAX_ENDS];
    unsigned ncovers; /* barriers, allocations, calls that do it, a parameter or a first instruction: the
                         callers */
    const struct ir_inst *weaker; /* a read barrier met where a write barrier is wanted */
};

/* The pointer as a base and a constant number of bytes behind it. */
static struct ir_inst *base_of(struct ir_inst *v, int *off)
{
    *off = 0;
    while (v->op == IR_COPY || (v->op == IR_DERIVE && v->index >= 0)) {
        *off += v->op == IR_DERIVE ? v->index : 0;
        v = v->args[0];
    }
    return v;
}

static bool is_global(const struct ir_inst *v)
{
    return v->op == IR_ADDR && v->cls != IRC_RAW && v->sym;
}
static bool same_base(const struct ir_inst *a, const struct ir_inst *b)
{
    return a == b || (is_global(a) && is_global(b) && !strcmp(a->sym, b->sym));
}

/* Does a fact about (base, off) give what is wanted? */
static bool gives(const struct search *s, const struct state *st, const struct ir_inst *base, int off,
                  enum ir_unit unit, unsigned size)
{
    if (same_base(base, st->base)) {
        if (unit == IRU_OBJECT)
            return !s->write || (s->barrier->unit == IRU_OBJECT && off == st->off);
        return !st->object && s->barrier->unit == IRU_ADDRESS && off == st->off && s->barrier->size &&
               size >= s->barrier->size;
    }
    struct ir_inst *v = st->base;
    while (!s->write && unit == IRU_OBJECT && v->op == IR_DERIVE) {
        int any;
        v = base_of(v->args[0], &any);
        if (same_base(base, v))
            return true;
    }
    return false;
}

/* Does barrier b do what is wanted? */
static bool would_do(const struct search *s, const struct ir_inst *b, const struct state *st)
{
    if (!(ir_op_flags[b->op] & IRF_BARRIER) || (b->flags & IRI_REMOVED) || (s->write && b->op != IR_WBAR))
        return false;
    int off;
    if (b->unit == IRU_RANGE)
        return !st->object && st->base == b->args[0];
    struct ir_inst *base = base_of(b->args[0], &off);
    return gives(s, st, base, off + b->index, b->unit, b->size);
}

/* Has a call done it when it returns? */
static bool call_does(const struct search *s, const struct ir_inst *i, const struct state *st)
{
    for (unsigned k = 0; i->callee && k < i->callee->ndone; k++) {
        const struct ir_fact *q = &i->callee->done[k];
        int off = 0;
        if (s->write && q->kind != IR_FACT_WRITTEN)
            continue;
        if (q->sym ? is_global(st->base) && !strcmp(q->sym, st->base->sym) &&
                         gives(s, st, st->base, q->off, q->unit, q->size)
                   : (unsigned)q->param < i->nargs &&
                         gives(s, st, base_of(i->args[q->param], &off), off + q->off, q->unit, q->size))
            return true;
    }
    return false;
}

/* Have all callers done it?  base: a parameter, or a global at the function's start. */
static bool callers_do(const struct search *s, const struct ir_func *f, const struct state *st)
{
    for (unsigned k = 0; k < f->sum.ngiven; k++) {
        const struct ir_fact *q = &f->sum.given[k];
        bool same = q->sym ? is_global(st->base) && !strcmp(q->sym, st->base->sym)
                           : st->base->op == IR_PARAM && st->base->index == q->param;
        if (same && (q->kind == IR_FACT_FRESH || ((!s->write || q->kind == IR_FACT_WRITTEN) &&
                                                  gives(s, st, st->base, q->off, q->unit, q->size))))
            return true;
    }
    return false;
}

static void add_end(struct search *s, enum end_kind kind, const struct ir_inst *at,
                    const struct ir_inst *join)
{
    for (unsigned i = 0; i < s->nends; i++)
        if (s->ends[i].kind == kind && s->ends[i].at == at)
            return;
    if (s->nends < MAX_ENDS)
        s->ends[s->nends++] = (struct end){kind, at, join};
}

static void add_cover(struct search *s, const struct ir_inst *b)
{
    for (unsigned i = 0; i < s->ncovers; i++)
        if (s->covers[i] == b)
            return;
    if (s->ncovers < MAX_ENDS)
        s->covers[s->ncovers++] = b;
}

static void push(struct search *s, struct state st)
{
    for (unsigned i = 0; i < s->n; i++)
        if (s->states[i].block == st.block && s->states[i].base == st.base && s->states[i].off == st.off &&
            s->states[i].object == st.object)
            return;
    if (s->n < MAX_STATES)
        s->states[s->n++] = st;
}

/* The pointer's definition has been reached.  True if the search goes on, for the object that it was derived
 * from. */
static bool definition(struct search *s, struct state *st, const struct ir_inst *i)
{
    bool fresh =
        i->op == IR_ALLOC || (i->flags & IRI_RETURNS_FRESH && (i->op == IR_CALL || i->op == IR_ICALL));
    if (fresh || i->op == IR_NULLV) {
        add_cover(s, i);
    } else if (i->op == IR_DERIVE && i->args[0]->flags & IRI_RANGE) {
        st->base = i->args[0];
        return true;
    } else if (i->op == IR_DERIVE) {
        struct ir_inst *root = ir_object_root(st->base);
        if (!s->write || root->op == IR_ALLOC) {
            st->base = base_of(i->args[0], &st->off);
            st->object = true;
            return true;
        }
        add_end(s, END_ADDRESS, i, st->join);
    } else if (i->op == IR_PARAM && callers_do(s, i->block->func, st)) {
        add_cover(s, i);
    } else {
        add_end(s, END_DEFINITION, i, st->join);
    }
    return false;
}

/* Goes back from `i`, in one block and then to its predecessors. */
static void walk(struct search *s, struct state st, const struct ir_inst *i)
{
    int off;
    const struct ir_inst *lasting = NULL; /* a call, if it has not ended the transaction */
    for (; i && i->op != IR_PHI && s->steps < MAX_STEPS; i = i->prev, s->steps++) {
        if (i->flags & IRI_BROKEN) {
            if (would_do(s, i, &st)) {
                add_cover(s, i);
                for (lasting = i; lasting->op != IR_ANCHOR;)
                    lasting = lasting->prev;
                lasting = lasting->prev;
            }
            continue;
        }
        if (would_do(s, i, &st) || (!s->write && ir_turns_inevitable(i)) ||
            ((i->op == IR_CALL || i->op == IR_ICALL) && call_does(s, i, &st))) {
            add_cover(s, i);
            return;
        }
        if (s->write && !s->weaker && i->op == IR_RBAR && !(i->flags & IRI_REMOVED) &&
            same_base(base_of(i->args[0], &off), st.base))
            s->weaker = i;
        if (i == st.base && !is_global(i)) {
            if (!definition(s, &st, i))
                return;
            continue;
        }
        if (i->flags & IRI_NORETURN)
            return;
        if (ir_ends_facts(i) && i != lasting) {
            add_end(s, END_FACTS, i, st.join);
            return;
        }
    }
    const struct ir_block *b = st.block;
    if (!b->npreds && callers_do(s, b->func, &st))
        add_cover(s, b->first);
    else if (!b->npreds)
        add_end(s, END_ENTRY, b->first, st.join);
    for (unsigned p = 0; p < b->npreds; p++) {
        struct ir_inst *v = st.base;
        off = 0;
        if (v->op == IR_PHI && v->block == b)
            v = base_of(v->args[p], &off);
        push(s, (struct state){b->preds[p], v, st.off + off, st.object,
                               st.join || b->npreds < 2 ? st.join : b->preds[p]->last});
    }
}

static void search(struct search *s, const struct ir_inst *barrier)
{
    s->barrier = barrier;
    s->write = barrier->op == IR_WBAR;
    s->n = s->done = s->steps = s->nends = s->ncovers = 0;
    s->weaker = NULL;
    int off;
    struct ir_inst *base = base_of(barrier->args[0], &off);
    walk(s, (struct state){barrier->block, base, off, false, NULL}, barrier->prev);
    while (s->done < s->n && s->steps < MAX_STEPS) {
        struct state st = s->states[s->done++];
        walk(s, st, st.block->last);
    }
}

/* ---- saying it ---- */

static void loops_close(struct loops *l, const struct ir_block *b)
{
    unsigned n = l->nopen;
    while (l->open[--n] != b)
        ;
    bool cycle = l->nopen - n > 1;
    for (unsigned i = 0; i < b->nsuccs; i++)
        cycle |= b->succs[i] == b;
    while (l->nopen > n) {
        const struct ir_block *x = l->open[--l->nopen];
        l->in[x->id] = cycle;
        l->index[x->id] = ~0u;
    }
}

static void loops_enter(struct loops *l, const struct ir_block *b)
{
    l->index[b->id] = l->low[b->id] = ++l->count;
    l->open[l->nopen++] = b;
    l->path[l->npath++] = (struct frame){b, 0};
}

static void loops_find(struct loops *l, const struct ir_func *f)
{
    free(l->in);
    *l = (struct loops){.f = f,
                        .in = xrealloc(NULL, f->nblocks),
                        .index = xrealloc(NULL, f->nblocks * sizeof *l->index),
                        .low = xrealloc(NULL, f->nblocks * sizeof *l->low),
                        .open = xrealloc(NULL, f->nblocks * sizeof *l->open),
                        .path = xrealloc(NULL, f->nblocks * sizeof *l->path)};
    memset(l->in, 0, f->nblocks);
    memset(l->index, 0, f->nblocks * sizeof *l->index);
    loops_enter(l, f->blocks[0]);
    while (l->npath) {
        struct frame *top = &l->path[l->npath - 1];
        const struct ir_block *b = top->b;
        if (top->next < b->nsuccs) {
            const struct ir_block *s = b->succs[top->next++];
            if (!l->index[s->id])
                loops_enter(l, s);
            else if (l->index[s->id] != ~0u && l->index[s->id] < l->low[b->id])
                l->low[b->id] = l->index[s->id];
            continue;
        }
        l->npath--;
        if (l->npath && l->low[b->id] < l->low[l->path[l->npath - 1].b->id])
            l->low[l->path[l->npath - 1].b->id] = l->low[b->id];
        if (l->low[b->id] == l->index[b->id])
            loops_close(l, b);
    }
    free(l->index);
    free(l->low);
    free(l->open);
    free(l->path);
}

static bool in_loop(struct loops *l, const struct ir_block *b)
{
    if (l->f != b->func)
        loops_find(l, b->func);
    return l->in[b->id];
}

/* "at line 12", or "here" for the access's own line. */
static const char *place(struct unit *u, const struct ir_inst *i, const struct ir_inst *from)
{
    if (i->loc.file != from->loc.file && strcmp(i->loc.file, from->loc.file))
        return arena_printf(&u->arena, "at %s:%u", i->loc.file, i->loc.line);
    return i->loc.line == from->loc.line ? "on this line"
                                         : arena_printf(&u->arena, "at line %u", i->loc.line);
}

static const char *of_call(struct unit *u, const struct ir_inst *i)
{
    return i->op == IR_ICALL ? "the call through a pointer"
                             : arena_printf(&u->arena, "the call of %s", i->sym ? i->sym : "a function");
}

static const char *say_definition(struct unit *u, const struct ir_inst *i, struct search *s)
{
    const struct ir_inst *from = s->barrier;
    int off;
    const char *again = in_loop(&s->loops, i->block) ? ", a new value in each iteration" : "",
               *where = place(u, i, from);
    switch (i->op) {
    case IR_PARAM:
        return "the pointer is a parameter, of which nothing is known on entry";
    case IR_LOAD:
    case IR_UPDATE:
        if (is_global(base_of(i->args[0], &off)))
            return arena_printf(&u->arena, "the pointer is read from %s %s%s", base_of(i->args[0], &off)->sym,
                                where, again);
        if (i->sym)
            return arena_printf(&u->arena, "the pointer is read from %s %s%s", i->sym, where, again);
        return arena_printf(&u->arena, "the pointer is read from memory %s%s", where, again);
    case IR_CALL:
    case IR_ICALL:
        return arena_printf(&u->arena, "the pointer comes from %s %s%s", of_call(u, i), where, again);
    default:
        return arena_printf(&u->arena, "nothing is known of the pointer computed %s%s", where, again);
    }
}

static const char *say_end(struct unit *u, const struct end *e, struct search *s)
{
    const struct ir_inst *i = e->at, *from = s->barrier;
    switch (e->kind) {
    case END_FACTS:
        if (i->op == IR_SAFEPOINT)
            return arena_printf(&u->arena, "the safepoint %s may end the transaction", place(u, i, from));
        if (i->flags & IRI_RETURNS_TWICE)
            return arena_printf(&u->arena, "control may come back to %s %s", of_call(u, i),
                                place(u, i, from));
        return arena_printf(&u->arena, "%s %s may end the transaction", of_call(u, i), place(u, i, from));
    case END_DEFINITION:
        return say_definition(u, i, s);
    case END_ADDRESS:
        return "the address is computed: a write there is covered by no barrier on the object";
    default:
        return s->write ? "no earlier write barrier on the way from the function's start"
                        : "no earlier barrier on the way from the function's start";
    }
}

/* Both sides of a join: a barrier on one, and what is in the way on the other. */
static const char *say_stayed(struct unit *u, struct search *s)
{
    if (!s->nends && s->ncovers)
        return arena_printf(&u->arena, "the barrier %s would do, which the passes do not see",
                            place(u, s->covers[0], s->barrier));
    if (!s->nends)
        return "the function is too large to say why";
    struct str o = {0};
    bool self = false, partial = s->ncovers > 0;
    for (unsigned i = 0; i < s->ncovers; i++)
        self |= s->covers[i] == s->barrier;
    if (self && s->ncovers == 1)
        str_add(&o, "needed in the loop's first iteration only: ");
    for (unsigned i = 0; i < s->nends && i < 2; i++) {
        const struct end *e = &s->ends[i];
        str_add(&o, i ? "; also, " : "");
        if (partial && !self && e->join && i == 0)
            str_printf(&o, "on the path from line %u: ", e->join->loc.line);
        str_add(&o, say_end(u, e, s));
    }
    if (s->nends > 2)
        str_printf(&o, "; and %u more", s->nends - 2);
    if (s->weaker)
        str_printf(&o, " (the barrier %s is for reading only)", place(u, s->weaker, s->barrier));
    const char *r = arena_strn(&u->arena, o.s, o.n);
    str_free(&o);
    return r;
}

/* Appends " N" to a list of lines that begins with `word`, unless it is there. */
static void list_line(struct str *o, const char *word, unsigned line)
{
    char number[16];
    int n = snprintf(number, sizeof number, " %u", line);
    const char *at = o->s ? strstr(o->s, word) : NULL;
    if (!at) {
        str_printf(o, "%s%s%s", o->n ? "; " : "", word, number);
        return;
    }
    for (const char *p = at; (p = strstr(p, number)); p++)
        if (!p[n] || p[n] == ',')
            return;
    str_printf(o, ",%s", number);
}

/* What made this barrier superfluous: barriers, allocations, calls, the callers.  One kind after the other.
 */
static const char *say_removed(struct unit *u, const struct search *s, const char *pass)
{
    struct str o = {0};
    bool callers = false;
    for (int kind = 0; kind < 3; kind++)
        for (unsigned i = 0; i < s->ncovers; i++) {
            const struct ir_inst *c = s->covers[i];
            bool barrier = ir_op_flags[c->op] & IRF_BARRIER,
                 fresh = c->op == IR_ALLOC || (c->flags & IRI_RETURNS_FRESH);
            bool call = !fresh && (c->op == IR_CALL || c->op == IR_ICALL),
                 inevitable = c->op == IR_INEV || c->flags & IRI_TURNS;
            if (inevitable && kind == 2)
                list_line(&o, "inevitable since line", c->loc.line);
            if (inevitable || c->op == IR_NULLV || kind != (barrier ? 0 : fresh ? 1 : 2))
                continue;
            if (kind < 2)
                list_line(&o,
                          barrier ? c->flags & IRI_BROKEN  ? "done again if the transaction has ended, line"
                                    : c->unit == IRU_RANGE ? "of a range, before the loop, line"
                                    : c->flags & IRI_MOVED ? "moved to line"
                                                           : "already done, line"
                                  : "allocated in this transaction, line",
                          c->loc.line);
            else if (call)
                str_printf(&o, "%s%s %s does it", o.n ? "; " : "", of_call(u, c), place(u, c, s->barrier));
            callers |= kind == 2 && !call;
        }
    if (callers)
        str_printf(&o, "%severy caller has done it", o.n ? "; " : "");
    const char *r = o.n                      ? arena_strn(&u->arena, o.s, o.n)
                    : !strcmp(pass, "fresh") ? "allocated in this transaction"
                                             : "already done on every path";
    str_free(&o);
    return r;
}

/* Of a read barrier that inevitable.c removed: since when?  Told if one event is on all ways, without a
 * search. */
static const char *say_inevitable(struct unit *u, const struct ir_inst *barrier)
{
    const struct ir_block *b = barrier->block;
    const struct ir_inst *i = barrier->prev;
    for (unsigned steps = 0; steps < MAX_STEPS; steps++) {
        for (; i && !ir_turns_inevitable(i); i = i->prev)
            ;
        if (i && i->op == IR_INEV)
            return arena_printf(&u->arena, "the transaction is inevitable here: %s %s",
                                i->sym ? i->sym : "something", place(u, i, barrier));
        if (i)
            return arena_printf(&u->arena, "the transaction is inevitable here: %s %s makes it so",
                                of_call(u, i), place(u, i, barrier));
        if (!b->npreds)
            return "the transaction is inevitable here: it is so in every caller";
        if (b->npreds > 1)
            break;
        b = b->preds[0];
        i = b->last;
    }
    return "the transaction is inevitable here";
}

static void say(struct unit *u, const struct ir_inst *access, const struct ir_inst *barrier, struct search *s,
                struct explained *x)
{
    if (x->naive == BARRIER_NONE) {
        x->why = !access                         ? "never reached"
                 : access->flags & IRI_IMMUTABLE ? "the field is immutable"
                                                 : "not shared memory";
        return;
    }
    if (x->remover && (!strcmp(x->remover, "immutable") || !strcmp(x->remover, "facts"))) {
        x->why = "the whole program writes the field in fresh objects only";
        return;
    }
    if (x->remover && !strcmp(x->remover, "local")) {
        x->why = "it always points into this thread's stack";
        return;
    }
    if (!barrier) {
        x->why = x->final == BARRIER_NONE ? "no longer needed" : "unknown";
        return;
    }
    if (x->remover && x->final == BARRIER_NONE && !strcmp(x->remover, "inevitable")) {
        x->why = say_inevitable(u, barrier);
        return;
    }
    search(s, barrier);
    if (x->final == BARRIER_NONE)
        x->why = say_removed(u, s, x->remover ? x->remover : "");
    else if (x->upgrader)
        x->why =
            arena_printf(&u->arena, "a write always follows, whose barrier this is; %s", say_stayed(u, s));
    else
        x->why = say_stayed(u, s);
}

const char *explain_state(const struct explained *x)
{
    static const char *const stays[] = {"no barrier", "read barrier", "write barrier"};
    return stays[x->final];
}

const char *explain_turn(const struct inevitable *i)
{
    return i->moved ? ", which follows: here already" : i->remover ? " (it is already)" : "";
}

/* ---- collecting ---- */

/* The text of n on one line, without preprocessor lines, cut where it is long. */
static const char *text_of(struct unit *u, const struct node *n)
{
    enum { LONGEST = 60 };
    struct str o = {0};
    const char *p = u->src.text + n->begin, *end = u->src.text + n->end;
    for (; p < end && o.n < LONGEST; p++) {
        if (*p == '\n' && p + 1 < end && p[1] == '#') {
            while (p + 1 < end && p[1] != '\n')
                p++;
        } else if (*p == ' ' || *p == '\n' || *p == '\t') {
            if (o.n && o.s[o.n - 1] != ' ')
                str_add(&o, " ");
        } else {
            str_addn(&o, p, 1);
        }
    }
    const char *r = arena_printf(&u->arena, "%s%s", o.s ? o.s : "", p < end ? "..." : "");
    str_free(&o);
    return r;
}

static uint64_t name_key(const char *s)
{
    return hash_bytes(s, strlen(s)) | 1;
}

/* The access nodes by number, and the STM_IRREVERSIBLE functions called. */
static void find_nodes(const struct node *n, const struct node **v, struct map *irreversible)
{
    if (!n)
        return;
    if (n->access >= 0)
        v[n->access] = n;
    if (n->kind == N_CALL && n->decl && n->decl->irreversible)
        map_put(irreversible, name_key(n->decl->name), n->decl);
    for (unsigned i = 0; i < n->nkids; i++)
        find_nodes(n->kids[i], v, irreversible);
}

static const char *main_file; /* of the sort below */

static int compare_locs(const struct ir_loc *a, const struct ir_loc *b)
{
    int f = strcmp(a->file, b->file);
    if (f)
        return !strcmp(a->file, main_file) ? -1 : !strcmp(b->file, main_file) ? 1 : f;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->col < b->col ? -1 : a->col > b->col;
}

static int by_place(const void *a, const void *b)
{
    const struct explained *x = a, *y = b;
    int c = compare_locs(&x->loc, &y->loc);
    c = c ? c : strcmp(x->text, y->text);
    return c ? c : strcmp(x->function, y->function); /* copies behind their originals */
}

static int inev_by_place(const void *a, const void *b)
{
    return compare_locs(&((const struct inevitable *)a)->loc, &((const struct inevitable *)b)->loc);
}

/* A write by name to a thread-local variable: an abort undoes it (runtime/tls.c), so there is nothing to say
 * of it.  The runtime finds none but that of a library that was loaded later to be for good. */
static bool is_saved(const struct ir_inst *i)
{
    return i->flags & IRI_MAYBE && i->sym && !strcmp(i->sym, "thread-local write");
}

static void add_inevitable(struct explanation *e, const struct ir_inst *i, const struct map *irreversible)
{
    e->inev = xrealloc(e->inev, (e->ninev + 1) * sizeof *e->inev);
    const char *what = i->sym ? i->sym : "?";
    bool declared = !strcmp(what, "raw write") || !strcmp(what, "inline assembly") ||
                    !strcmp(what, "STM_ATOMIC_EXCLUSIVE") || !strncmp(what, "stm_become_inevitable", 21) ||
                    external_find(what) || map_get(irreversible, name_key(what));
    e->inev[e->ninev++] = (struct inevitable){i->loc,
                                              i->block->func->name,
                                              what,
                                              !declared,
                                              i->flags & IRI_REMOVED ? (i->pass ? i->pass : "a pass") : NULL,
                                              i->flags & IRI_MOVED};
}

/* ---- counts ---- */

static const char *base_name(const char *s)
{
    const char *p = strrchr(s, '/');
    return p ? p + 1 : s;
}

/* Of a->b->c the accesses to b and c begin at one place: the fields tell them apart; those to b of a->b->b
 * are counted in the order of the text, as they are here. */
static void add_count(struct explanation *e, json_t *site)
{
    const char *file = NULL, *kind = NULL, *function = NULL, *field = NULL;
    json_int_t line = 0, col = 0, executed = 0;
    int moved = 0;
    if (json_unpack(site, "{s:s, s:s, s?s, s:I, s:I, s:s, s:I, s?b}", "file", &file, "function", &function,
                    "field", &field, "line", &line, "col", &col, "kind", &kind, "executed", &executed,
                    "moved", &moved))
        return;
    struct explained *to = NULL;
    bool same = false;
    for (unsigned i = 0; i < e->n; i++) {
        struct explained *x = &e->v[i];
        if (x->loc.line != (unsigned)line || x->loc.col != (unsigned)col ||
            strcmp(x->kind, moved ? "moved" : kind) != 0 ||
            strcmp(base_name(x->loc.file), base_name(file)) != 0 || strcmp(x->function, function) != 0)
            continue;
        bool this = !moved && !strcmp(x->field ? x->field : "", field ? field : "");
        if (!to || this > same || (this == same && x->counted < to->counted)) {
            to = x;
            same = this;
        }
    }
    if (to) {
        to->executed += (unsigned long)executed;
        to->counted++;
    }
}

static bool read_counts(struct explanation *e, const char *name)
{
    json_error_t err;
    json_t *j = json_load_file(name, 0, &err), *site;
    json_t *sites = json_object_get(j, "sites");
    size_t i;
    if (!json_is_array(sites)) {
        fprintf(stderr, "ungil: error: %s: no counts: %s\n", name,
                j ? "there is no array `sites`" : err.text);
        json_decref(j);
        return false;
    }
    json_array_foreach(sites, i, site) add_count(e, site);
    json_decref(j);
    e->counted = true;
    return true;
}

/* ---- interface ---- */

static void one(struct explanation *e, unsigned k, const struct node *n, const struct ir_inst *barrier,
                struct search *s)
{
    struct unit *u = e->u;
    const struct ir_inst *i = u->history->accesses[k];
    struct explained x = {.loc = i ? i->loc : source_loc(&u->src, n->begin),
                          .text = text_of(u, n),
                          .function = i ? i->block->func->name : "",
                          .copy = i && i->block->func->clone_of,
                          .field = i ? i->sym : NULL,
                          .kind = !i                  ? (n->write ? "write" : "read")
                                  : i->op == IR_LOAD  ? "read"
                                  : i->op == IR_STORE ? "write"
                                                      : "update",
                          .naive = u->history->decisions[0][k],
                          .final = history_final(u->history, k),
                          .remover = history_remover(u->history, k),
                          .upgrader = history_upgrader(u->history, k)};
    say(u, i, barrier, s, &x);
    e->v[e->n++] = x;
}

/* A barrier that stands where no access is. */
static void one_moved(struct explanation *e, const struct ir_inst *i)
{
    struct unit *u = e->u;
    const struct ir_inst *from = u->history->accesses[i->access], *call = i;
    while (call->op != IR_ANCHOR)
        call = call->prev;
    call = call->prev;
    const char *what = "";
    if (i->flags & IRI_BROKEN)
        what = call->op == IR_SAFEPOINT
                   ? "again, if the transaction ended at the safepoint"
                   : arena_printf(&u->arena, "again, if the transaction ended in %s", of_call(u, call));
    else
        what = i->unit == IRU_RANGE ? "of all places that the loop comes to, if it is entered" : "moved here";
    struct explained x = {.loc = i->loc,
                          .text = i->index ? arena_printf(&u->arena, "%s + %d", i->sym, i->index) : i->sym,
                          .function = i->block->func->name,
                          .copy = i->block->func->clone_of,
                          .kind = "moved",
                          .naive = BARRIER_NONE,
                          .final = i->op == IR_WBAR ? BARRIER_WRITE : BARRIER_READ,
                          .why = arena_printf(&u->arena, "%s, for the access %s", what, place(u, from, i))};
    e->v[e->n++] = x;
}

bool explain(struct unit *u, const char *counts, struct explanation *e)
{
    *e = (struct explanation){.u = u, .file = u->src.name};
    const struct node **nodes = xrealloc(NULL, (u->naccesses + 1) * sizeof *nodes);
    struct search *s = xrealloc(NULL, sizeof *s);
    s->loops = (struct loops){0};
    const struct ir_inst **barriers = passes_barriers(u->ir, u->naccesses);
    struct map irreversible = {0};
    memset(nodes, 0, (u->naccesses + 1) * sizeof *nodes);
    e->v = xrealloc(NULL, (u->naccesses + u->history->nmoved + 1) * sizeof *e->v);
    for (unsigned f = 0; f < u->nfuncs; f++)
        find_nodes(u->funcs[f]->body, nodes, &irreversible);
    for (unsigned k = 0; k < u->naccesses; k++) {
        const struct ir_inst *i = u->history->accesses[k];
        if (i && i->origin)
            nodes[k] = nodes[i->origin->access];
    }
    for (unsigned k = 0; k < u->naccesses; k++)
        if (nodes[k])
            one(e, k, nodes[k], barriers[k], s);
    for (unsigned k = 0; k < u->history->nmoved; k++)
        if (!(u->history->moved[k]->i->flags & IRI_REMOVED))
            one_moved(e, u->history->moved[k]->i);
    for (unsigned f = 0; f < u->ir->nfuncs; f++)
        for (unsigned b = 0; b < u->ir->funcs[f]->nblocks; b++)
            for (const struct ir_inst *i = u->ir->funcs[f]->blocks[b]->first; i; i = i->next)
                if (i->op == IR_INEV && !is_saved(i))
                    add_inevitable(e, i, &irreversible);
    main_file = e->file;
    qsort(e->v, e->n, sizeof *e->v, by_place);
    explain_copies(e);
    if (e->ninev)
        qsort(e->inev, e->ninev, sizeof *e->inev, inev_by_place);
    map_free(&irreversible);
    free(nodes);
    free(s->loops.in);
    free(s);
    free(barriers);
    return !counts || read_counts(e, counts);
}

void explanation_free(struct explanation *e)
{
    free(e->v);
    free(e->inev);
    free(e->copies);
}
