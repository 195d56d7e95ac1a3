/* callees.c - calls of which it is hard to say what they run: weak symbols, other names of functions, names
 * of the C library, its callbacks, attributes that let the compiler drop or merge a call.
 *
 * What is called has one of a few bodies, all of them `void (struct tN *p, u64 v)`, that differ in what a
 * caller may count on behind them. */
#include "generate.h"

static const char *const bodies[] = {
    "p->base.extra += (u32)v;",
    "p->base.extra ^= (u32)v * 3;",
    "STM_SAFEPOINT(); p->base.extra ^= (u32)v; STM_SAFEPOINT();",
    "if (v & 1) STM_SAFEPOINT(); p->base.extra += 2;",
    "p->base.extra--; STM_SAFEPOINT();",
    "(void)p; STM_SAFEPOINT(); local_sum += v;",
};
enum { BODIES = sizeof bodies / sizeof *bodies };
static const char *body(bool stops)
{
    return bodies[stops ? 2 + rnd(BODIES - 2) : rnd(2)];
}

/* A call of what all these features have: before it the object may be marked, behind it nothing is said. */
static void call_named(const char *name, bool marks)
{
    const struct local *l = some_object();
    if (l->type)
        l = pick_local(V_REF, 0);
    const char *o = l ? l->name : "root0[tid]";
    if (marks || one_in(2))
        line("%s->base.extra++;\n", o);
    line("%s(%s, ", name, o);
    number(1);
    p(");\n");
    if (one_in(2))
        line("%s->base.extra += 2;\n", o);
}

/* Two files: one, and another if there is. */
static int first_file, second_file;
static void two_files(void)
{
    first_file = (int)rnd((unsigned)nfiles);
    second_file = nfiles > 1 ? (first_file + 1 + (int)rnd((unsigned)nfiles - 1)) % nfiles : first_file;
}

/* ---- weak ---- */

static int weak_file, strong_file, weak_form;
static void declare_weak(void)
{
    two_files();
    weak_file = first_file, strong_file = second_file, weak_form = (int)rnd(3);
    p("void hook(struct t0 *p, u64 v);\nvoid hook_left(struct t0 *p, u64 v);\nvoid hook_absent(struct t0 *p, "
      "u64 v) "
      "__attribute__((weak));\nvoid through_weak(struct t0 *p, u64 v);\nvoid through_alias(struct t0 *p, u64 "
      "v);\n"
      "u64 weak_words(u64 a, u64 b);\n");
}

/* Aliases that the other file may define otherwise. */
static void define_weak_aliases(void)
{
    bool pragma = weak_form == 2;
    p("u64 own_word;\n%sextern u64 word_too%s;\n", pragma ? "#pragma weak word_too = own_word\n" : "",
      pragma ? "" : " __attribute__((weak, alias(\"own_word\")))");
    p("u64 weak_words(u64 a, u64 b) { STM_SAFEPOINT(); if (tid) return a ^ b; word_too += a; u64 v = "
      "own_word; "
      "STM_SAFEPOINT(); "
      "own_word ^= b; return v + word_too; }\n");
    p("void own_hook(struct t0 *p, u64 v) { %s }\n%svoid hook_too(struct t0 *p, u64 v)%s;\n", body(false),
      pragma ? "#pragma weak hook_too = own_hook\n" : "",
      pragma ? "" : " __attribute__((weak, alias(\"own_hook\")))");
    p("void through_alias(struct t0 *p, u64 v) { p->base.extra++; hook_too(p, v); p->base.extra ^= 3; "
      "own_hook(p, v); "
      "p->base.extra++; }\n");
}

static void define_weak(int file)
{
    if (file == weak_file) {
        if (weak_form == 0)
            p("void hook(struct t0 *p, u64 v) __attribute__((weak));\nvoid hook(struct t0 *p, u64 v) { %s "
              "}\n",
              body(false));
        else if (weak_form == 1)
            p("__attribute__((weak, noinline)) void hook(struct t0 *p, u64 v) { %s }\n", body(one_in(3)));
        else
            p("#pragma weak hook\nvoid hook(struct t0 *p, u64 v) { %s }\n", body(false));
        p("__attribute__((weak)) void hook_left(struct t0 *p, u64 v) { %s }\n", body(one_in(2)));
        p("void through_weak(struct t0 *p, u64 v) { p->base.extra++; hook(p, v); for (u64 i = 0; i < 2; i++) "
          "{ "
          "p->base.extra++; hook(p, v); } p->base.extra ^= 5; if (hook_absent) hook_absent(p, v); "
          "hook_left(p, v); "
          "p->base.extra++; }\n");
        define_weak_aliases();
    }
    if (file == strong_file && strong_file != weak_file)
        p("void hook(struct t0 *p, u64 v) { %s }\nvoid hook_too(struct t0 *p, u64 v) { %s }\n"
          "u64 word_too = 7;\n",
          body(true), body(true));
}

static void weak_statement(int depth)
{
    static const char *const names[] = {"hook", "hook_left", "through_weak", "through_alias"};
    (void)depth;
    unsigned k = rnd(5);
    if (k == 4)
        line("v%d ^= weak_words(n, v%d);\n", (int)rnd(2), (int)rnd(2));
    else
        call_named(names[k], false);
}

/* ---- alias, asm label, weakref, inline ---- */

static int alias_file, user_file;
static void declare_alias(void)
{
    two_files();
    alias_file = first_file, user_file = second_file;
    p("void api(struct t0 *p, u64 v);\nvoid both_names(struct t0 *p, u64 v);\n");
}

static void define_alias(int file)
{
    if (file == alias_file)
        p("static __attribute__((noinline)) void impl(struct t0 *p, u64 v) { %s }\n"
          "void api(struct t0 *p, u64 v) __attribute__((alias(\"impl\")));\n"
          "void both_names(struct t0 *p, u64 v) { p->base.extra++; impl(p, v); STM_SAFEPOINT(); api(p, v); "
          "}\n",
          body(one_in(4)));
}

static void alias_statement(int depth)
{
    static const char *const names[] = {"api", "both_names"};
    (void)depth;
    call_named(names[rnd(2)], false);
}

static int label_file, labelled_file;
static void declare_labelled(void)
{
    two_files();
    label_file = first_file, labelled_file = second_file;
    p("void work(struct t0 *p, u64 v);\nvoid labelled(struct t0 *p, u64 v);\n");
}

static void define_labelled(int file)
{
    if (file == label_file)
        p("__attribute__((noinline)) void work(struct t0 *p, u64 v) { %s }\n", body(one_in(4)));
    if (file == labelled_file)
        p("void work_too(struct t0 *p, u64 v) __asm__(\"work\");\n"
          "void labelled(struct t0 *p, u64 v) { STM_SAFEPOINT(); work_too(p, v); STM_SAFEPOINT(); }\n");
}

static void labelled_statement(int depth)
{
    (void)depth;
    call_named(one_in(3) ? "labelled" : "work", true);
}

static int ref_file, refers_file;
static void declare_weakref(void)
{
    two_files();
    ref_file = first_file, refers_file = second_file;
    p("void target(struct t0 *p, u64 v);\nvoid refers(struct t0 *p, u64 v);\n");
}

static void define_weakref(int file)
{
    if (file == ref_file)
        p("__attribute__((noinline)) void target(struct t0 *p, u64 v) { %s }\n", body(one_in(4)));
    if (file == refers_file)
        p("static void target_ref(struct t0 *p, u64 v) __attribute__((weakref(\"target\")));\n"
          "void refers(struct t0 *p, u64 v) { STM_SAFEPOINT(); target_ref(p, v); STM_SAFEPOINT(); }\n");
}

static void weakref_statement(int depth)
{
    (void)depth;
    call_named(one_in(3) ? "refers" : "target", true);
}

/* C99: either body may be the one that runs, so both do the same, but for safepoints. */
static int inline_file;
static void declare_inline(void)
{
    inline_file = (int)rnd((unsigned)nfiles);
}

static void define_inline(int file)
{
    if (file != inline_file)
        p("inline void in_line(struct t0 *p, u64 v) { p->base.extra += (u32)v; }\n");
    else
        p("extern inline void in_line(struct t0 *p, u64 v) { STM_SAFEPOINT(); p->base.extra += (u32)v; "
          "STM_SAFEPOINT(); "
          "}\n");
}

static void inline_statement(int depth)
{
    (void)depth;
    call_named("in_line", false);
}

/* ---- variables of two names ---- */

/* Both names are used in one file only: elsewhere a compiler takes them for two variables. */

static int variable_file;
static void declare_variables(void)
{
    variable_file = (int)rnd((unsigned)nfiles);
    p("void write_wrap(u64 v);\nu64 read_wrap(void);\nvoid write_far(u64 v);\nu64 read_far(void);\nextern "
      "struct t0 *current[3];\nextern u64 "
      "counter[3];\nu64 name_refs(struct t0 *a, struct t0 "
      "*b);\nu64 "
      "name_words(u64 a, u64 b);\n"
      "struct STM_OBJECT wnode { u64 x, y; struct wnode *next; u64 pad[3], far; };\nstruct wrap { struct "
      "wnode n; u64 z; };\n"
      "extern struct wnode *wnodes[3][2];\nstruct wnode *wrapped(void);\nu64 use_wrapped(struct wnode *p, "
      "struct wnode *o, "
      "u64 v);\nu64 name_statics(struct wnode *p, struct wnode *o);\n");
}

static void define_variables(int file)
{
    if (file != variable_file)
        return;
    p("struct t0 *current[3];\nextern struct t0 *also_current[3] __attribute__((alias(\"current\")));\n"
      "u64 counter[3];\nextern u64 also_counter[3] __attribute__((alias(\"counter\")));\n"
      "u64 name_refs(struct t0 *a, struct t0 *b)\n{\n    also_current[tid] = a;\n    u64 v = "
      "current[tid]->f0;\n    "
      "%salso_current[tid] = b;\n    v ^= current[tid]->f0;\n    current[tid]->base.extra++;\n    return "
      "v;\n}\n"
      "u64 name_words(u64 a, u64 b)\n{\n    counter[tid] += a;\n    also_counter[tid] ^= b;\n    u64 v = "
      "counter[tid];\n"
      "    %salso_counter[tid]++;\n    return v + counter[tid];\n}\n"
      "struct wnode *wnodes[3][2];\nstatic struct wrap shared_wrap;\n"
      "static __attribute__((noinline)) struct wnode *shared_wnode(void) { return &shared_wrap.n; }\n"
      "void write_wrap(u64 v) { struct wnode *p = shared_wnode(); p->y = v; p->far = 1000 - v; }\n"
      "u64 read_wrap(void)\n{\n    u64 x = shared_wrap.n.y;\n    SPIN;\n    "
      "stm_become_inevitable(\"read\");\n    return x + shared_wrap.n.far != 1000;\n}\n"
      /* fields far from where the object begins */
      "void write_far(u64 v) { shared_wrap.n.pad[0] = v; shared_wrap.n.far = 1000 - v; }\n"
      "u64 read_far(void)\n{\n    struct wnode *p = shared_wnode();\n    u64 x = p->pad[0];\n    SPIN;\n    "
      "stm_become_inevitable(\"read\");\n    return x + p->far != 1000;\n}\n",
      one_in(2) ? "STM_SAFEPOINT();\n    " : "", one_in(2) ? "STM_SAFEPOINT();\n    " : "");
    for (int i = 0; i < 3; i++)
        p("static struct wrap wrap%1$d;\n"
          "static __attribute__((noinline)) u64 use_wrap%1$d(struct wnode *p, struct wnode *o, u64 v)\n{\n   "
          " struct wnode "
          "*a = wrap%1$d.n.next;\n    u64 s = a->x;\n    p->next = o;\n    struct wnode *b = "
          "wrap%1$d.n.next;\n    b->y += "
          "v;\n    wrap%1$d.z += s;\n    return s + b->y + wrap%1$d.z;\n}\n"
          /* a static one: what takes it for the only name keeps its value */
          "static struct wnode *last%1$d;\nextern struct wnode *also_last%1$d "
          "__attribute__((alias(\"last%1$d\")));\n"
          "static __attribute__((noinline)) u64 use_last%1$d(struct wnode *p, struct wnode *o)\n{\n    "
          "last%1$d = p;\n    "
          "u64 s = last%1$d->y;\n    also_last%1$d = o;\n    s ^= last%1$d->y;\n    last%1$d->y++;\n    "
          "return s;\n}\n",
          i);
    p("struct wnode *wrapped(void) { return tid == 0 ? &wrap0.n : tid == 1 ? &wrap1.n : &wrap2.n; }\n"
      "u64 use_wrapped(struct wnode *p, struct wnode *o, u64 v) { return tid == 0 ? use_wrap0(p, o, v) : tid "
      "== 1 ? "
      "use_wrap1(p, o, v) : use_wrap2(p, o, v); }\n"
      "u64 name_statics(struct wnode *p, struct wnode *o) { return tid == 0 ? use_last0(p, o) : tid == 1 ? "
      "use_last1(p, o) : use_last2(p, o); }\n");
}

static void begin_variables(void)
{
    p("    current[tid] = root0[tid];\n    for (int k = 0; k < 2; k++) { struct wnode *o = STM_NEW(struct "
      "wnode); o->x = "
      "(u64)k; o->next = o; wnodes[tid][k] = o; }\n    wrapped()->next = wnodes[tid][0];\n");
}

static void probe_variables(void)
{
    p("    torn_sums(write_wrap, read_wrap, \"variables\");\n    torn_sums(write_far, read_far, \"variables, "
      "far\");\n");
}

static void variable_statement(int depth)
{
    (void)depth;
    switch (rnd(4)) {
    case 3:
        line("v1 ^= name_statics(wnodes[tid][n & 1], wnodes[tid][v0 & 1]);\n");
        break;
    case 0:
        line("v0 ^= name_refs(");
        reference(0, 2);
        p(", ");
        reference(0, 2);
        p(");\n");
        break;
    case 1:
        line("v1 += name_words(n, ");
        number(1);
        p(");\n");
        break;
    default:
        line("v0 += use_wrapped(%s, wnodes[tid][n & 1], ", one_in(2) ? "wrapped()" : "wnodes[tid][0]");
        number(1);
        p(");\n");
    }
}

static void finish_variables(void)
{
    p("    STM_SAFEPOINT();\n    h ^= name_statics(wnodes[tid][0], wnodes[tid][1]);\n");
    p("    h = mix(h ^ counter[tid] ^ current[tid]->base.extra ^ wnodes[tid][0]->y);\n");
}

/* ---- the C library's names ---- */

/* Names that externals.txt has, that no header of the program declares, and that the runtime does not call.
 */
static const char *const library[] = {"access", "unlink",       "isatty", "sleep",   "wait",
                                      "lseek",  "gettimeofday", "usleep", "waitpid", "fork"};
enum { NAMES = sizeof library / sizeof *library };
static const char *own[3];
static int own_file;
static bool own_static;
static void choose_names(void)
{
    unsigned k = rnd(NAMES);
    for (int i = 0; i < 3; i++)
        own[i] = library[(k + 3 * (unsigned)i) % NAMES];
    own_static = one_in(4);
}

static void declare_names(void)
{
    const char *s = own_static ? "static __attribute__((unused)) " : "";
    own_file = (int)rnd((unsigned)nfiles);
    p("%su64 %s(struct t0 *p, u64 v);\n%svoid %s(struct t0 *p, u64 v);\n%svoid %s(struct plain *b, u64 v);\n"
      "extern struct plain *boxes[3];\n",
      s, own[0], s, own[1], s, own[2]);
}

static void define_names(int file)
{
    const char *s = own_static ? "static __attribute__((noinline)) " : "";
    if (file == own_file)
        p("struct plain *boxes[3];\n");
    if (file != own_file && !own_static)
        return;
    p("%su64 %s(struct t0 *p, u64 v) { %sreturn p->base.extra + v; }\n%svoid %s(struct t0 *p, u64 v) { "
      "STM_SAFEPOINT(); p->base.extra += (u32)v; STM_SAFEPOINT(); }\n%svoid %s(struct plain *b, u64 v) { "
      "b->a += v; "
      "STM_SAFEPOINT(); b->b ^= b->a; }\n",
      s, own[0], own_static || file & 1 ? "STM_SAFEPOINT(); " : "", s, own[1], s, own[2]);
}

static void begin_names(void)
{
    p("    boxes[tid] = calloc(1, sizeof(struct plain));\n");
}

static void names_statement(int depth)
{
    (void)depth;
    if (one_in(2)) {
        call_named(own[1], false);
        return;
    }
    line("%s%s(boxes[tid], ", one_in(2) ? "boxes[tid]->b++; " : "", own[2]);
    number(1);
    p("); boxes[tid]->b++; v1 += boxes[tid]->a;\n");
}

static void names_expression(int depth)
{
    p("%s(", own[0]);
    reference(0, depth - 1);
    p(", ");
    number(depth - 1);
    p(")");
}

static void finish_names(void)
{
    p("    h = mix(h ^ boxes[tid]->a ^ boxes[tid]->b);\n");
}

/* A header of the program's own, found by -isystem (file_features). */
static int system_file;
static void declare_system(void)
{
    system_file = (int)rnd((unsigned)nfiles);
    p("#include <fuzz_system.h>\nextern struct sys_box *sys_boxes[3];\n");
}

static void define_system(int file)
{
    if (file == system_file)
        p("struct sys_box *sys_boxes[3];\nvoid sys_step(void) { STM_SAFEPOINT(); }\nvoid sys_poke(struct "
          "sys_box *b, unsigned "
          "long v) { b->x += v; STM_SAFEPOINT(); b->y += b->x; }\nunsigned long sys_look(struct sys_box *b) "
          "{ "
          "STM_SAFEPOINT(); return b->x; }\n");
}

static void begin_system(void)
{
    p("    sys_boxes[tid] = calloc(1, sizeof(struct sys_box));\n");
}

static void system_statement(int depth)
{
    const struct local *l = some_object();
    (void)depth;
    line("sys_poke(sys_boxes[tid], n); %s->base.extra++; sys_step(); %s->base.extra += "
         "(u32)(sys_boxes[tid]->x + "
         "sys_look(sys_boxes[tid]));\n",
         l->name, l->name);
}

/* ---- attributes ---- */

static int attributes_file;
static void declare_attributes(void)
{
    attributes_file = (int)rnd((unsigned)nfiles);
    p("struct pub *fresh_pub(u64 v) __attribute__((malloc, returns_nonnull, noinline, warn_unused_result));\n"
      "void *give(u64 n) __attribute__((alloc_size(1), malloc));\n"
      "static __attribute__((const, noinline, unused)) u64 constant(u64 v) { return v * 7 ^ v >> 3; }\n");
    for (int i = 0; i < ntypes; i++)
        p("static __attribute__((pure, noinline, unused)) u64 pure%1$d(const struct t%1$d *p) { return p->f0 "
          "+ "
          "p->base.extra; }\n"
          "u64 pure_out%1$d(const struct t%1$d *p, u64 v) __attribute__((pure));\n"
          "void leaf_out%1$d(struct t%1$d *p, u64 v) __attribute__((leaf, nothrow, nonnull(1)));\n"
          "static __attribute__((nonnull, cold, noinline, unused)) u64 apart%1$d(struct t%1$d *p, struct "
          "t%1$d *q) { "
          "p->base.extra++; %2$sreturn q->f0 + (p != 0); }\n"
          "static __attribute__((always_inline, unused)) inline void within%1$d(struct t%1$d *p, u64 v) { "
          "p->base.extra += (u32)v; %2$s}\n",
          i, one_in(2) ? "STM_SAFEPOINT(); " : "");
}

static void define_attributes(int file)
{
    if (file != attributes_file)
        return;
    p("struct pub *fresh_pub(u64 v)\n{\n    struct pub *o = STM_NEW(struct pub);\n    o->a = v;\n    o->b = "
      "v ^ 3;\n    "
      "o->c = 3;\n    return o;\n}\nvoid *give(u64 n) { return calloc(1, n); }\n");
    for (int i = 0; i < ntypes; i++)
        p("u64 pure_out%1$d(const struct t%1$d *p, u64 v) { return p->f0 * v + p->base.extra; }\n"
          "void leaf_out%1$d(struct t%1$d *p, u64 v) { p->base.extra ^= (u32)v; STM_SAFEPOINT(); "
          "p->base.extra++; }\n",
          i);
}

static void attribute_statement(int depth)
{
    const struct local *l = some_object();
    const char *o = l->name;
    int t = l->type;
    (void)depth;
    switch (rnd(7)) {
    case 0: /* dropped, with its barrier */
        line("(void)pure%d(%s); v0 += %s->f0;\n", t, o, o);
        break;
    case 1: /* merged */
        line("v0 += pure%d(%s); STM_SAFEPOINT(); v1 += pure%d(%s); %s->base.extra++;\n", t, o, t, o, o);
        break;
    case 2:
        line("v0 ^= pure_out%d(%s, 3); %s->base.extra++; v0 ^= pure_out%d(%s, 3); (void)pure_out%d(%s, n); "
             "v2 += "
             "%s->base.extra;\n",
             t, o, o, t, o, t, o, o);
        break;
    case 3:
        line("%s->base.extra++; leaf_out%d(%s, n); %s->base.extra += 3;\n", o, t, o, o);
        break;
    case 4:
        line("v0 ^= apart%d(%s, %s); %s->base.extra++; within%d(%s, n);\n", t, o, o, o, t, o);
        break;
    case 5:
        line("{ struct pub *o = fresh_pub(n); STM_SAFEPOINT(); v0 += o->b; o->c ^= v0; v1 += o->c; }\n");
        break;
    default:
        line("{ struct plain *b = give(sizeof *b); b->a = n; STM_SAFEPOINT(); b->b = b->a; v0 ^= b->b; "
             "free(b); }\n");
    }
}

static void attribute_expression(int depth)
{
    const struct local *l = some_object();
    switch (rnd(3)) {
    case 0:
        p("((void)pure%d(%s), %s->f0)", l->type, l->name, l->name);
        break;
    case 1:
        p("(pure%d(%s) * sp(3) + pure%d(%s) + constant(", l->type, l->name, l->type, l->name);
        number(depth - 1);
        p("))");
        break;
    default:
        p("pure_out%d(", l->type);
        reference(l->type, depth - 1);
        p(", ");
        number(depth - 1);
        p(")");
    }
}

/* ---- callbacks of the C library ---- */

static int callback_file;
static void declare_callbacks(void)
{
    callback_file = (int)rnd((unsigned)nfiles);
    p("#include <search.h>\n#include <sys/types.h>\nint compare_stopping(const void *a, const void *b);\nint "
      "compare_marking(const void *a, const void *b);\nint compare_with(const void *a, const void *b, void "
      "*o);\n"
      "void once(void);\nvoid visit(const void *node, VISIT order, int level);\nvoid drop_node(void "
      "*key);\nvoid "
      "at_end(void);\n#ifndef _GNU_SOURCE\nvoid tdestroy(void *root, void (*free_node)(void *));\nvoid "
      "qsort_r(void *base, "
      "size_t n, size_t size, int (*compare)(const void *, const void *, void *), void *arg);\n#endif\n");
}

static void define_callbacks(int file)
{
    if (file == callback_file)
        p("#define COMPARE(a, b) ((*(const int *)(a) > *(const int *)(b)) - (*(const int *)(a) < *(const int "
          "*)(b)))\n"
          "int compare_stopping(const void *a, const void *b) { STM_SAFEPOINT(); return COMPARE(a, b); }\n"
          "int compare_marking(const void *a, const void *b) { root0[tid]->base.extra |= 1; STM_SAFEPOINT(); "
          "root0[tid]->base.extra |= 2; return COMPARE(a, b); }\n"
          "int compare_with(const void *a, const void *b, void *o) { struct t0 *p = *(struct t0 **)o; "
          "p->base.extra |= 4; "
          "STM_SAFEPOINT(); return COMPARE(a, b); }\n"
          "void once(void) { STM_SAFEPOINT(); root0[tid]->base.extra ^= 9; STM_SAFEPOINT(); }\n"
          "void visit(const void *node, VISIT order, int level) { (void)level; if (order == leaf || order == "
          "postorder) { "
          "STM_SAFEPOINT(); local_sum += (u64) * *(int *const *)node; } }\n"
          "void drop_node(void *key) { (void)key; STM_SAFEPOINT(); }\n"
          "void at_end(void) { STM_SAFEPOINT(); if (root0[0]) root0[0]->base.extra++; STM_SAFEPOINT(); }\n");
}

static void begin_callbacks(void)
{
    p("    if (!tid) atexit(at_end);\n");
}

static void callback_statement(int depth)
{
    static const char *const compare[] = {"compare_stopping", "compare_marking"};
    const char *c = compare[rnd(2)];
    const struct local *l = some_object();
    if (l->type)
        l = pick_local(V_REF, 0);
    const char *o = l ? l->name : "root0[tid]";
    (void)depth;
    line("{ ");
    if (one_in(2))
        p("%s->base.extra++; ", o);
    switch (rnd(7)) {
    case 0:
        p("pthread_once_t w = PTHREAD_ONCE_INIT; pthread_once(&w, once); ");
        break;
    case 1:
        p("int w[4] = {4, 2, (int)(n & 7), 1}, x = 2; size_t m = 4; v0 += lfind(&x, w, &m, sizeof *w, %s) != "
          "0; ",
          c);
        break;
    case 2:
        p("int w[6] = {4, 2, (int)(n & 7), 1}, x = 9; size_t m = 4; v0 += *(int *)lsearch(&x, w, &m, sizeof "
          "*w, %s) + "
          "m; ",
          c);
        break;
    case 3:
        p("u64 w[3] = {n & 7, 3, 1}; qsort(w, 3, sizeof *w, %s); v0 ^= w[1]; ", c);
        break;
    case 4:
        p("int w[6] = {4, 2, (int)(n & 7), 1, 0, 3}; qsort(w, 6, sizeof *w, %s); v0 ^= (u64)w[2]; ", c);
        break;
    case 5:
        p("int w[5] = {1, 2, 3, 5, 8}, x = (int)(n & 7); v0 += bsearch(&x, w, 5, sizeof *w, %s) != 0; ", c);
        break;
    default:
        p("int w[6] = {4, 2, (int)(n & 7), 1, 0, 3}; struct t0 *with = %s; qsort_r(w, 6, sizeof *w, "
          "compare_with, "
          "&with); v0 ^= (u64)w[2]; ",
          o);
    }
    p("%s->base.extra += 2; }\n", o);
}

static void tree_statement(int depth)
{
    static const char *const compare[] = {"compare_stopping", "compare_marking"};
    const char *c = compare[rnd(2)];
    (void)depth;
    line("{ ");
    p("int w[4] = {4, 2, (int)(n & 7), 1}; void *tree = 0; for (int i = 0; i < 4; i++) tsearch(&w[i], "
      "&tree, %s); "
      "v1 += tfind(&w[1], &tree, %s) != 0; twalk(tree, visit); %s ",
      c, c,
      one_in(2) ? "tdestroy(tree, drop_node);"
                : "for (int i = 0; i < 4; i++) tdelete(&w[i], &tree, compare_stopping);");
    p("}\n");
}

/* ---- searches whose callback looks at where an element lies ---- */

static int search_file;
static void declare_searches(void)
{
    search_file = (int)rnd((unsigned)nfiles);
    p("#include <search.h>\nstruct STM_OBJECT sorted { u64 x; u64 items[10]; };\nextern struct sorted "
      "*sorteds[3];\nextern u64 sought[3][10];\nextern size_t sought_n[3];\nextern const u64 "
      "*search_starts[3], *search_places[3];\n"
      "int by_place(const void *key, const void *element), other_place(const void *key, const void "
      "*element), same_place(const void *key, const void *element);\n");
}

static void define_searches(int file)
{
    if (file == search_file)
        p("struct sorted *sorteds[3];\nu64 sought[3][10];\nsize_t sought_n[3];\nconst u64 "
          "*search_starts[3], *search_places[3];\n"
          "int by_place(const void *key, const void *element)\n{\n    u64 k = *(const u64 *)key, at = "
          "(u64)((const u64 *)element - search_starts[tid]);\n    search_places[tid] = element;\n    if (k & "
          "1)\n        STM_SAFEPOINT();\n    return (k > at) - (k < at);\n}\n"
          "int other_place(const void *key, const void *element)\n{\n    search_places[tid] = element;\n    "
          "root0[tid]->base.extra += element > (const void *)search_starts[tid];\n    return "
          "&search_starts[tid][*(const u64 *)key] != element;\n}\n"
          "int same_place(const void *key, const void *element) { return key != element; }\n");
}

static void begin_searches(void)
{
    p("    sorteds[tid] = STM_NEW(struct sorted);\n    for (u64 k = 0; k < 10; k++) sought[tid][k] = "
      "sorteds[tid]->items[k] = k * 3;\n    search_starts[tid] = search_places[tid] = sought[tid];\n    "
      "sought_n[tid] = 9;\n");
}

static void search_statement(int depth)
{
    static const char *const arrays[] = {"sought[tid]", "sorteds[tid]->items"};
    static const char *const texts[] = {
        "$ = bsearch(&k, w, 9, sizeof *w, by_place);",
        "$ = bsearch(&k, w, sought_n[tid], 8, by_place);",
        "$ = lfind(&k, w, &m, sizeof *w, other_place);",
        "$ = lfind(&w[n & 7], w, &sought_n[tid], 8, same_place);",
        "$ = lsearch(&k, w, &m, sizeof *w, other_place); v0 += m;",
        "sought_n[tid] = 7; $ = lsearch(&k, w, &sought_n[tid], 8, other_place);",
    };
    unsigned y = labels++;
    (void)depth;
    line("{ u64 k = ");
    number(1);
    p(" %% 11, *w = %s, *y%u; size_t m = 8; search_starts[tid] = search_places[tid] = w; ", arrays[rnd(2)],
      y);
    if (one_in(2))
        p("w[n & 7]++; ");
    fill(texts[rnd(sizeof texts / sizeof *texts)], y);
    p("%s v0 ^= y%u ? *y%u + (u64)(y%u - w) : 99; v1 += (u64)(search_places[tid] - search_starts[tid]); ",
      one_in(2) ? " STM_SAFEPOINT();" : "", y, y, y);
    p("%s}\n", one_in(3) ? "v1 ^= *search_places[tid]; " : "");
}

static void finish_searches(void)
{
    p("    for (int k = 0; k < 10; k++) h = mix(h ^ sought[tid][k] ^ sorteds[tid]->items[k] << 7);\n    h ^= "
      "*search_places[tid] + sought_n[tid];\n");
}

struct feature callee_features[] = {{.name = "weak",
                                     .what = "weak definitions, overridden and not",
                                     .declare = declare_weak,
                                     .define = define_weak,
                                     .statement = weak_statement},
                                    {.name = "alias",
                                     .what = "functions of two names",
                                     .declare = declare_alias,
                                     .define = define_alias,
                                     .statement = alias_statement},
                                    {.name = "asmlabel",
                                     .what = "asm labels of functions",
                                     .declare = declare_labelled,
                                     .define = define_labelled,
                                     .statement = labelled_statement},
                                    {.name = "weakref",
                                     .what = "weakref",
                                     .declare = declare_weakref,
                                     .define = define_weakref,
                                     .statement = weakref_statement},
                                    {.name = "inline",
                                     .what = "inline functions with another body elsewhere",
                                     .declare = declare_inline,
                                     .define = define_inline,
                                     .statement = inline_statement},
                                    {.name = "variables",
                                     .what = "variables of two names; a global that begins with an object",
                                     .declare = declare_variables,
                                     .define = define_variables,
                                     .begin = begin_variables,
                                     .statement = variable_statement,
                                     .finish = finish_variables,
                                     .probe = probe_variables},
                                    {.name = "names",
                                     .what = "own functions with names of the C library",
                                     .choose = choose_names,
                                     .declare = declare_names,
                                     .define = define_names,
                                     .begin = begin_names,
                                     .statement = names_statement,
                                     .expression = names_expression,
                                     .finish = finish_names},
                                    {.name = "isystem",
                                     .what = "a header of its own, reached by -isystem",
                                     .declare = declare_system,
                                     .define = define_system,
                                     .begin = begin_system,
                                     .statement = system_statement},
                                    {.name = "attributes",
                                     .what = "pure, const, malloc, leaf, nonnull, ...",
                                     .declare = declare_attributes,
                                     .define = define_attributes,
                                     .statement = attribute_statement,
                                     .expression = attribute_expression},
                                    {.name = "callbacks",
                                     .what = "library functions that call back",
                                     .declare = declare_callbacks,
                                     .define = define_callbacks,
                                     .begin = begin_callbacks,
                                     .statement = callback_statement},
                                    {.name = "searches",
                                     .what = "searches whose callback looks at where an element lies",
                                     .declare = declare_searches,
                                     .define = define_searches,
                                     .begin = begin_searches,
                                     .statement = search_statement,
                                     .finish = finish_searches,
                                     .rarity = 3},
                                    {.name = "trees",
                                     .what = "tsearch and its kin",
                                     .declare = declare_callbacks,
                                     .define = define_callbacks,
                                     .begin = begin_callbacks,
                                     .statement = tree_statement,
                                     .rarity = 32},
                                    {0}};
