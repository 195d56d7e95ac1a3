/* generate.c - random annotated C programs that have one meaning (fuzz.bash builds and runs them in every
 * way).
 *
 *   generate SEED DIR    writes DIR/prog.h, DIR/a.c and DIR/b.c
 *
 * After Csmith (Yang, Chen, Eide, Regehr, "Finding and Understanding Bugs in C Compilers", PLDI 2011):
 * programs without undefined or unspecified behaviour, whose whole state ends in a checksum, so that two
 * builds that disagree show a bug in one of them.  What keeps the meaning single:
 *
 *   - Functions are *readers* or *mutators*.  A reader writes nothing but its own locals and what
 *     commutes; so readers may be called
 *     anywhere in an expression, in any order: f(p->x, r1(q), r2(q)).  A mutator is called where nothing
 *     else is evaluated beside it.
 *   - Each thread has objects of its own, so each gets the same results however they interleave.  What
 *     threads share either
 *     commutes (counters), or is replaced and changed in ways that keep an invariant, which is all that is
 *     looked at.
 *   - References are never null: constructors fill them from the thread's roots.  Indices are masked,
 *     arithmetic is unsigned.
 *   - Calls go to functions of greater numbers, or to itself with a depth; loops have constant bounds;
 *     what a call costs at most is
 *     summed up while it is generated, and too costly ones are left out.
 *
 * In the programs: several object types with a common head, immutable fields, arrays, flexible tails, large
 * objects, unions, bit-fields, structs in objects and pointers to them, interior pointers kept over
 * safepoints, memory from malloc, function pointers; statics that are objects or not, thread-locals, static
 * locals; structs by value, atomic built-ins, qsort; loops, switch, goto, early returns, recursion, atomic
 * blocks; aliases on conditions; fresh objects stored and published; small functions called with objects in
 * different states; calls that may pass a safepoint inside unsequenced expressions. */
#include "generate.h"

#include <stdarg.h>

struct type types[MAX_TYPES];
int ntypes, nfuncs, nthreads;
struct func funcs[MAX_FUNCS];

/* the function being generated */
FILE *out;
int self, indent, loops, in_atomic, labels, temps;
long cost, times; /* so far; how often what is generated now runs at most */
struct local locals[MAX_LOCALS];
int nlocals;
bool wants_out; /* the label `out` is used */
bool no_calls;

/* ---- randomness and text ---- */

/* xorshift; 0 stays 0. */
static unsigned draw(uint64_t *state, unsigned n)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (unsigned)(*state >> 33) % n;
}

static uint64_t state;
unsigned rnd(unsigned n)
{
    return draw(&state, n);
}
bool one_in(unsigned n)
{
    return rnd(n) == 0;
}

/* Every fourth program turns inevitable all over.  With numbers of its own, so that the others stay as they
 * were. */
static uint64_t turns;
bool turn_here(unsigned n)
{
    return draw(&turns, n) == 0 && turns;
}

static uint64_t second_state;
unsigned second(unsigned n)
{
    return draw(&second_state, n);
}

void p(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vfprintf(out, fmt, ap);
    va_end(ap);
}

void line(const char *fmt, ...)
{
    va_list ap;
    p("%*s", 4 * indent, "");
    va_start(ap, fmt);
    vfprintf(out, fmt, ap);
    va_end(ap);
}

void start(void)
{
    p("%*s", 4 * indent, "");
}

/* ---- types ---- */

static void add_field(struct type *t, enum kind k, int n)
{
    if (t->n == MAX_FIELDS)
        return;
    struct field *f = &t->f[t->n];
    *f = (struct field){k, "", n};
    snprintf(f->name, sizeof f->name, "f%d", t->n++);
}

static void make_types(void)
{
    ntypes = 2 + (int)rnd(MAX_TYPES - 1);
    for (int i = 0; i < ntypes; i++) {
        struct type *t = &types[i];
        add_field(t, U64, 0);
        add_field(t, REF, (int)rnd((unsigned)ntypes));
        add_field(t, REF, i);
        int n = 3 + (int)rnd(8);
        for (int k = 0; k < n; k++) {
            enum kind kind = (enum kind)rnd(KINDS);
            if (kind == LENGTH || kind == TAIL)
                continue;
            add_field(t, kind,
                      kind == BITS    ? 1 + (int)rnd(14)
                      : kind == ARRAY ? 2 << rnd(5)
                                      : (int)rnd((unsigned)ntypes));
        }
        if (one_in(4)) {
            t->large = true;
            add_field(t, ARRAY, 2048);
        }
        if (one_in(3) && t->n + 2 <= MAX_FIELDS) {
            t->has_tail = true;
            add_field(t, LENGTH, 0);
            add_field(t, TAIL, 0);
        }
    }
}

static void declare_field(const struct field *f)
{
    static const char *const simple[] = {[U64] = "u64 %s",
                                         [U32] = "u32 %s",
                                         [U16] = "u16 %s",
                                         [U8] = "u8 %s",
                                         [SUB] = "struct sub %s",
                                         [UNION] = "union word %s",
                                         [NAME] = "char %s[24]",
                                         [BASE] = "struct base *%s",
                                         [PLAIN] = "struct plain *%s",
                                         [CALLEE] = "u64 (*%s)(u64)",
                                         [LENGTH] = "STM_IMMUTABLE u32 %s",
                                         [TAIL] = "u64 %s[]",
                                         [FIXED] = "STM_IMMUTABLE u64 %s",
                                         [SUBS] = "struct sub %s[3]",
                                         [VOID] = "void *%s",
                                         [KINDS] = NULL};
    p("    ");
    if (f->kind == BITS)
        p("u32 %s : %d", f->name, f->n);
    else if (f->kind == ARRAY)
        p("u64 %s[%d]", f->name, f->n);
    else if (f->kind == REF || f->kind == FIXED_REF)
        p("%sstruct t%d *%s", f->kind == FIXED_REF ? "STM_IMMUTABLE " : "", f->n, f->name);
    else
        fprintf(out, simple[f->kind], f->name);
    p(";\n");
}

static void signature(int i)
{
    const struct func *f = &funcs[i];
    if (f->is_static)
        p("static ");
    if (f->returns >= 0)
        p("struct t%d *", f->returns);
    else
        p("u64 ");
    p("f%d(", i);
    for (int k = 0; k < f->nparams; k++)
        p("struct t%d *a%d, ", f->param[k], k);
    p("%su64 n, u64 depth)", f->interior ? "u64 *ip, " : "");
}

static void header(void)
{
    p("#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include "
      "\"ungil.h\"\n\n"
      "typedef unsigned long u64;\ntypedef unsigned int u32;\ntypedef unsigned short u16;\ntypedef unsigned "
      "char u8;\n\n"
      "struct sub { u32 a; u64 b; u16 c[3]; };\n"
      "union word { u64 w; u32 half[2]; u8 byte[8]; };\n"
      "struct plain { u64 a, b; struct plain *next; };\n"
      "struct STM_OBJECT base { STM_IMMUTABLE u32 tag; u32 extra; };\n"
      "struct STM_OBJECT pub { STM_IMMUTABLE u64 a; u64 b, c; };\n");
    for (int i = 0; i < ntypes; i++)
        p("struct t%d;\n", i);
    for (int i = 0; i < ntypes; i++) {
        p("struct STM_OBJECT t%d {\n    struct base base;\n", i);
        for (int k = 0; k < types[i].n; k++)
            declare_field(&types[i].f[k]);
        p("};\n");
    }
    p("\nextern _Thread_local int tid;\nextern _Thread_local u64 local_sum;\n");
    for (int i = 0; i < ntypes; i++)
        p("extern struct t%d *root%d[3];\n", i, i);
    p("extern struct numbers { u64 a, b; u32 c; u16 d[5]; struct sub s; } numbers[3];\n"
      "extern u64 words[3][8];\n"
      "extern struct pub *slot[4];\n"
      "extern u64 shared_sum, shared_bad, atomic_count;\n"
      "u64 of_sub(struct sub s, u64 n);\nstruct sub make_sub(const struct sub *s, u64 n);\nint "
      "by_number(const void *a, const void *b);\n");
    for (int i = 0; i < ntypes; i++) {
        p("struct t%d *new%d(u64 id, u32 len);\nu64 walk%d(struct t%d *p, u64 depth);\n", i, i, i, i);
        if (!types[i].has_tail)
            p("struct t%d *fixed%d(void);\n", i, i);
    }
    for (int i = 0; i < nfuncs; i++)
        if (!funcs[i].is_static) {
            signature(i);
            p(";\n");
        }
    p("extern u64 (*const leaves[4])(u64);\n"
      "static inline u64 mix(u64 x) { x ^= x >> 31; x *= 0x9e3779b97f4a7c15ul; return x ^ x >> 29; }\n"
      "static inline u64 h2(u64 a, u64 b) { return mix(a * 3 + b); }\n"
      "static inline u64 h3(u64 a, u64 b, u64 c) { return mix(mix(a * 3 + b) ^ c); }\n");
    if (turns)
        p("static inline u64 turn(u64 x) { stm_become_inevitable(\"turn\"); return x; }\n");
    for (int i = 0; i < ntypes; i++)
        p("static u64 look%1$d(struct t%1$d *p, u64 v) { return p->base.extra * v + 1; }\n"
          "static void touch%1$d(struct t%1$d *p, u64 v) { p->base.extra += (u32)v; }\n"
          "static u64 pass%1$d(struct t%1$d *p, u64 v) { touch%1$d(p, v); if (v & 1) STM_SAFEPOINT(); "
          "touch%1$d(p, v ^ 3); return look%1$d(p, v); }\n"
          "static u64 down%1$d(struct t%1$d *p, u64 v)\n{\n    p->base.extra ^= (u32)v;\n    if (v & 2) "
          "STM_SAFEPOINT();\n"
          "    return v & 7 ? down%1$d(p, (v & 7) - 1) + look%1$d(p, v) : v;\n}\n",
          i);
}

/* ---- functions ---- */

static void add_local(enum var kind, int type, const char *name, int k)
{
    if (nlocals == MAX_LOCALS)
        return;
    locals[nlocals] = (struct local){kind, type, ""};
    snprintf(locals[nlocals++].name, sizeof locals->name, "%s%d", name, k);
}

static void make_function(int i)
{
    struct func *f = &funcs[i];
    f->mutator = i == 0 || one_in(2);
    f->file = i == 0 ? 0 : (int)rnd(2);
    f->is_static = i > 0 && one_in(2);
    f->returns = i > 0 && one_in(4) ? (int)rnd((unsigned)ntypes) : -1;
    f->nparams = 1 + (int)rnd(3);
    for (int k = 0; k < f->nparams; k++)
        f->param[k] = (int)rnd((unsigned)ntypes);
    f->interior = i > 0 && one_in(4);
}

/* The body is made first: what it needs declared is known then. */
static void define(int i, FILE *file)
{
    struct func *f = &funcs[i];
    char *body = NULL;
    size_t size;
    self = i, indent = 1, loops = in_atomic = temps = nlocals = 0;
    cost = 0, times = 1, wants_out = false;
    for (int k = 0; k < f->nparams; k++)
        add_local(V_REF, f->param[k], "a", k);
    int nparams = nlocals;
    for (int k = 0; k < 3; k++)
        add_local(V_INT, -1, "v", k);
    for (int k = 0; k < 2; k++)
        add_local(V_REF, (int)rnd((unsigned)ntypes), "p", k);
    add_local(V_INTERIOR, -1, "q", 0);
    add_local(V_SUB, -1, "s", 0);
    add_local(V_LOCAL_SUB, -1, "l", 0);
    int declared = nlocals;
    out = open_memstream(&body, &size);
    statements(6 + (int)rnd(16), 3);
    fclose(out);
    out = file;
    signature(i);
    p("\n{\n");
    for (int k = nparams; k < declared; k++) {
        const struct local *l = &locals[k];
        switch (l->kind) {
        case V_INT:
            line("u64 %s = n + %d;\n", l->name, k);
            break;
        case V_REF:
            line("struct t%d *%s = root%d[tid];\n", l->type, l->name, l->type);
            break;
        case V_INTERIOR:
            line("u64 *%s = %s;\n", l->name, f->interior ? "ip" : "&words[tid][n & 7]");
            break;
        case V_SUB:
            line("struct sub *%s = &numbers[tid].s;\n", l->name);
            break;
        case V_LOCAL_SUB:
            line("struct sub %s = {1, n, {2, 3, 4}};\n", l->name);
            break;
        }
    }
    for (int k = 0; k < temps; k++)
        line("u64 x%d = 0;\n", k);
    line("(void)depth, (void)v1, (void)v2, (void)p0, (void)p1, (void)q0, (void)s0, (void)l0;\n");
    p("%s", body);
    if (wants_out)
        p("out:\n");
    if (f->returns >= 0) {
        int k = nparams;
        while (k-- > 0 && locals[k].type != f->returns)
            ;
        if (k >= 0)
            line("return %s;\n", locals[k].name);
        else
            line("return root%d[tid];\n", f->returns);
    } else {
        line("return v0 ^ l0.b;\n");
    }
    p("}\n\n");
    f->cost = (cost + 20) * (f->recursive ? 4 : 1);
    free(body);
}

/* ---- what is around them ---- */

static bool has_static[MAX_TYPES];

/* Static objects need others to point to. */
static void choose_statics(void)
{
    for (int i = 0; i < ntypes; i++)
        has_static[i] = !types[i].has_tail;
    for (int round = 0; round < ntypes; round++)
        for (int i = 0; i < ntypes; i++)
            for (int k = 0; k < types[i].n; k++) {
                const struct field *f = &types[i].f[k];
                if (f->kind == REF || f->kind == FIXED_REF || f->kind == BASE)
                    has_static[i] &= has_static[f->n];
            }
}

static void statics(void)
{
    for (int i = 0; i < ntypes; i++)
        for (int t = 0; t < 3 && has_static[i]; t++)
            p("static struct t%d fixed%d_%d;\n", i, i, t);
    for (int i = 0; i < ntypes; i++) {
        if (types[i].has_tail)
            continue;
        for (int t = 0; t < 3 && has_static[i]; t++) {
            p("static struct t%d fixed%d_%d = {.base = {%d, %d}", i, i, t, i, t);
            for (int k = 0; k < types[i].n; k++) {
                const struct field *f = &types[i].f[k];
                if (f->kind == REF || f->kind == FIXED_REF || f->kind == BASE)
                    p(", .%s = %s&fixed%d_%d", f->name, f->kind == BASE ? "(struct base *)" : "", f->n, t);
                else if (f->kind == CALLEE)
                    p(", .%s = leaf1", f->name);
                else if (f->kind == FIXED || f->kind == U64)
                    p(", .%s = %d", f->name, k + t);
            }
            p("};\n");
        }
        p("struct t%d *fixed%d(void)\n{\n", i, i);
        if (has_static[i])
            p("    switch (tid) {\n    case 0: return &fixed%d_0;\n    case 1: return &fixed%d_1;\n    "
              "default: return &fixed%d_2;\n    }\n}\n",
              i, i, i);
        else
            p("    return root%d[tid];\n}\n", i);
    }
}

/* Stores of a constructor; references lead to what `to` names, with the type's number behind. */
static void construct(int i, const char *to, const char *after)
{
    p("    p%d->base.tag = %d;\n    p%d->base.extra = (u32)id;\n", i, i, i);
    for (int k = 0; k < types[i].n; k++) {
        const struct field *f = &types[i].f[k];
        switch (f->kind) {
        case U64:
            p("    p%d->%s = id + %d;\n", i, f->name, k);
            break;
        case FIXED:
            p("    p%d->%s = mix(id);\n", i, f->name);
            break;
        case REF:
        case FIXED_REF:
            p("    p%d->%s = %s%d%s;\n", i, f->name, to, f->n, after);
            break;
        case BASE:
            p("    p%d->%s = (struct base *)%s%d%s;\n", i, f->name, to, f->n, after);
            break;
        case CALLEE:
            p("    p%d->%s = leaves[id & 3];\n", i, f->name);
            break;
        case LENGTH:
            p("    p%d->%s = len;\n", i, f->name);
            break;
        case TAIL:
            p("    p%d->%s[id %% len] = id;\n", i, f->name);
            break;
        default:
            break;
        }
    }
}

static void allocation(int i)
{
    if (types[i].has_tail)
        p("    struct t%d *p%d = STM_NEW_FLEX(struct t%d, %s, len);\n", i, i, i,
          types[i].f[types[i].n - 1].name);
    else
        p("    struct t%d *p%d = STM_NEW(struct t%d);\n    (void)len;\n", i, i, i);
}

static void constructors(void)
{
    for (int i = 0; i < ntypes; i++) {
        p("struct t%d *new%d(u64 id, u32 len)\n{\n", i, i);
        allocation(i);
        construct(i, "root", "[tid]");
        p("    return p%d;\n}\n\n", i);
    }
    p("static void boot(u64 id, u32 len)\n{\n");
    for (int i = 0; i < ntypes; i++)
        allocation(i);
    for (int i = 0; i < ntypes; i++)
        construct(i, "p", "");
    for (int i = 0; i < ntypes; i++)
        p("    root%d[tid] = p%d;\n", i, i);
    p("}\n\n");
}

static void walkers(void)
{
    for (int i = 0; i < ntypes; i++) {
        p("u64 walk%d(struct t%d *p, u64 depth)\n{\n    u64 h = p->base.tag + p->base.extra;\n", i, i);
        for (int k = 0; k < types[i].n; k++) {
            const struct field *f = &types[i].f[k];
            switch (f->kind) {
            case ARRAY:
                p("    for (u32 i = 0; i < %d; i++) h = mix(h ^ p->%s[i]);\n", f->n, f->name);
                break;
            case SUB:
                p("    h = mix(h ^ p->%s.a) + p->%s.b + p->%s.c[0] + 3ul * p->%s.c[1] + 5ul * p->%s.c[2];\n",
                  f->name, f->name, f->name, f->name, f->name);
                break;
            case UNION:
                p("    h = mix(h ^ p->%s.w);\n", f->name);
                break;
            case NAME:
                p("    for (u32 i = 0; i < 24; i++) h = mix(h ^ (u8)p->%s[i]);\n", f->name);
                break;
            case PLAIN:
                p("    if (p->%s) h = mix(h ^ p->%s->a);\n", f->name, f->name);
                break;
            case VOID:
                p("    if (p->%s) h += ((struct base *)p->%s)->extra;\n", f->name, f->name);
                break;
            case SUBS:
                p("    for (u32 i = 0; i < 3; i++) h = mix(h ^ p->%s[i].a) + p->%s[i].b + p->%s[i].c[1];\n",
                  f->name, f->name, f->name);
                break;
            case CALLEE:
                p("    h ^= p->%s(h);\n", f->name);
                break;
            case TAIL:
                p("    for (u32 i = 0; i < p->f%d; i++) h = mix(h ^ p->%s[i]);\n", k - 1, f->name);
                break;
            case REF:
            case FIXED_REF:
                p("    if (depth) h = mix(h ^ walk%d(p->%s, depth - 1));\n", f->n, f->name);
                break;
            case BASE:
                p("    h = mix(h ^ p->%s->tag);\n", f->name);
                break;
            default:
                p("    h = mix(h ^ p->%s);\n", f->name);
            }
        }
        p("    return h;\n}\n\n");
    }
}

static void globals(void)
{
    p("_Thread_local int tid;\n_Thread_local u64 local_sum;\n");
    for (int i = 0; i < ntypes; i++)
        p("struct t%d *root%d[3];\n", i, i);
    p("struct numbers numbers[3];\nu64 words[3][8];\nstruct pub *slot[4];\nu64 shared_sum, shared_bad, "
      "atomic_count;\n\n"
      "u64 of_sub(struct sub s, u64 n) { STM_SAFEPOINT(); return s.a + s.b * n + s.c[2]; }\n"
      "struct sub make_sub(const struct sub *s, u64 n) { struct sub r = *s; r.b ^= n; return r; }\n"
      "int by_number(const void *a, const void *b)\n{\n    u64 x = *(const u64 *)a, y = *(const u64 *)b;\n   "
      " return x < y ? -1 : x > y;\n}\n"
      "static u64 leaf0(void *x) { STM_SAFEPOINT(); return mix((u64)x + 1); }\n" /* through the type of
                                                                                    others, which pass no
                                                                                    safepoint */
      "static u64 leaf1(u64 x) { return x * 3; }\n"
      "static u64 leaf2(const char *x) { struct t0 *p = new0((u64)x, 2); STM_SAFEPOINT(); return p->f0 + 1; "
      "}\n"
      "static u64 leaf3(u64 x) { if ((slot[x & 3]->b ^ slot[x & 3]->c) != slot[x & 3]->a) shared_bad++; "
      "return x ^ 5; }\n"
      "u64 (*const leaves[4])(u64) = {(u64 (*)(u64))(void (*)(void))leaf0, leaf1, (u64 (*)(u64))(void "
      "(*)(void))leaf2, leaf3};\n\n");
}

static void program(void)
{
    p("static u64 result[3];\n\n"
      "static void *worker(void *arg)\n{\n    u64 h = 0;\n    tid = (int)(size_t)arg;\n    local_sum = 0;\n  "
      "  boot(%u + (u64)tid, 3);\n"
      "    for (u64 i = 0; i < %u; i++) {\n        STM_SAFEPOINT();\n        h = h2(h, f0(",
      rnd(1000), 2 + rnd(4));
    for (int k = 0; k < funcs[0].nparams; k++)
        p("root%d[tid], ", funcs[0].param[k]);
    p("i, 2));\n        h ^= walk0(root0[tid], 1);\n    }\n    STM_SAFEPOINT();\n");
    for (int i = 0; i < ntypes; i++)
        p("    h = mix(h ^ walk%d(root%d[tid], 2));\n", i, i);
    p("    for (u32 i = 0; i < 8; i++) h = mix(h ^ words[tid][i]);\n"
      "    h ^= numbers[tid].a + numbers[tid].b * 3 + numbers[tid].c + numbers[tid].d[1] + numbers[tid].s.b "
      "+ local_sum;\n"
      "    result[tid] = h;\n    return NULL;\n}\n\n"
      "int main(void)\n{\n"
      "    for (u32 i = 0; i < 4; i++) { struct pub *o = STM_NEW(struct pub); o->a = i; o->b = i; slot[i] = "
      "o; }\n"
      "#ifdef UNGIL_TRANSLATE\n    pthread_t threads[3];\n"
      "    for (size_t i = 0; i < %d; i++)\n        if (pthread_create(&threads[i], NULL, worker, (void "
      "*)i)) return 2;\n"
      "    for (int i = 0; i < %d; i++)\n        STM_BLOCKING { pthread_join(threads[i], NULL); }\n"
      "#else\n    for (size_t i = 0; i < %d; i++) worker((void *)i);\n#endif\n"
      "    for (int i = 0; i < 4; i++) shared_bad += (slot[i]->b ^ slot[i]->c) != slot[i]->a;\n"
      "    printf(\"%%lx %%lx %%lx sum %%lx count %%lu bad %%lu\\n\", result[0], result[1], result[2], "
      "shared_sum, atomic_count, shared_bad);\n    return 0;\n}\n",
      nthreads, nthreads, nthreads);
}

static FILE *create(const char *dir, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    if (!f) {
        perror(path);
        exit(2);
    }
    return f;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: generate SEED DIR\n");
        return 2;
    }
    state = strtoull(argv[1], NULL, 0) * 0x9e3779b97f4a7c15u + 0x1234567;
    turns = strtoull(argv[1], NULL, 0) % 4 == 3 ? state : 0;
    for (int i = 0; i < 8; i++)
        rnd(2);
    second_state = state ^ 0x5851f42d4c957f2du;
    make_types();
    choose_statics();
    nfuncs = 3 + (int)rnd(MAX_FUNCS - 2);
    nthreads = 1 + (int)rnd(3);
    for (int i = 0; i < nfuncs; i++)
        make_function(i);
    FILE *file[2];
    char *text[2];
    size_t size[2];
    for (int i = 0; i < 2; i++)
        file[i] = open_memstream(&text[i], &size[i]);
    for (int i = nfuncs; i-- > 0;)
        define(i, file[funcs[i].file]);
    for (int i = 0; i < 2; i++)
        fclose(file[i]);
    out = create(argv[2], "prog.h");
    header();
    fclose(out);
    for (int i = 0; i < 2; i++) {
        out = create(argv[2], i ? "b.c" : "a.c");
        p("#include \"prog.h\"\n\n");
        if (!i) {
            globals();
            statics();
            constructors();
            walkers();
        }
        p("%s", text[i]);
        if (!i)
            program();
        fclose(out);
        free(text[i]);
    }
    return 0;
}
