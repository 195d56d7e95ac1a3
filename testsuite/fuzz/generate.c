/* generate.c - random annotated C programs that have one meaning (fuzz.bash builds and runs them in every way).
 *
 *   generate SEED DIR    writes DIR/prog.h, DIR/a.c and DIR/b.c
 *
 * After Csmith (Yang, Chen, Eide, Regehr, "Finding and Understanding Bugs in C Compilers", PLDI 2011): programs without undefined or
 * unspecified behaviour, whose whole state ends in a checksum, so that two builds that disagree show a bug in one of them.  What keeps
 * the meaning single:
 *
 *   - Functions are *readers* or *mutators*.  A reader writes nothing but its own locals and what commutes; so readers may be called
 *     anywhere in an expression, in any order: f(p->x, r1(q), r2(q)).  A mutator is called where nothing else is evaluated beside it.
 *   - Each thread has objects of its own, so each gets the same results however they interleave.  What threads share either
 *     commutes (counters), or is replaced and changed in ways that keep an invariant, which is all that is looked at.
 *   - References are never null: constructors fill them from the thread's roots.  Indices are masked, arithmetic is unsigned.
 *   - Calls go to functions of greater numbers, or to itself with a depth; loops have constant bounds; what a call costs at most is
 *     summed up while it is generated, and too costly ones are left out.
 *
 * In the programs: several object types with a common head, immutable fields, arrays, flexible tails, large objects, unions, bit-fields,
 * structs in objects and pointers to them, interior pointers kept over safepoints, memory from malloc, function pointers; statics that are
 * objects or not, thread-locals, static locals; structs by value, atomic built-ins, qsort; loops, switch, goto, early returns, recursion, atomic blocks; aliases on conditions; fresh objects
 * stored and published; calls that may pass a safepoint inside unsequenced expressions. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TYPES = 4, MAX_FIELDS = 16, MAX_FUNCS = 10, MAX_LOCALS = 24, COST_FUNCTION = 4000 };

enum kind { U64, U32, U16, U8, BITS, ARRAY, SUB, UNION, NAME, REF, BASE, PLAIN, CALLEE, LENGTH, TAIL, FIXED, FIXED_REF, SUBS, VOID, KINDS };
struct field { enum kind kind; char name[8]; int n; }; /* n: elements (a power of two), bits, or the type that a reference leads to */
struct type { struct field f[MAX_FIELDS]; int n; bool has_tail, large; };

enum var { V_INT, V_REF, V_INTERIOR, V_SUB, V_LOCAL_SUB };
struct local { enum var kind; int type; char name[8]; };

struct func {
    bool mutator, is_static, recursive;
    int file, returns;            /* type, or -1: a number */
    int param[3], nparams;        /* types */
    bool interior;                /* a parameter u64 *ip */
    long cost;
};

static struct type types[MAX_TYPES];
static int ntypes, nfuncs, nthreads;
static struct func funcs[MAX_FUNCS];

/* the function being generated */
static FILE *out;
static int self, indent, loops, in_atomic, labels, temps;
static long cost, times;          /* so far; how often what is generated now runs at most */
static struct local locals[MAX_LOCALS];
static int nlocals;
static bool wants_out;            /* the label `out` is used */
static bool no_calls;

/* ---- randomness and text ---- */

static uint64_t state;
static unsigned rnd(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % n;
}
static bool one_in(unsigned n) { return rnd(n) == 0; }

static void p(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void p(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vfprintf(out, fmt, ap);
    va_end(ap);
}

static void line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void line(const char *fmt, ...)
{
    va_list ap;
    p("%*s", 4 * indent, "");
    va_start(ap, fmt);
    vfprintf(out, fmt, ap);
    va_end(ap);
}

static void start(void) { p("%*s", 4 * indent, ""); }

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
            add_field(t, kind, kind == BITS ? 1 + (int)rnd(14) : kind == ARRAY ? 2 << rnd(5) : (int)rnd((unsigned)ntypes));
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
    static const char *const simple[] = {[U64] = "u64 %s", [U32] = "u32 %s", [U16] = "u16 %s", [U8] = "u8 %s", [SUB] = "struct sub %s",
        [UNION] = "union word %s", [NAME] = "char %s[24]", [BASE] = "struct base *%s", [PLAIN] = "struct plain *%s",
        [CALLEE] = "u64 (*%s)(u64)", [LENGTH] = "STM_IMMUTABLE u32 %s", [TAIL] = "u64 %s[]", [FIXED] = "STM_IMMUTABLE u64 %s", [SUBS] = "struct sub %s[3]", [VOID] = "void *%s", [KINDS] = NULL};
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
    p("#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include \"ungil.h\"\n\n"
      "typedef unsigned long u64;\ntypedef unsigned int u32;\ntypedef unsigned short u16;\ntypedef unsigned char u8;\n\n"
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
      "u64 of_sub(struct sub s, u64 n);\nstruct sub make_sub(const struct sub *s, u64 n);\nint by_number(const void *a, const void *b);\n");
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
}

/* ---- expressions that only read ---- */

static void number(int depth);

static const struct local *pick_local(enum var kind, int type)
{
    int n = 0;
    for (int i = 0; i < nlocals; i++)
        n += locals[i].kind == kind && (type < 0 || locals[i].type == type);
    if (!n)
        return NULL;
    int k = (int)rnd((unsigned)n);
    for (int i = 0; i < nlocals; i++)
        if (locals[i].kind == kind && (type < 0 || locals[i].type == type) && k-- == 0)
            return &locals[i];
    return NULL;
}

/* A type and a field of it that leads to type `to`. */
static bool pick_link(int to, int *from, const struct field **f)
{
    for (int tries = 0; tries < 12; tries++) {
        int t = (int)rnd((unsigned)ntypes);
        const struct field *g = &types[t].f[rnd((unsigned)types[t].n)];
        if ((g->kind == REF || g->kind == FIXED_REF) && g->n == to) {
            *from = t;
            *f = g;
            return true;
        }
    }
    return false;
}

/* A pointer to an object of the type; never null. */
static void reference(int type, int depth)
{
    const struct local *l = pick_local(V_REF, type);
    int from;
    const struct field *f;
    cost += times;
    switch (depth > 0 ? rnd(10) : 0) {
    case 1:
    case 2:
    case 3:
        if (pick_link(type, &from, &f)) {
            reference(from, depth - 1);
            p("->%s", f->name);
            return;
        }
        break;
    case 4:
        p("(");
        number(depth - 1);
        p(" & 1 ? ");
        reference(type, depth - 1);
        p(" : ");
        reference(type, depth - 1);
        p(")");
        return;
    case 5:
        p("((struct t%d *)(%s)", type, one_in(2) ? "void *" : "struct base *");
        reference(type, depth - 1);
        p(")");
        return;
    case 6:
        if (!types[type].has_tail && !no_calls) {
            p("fixed%d()", type);
            return;
        }
        break;
    default: break;
    }
    if (l)
        p("%s", l->name);
    else
        p("root%d[tid]", type);
}

/* A field of some object, as a number. */
static void field_value(int type, const struct field *f, int depth)
{
    if (f->kind == PLAIN) { /* evaluated twice */
        const struct local *l = pick_local(V_REF, type);
        if (l)
            p("(%s->%s ? %s->%s->a : 7)", l->name, f->name, l->name, f->name);
        else
            p("5");
        return;
    }
    if (f->kind == CALLEE && no_calls) {
        p("2ul");
        return;
    }
    if (f->kind == VOID) {
        const struct local *l = pick_local(V_REF, type);
        if (l)
            p("(%s->%s ? (u64)((struct base *)%s->%s)->tag : 9ul)", l->name, f->name, l->name, f->name);
        else
            p("6ul");
        return;
    }
    if ((f->kind == SUB || f->kind == SUBS) && one_in(4)) { /* by value */
        p("of_sub(");
        reference(type, depth - 1);
        p(f->kind == SUB ? "->%s, " : "->%s[1], ", f->name);
        number(depth - 1);
        p(")");
        return;
    }
    if (f->kind == NAME && one_in(3)) {
        p("strlen(");
        reference(type, depth - 1);
        p("->%s)", f->name);
        return;
    }
    p(f->kind == ARRAY || f->kind == TAIL || f->kind == CALLEE ? "" : "(u64)");
    if (f->kind == TAIL) {
        const struct local *l = pick_local(V_REF, type);
        if (!l) {
            p("3ul");
            return;
        }
        p("%s->%s[(", l->name, f->name);
        number(depth - 1);
        p(") %% %s->%s]", l->name, f[-1].name);
        return;
    }
    reference(type, depth - 1);
    p("->%s", f->name);
    switch (f->kind) {
    case ARRAY:
    case NAME:
    case CALLEE:
        p(f->kind == CALLEE ? "(" : "[(");
        number(depth - 1);
        p(f->kind == CALLEE ? ")" : f->kind == NAME ? ") %% 24]" : ") & %d]", f->n - 1);
        cost += f->kind == CALLEE ? 8 * times : 0;
        break;
    case SUBS:
        p("[(");
        number(depth - 1);
        p(") %% 3].%s", one_in(2) ? "b" : "c[0]");
        break;
    case SUB: p(one_in(2) ? ".a" : one_in(2) ? ".b" : ".c[1]"); break;
    case UNION: p(one_in(2) ? ".w" : one_in(2) ? ".half[1]" : ".byte[3]"); break;
    case BASE: p("->tag"); break;
    case REF:
    case FIXED_REF: p("->f0"); break;
    default: break;
    }
}

/* The call of function i, with arguments that only read. */
static void call(int i, int depth)
{
    const struct func *f = &funcs[i];
    cost += times * f->cost;
    p("f%d(", i);
    for (int k = 0; k < f->nparams; k++) {
        reference(f->param[k], depth - 1);
        p(", ");
    }
    if (f->interior) {
        const struct local *l = pick_local(V_INTERIOR, -1);
        p("%s, ", l ? l->name : "&words[tid][2]");
    }
    number(depth - 1);
    p(", %d)", f->recursive ? 1 + (int)rnd(2) : 0);
}

/* A function that may be called here, or -1. */
static int pick_callee(bool mutator, int returns)
{
    int n = no_calls ? 0 : nfuncs - self - 1;
    for (int tries = 0; n > 0 && tries < 4; tries++) {
        int i = self + 1 + (int)rnd((unsigned)n);
        const struct func *f = &funcs[i];
        if (f->mutator == mutator && (f->returns >= 0) == (returns >= 0) && (returns < 0 || f->returns == returns) &&
            (!f->is_static || f->file == funcs[self].file) && cost + times * (f->cost + 50) < COST_FUNCTION)
            return i;
    }
    return -1;
}

static void binary(int depth)
{
    static const char *const ops[] = {" + ", " - ", " * ", " ^ ", " | ", " & ", " < ", " == ", " && ", " || "};
    p("(");
    number(depth - 1);
    p("%s", ops[rnd(10)]);
    number(depth - 1);
    p(")");
}

static void number(int depth)
{
    static const char *const global[] = {"numbers[tid].a", "numbers[tid].b", "(u64)numbers[tid].c", "(u64)numbers[tid].d[2]", "numbers[tid].s.b",
                                         "words[tid][1]", "words[tid][6]", "local_sum"};
    const struct local *l;
    int t = (int)rnd((unsigned)ntypes), i;
    cost += times;
    if (depth <= 0) {
        l = pick_local(V_INT, -1);
        if (l && one_in(2))
            p("%s", l->name);
        else
            p("%uul", rnd(one_in(4) ? 1u << 30 : 40));
        return;
    }
    switch (rnd(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: field_value(t, &types[t].f[rnd((unsigned)types[t].n)], depth); break;
    case 5: p("%s", global[rnd(8)]); break;
    case 6:
        if ((l = pick_local(V_INTERIOR, -1)))
            p("*%s", l->name);
        else
            p("11ul");
        break;
    case 7:
        if ((l = pick_local(one_in(2) ? V_SUB : V_LOCAL_SUB, -1)))
            p(l->kind == V_SUB ? "(u64)%s->%s" : "(u64)%s.%s", l->name, one_in(2) ? "b" : "c[2]");
        else
            p("13ul");
        break;
    case 8:
    case 9:
        if ((i = pick_callee(false, -1)) >= 0)
            call(i, depth);
        else
            binary(depth);
        break;
    case 10:
        p(one_in(2) ? "h2(" : "h3(n, ");
        number(depth - 1);
        p(", ");
        number(depth - 1);
        p(")");
        break;
    case 11:
        p("(");
        number(depth - 1);
        p(" ? ");
        number(depth - 1);
        p(" : ");
        number(depth - 1);
        p(")");
        break;
    case 12:
        p("(u%d)(", 8 << rnd(4));
        number(depth - 1);
        p(")");
        break;
    case 13:
        p("(x%d = ", temps);
        i = temps++;
        number(depth - 1);
        p(", x%d ^ x%d >> 3)", i, i);
        break;
    case 14:
        p("(u64)((struct base *)");
        reference(t, depth - 1);
        p(")->tag");
        break;
    default: binary(depth);
    }
}

/* ---- statements ---- */

static void statements(int n, int depth);

static void assign_field(int type, const struct field *f)
{
    static const char *const ops[] = {" = ", " = ", " += ", " ^= ", " -= ", " |= "};
    const struct local *l;
    switch (f->kind) {
    case FIXED:
    case FIXED_REF:
    case LENGTH: return;
    case REF:
    case BASE:
        start();
        reference(type, 2);
        p("->%s = ", f->name);
        if (f->kind == BASE)
            p("(struct base *)");
        if (f->kind == REF && one_in(4))
            p("new%d(n, %u)", f->n, 1 + rnd(9));
        else
            reference(f->n, 2);
        p(";\n");
        return;
    case PLAIN:
        if (!(l = pick_local(V_REF, type)))
            return;
        line("if (%s->%s && (", l->name, f->name);
        number(1);
        p(" & 1)) {\n");
        line("    free(%s->%s);\n", l->name, f->name);
        line("    %s->%s = 0;\n", l->name, f->name);
        line("} else if (!%s->%s) {\n", l->name, f->name);
        line("    %s->%s = calloc(1, sizeof(struct plain));\n", l->name, f->name);
        line("    %s->%s->a = ", l->name, f->name);
        number(2);
        p(";\n");
        line("}\n");
        return;
    case NAME:
        start();
        p("snprintf(");
        reference(type, 1);
        p("->%s, 24, \"%%lu\", ", f->name);
        number(2);
        p(");\n");
        return;
    case VOID:
        start();
        reference(type, 1);
        p("->%s = ", f->name);
        if (one_in(3))
            p("(void *)0");
        else
            reference((int)rnd((unsigned)ntypes), 2);
        p(";\n");
        return;
    case SUBS:
        start();
        reference(type, 1);
        p("->%s[", f->name);
        number(1);
        p(" %% 3]");
        if (one_in(2)) {
            p("%s", one_in(2) ? ".b += " : ".a = (u32)");
            number(2);
            p(";\n");
        } else {
            l = pick_local(V_SUB, -1);
            p(" = make_sub(%s, n);\n", l ? l->name : "&numbers[tid].s");
        }
        return;
    case CALLEE:
        start();
        reference(type, 2);
        p("->%s = leaves[", f->name);
        number(1);
        p(" & 3];\n");
        return;
    case SUB:
        start();
        reference(type, 1);
        if (one_in(3)) {
            p("->%s = ", f->name);
            if ((l = pick_local(V_SUB, -1)))
                p("*%s;\n", l->name);
            else
                p("(struct sub){.a = 1, .b = n};\n");
        } else if (one_in(2)) {
            p("->%s = (struct sub){.a = (u32)", f->name);
            number(2);
            p(", .b = ");
            number(2);
            p("};\n");
        } else {
            p("->%s.c[%u]++;\n", f->name, rnd(3));
        }
        return;
    default: break;
    }
    start();
    if (f->kind == TAIL) {
        if (!(l = pick_local(V_REF, type))) {
            p(";\n");
            return;
        }
        p("%s->%s[", l->name, f->name);
        number(1);
        p(" %% %s->%s]", l->name, f[-1].name);
    } else {
        reference(type, 2);
        p("->%s", f->name);
        if (f->kind == ARRAY) {
            p("[");
            number(1);
            p(" & %d]", f->n - 1);
        } else if (f->kind == UNION) {
            p(one_in(2) ? ".w" : one_in(2) ? ".half[0]" : ".byte[5]");
        }
    }
    if (one_in(4)) {
        p("%s;\n", one_in(2) ? "++" : "--");
        return;
    }
    p("%s", ops[rnd(6)]);
    number(3);
    p(";\n");
}

static void assign_other(void)
{
    static const char *const places[] = {"numbers[tid].a += ", "numbers[tid].b ^= ", "numbers[tid].c = (u32)", "numbers[tid].d[n % 5] += (u16)",
                                         "numbers[tid].s.b = ", "words[tid][3] += ", "words[tid][n & 7] ^= ", "local_sum += "};
    const struct local *l = one_in(3) ? pick_local(V_INTERIOR, -1) : NULL, *s = one_in(4) ? pick_local(V_SUB, -1) : NULL;
    start();
    if (l)
        p("*%s %s ", l->name, one_in(2) ? "=" : "+=");
    else if (s)
        p("%s->%s ", s->name, one_in(2) ? "b ^=" : "a = (u32)");
    else
        p("%s", places[rnd(8)]);
    number(3);
    p(";\n");
}

/* What threads share: an object's b ^ c is its a, seen between safepoints. */
static void share(void)
{
    unsigned k = rnd(4), v = labels++;
    switch (rnd(6)) {
    case 5:
        /* atomic built-ins on plain globals are left alone (annotations.md): an abort would not undo this */
        line("stm_become_inevitable(\"test\"); __sync_fetch_and_add(&atomic_count, n & 15);\n");
        break;
    case 0:
        line("if ((slot[%u]->b ^ slot[%u]->c) != slot[%u]->a) shared_bad++;\n", k, k, k);
        break;
    case 1:
        line("{ struct pub *o%u = slot[%u]; u64 d%u = ", v, k, v);
        number(2);
        p("; o%u = slot[%u]; o%u->b ^= d%u; o%u->c ^= d%u; }\n", v, k, v, v, v, v);
        break;
    case 2:
        line("{ struct pub *o%u = STM_NEW(struct pub); o%u->a = n; o%u->b = n ^ %u; o%u->c = %u; slot[%u] = o%u; }\n", v, v, v, v, v, v, k, v);
        break;
    case 3:
        line("STM_ATOMIC { struct pub *o%u = slot[%u]; o%u->b ^= n; ", v, k, v);
        p("u64 d%u = ", v);
        no_calls = true; /* what they see of the slot would depend on their order */
        number(2);
        no_calls = false;
        p("; STM_SAFEPOINT(); if (d%u == 3) shared_sum++; o%u->c ^= n; }\n", v, v);
        break;
    default:
        line("{ u64 d%u = ", v);
        number(2);
        p("; shared_sum += d%u; }\n", v);
    }
}

static void loop(int depth)
{
    unsigned k = 1 + rnd(4), v = labels++;
    times *= k;
    loops++;
    if (one_in(3)) {
        line("{ u64 k%u = 0; do {\n", v);
        indent++;
        statements(2, depth - 1);
        indent--;
        line("} while (++k%u < %u && ", v, k);
        number(2);
        p(" != 3); }\n");
    } else {
        int t = (int)rnd((unsigned)ntypes);
        if (one_in(3) && nlocals < MAX_LOCALS) { /* along a list */
            line("struct t%d *w%u = ", t, v);
            reference(t, 1);
            p(";\n");
            line("for (u64 i%u = 0; i%u < %u; i%u++, w%u = w%u->f2) {\n", v, v, k, v, v, v);
            locals[nlocals++] = (struct local){V_REF, t, ""};
            snprintf(locals[nlocals - 1].name, sizeof locals->name, "w%u", v);
            indent++;
            statements(2, depth - 1);
            indent--;
            nlocals--;
        } else {
            line("for (u64 i%u = 0; i%u < %u; i%u++) {\n", v, v, k, v);
            indent++;
            statements(3, depth - 1);
            if (one_in(3) && !in_atomic) {
                line("if (");
                number(2);
                p(" & 1) %s;\n", one_in(2) ? "break" : "continue");
            }
            statements(1, depth - 1);
            indent--;
        }
        line("}\n");
    }
    loops--;
    times /= k;
}

static void conditional(int depth)
{
    if (one_in(4) && loops + in_atomic == 0) {
        line("switch (");
        number(2);
        p(" & 3) {\n");
        for (int k = 0; k < 3; k++) {
            line("case %d: {\n", k);
            indent++;
            statements(1, depth - 1);
            indent--;
            line(one_in(2) ? "} break;\n" : "}\n");
        }
        line("default: {\n");
        indent++;
        statements(1, depth - 1);
        indent--;
        line("} }\n");
        return;
    }
    line("if (");
    number(3);
    p(") {\n");
    indent++;
    statements(2, depth - 1);
    indent--;
    if (one_in(2)) {
        line("} else {\n");
        indent++;
        statements(2, depth - 1);
        indent--;
    }
    line("}\n");
}

static void leave(void)
{
    start();
    p("if (");
    number(2);
    p(" %% 5 == 4) ");
    if (one_in(2)) {
        p("goto out;\n");
        wants_out = true;
        return;
    }
    p("return ");
    if (funcs[self].returns >= 0)
        reference(funcs[self].returns, 1);
    else
        number(1);
    p(";\n");
}

static void change_local(void)
{
    const struct local *l = &locals[rnd((unsigned)nlocals)];
    if (l->name[0] == 'w') /* a loop walks along */
        return;
    start();
    int i;
    switch (l->kind) {
    case V_INT:
        p("%s %s ", l->name, one_in(2) ? "=" : "^=");
        number(3);
        break;
    case V_REF:
        p("%s = ", l->name);
        if (one_in(4))
            p("new%d(n ^ %u, %u)", l->type, rnd(100), 1 + rnd(9));
        else if (one_in(4) && (i = pick_callee(false, l->type)) >= 0)
            call(i, 2);
        else
            reference(l->type, 3);
        break;
    case V_INTERIOR: {
        int t = (int)rnd((unsigned)ntypes);
        p("%s = ", l->name);
        const struct field *f = &types[t].f[rnd((unsigned)types[t].n)];
        if (f->kind == ARRAY || f->kind == U64) {
            p("&");
            reference(t, 1);
            p("->%s", f->name);
            if (f->kind == ARRAY)
                p("[n & %d]", f->n - 1);
        } else {
            p("&words[tid][n & 7]");
        }
        break;
    }
    case V_SUB: {
        int t = (int)rnd((unsigned)ntypes);
        const struct field *f = &types[t].f[rnd((unsigned)types[t].n)];
        p("%s = &", l->name);
        if (f->kind == SUB) {
            reference(t, 1);
            p("->%s", f->name);
        } else {
            p("numbers[tid].s");
        }
        break;
    }
    case V_LOCAL_SUB: {
        const struct local *s = pick_local(V_SUB, -1);
        if (s && one_in(2))
            p("%s = *%s", l->name, s->name);
        else
            p("%s.b += n", l->name);
        break;
    }
    }
    p(";\n");
}

/* Two writes in one expression, to fields of different types. */
static void two_writes(void)
{
    line("local_sum ^= h2(");
    reference(0, 1);
    p("->f0++, ");
    reference(1, 1);
    p("->f0 %s ", one_in(2) ? "-=" : "=");
    number(0);
    p(");\n");
}

/* Library functions on arrays and strings inside objects. */
static void memory(void)
{
    int t = (int)rnd((unsigned)ntypes);
    for (int k = 0; k < types[t].n; k++) {
        const struct field *f = &types[t].f[k];
        if (f->kind != ARRAY || one_in(3))
            continue;
        start();
        if (f->n <= 32 && one_in(3)) {
            p("qsort(");
            reference(t, 1);
            p("->%s, %d, sizeof(u64), by_number);\n", f->name, f->n);
            return;
        }
        p("memmove(");
        reference(t, 1);
        p("->%s, ", f->name);
        reference(t, 1);
        p("->%s, %u);\n", f->name, 8 * (1 + rnd(f->n > 8 ? 8 : (unsigned)f->n)));
        return;
    }
}

static void call_mutator(void)
{
    const struct local *l = one_in(2) ? pick_local(V_REF, -1) : NULL;
    int i = pick_callee(true, l && l->name[0] != 'w' ? l->type : -1);
    if (i < 0)
        return;
    start();
    if (funcs[i].returns >= 0)
        p("%s = ", l->name);
    else
        p(one_in(2) ? "n ^= " : "v0 = ");
    call(i, 2);
    p(";\n");
}

static void recurse(void)
{
    struct func *f = &funcs[self];
    if (f->recursive || loops || in_atomic || cost > COST_FUNCTION / 8 || f->returns >= 0)
        return;
    line("if (depth) v0 ^= f%d(", self);
    for (int k = 0; k < f->nparams; k++) {
        reference(f->param[k], 1);
        p(", ");
    }
    p("%sv0, depth - 1);\n", f->interior ? "ip, " : "");
    f->recursive = true;
}

static void atomic(int depth)
{
    line("STM_ATOMIC {\n");
    indent++;
    in_atomic++;
    statements(2, depth - 1);
    in_atomic--;
    indent--;
    line("}\n");
}

/* A string of the heap's own, for a while. */
static void duplicate(void)
{
    int v = labels++;
    line("{ char *d%d = malloc(20); snprintf(d%d, 20, \"%%lu\", n); char *e%d = strdup(d%d); ", v, v, v, v);
    p("%sd%d = realloc(d%d, 400); e%d[0] ^= 1; v0 += strlen(d%d) + (u64)(strcmp(d%d, e%d) > 0); free(d%d); free(e%d); }\n",
      one_in(2) ? "STM_SAFEPOINT(); " : "", v, v, v, v, v, v, v, v);
}

static void mutation(int depth)
{
    int t = (int)rnd((unsigned)ntypes);
    switch (rnd(10)) {
    case 0: assign_other(); break;
    case 1:
        if (one_in(2))
            two_writes();
        else if (one_in(2))
            line("{ static u64 calls%d[3]; v0 += calls%d[tid]++; }\n", labels, labels), labels++;
        else
            duplicate();
        break;
    case 2: memory(); break;
    case 3: call_mutator(); break;
    case 4:
        if (depth > 0)
            atomic(depth);
        break;
    case 5: recurse(); break;
    case 6:
        line("root%d[tid] = ", t);
        reference(t, 2);
        p(";\n");
        break;
    default: assign_field(t, &types[t].f[rnd((unsigned)types[t].n)]);
    }
}

static void statements(int n, int depth)
{
    for (int k = 0; k < n && cost < COST_FUNCTION; k++) {
        unsigned what = rnd(20);
        cost += 2 * times;
        if (what < 3)
            line("STM_SAFEPOINT();\n");
        else if (what < 8 || !funcs[self].mutator)
            what == 19 ? share() : what == 18 && depth > 0 ? loop(depth) : what >= 15 && depth > 0 ? conditional(depth) : change_local();
        else if (what < 9)
            share();
        else if (what < 10 && depth > 0)
            loop(depth);
        else if (what < 12 && depth > 0)
            conditional(depth);
        else if (what < 13)
            leave();
        else
            mutation(depth);
    }
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
        case V_INT: line("u64 %s = n + %d;\n", l->name, k); break;
        case V_REF: line("struct t%d *%s = root%d[tid];\n", l->type, l->name, l->type); break;
        case V_INTERIOR: line("u64 *%s = %s;\n", l->name, f->interior ? "ip" : "&words[tid][n & 7]"); break;
        case V_SUB: line("struct sub *%s = &numbers[tid].s;\n", l->name); break;
        case V_LOCAL_SUB: line("struct sub %s = {1, n, {2, 3, 4}};\n", l->name); break;
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
            p("    switch (tid) {\n    case 0: return &fixed%d_0;\n    case 1: return &fixed%d_1;\n    default: return &fixed%d_2;\n    }\n}\n", i, i, i);
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
        case U64: p("    p%d->%s = id + %d;\n", i, f->name, k); break;
        case FIXED: p("    p%d->%s = mix(id);\n", i, f->name); break;
        case REF:
        case FIXED_REF: p("    p%d->%s = %s%d%s;\n", i, f->name, to, f->n, after); break;
        case BASE: p("    p%d->%s = (struct base *)%s%d%s;\n", i, f->name, to, f->n, after); break;
        case CALLEE: p("    p%d->%s = leaves[id & 3];\n", i, f->name); break;
        case LENGTH: p("    p%d->%s = len;\n", i, f->name); break;
        case TAIL: p("    p%d->%s[id %% len] = id;\n", i, f->name); break;
        default: break;
        }
    }
}

static void allocation(int i)
{
    if (types[i].has_tail)
        p("    struct t%d *p%d = STM_NEW_FLEX(struct t%d, %s, len);\n", i, i, i, types[i].f[types[i].n - 1].name);
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
            case ARRAY: p("    for (u32 i = 0; i < %d; i++) h = mix(h ^ p->%s[i]);\n", f->n, f->name); break;
            case SUB: p("    h = mix(h ^ p->%s.a) + p->%s.b + p->%s.c[0] + 3ul * p->%s.c[1] + 5ul * p->%s.c[2];\n", f->name, f->name, f->name, f->name, f->name); break;
            case UNION: p("    h = mix(h ^ p->%s.w);\n", f->name); break;
            case NAME: p("    for (u32 i = 0; i < 24; i++) h = mix(h ^ (u8)p->%s[i]);\n", f->name); break;
            case PLAIN: p("    if (p->%s) h = mix(h ^ p->%s->a);\n", f->name, f->name); break;
            case VOID: p("    if (p->%s) h += ((struct base *)p->%s)->extra;\n", f->name, f->name); break;
            case SUBS: p("    for (u32 i = 0; i < 3; i++) h = mix(h ^ p->%s[i].a) + p->%s[i].b + p->%s[i].c[1];\n", f->name, f->name, f->name); break;
            case CALLEE: p("    h ^= p->%s(h);\n", f->name); break;
            case TAIL: p("    for (u32 i = 0; i < p->f%d; i++) h = mix(h ^ p->%s[i]);\n", k - 1, f->name); break;
            case REF:
            case FIXED_REF: p("    if (depth) h = mix(h ^ walk%d(p->%s, depth - 1));\n", f->n, f->name); break;
            case BASE: p("    h = mix(h ^ p->%s->tag);\n", f->name); break;
            default: p("    h = mix(h ^ p->%s);\n", f->name);
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
    p("struct numbers numbers[3];\nu64 words[3][8];\nstruct pub *slot[4];\nu64 shared_sum, shared_bad, atomic_count;\n\n"
      "u64 of_sub(struct sub s, u64 n) { STM_SAFEPOINT(); return s.a + s.b * n + s.c[2]; }\n"
      "struct sub make_sub(const struct sub *s, u64 n) { struct sub r = *s; r.b ^= n; return r; }\n"
      "int by_number(const void *a, const void *b)\n{\n    u64 x = *(const u64 *)a, y = *(const u64 *)b;\n    return x < y ? -1 : x > y;\n}\n"
      "static u64 leaf0(u64 x) { STM_SAFEPOINT(); return mix(x + 1); }\n"
      "static u64 leaf1(u64 x) { return x * 3; }\n"
      "static u64 leaf2(u64 x) { struct t0 *p = new0(x, 2); STM_SAFEPOINT(); return p->f0 + 1; }\n"
      "static u64 leaf3(u64 x) { if ((slot[x & 3]->b ^ slot[x & 3]->c) != slot[x & 3]->a) shared_bad++; return x ^ 5; }\n"
      "u64 (*const leaves[4])(u64) = {leaf0, leaf1, leaf2, leaf3};\n\n");
}

static void program(void)
{
    p("static u64 result[3];\n\n"
      "static void *worker(void *arg)\n{\n    u64 h = 0;\n    tid = (int)(size_t)arg;\n    local_sum = 0;\n    boot(%u + (u64)tid, 3);\n"
      "    for (u64 i = 0; i < %u; i++) {\n        STM_SAFEPOINT();\n        h = h2(h, f0(", rnd(1000), 2 + rnd(4));
    for (int k = 0; k < funcs[0].nparams; k++)
        p("root%d[tid], ", funcs[0].param[k]);
    p("i, 2));\n        h ^= walk0(root0[tid], 1);\n    }\n    STM_SAFEPOINT();\n");
    for (int i = 0; i < ntypes; i++)
        p("    h = mix(h ^ walk%d(root%d[tid], 2));\n", i, i);
    p("    for (u32 i = 0; i < 8; i++) h = mix(h ^ words[tid][i]);\n"
      "    h ^= numbers[tid].a + numbers[tid].b * 3 + numbers[tid].c + numbers[tid].d[1] + numbers[tid].s.b + local_sum;\n"
      "    result[tid] = h;\n    return NULL;\n}\n\n"
      "int main(void)\n{\n"
      "    for (u32 i = 0; i < 4; i++) { struct pub *o = STM_NEW(struct pub); o->a = i; o->b = i; slot[i] = o; }\n"
      "#ifdef UNGIL_TRANSLATE\n    pthread_t threads[3];\n"
      "    for (size_t i = 0; i < %d; i++)\n        if (pthread_create(&threads[i], NULL, worker, (void *)i)) return 2;\n"
      "    for (int i = 0; i < %d; i++)\n        STM_BLOCKING { pthread_join(threads[i], NULL); }\n"
      "#else\n    for (size_t i = 0; i < %d; i++) worker((void *)i);\n#endif\n"
      "    for (int i = 0; i < 4; i++) shared_bad += (slot[i]->b ^ slot[i]->c) != slot[i]->a;\n"
      "    printf(\"%%lx %%lx %%lx sum %%lx count %%lu bad %%lu\\n\", result[0], result[1], result[2], shared_sum, atomic_count, shared_bad);\n    return 0;\n}\n",
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
    for (int i = 0; i < 8; i++)
        rnd(2);
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
