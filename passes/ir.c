/* ir.c - modules, functions, instructions: memory and the small queries everyone needs.
 *
 * All of a module lies in one arena: a list of chunks that only grows and is freed as a whole.  An array
 * that outgrows its room leaves the old copy behind, at most doubling its memory; in return nobody ever
 * frees an instruction, and a pointer to one stays good as long as the module, even when a pass has taken it
 * out of its block.
 */
#include "priv.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    RESULT = IRF_RESULT,
    READS = IRF_READS,
    WRITES = IRF_WRITES,
    ALLOCS = IRF_ALLOCS,
    SAFEPOINT = IRF_SAFEPOINT,
    INEV = IRF_INEV,
    TERM = IRF_TERM,
    BARRIER = IRF_BARRIER,
    ACCESS = IRF_ACCESS
};

const char *const ir_op_name[IR_OP_COUNT] = {
#define IR_OP(e, name, n, flags) name,
#include "ops.def"
#undef IR_OP
};
const unsigned ir_op_flags[IR_OP_COUNT] = {
#define IR_OP(e, name, n, flags) flags,
#include "ops.def"
#undef IR_OP
};
const int ir_op_nargs[IR_OP_COUNT] = {
#define IR_OP(e, name, n, flags) n,
#include "ops.def"
#undef IR_OP
};
const char *const ir_class_name[4] = {"int", "raw", "any", "ref"};
const char *const ir_unit_name[3] = {"object", "address", "range"};
const char *const ir_view_name[4] = {"", "part", "arith", "copied"};

void ir_die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("ungil: internal error: passes: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    abort();
}

void *ir_xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (!p)
        ir_die("out of memory");
    return p;
}

void *ir_xrealloc(void *p, size_t size)
{
    p = realloc(p, size);
    if (!p)
        ir_die("out of memory");
    return p;
}

/* ---- arena and interned strings ---- */

struct chunk {
    struct chunk *next;
    size_t used, size;
    max_align_t data[];
};
struct arena {
    struct chunk *chunks;
    const char **strings; /* open addressing, a power of two */
    size_t nstrings, capstrings;
};
enum { CHUNK = 64 * 1024 };

static void *arena_alloc(struct arena *a, size_t n)
{
    n = (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (!a->chunks || a->chunks->size - a->chunks->used < n) {
        size_t size = n > CHUNK / 4 ? n : CHUNK;
        struct chunk *c = ir_xcalloc(1, sizeof *c + size);
        c->size = size;
        if (size != CHUNK &&
            a->chunks) { /* a big one goes behind the chunk in use, whose rest stays usable */
            c->used = n;
            c->next = a->chunks->next;
            a->chunks->next = c;
            return c->data;
        }
        c->next = a->chunks;
        a->chunks = c;
    }
    void *p = (char *)a->chunks->data + a->chunks->used;
    a->chunks->used += n;
    return p;
}

void *ir_alloc(struct ir_module *m, size_t n)
{
    return arena_alloc(m->arena, n);
}

void *ir_module_alloc(struct ir_module *m, size_t n)
{
    return ir_alloc(m, n);
}

void *ir_grow(struct ir_module *m, void *array, unsigned n, unsigned *cap, size_t elem)
{
    if (n < *cap)
        return array;
    unsigned newcap = *cap ? *cap * 2 : 4;
    void *p = ir_alloc(m, newcap * elem);
    if (n)
        memcpy(p, array, n * elem);
    *cap = newcap;
    return p;
}

static size_t string_hash(const char *s)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h ^ h >> 32;
}

static const char **string_slot(const char **table, size_t cap, const char *s)
{
    size_t i = string_hash(s) & (cap - 1);
    while (table[i] && strcmp(table[i], s))
        i = (i + 1) & (cap - 1);
    return &table[i];
}

const char *ir_intern(struct ir_module *m, const char *s)
{
    struct arena *a = m->arena;
    if (!s)
        return NULL;
    if (2 * (a->nstrings + 1) > a->capstrings) {
        size_t cap = a->capstrings ? a->capstrings * 2 : 64;
        const char **table = ir_xcalloc(cap, sizeof *table);
        for (size_t i = 0; i < a->capstrings; i++)
            if (a->strings[i])
                *string_slot(table, cap, a->strings[i]) = a->strings[i];
        free(a->strings);
        a->strings = table;
        a->capstrings = cap;
    }
    const char **slot = string_slot(a->strings, a->capstrings, s);
    if (!*slot) {
        size_t n = strlen(s) + 1;
        *slot = memcpy(arena_alloc(a, n), s, n);
        a->nstrings++;
    }
    return *slot;
}

/* ---- modules and instructions ---- */

struct ir_module *ir_module_new(const char *name)
{
    struct ir_module *m = ir_xcalloc(1, sizeof *m);
    m->arena = ir_xcalloc(1, sizeof(struct arena));
    m->name = ir_intern(m, name ? name : "");
    return m;
}

void ir_module_free(struct ir_module *m)
{
    if (!m)
        return;
    struct arena *a = m->arena;
    for (struct chunk *c = a->chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(a->strings);
    free(a);
    free(m->funcs);
    free(m);
}

struct ir_inst *ir_inst_new(struct ir_func *f, enum ir_op op, enum ir_class cls, struct ir_loc loc)
{
    struct ir_inst *i = ir_alloc(f->module, sizeof *i);
    i->op = op;
    i->cls = cls;
    i->loc = loc;
    i->access = -1;
    i->index = op == IR_DERIVE || op == IR_CALL || op == IR_ICALL || (ir_op_flags[op] & IRF_ACCESS) ? -1 : 0;
    i->id = ir_op_flags[op] & IRF_RESULT ? f->nvalues++ : ~0u;
    return i;
}

void ir_append(struct ir_block *b, struct ir_inst *i)
{
    i->block = b;
    i->prev = b->last;
    i->next = NULL;
    *(b->last ? &b->last->next : &b->first) = i;
    b->last = i;
}

void ir_prepend(struct ir_block *b, struct ir_inst *i)
{
    i->block = b;
    i->next = b->first;
    i->prev = NULL;
    *(b->first ? &b->first->prev : &b->last) = i;
    b->first = i;
}

struct ir_inst *ir_insert_before(struct ir_inst *where, enum ir_op op, enum ir_class cls)
{
    struct ir_block *b = where->block;
    struct ir_inst *i = ir_inst_new(b->func, op, cls, where->loc);
    if (!where->prev) {
        ir_prepend(b, i);
        return i;
    }
    i->block = b;
    i->prev = where->prev;
    i->next = where;
    where->prev->next = i;
    where->prev = i;
    return i;
}

struct ir_inst *ir_insert_after(struct ir_inst *where, enum ir_op op, enum ir_class cls)
{
    if (where->next)
        return ir_insert_before(where->next, op, cls);
    struct ir_inst *i = ir_inst_new(where->block->func, op, cls, where->loc);
    ir_append(where->block, i);
    return i;
}

void ir_remove(struct ir_inst *i)
{
    struct ir_block *b = i->block;
    *(i->prev ? &i->prev->next : &b->first) = i->next;
    *(i->next ? &i->next->prev : &b->last) = i->prev;
    i->prev = i->next = NULL;
    i->block = NULL;
}

/* ---- queries ---- */

unsigned ir_pred_index(const struct ir_block *b, const struct ir_block *p)
{
    unsigned lo = 0, hi = b->npreds;
    while (lo < hi) { /* predecessors are in the order of their numbers */
        unsigned mid = lo + (hi - lo) / 2;
        if (b->preds[mid]->id < p->id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

unsigned ir_effects(const struct ir_inst *i)
{
    unsigned e = ir_op_flags[i->op];
    if (i->flags & IRI_NOSAFEPOINT)
        e &= ~(unsigned)IRF_SAFEPOINT;
    if (i->flags & IRI_NOALLOC)
        e &= ~(unsigned)IRF_ALLOCS;
    if (i->flags & IRI_NOINEV)
        e &= ~(unsigned)IRF_INEV;
    if (i->flags & IRI_PURE)
        e &= ~(unsigned)(IRF_READS | IRF_WRITES);
    if (i->flags & IRI_READONLY)
        e &= ~(unsigned)IRF_WRITES;
    if ((e & IRF_ACCESS) && i->args[0]->cls == IRC_RAW) /* nobody else's memory */
        e &= ~(unsigned)(IRF_READS | IRF_WRITES);
    return e;
}

struct ir_inst *ir_anchor_after(const struct ir_inst *i)
{
    return i->next && i->next->op == IR_ANCHOR && (i->next->flags & IRI_AFTER) ? i->next : NULL;
}

bool ir_is_checked(const struct ir_inst *i)
{
    const struct ir_inst *b = ir_anchor_after(i);
    while (b && (b = b->next) && (b->flags & IRI_MOVED))
        if (b->flags & IRI_BROKEN && !(b->flags & IRI_REMOVED))
            return true;
    return false;
}

bool ir_ends_facts(const struct ir_inst *i)
{
    return (ir_effects(i) & IRF_SAFEPOINT) || (i->flags & IRI_RETURNS_TWICE);
}

bool ir_turns_inevitable(const struct ir_inst *i)
{
    return (i->op == IR_INEV && !(i->flags & IRI_MAYBE)) || i->flags & IRI_TURNS;
}

bool ir_needs_barrier(const struct ir_inst *i)
{
    if (!ir_is(i, IRF_ACCESS) || i->args[0]->cls == IRC_RAW)
        return false;
    return ir_is(i, IRF_WRITES) || !(i->flags & IRI_IMMUTABLE);
}

bool ir_makes_fresh(const struct ir_inst *i)
{
    return i->op == IR_ALLOC || ((i->op == IR_CALL || i->op == IR_ICALL) && (i->flags & IRI_RETURNS_FRESH));
}

struct ir_inst *ir_returned_argument(const struct ir_inst *i)
{
    return i->flags & IRI_OR_FRESH ? NULL : ir_related_argument(i);
}

struct ir_inst *ir_related_argument(const struct ir_inst *i)
{
    if ((i->op != IR_CALL && i->op != IR_ICALL) || i->index < 0)
        return NULL;
    unsigned k = (unsigned)i->index + (i->op == IR_ICALL);
    return k < i->nargs ? i->args[k] : NULL;
}

struct ir_inst *ir_canonical(struct ir_inst *v)
{
    while (v->op == IR_COPY)
        v = v->args[0];
    return v;
}

struct ir_inst *ir_object_root(struct ir_inst *v)
{
    while (v->op == IR_COPY || v->op == IR_DERIVE)
        v = v->args[0];
    return v;
}

/* ---- what the module says of views ---- */

#define PUSH(m, v, n, cap, item)                                                                             \
    do {                                                                                                     \
        (v) = ir_grow((m), (v), (n), &(cap), sizeof *(v));                                                   \
        (v)[(n)++] = (item);                                                                                 \
    } while (0)

struct ir_record *ir_add_record(struct ir_module *m, const char *view, long size, bool object)
{
    struct ir_record *r = ir_alloc(m, sizeof *r);
    *r = (struct ir_record){.view = view, .size = size, .object = object};
    PUSH(m, m->records, m->nrecords, m->caprecords, r);
    return r;
}

void ir_add_member(struct ir_module *m, struct ir_record *r, struct ir_member member)
{
    PUSH(m, r->members, r->nmembers, r->capmembers, member);
}

void ir_add_view(struct ir_module *m, struct ir_view v)
{
    struct ir_view *copy = ir_alloc(m, sizeof *copy);
    *copy = v;
    PUSH(m, m->views, m->nviews, m->capviews, copy);
}

void ir_add_declared(struct ir_module *m, struct ir_declared d)
{
    struct ir_declared *copy = ir_alloc(m, sizeof *copy);
    *copy = d;
    PUSH(m, m->declared, m->ndeclared, m->capdeclared, copy);
}

void ir_add_believed(struct ir_module *m, struct ir_believed b)
{
    struct ir_believed *copy = ir_alloc(m, sizeof *copy);
    *copy = b;
    PUSH(m, m->believed, m->nbelieved, m->capbelieved, copy);
}

long ir_gcd(long a, long b)
{
    a = a < 0 ? -a : a;
    b = b < 0 ? -b : b;
    while (b) {
        long r = a % b;
        a = b;
        b = r;
    }
    return a;
}

const struct ir_span *ir_span_new(struct ir_module *m, struct ir_span s)
{
    struct ir_span *copy = ir_alloc(m, sizeof *copy);
    *copy = s;
    return copy;
}
