/* control.c - ways that control takes: cleanup functions, statement expressions, labels, jumps that C does
 * not have. */
#include "generate.h"

/* ---- cleanup functions ---- */

static void declare_cleanup(void)
{
    p("static inline void leave0(u64 *g) { (void)g; STM_SAFEPOINT(); }\n"
      "static void leave1(u64 *g) { numbers[tid].a += *g; STM_SAFEPOINT(); numbers[tid].b ^= *g; }\n");
    for (int i = 0; i < ntypes; i++)
        p("static void drop%1$d(struct t%1$d **p) { (*p)->base.extra++; STM_SAFEPOINT(); (*p)->base.extra += "
          "2; }\n",
          i);
}

/* The only way out, or on, is a jump. */
static void cleanup_jump(void)
{
    unsigned v = labels++, w = rnd(2);
    const char *o = some_object()->name;
    times *= 3;
    switch (rnd(3)) {
    case 0:
        line("for (u64 k%u = 0;; k%u++) { u64 g%u __attribute__((cleanup(leave%u))) = n; %s->base.extra++; "
             "if (k%u > 0) break; } %s->base.extra += 2;\n",
             v, v, v, w, o, v, o);
        break;
    case 1:
        line("{ u64 k%u = 0; do { u64 g%u __attribute__((cleanup(leave%u))) = n; %s->base.extra++; continue; "
             "} "
             "while ((v0 += %s->f0, k%u++ < 2)); }\n",
             v, v, w, o, o, v);
        break;
    default:
        line("{ u64 k%u = 0; %s->base.extra++; c%u:; u64 g%u __attribute__((cleanup(leave%u))) = n; "
             "%s->base.extra += 2; if (k%u++ < 2) goto c%u; }\n",
             v, o, v, v, w, o, v, v);
    }
    times /= 3;
}

static void cleanup_statement(int depth)
{
    if (one_in(3)) {
        cleanup_jump();
        return;
    }
    unsigned v = labels++;
    int t = (int)rnd((unsigned)ntypes);
    line("{\n");
    indent++;
    if (one_in(2)) {
        line("u64 g%u __attribute__((cleanup(leave%u))) = ", v, rnd(2));
        number(2);
    } else {
        line("struct t%d *g%u __attribute__((cleanup(drop%d))) = ", t, v, t);
        reference(t, 2);
    }
    p(";\n");
    statements(1 + (int)rnd(2), depth - 1);
    if (loops && !in_atomic && one_in(2)) {
        line("if (");
        number(1);
        p(" & 1) %s;\n", one_in(2) ? "break" : "continue");
    } else if (one_in(3)) {
        leave();
    }
    statements(1, depth - 1);
    indent--;
    line("}\n");
}

static void cleanup_expression(int depth)
{
    unsigned v = labels++;
    p("({ u64 g%u __attribute__((cleanup(leave0))) = ", v);
    number(depth - 1);
    p("; g%u ^ ", v);
    number(depth - 1);
    p("; })");
}

/* ---- statement expressions ---- */

static void statement_expression(int depth)
{
    unsigned v = labels++;
    p("({ u64 e%u = ", v);
    number(depth - 1);
    p("; ");
    if (one_in(3))
        p("STM_SAFEPOINT(); ");
    if (one_in(2)) {
        p("if (e%u & 1) e%u ^= ", v, v);
        number(depth - 1);
        p("; ");
    }
    if (one_in(3)) {
        times *= 2;
        p("for (u64 i%u = 0; i%u < 2; i%u++) { e%u += ", v, v, v, v);
        number(depth - 1);
        p("; if (e%u & 4) break; } ", v);
        times /= 2;
    }
    if (one_in(3)) {
        p("switch (e%u & 3) { case 0: e%u += ", v, v);
        number(depth - 1);
        p("; case 1: STM_SAFEPOINT(); break; default: e%u--; } ", v);
    }
    p("e%u; })", v);
}

/* Out of it, by all ways. */
static void leaving_expression(int depth)
{
    unsigned v = labels++;
    (void)depth;
    if (loops && !in_atomic && one_in(3)) {
        line("v%u ^= ({ if (", rnd(3));
        number(2);
        p(" & 1) %s; ", one_in(2) ? "break" : "continue");
        number(2);
        p("; });\n");
    } else {
        line("{ u64 e%u = ({ ", v);
        leave();
        number(2);
        p("; }); v0 ^= e%u; }\n", v);
    }
}

/* For clang a `break` in a loop's condition leaves that loop, for gcc the one around (fuzz.bash leaves these
 * to clang). */
static void break_in_condition(int depth)
{
    unsigned v = labels++;
    const char *o = some_object()->name;
    if (in_atomic) {
        line(";\n");
        return;
    }
    line("{ u64 k%u = 0, m%u = 0;\n", v, v);
    indent++;
    times *= 5;
    switch (rnd(3)) {
    case 0:
        line("while (({ if (sp(k%u++) >= (v1 & 3)) break; v0 += %s->f0; k%u < 5; })) {\n", v, o, v);
        break;
    case 1:
        line("for (; ({ if (sp(k%u++) >= (v1 & 3)) break; v0 += %s->f0; k%u < 5; }); m%u++) {\n", v, o, v, v);
        break;
    default:
        line("for (; m%u < 3; ({ m%u++; if (sp(k%u++) >= (v1 & 3)) break; v0 += %s->f0; })) {\n", v, v, v, o);
    }
    loops++;
    indent++;
    statements(1, depth - 1);
    indent--;
    loops--;
    times /= 5;
    line("}\n");
    indent--;
    line("}\n");
}

/* ---- labels ---- */

/* A block that begins with labels, and where something is put in front of the rest. */
static void declare_labels(void)
{
    for (int i = 0; i < ntypes; i++)
        p("static __attribute__((unused)) u64 jump_out%1$d(struct t%1$d *p, u64 v)\n{\n"
          "    __label__ out;\n"
          "    u64 s = p->base.extra;\n    if (v & 1) goto out;\n    s += p->f0;\nout:\n"
          "    stm_become_inevitable(\"label\");\n    return s ^ p->f0;\n}\n",
          i);
}

static void local_labels(int depth)
{
    unsigned v = labels++;
    if (one_in(8)) {
        const struct local *l = some_object();
        p("jump_out%d(%s, ", l->type, l->name);
        number(depth - 1);
        p(")");
        return;
    }
    p("({ __label__ done, again; u64 r = 0, e%u = ", v);
    number(depth - 1);
    p("; if (e%u & 1) goto done; ", v);
    if (one_in(2))
        p("STM_SAFEPOINT(); ");
    p("again: e%u ^= ", v);
    times *= 2;
    number(depth - 1);
    times /= 2;
    p("; if (e%u > 1ul << 60 && !r++) { e%u >>= 20; goto again; } done: e%u; })", v, v, v);
}

/* One in a function: clang looks at each jump with each label. */
static void computed_goto(int depth)
{
    unsigned v = labels++;
    if (jumps_computed) {
        line(";\n");
        return;
    }
    jumps_computed = true;
    line("{ %svoid *const j%u[] = {&&a%u, &&b%u, &&c%u}; goto *j%u[(", one_in(2) ? "static " : "", v, v, v, v,
         v);
    number(2);
    p(") %% 3];\n");
    for (int k = 0; k < 3; k++) {
        line("%c%u:;\n", 'a' + k, v);
        indent++;
        statements(1, depth - 1);
        indent--;
        if (one_in(2))
            line("goto d%u;\n", v);
    }
    line("d%u:; }\n", v);
}

/* ---- assembly ---- */

static void asm_goto(int depth)
{
    unsigned v = labels++;
    switch (rnd(4)) {
    case 0:
        line("__asm__ goto(\"jmp %%l0\" : : : : z%u);\n", v);
        break;
    case 1:
        line("__asm__ goto(\"\" : : : : z%u);\n", v);
        break;
    case 2:
        line("if (v1 & 1) __asm__ goto(\"jmp %%l[z%u]\" : : : : z%u);\n", v, v);
        break;
    default:
        line("__asm__ goto(\"testq %%0, %%0; jz %%l1\" : : \"r\"(n & %u) : \"cc\" : z%u);\n", 1 + rnd(3), v);
    }
    line("{\n");
    indent++;
    statements(1 + (int)rnd(2), depth - 1);
    indent--;
    line("}\nz%u:;\n", v);
}

static void asm_empty(int depth)
{
    (void)depth;
    switch (rnd(5)) {
    case 0:
        line("__asm__ volatile(\"\" : \"+r\"(v%u));\n", rnd(3));
        break;
    case 1:
        line("__asm__ volatile(\"\" : : : \"memory\");\n");
        break;
    case 2:
        line("__asm__(\"\" : \"=r\"(v0) : \"0\"(v1 ^ v2));\n");
        break;
    case 3:
        line("__asm__(\"incq %%0\" : \"+m\"(v%u) : : \"cc\");\n", rnd(3));
        break;
    default:
        line("__asm__(\"\" : \"=r\"(v2) : \"0\"(0 + ");
        number(2);
        p("));\n");
    }
}

/* ---- setjmp ---- */

static int thrower_home;

static void declare_throwers(void)
{
    thrower_home = (int)rnd((unsigned)nfiles);
    p("#include <setjmp.h>\n");
    for (int i = 0; i < ntypes; i++)
        p("void throw%1$d(jmp_buf *j, struct t%1$d *p, u64 v);\n", i);
}

static void define_throwers(int file)
{
    if (file != thrower_home)
        return;
    for (int i = 0; i < ntypes; i++)
        p("static __attribute__((noinline)) void far%1$d(jmp_buf *j, struct t%1$d *p, u64 v) { p->base.extra "
          "^= 7; if "
          "(v & 4) longjmp(*j, 2); }\n"
          "void throw%1$d(jmp_buf *j, struct t%1$d *p, u64 v)\n{\n    p->base.extra += (u32)v;\n    if (v & "
          "2) "
          "STM_SAFEPOINT();\n    p->base.extra ^= 5;\n    if (v & 1) longjmp(*j, 1);\n    far%1$d(j, p, v);\n"
          "    p->base.extra++;\n}\n",
          i);
}

/* No local of the function changes between setjmp and longjmp: its value would be indeterminate. */
static void set_jump(int depth)
{
    unsigned v = labels++;
    const struct local *l = some_object();
    (void)depth;
    line("{ jmp_buf j%u; ", v);
    if (one_in(2)) {
        p("switch (setjmp(j%u)) { case 0: throw%d(&j%u, %s, ", v, l->type, v, l->name);
        number(1);
        p("); touch%d(%s, 1); break; case 1: touch%d(%s, n); break; default: v0++; }", l->type, l->name,
          l->type, l->name);
    } else {
        p("if (setjmp(j%u)) touch%d(%s, n); else { touch%d(%s, 9); throw%d(&j%u, %s, ", v, l->type, l->name,
          l->type, l->name, l->type, v, l->name);
        number(1);
        p("); touch%d(%s, 1); }", l->type, l->name);
    }
    p(" touch%d(%s, 2); }\n", l->type, l->name);
}

struct feature control_features[] = {
    {.name = "cleanup",
     .what = "variables with cleanup functions",
     .declare = declare_cleanup,
     .statement = cleanup_statement,
     .expression = cleanup_expression},
    {.name = "stmtexpr",
     .what = "statement expressions with control flow inside, and out",
     .statement = leaving_expression,
     .expression = statement_expression},
    {.name = "condbreak",
     .what = "break in a statement expression in a loop's condition",
     .statement = break_in_condition,
     .rarity = 16},
    {.name = "label",
     .what = "__label__: labels of one name",
     .declare = declare_labels,
     .expression = local_labels},
    {.name = "computed", .what = "goto *", .statement = computed_goto},
    {.name = "asmgoto", .what = "asm goto, taken and not", .statement = asm_goto},
    {.name = "asm", .what = "assembly with operands", .statement = asm_empty},
    {.name = "setjmp",
     .what = "setjmp, longjmp",
     .declare = declare_throwers,
     .define = define_throwers,
     .statement = set_jump},
    {.name = "bare", .what = "bodies without braces"},
    {0}};
