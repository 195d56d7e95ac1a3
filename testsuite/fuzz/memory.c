/* memory.c - memory of other kinds: raw, each thread's own, private stacks; loops whose bounds lie there;
 * references where no type says so. */
#include "generate.h"

/* ---- STM_RAW ---- */

static int raw_file;
static void declare_raw(void)
{
    raw_file = (int)rnd((unsigned)nfiles);
    p("struct raw { u64 a, b; u32 n; u64 r[64]; };\nextern struct raw raws[3] STM_RAW;\n");
}

static void define_raw(int file)
{
    if (file == raw_file)
        p("struct raw raws[3] STM_RAW;\n");
}

static void raw_statement(int depth)
{
    (void)depth;
    switch (rnd(3)) {
    case 0:
        line("raws[tid].a += ");
        number(2);
        p(";\n");
        break;
    case 1:
        line("{ struct raw *w STM_RAW = &raws[tid]; w->b = ");
        number(2);
        p("; v0 += w->a; w->n++; }\n");
        break;
    default:
        line("{ u64 m = n, *w STM_RAW = &m; *w ^= ");
        number(2);
        p("; v1 += m + raws[tid].n; }\n");
    }
}

/* A write among operands: nobody reads what it wrote. */
static void raw_expression(int depth)
{
    const struct local *l = some_object();
    unsigned k = labels++ % 64;
    p("h3(%s->f0, raws[tid].r[%u] = ", l->name, k);
    number(depth - 1);
    p(", %s->base.extra)", l->name);
}

static void finish_raw(void)
{
    p("    h = mix(h ^ raws[tid].a ^ raws[tid].b * 3 ^ raws[tid].n);\n");
}

/* What memory functions and copies of structs write there.  The values count, or move on, so that what an
 * abort did not undo shows. */
static int raw_copy_file;
static void declare_raw_copies(void)
{
    raw_copy_file = (int)rnd((unsigned)nfiles);
    p("struct raw_sum { u64 a, b, c[2]; };\nextern struct raw_sum raw_sums[3] STM_RAW;\nextern u64 "
      "raw_lines[3][4] STM_RAW;\nextern u8 raw_bytes[3][16] STM_RAW;\n");
}

static void define_raw_copies(int file)
{
    if (file == raw_copy_file)
        p("struct raw_sum raw_sums[3] STM_RAW;\nu64 raw_lines[3][4] STM_RAW;\nu8 raw_bytes[3][16] "
          "STM_RAW;\n");
}

static void raw_copy_statement(int depth)
{
    static const char *const texts[] = {
        "u64 w[2] = {raw_lines[tid][0] + 1, raw_lines[tid][1] + (@)}; memcpy(raw_lines[tid], w, sizeof w);",
        "u64 w[2] = {raw_lines[tid][2] + 1, n}; bcopy(w, &raw_lines[tid][2], sizeof w);",
        "memmove(&raw_lines[tid][1], raw_lines[tid], 24);",
        "memset(raw_bytes[tid], raw_bytes[tid][3] + 1, 8);",
        "__builtin_memset(raw_bytes[tid] + 8, (int)((@) & 7) + raw_bytes[tid][9], 5);",
        "__builtin_memmove(raw_bytes[tid] + 1, raw_bytes[tid], 12); v0 += raw_bytes[tid][11];",
        "struct raw_sum s = raw_sums[tid]; s.a++; s.b += @; raw_sums[tid] = s;",
        "struct raw_sum s = raw_sums[tid]; s.c[n & 1]++; memcpy(&raw_sums[tid], &s, sizeof s);",
        "struct raw_sum *w STM_RAW = &raw_sums[tid]; u64 x = w->b + 3; __builtin_memcpy(&w->b, &x, 8);",
        "u64 x = raw_sums[tid].a + (@); __builtin_mempcpy(&raw_sums[tid].a, &x, 8);",
        "u64 x = raw_lines[tid][3] + 5; __builtin___memcpy_chk(&raw_lines[tid][3], &x, 8, 8);",
        "if (raw_bytes[tid][0] > 9) { bzero(raw_bytes[tid], 3); raw_sums[tid].c[0]++; }",
    };
    const struct local *l = some_object();
    (void)depth;
    line("{ ");
    if (one_in(2))
        p("%s->base.extra++; ", l->name);
    fill(texts[rnd(sizeof texts / sizeof *texts)], 0);
    p(" v1 ^= raw_lines[tid][n & 3] + %s->f0; }\n", l->name);
}

static void finish_raw_copies(void)
{
    p("    for (int k = 0; k < 4; k++) h = mix(h ^ raw_lines[tid][k]);\n    for (int k = 0; k < 16; k++) h = "
      "h * 31 + raw_bytes[tid][k];\n    h = mix(h ^ raw_sums[tid].a ^ raw_sums[tid].b * 3) + "
      "raw_sums[tid].c[0] + raw_sums[tid].c[1] * 5;\n");
}

/* ---- STM_PER_THREAD ---- */

static int vm_file;
static void declare_vm(void)
{
    vm_file = (int)rnd((unsigned)nfiles);
    p("struct vm { u64 shared; u32 depth STM_PER_THREAD; u64 acc STM_PER_THREAD; struct t0 *at "
      "STM_PER_THREAD; };\nextern "
      "struct vm vm;\nu64 vm_run(struct vm *m, u64 v);\n");
}

static void define_vm(int file)
{
    if (file == vm_file)
        p("struct vm vm;\nu64 vm_run(struct vm *m, u64 v) { m->acc += v; STM_SAFEPOINT(); vm.depth++; return "
          "m->depth + "
          "vm.acc + m->at->f0; }\n");
}

static void begin_vm(void)
{
    p("    vm.depth = 0; vm.acc = 0; vm.at = root0[tid];\n");
}

static void vm_statement(int depth)
{
    (void)depth;
    switch (rnd(4)) {
    case 0:
        line("v0 ^= vm_run(&vm, ");
        number(1);
        p(");\n");
        break;
    case 1:
        line("{ struct vm *m = &vm; m->acc ^= ");
        number(1);
        p("; vm.depth += 2; v1 += m->depth + m->acc; }\n");
        break;
    case 2:
        line("vm.at = ");
        reference(0, 2);
        p(";\n");
        break;
    default: /* equal loads, with a store to the field itself between */
        line("{ struct vm *m = &vm; v0 += m->at->f0; vm.at = ");
        if (one_in(2))
            p("m->at->f2");
        else
            reference(0, 2);
        p("; v1 += m->at->f0; m->at->base.extra++; }\n");
    }
}

static void vm_expression(int depth)
{
    (void)depth;
    p(one_in(2) ? "vm.acc" : "(&vm)->at->f0");
}

static void finish_vm(void)
{
    p("    h = mix(h ^ vm.acc ^ vm.depth ^ vm.at->base.extra);\n");
}

/* ---- a private stack ---- */

static int stack_file;
static void declare_stack(void)
{
    stack_file = (int)rnd((unsigned)nfiles);
    p("struct cell { struct t0 *o; u64 v; };\nextern STM_THREAD_LOCAL struct cell *top "
      "STM_PRIVATE_TOP;\nvoid "
      "put_cell(struct t0 *o);\nstruct cell *unknown_cell(void);\nextern struct cell *(*volatile "
      "some_cell)(void);\n");
}

static void define_stack(int file)
{
    if (file == stack_file)
        p("STM_THREAD_LOCAL struct cell *top STM_PRIVATE_TOP;\n__attribute__((noinline)) void "
          "put_cell(struct t0 *o) { "
          "top[-1].o = o; }\nstruct cell *unknown_cell(void) { return top - 1; }\nstruct cell *(*volatile "
          "some_cell)(void) = unknown_cell;\n");
}

static void begin_stack(void)
{
    p("    top = stm_private_stack(NULL, 8192, &top);\n    for (u64 i = 0; i < 4; i++) { top->o = "
      "root0[tid]; top->v = i; "
      "top++; }\n");
}

static void stack_statement(int depth)
{
    (void)depth;
    switch (rnd(4)) {
    case 0: /* balanced: nothing in it leaves the function */
        line("top->o = ");
        reference(0, 2);
        p("; top++; top[-1].v = ");
        number(1);
        p("; v0 += top[-1].o->f0; top--; v1 ^= top->v;\n");
        break;
    case 1:
        line("{ struct cell *c = some_cell(); v0 += c->o->f0; put_cell(%s",
             one_in(2) ? "c->o->f2" : "root0[tid]");
        p("); v1 ^= c->o->f0; c->o->base.extra++; }\n");
        break;
    case 2:
        line("{ struct cell *c STM_PRIVATE_STACK = top - 2; c->v += ");
        number(1);
        p("; c[1].o->base.extra += (u32)c->v; }\n");
        break;
    default:
        line("{ struct cell *c = unknown_cell(); v1 += top[-1].o->f0; c->o = ");
        if (one_in(2))
            p("c->o->f2");
        else
            reference(0, 1);
        p("; v0 += top[-1].o->f0; top[-1].v++; v1 += c->v; }\n");
    }
}

static void finish_stack(void)
{
    p("    for (int k = 1; k < 5; k++) h = mix(h ^ top[-k].v ^ top[-k].o->base.extra);\n");
}

/* ---- loops whose bounds lie in memory, and change while they run; indices that wrap ---- */

enum { ITEMS = 12000 };
static bool big_is_object;
static int bounds_file;
static void define_bounded(void);
enum { MAX_LIMITS = 32 };

static void choose_bounds(void)
{
    big_is_object = one_in(2);
}

static void declare_bounds(void)
{
    bounds_file = (int)rnd((unsigned)nfiles);
    p("struct %sbig { u64 n; u64 pad[3]; u32 items[%d]; };\nextern struct big *bigs[3];\nstruct limit { u32 "
      "n; };\n"
      "extern u32 limits[3];\nextern struct limit limit_structs[3];\nextern u32 atomic_limits[3];\nextern "
      "_Thread_local "
      "u32 thread_limit;\n",
      big_is_object ? "STM_OBJECT " : "", ITEMS);
    if (has("raw"))
        p("extern struct limit raw_limits[3] STM_RAW;\n");
    for (int k = 0; k < MAX_LIMITS; k++)
        p("u64 bounded%d(u64 n), wrapped%d(u64 n);\n", k, k);
}

static void define_bounds(int file)
{
    if (file != bounds_file)
        return;
    p("struct big *bigs[3];\nu32 limits[3], atomic_limits[3];\nstruct limit limit_structs[3];\n_Thread_local "
      "u32 "
      "thread_limit;\n");
    if (has("raw"))
        p("struct limit raw_limits[3] STM_RAW;\n");
    define_bounded();
}

static void begin_bounds(void)
{
    p(big_is_object ? "    bigs[tid] = STM_NEW(struct big);\n"
                    : "    bigs[tid] = calloc(1, sizeof(struct big));\n");
}

/* Declares and sets it; reads it; changes it. */
static const char *const limits[][4] = {
    {NULL, "limits[tid] = 2;", "limits[tid]", "limits[tid]++"},
    {NULL, "u32 *r = &limits[tid]; *r = 2;", "*r", "limits[tid]++"},
    {NULL, "struct limit *r = &limit_structs[tid]; r->n = 2;", "r->n", "limit_structs[tid].n++"},
    {NULL, "struct { u32 n; } m = {2}, *r = &m;", "r->n", "m.n++"},
    {NULL, "struct limit m = {2}, *r = &m;", "r->n", "m.n++"},
    {NULL, "struct limit m[2] = {{2}}, *r = m;", "r->n", "(*m).n++"},
    {NULL, "u32 m = 2, *r = &m;", "m", "(*r)++"},
    {NULL, "struct limit *r = (void *)&thread_limit; thread_limit = 2;", "r->n", "thread_limit++"},
    {NULL, "u32 *r = &thread_limit; *r = 2;", "thread_limit", "(*r)++"},
    {NULL, "atomic_limits[tid] = 2;", "__atomic_load_n(&atomic_limits[tid], 0)",
     "__sync_fetch_and_add(&atomic_limits[tid], 1)"},
    {NULL, "u32 *r = &root0[tid]->base.extra; *r = 2;", "*r", "root0[tid]->base.extra++"},
    {NULL, "b->n = 2;", "b->n", "b->n++"},
    {NULL, "b->n = 2;", "b->n", "__atomic_fetch_add(&b->n, 1, 5)"},
    {NULL, "b->n = 2;", "b->n", "__sync_fetch_and_add(&b->n, 1)"},
    {NULL, "volatile u32 m = 2;", "m", "m++"},
    {"raw", "struct limit *r STM_RAW = &raw_limits[tid]; r->n = 2;", "r->n", "r->n++"},
    {"raw", "struct limit *r STM_RAW = &raw_limits[tid]; r->n = 2;", "raw_limits[tid].n", "r->n++"},
    {"perthread", "struct vm *m = &vm; m->depth = 2;", "m->depth", "vm.depth++"},
    {"perthread", "vm.depth = 2;", "vm.depth", "vm.depth++"},
    {"stack", "top[-1].v = 2;", "top[-1].v", "top[-1].v++"},
    {"stack", "struct cell *c = unknown_cell(); c->v = 2;", "c->v", "top[-1].v++"},
    {"stack", "struct cell *c STM_PRIVATE_STACK = top - 1; c->v = 2;", "c->v", "c->v++"},
    {"stack", "struct cell *c STM_PRIVATE_STACK = top - 1; c->v = 2;", "c->v", "top[-1].v++"},
};

enum { LIMITS = sizeof limits / sizeof *limits };

static const char *const indices[] = {
    "i * 40",
    "i * 40 + 7",
    "20 * ((u8)i - (u8)(i + 1) + 1 + i)",
    "(u16)(i * 3 + 65500) % 12000",
    "(u8)(i * 37) * 40",
    "(u8)(i + 200) * 8 + i",
    "8000 - i * 20",
    "((u16)(i * 1000) - (u16)(i * 1000 + 3) + 65536) % 12000",
    "(i ^ 5) * 16",
    "(u32)((u8)i * (u8)3) * 4",
    "i * i % 12000",
};
enum { INDICES = sizeof indices / sizeof *indices };

/* A loop whose bound is limits[k]; -1: a number, and the index is what is odd.  It calls nothing. */
static void bounds_loop(int k, const char *index, unsigned end, const char *before, const char *behind)
{
    p("struct big *b = bigs[tid]; %s ", k < 0 ? "" : limits[k][1]);
    if (k < 0)
        p("for (u32 i = 0; i < %u; i++) { ", end);
    else
        p("for (u32 i = 0; i < %s; i++) { if (i < %u) %s; ", limits[k][2], end - 2, limits[k][3]);
    p("%sb->items[%s]%s; } v1 ^= b->items[n %% 4000];", before, index, behind);
}

static void bounds_statement(int depth)
{
    unsigned k;
    do
        k = rnd(LIMITS);
    while (limits[k][0] && !has(limits[k][0]));
    unsigned end = one_in(3) ? 257 : 100;
    cost += 120 * times;
    (void)depth;
    const char *index = indices[rnd(INDICES)], *before = one_in(4) ? "v0 += " : "",
               *behind = *before     ? ""
                         : one_in(3) ? " += i"
                                     : " = (u32)n + i";
    line("{ ");
    bounds_loop(one_in(4) ? -1 : (int)k, index, end, before, behind);
    p(" }\n");
}

/* Each kind of bound, and of index, once more, in a function that each thread calls at its end. */
static bool has_bounded(int k)
{
    return !limits[k][0] || has(limits[k][0]);
}

static void define_bounded(void)
{
    for (int k = 0; k < LIMITS; k++)
        if (has_bounded(k)) {
            p("__attribute__((noinline)) u64 bounded%d(u64 n)\n{\n    u64 v1 = 0;\n    ", k);
            bounds_loop(k, second(2) ? "i * 40" : indices[second(INDICES)], 100, "", " = (u32)n + i");
            p("\n    return v1;\n}\n");
        }
    for (int k = 0; k < INDICES; k++) {
        p("__attribute__((noinline)) u64 wrapped%d(u64 n)\n{\n    u64 v1 = 0;\n    ", k);
        bounds_loop(-1, indices[k], second(3) ? 100 : 257, "", " = (u32)n + i");
        p("\n    return v1;\n}\n");
    }
}

static void finish_bounds(void)
{
    for (int k = 0; k < LIMITS; k++)
        if (has_bounded(k))
            p("    STM_SAFEPOINT();\n    h ^= bounded%d(h & 63);\n", k);
    for (int k = 0; k < INDICES; k++)
        p("    STM_SAFEPOINT();\n    h ^= wrapped%d(h & 63);\n", k);
    p("    for (u32 i = 0; i < %d; i++) h = h * 31 + bigs[tid]->items[i];\n    h ^= bigs[tid]->n + "
      "limits[tid];\n",
      ITEMS);
}

/* ---- references in bytes ---- */

static int payload_file;
static void declare_payload(void)
{
    payload_file = (int)rnd((unsigned)nfiles);
    p("struct STM_OBJECT payload { u64 kind; char bytes[32]; u64 (*code)(u64); };\nstruct STM_OBJECT "
      "payload_end { u64 kind; "
      "char bytes[]; "
      "};\nextern struct payload *payloads[3];\nextern struct payload_end *payload_ends[3];\n");
}

static void define_payload(int file)
{
    if (file == payload_file)
        p("struct payload *payloads[3];\nstruct payload_end *payload_ends[3];\n");
}

static void begin_payload(void)
{
    p("    payloads[tid] = STM_NEW(struct payload);\n    payload_ends[tid] = STM_NEW_FLEX(struct "
      "payload_end, bytes, 32);\n"
      "    for (int k = 0; k < 4; k++) { struct t0 *o = new0(70 + (u64)k, 3); memcpy(payloads[tid]->bytes + "
      "8 * k, &o, 8); "
      "((struct t0 **)payload_ends[tid]->bytes)[k] = o; payloads[tid]->code = (u64 (*)(u64))(void *)o; }\n");
}

static void payload_statement(int depth)
{
    (void)depth;
    switch (rnd(4)) {
    case 3: /* a pointer to a function that is none */
        line(
            "payloads[tid]->code = (u64 (*)(u64))(void *)new0(n & 63, 2); STM_SAFEPOINT(); v0 ^= ((struct t0 "
            "*)(void *)payloads[tid]->code)->f0;\n");
        break;
    case 0:
        line("{ struct t0 *o = new0(n, 2); memcpy(payloads[tid]->bytes + 8 * (n & 3), &o, 8); "
             "STM_SAFEPOINT(); "
             "memcpy(&o, payloads[tid]->bytes + 8 * (v0 & 3), 8); v0 += o->f0; }\n");
        break;
    case 1:
        line("((struct t0 **)payload_ends[tid]->bytes)[n & 3] = new0(v1, 3); STM_SAFEPOINT(); v0 += ((struct "
             "t0 "
             "**)payload_ends[tid]->bytes)[v0 & 3]->f0;\n");
        break;
    default:
        line("((struct t0 **)payloads[tid]->bytes)[v1 & 3] = ");
        reference(0, 2);
        p(";\n");
    }
}

static void payload_expression(int depth)
{
    p("((struct t0 **)payloads[tid]->bytes)[(");
    number(depth - 1);
    p(") & 3]->f0");
}

static void finish_payload(void)
{
    p("    h = mix(h ^ ((struct t0 *)(void *)payloads[tid]->code)->f0);\n");
    p("    for (int k = 0; k < 4; k++) h = mix(h ^ ((struct t0 **)payloads[tid]->bytes)[k]->f0) + ((struct "
      "t0 "
      "**)payload_ends[tid]->bytes)[k]->base.extra;\n");
}

/* ---- order: raw writes, turns and ends of the transaction among arguments; inevitability that is moved ----
 */

enum { ORDERS = 6 };

/* In the checking build operands are evaluated from the left; so this is seen by HAMMER only, and where gcc
 * evaluates arguments from the right.  The window, in which the others' commits must fall, lies before what
 * turns inevitable: nobody commits behind it. */
static int order_file;
static void declare_order(void)
{
    order_file = (int)rnd((unsigned)nfiles);
    p("struct STM_OBJECT pair { u64 x, pad[3], y, z; struct pair *next; };\nextern struct pair "
      "*pairs[3];\nextern u64 raw_words[64] STM_RAW;\nu64 order3(u64 a, u64 b, u64 c);\nvoid write_pair(u64 "
      "v);\n"
      "struct pair *target_pair(void);\nvoid count_pair(void);\nu64 counted_pair(void);\n");
    for (int k = 0; k < ORDERS; k++)
        p("u64 read_pair%d(void);\n", k);
}

static void define_order(int file)
{
    const char *first = order_file & 1 ? "x" : "y";
    if (file != order_file)
        return;
    p("struct pair *pairs[3];\nu64 raw_words[64] STM_RAW;\n__attribute__((noinline)) u64 order3(u64 a, u64 "
      "b, u64 c) { return a + b * 0 + c; }\n"
      "void write_pair(u64 v) { pairs[0]->x = v; pairs[0]->y = 1000 - v; pairs[1]->y = v; }\n"
      "__attribute__((noinline)) struct pair *target_pair(void) { SPIN; return pairs[2]; }\n"
      "static __attribute__((noinline)) u64 among(struct pair *p, u64 *q) { return order3(p->%s, ({ SPIN; *q "
      "= "
      "5; }), p->%s); }\n"
      "static __attribute__((noinline)) u64 among_raw(struct pair *p) { return order3(p->x, ({ SPIN; "
      "raw_words[3] = 1; }), p->y); }\n"
      "static __attribute__((noinline)) u64 among_more(struct pair *p) { return order3(p->x, ({ SPIN; "
      "raw_words[3] = 1; }), order3(0, raw_words[4]++, p->y)); }\n"
      "static __attribute__((noinline)) void moved(struct pair *p) { target_pair()->z = p->y; "
      "stm_become_inevitable(\"here\"); }\n"
      "static __attribute__((noinline)) u64 nested(struct pair *p) { u64 r = order3(order3(0, 0, p->x), "
      "target_pair()->pad[0], p->y); stm_become_inevitable(\"there\"); return r; }\n"
      "u64 read_pair0(void) { SPIN; return among(pairs[0], &raw_words[0]) != 1000; }\n"
      "u64 read_pair1(void) { moved(pairs[0]); return pairs[2]->z + pairs[1]->y != 1000; }\n"
      "u64 read_pair2(void) { return nested(pairs[0]) != 1000; }\n"
      "u64 read_pair3(void) { return among_more(pairs[0]) != 1000; }\n"
      "u64 read_pair4(void) { struct pair *p = pairs[0], *q = pairs[1]; u64 r = order3(({ SPIN; "
      "stm_become_inevitable(\"first\"); 0ul; }), 0, p->y); return r + q->y != 1000; }\n"
      "u64 read_pair5(void) { return among_raw(pairs[0]) != 1000; }\n"
      /* an update, and the end of the transaction whose barrier it counts on */
      "static __attribute__((noinline)) u64 ends(void) { STM_BLOCKING { committed++; } return 0; }\n"
      "static __attribute__((noinline)) u64 counted(struct pair *p) { p->x++; return order3(p->z++, 0, "
      "ends()); "
      "}\n"
      "void count_pair(void) { counted(pairs[0]); }\n"
      "u64 counted_pair(void) { return pairs[0]->x == pairs[0]->z ? pairs[0]->z : 0; }\n",
      first, *first == 'x' ? "y" : "x");
}

static void begin_order(void)
{
    p("    pairs[tid] = STM_NEW(struct pair);\n");
}

static void order_statement(int depth)
{
    const struct local *l = some_object();
    (void)depth;
    switch (rnd(4)) {
    case 0: /* moved behind a call in the target of an assignment */
        line("pass%d(%s, ", l->type, l->name);
        number(1);
        p("); ");
        reference(l->type, 2);
        p("->f0 = %s->f0 + %s->base.extra; stm_become_inevitable(\"here\");\n", l->name, l->name);
        break;
    case 1:
        line("v0 += h3(look%d(%s, %s->f0), h2(sp(%s->f0), %s->base.extra), 3); "
             "stm_become_inevitable(\"there\"); "
             "%s->base.extra++;\n",
             l->type, l->name, l->name, l->name, l->name, l->name);
        break;
    case 2:
        line("v0 ^= h3(%s->f0, raw_words[%u] = n, %s->base.extra); v1 += %s->f0;\n", l->name, rnd(64),
             l->name, l->name);
        break;
    default:
        line("pairs[tid]->z = h2(sp(%s->f0), ", l->name);
        number(1);
        p("); stm_become_inevitable(\"then\"); pairs[tid]->y++;\n");
    }
}

static void probe_order(void)
{
    p("    for (tid = 0; tid < 3; tid++) pairs[tid] = STM_NEW(struct pair);\n    tid = 0;\n    "
      "write_pair(0);\n");
    for (int k = 0; k < ORDERS; k++)
        p("    torn_sums(write_pair, read_pair%d, \"order %d\");\n", k, k);
    p("    pairs[0] = STM_NEW(struct pair);\n    lost_updates(count_pair, counted_pair, \"order\");\n");
}

struct feature memory_features[] = {
    {.name = "raw",
     .what = "STM_RAW memory, written among operands too",
     .declare = declare_raw,
     .define = define_raw,
     .statement = raw_statement,
     .expression = raw_expression,
     .finish = finish_raw},
    {.name = "rawcopies",
     .what = "memory functions and copies of structs that write STM_RAW memory",
     .declare = declare_raw_copies,
     .define = define_raw_copies,
     .statement = raw_copy_statement,
     .finish = finish_raw_copies,
     .rarity = 3},
    {.name = "perthread",
     .what = "STM_PER_THREAD fields",
     .declare = declare_vm,
     .define = define_vm,
     .begin = begin_vm,
     .statement = vm_statement,
     .expression = vm_expression,
     .finish = finish_vm},
    {.name = "stack",
     .what = "private stacks, reached by pointers with annotation and without",
     .declare = declare_stack,
     .define = define_stack,
     .begin = begin_stack,
     .statement = stack_statement,
     .finish = finish_stack},
    {.name = "bounds",
     .what = "loops whose bounds lie in memory, indices that wrap",
     .choose = choose_bounds,
     .declare = declare_bounds,
     .define = define_bounds,
     .begin = begin_bounds,
     .statement = bounds_statement,
     .finish = finish_bounds},
    {.name = "payload",
     .what = "references in arrays of bytes",
     .declare = declare_payload,
     .define = define_payload,
     .begin = begin_payload,
     .statement = payload_statement,
     .expression = payload_expression,
     .finish = finish_payload},
    {.name = "order",
     .what = "raw writes, turns and ends among arguments; inevitability moved over calls",
     .declare = declare_order,
     .define = define_order,
     .begin = begin_order,
     .statement = order_statement,
     .probe = probe_order},
    {0}};
