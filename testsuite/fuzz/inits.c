/* inits.c - initialisers with designators, in orders of their own; operands that are not evaluated. */
#include "generate.h"

/* A number whose evaluation may end the transaction. */
static void stopping_number(int depth)
{
    if (one_in(2)) {
        number(depth);
        return;
    }
    p("sp(");
    number(depth);
    p(")");
}

/* Members with designators, a number each.  C evaluates them in any order; readers may be. */
static void designators(int depth)
{
    unsigned v = labels++;
    switch (rnd(5)) {
    case 0:
        p("((struct sub){.b = ");
        stopping_number(depth - 1);
        p(", .c[1] = (u16)");
        number(depth - 1);
        p(", .a = (u32)");
        number(depth - 1);
        p("}).%s", one_in(2) ? "b" : "c[1]");
        break;
    case 1:
        p("((struct sub){.c = {[2] = (u16)");
        stopping_number(depth - 1);
        p(", [0] = (u16)");
        number(depth - 1);
        p("}, .b = ");
        number(depth - 1);
        p("}).c[%u]", rnd(3));
        break;
    case 2:
        p("({ u64 i%u[4] = {[3] = ", v);
        stopping_number(depth - 1);
        p(", [1] = ");
        number(depth - 1);
        p(", ");
        number(depth - 1);
        p(", [0] = ");
        number(depth - 1);
        p("}; i%u[0] ^ i%u[1] * 3 ^ i%u[2] * 5 ^ i%u[3] * 7; })", v, v, v, v);
        break;
    case 3: /* of a field, an object and the whole */
        p("({ struct { u64 x; struct sub s; u64 y; } i%u = {.y = ", v);
        stopping_number(depth - 1);
        p(", .s.b = ");
        number(depth - 1);
        p(", .x = ");
        number(depth - 1);
        p(", .s.a = (u32)");
        number(depth - 1);
        p("}; i%u.x ^ i%u.y * 3 ^ i%u.s.b * 5 ^ i%u.s.a; })", v, v, v, v);
        break;
    default:
        p("((union { u64 w; u32 half[2]; }){.half = {[1] = (u32)");
        stopping_number(depth - 1);
        p(", [0] = (u32)");
        number(depth - 1);
        p("}}).w");
    }
}

/* Something that need not be evaluated, but may. */
static void idle_number(int depth)
{
    if (!one_in(4))
        p("%s->f0", some_object()->name);
    else
        silent_number(depth);
}

/* Whether what is overridden is evaluated is left open. */
static void overridden(int depth)
{
    unsigned v = labels++;
    switch (rnd(3)) {
    case 0:
        p("((struct sub){.b = ");
        idle_number(depth - 1);
        p(", .a = (u32)");
        number(depth - 1);
        p(", .b = ");
        number(depth - 1);
        p("}).b");
        break;
    case 1:
        p("({ struct { struct sub s; u64 k; } i%u = {.k = ", v);
        number(depth - 1);
        p(", .s = {.a = (u32)");
        idle_number(depth - 1);
        p(", .b = ");
        idle_number(depth - 1);
        p("}, .s.b = ");
        number(depth - 1);
        p("}; i%u.k ^ i%u.s.b * 3 ^ i%u.s.a; })", v, v, v);
        break;
    default:
        p("({ struct sub i%u = {", v);
        idle_number(depth - 1);
        p(", .a = (u32)");
        number(depth - 1);
        p(", ");
        number(depth - 1);
        p("}; i%u.a ^ i%u.b; })", v, v);
    }
}

/* clang has no code for ranges of what has effects. */
static void ranges(int depth)
{
    unsigned v = labels++;
    const struct local *l = some_object();
    p("({ u64 i%u[5] = {[0 ... 3] = %s->f0 + n, [2] = ", v, l->name);
    number(depth - 1);
    p("}; i%u[%u] + i%u[2] + %s->f0; })", v, rnd(4), v, l->name);
}

static void unevaluated(int depth)
{
    static const char *const forms[][2] = {
        {"(u64)sizeof(", ")"},
        {"(u64)sizeof(u64 (*)[1 + (", ") % 9])"},
        {"(u64)_Alignof(__typeof__(", "))"},
        {"(u64)_Alignof(u64 (*)[1 + (", ") % 9])"},
        {"(((u64)__builtin_dynamic_object_size((char *)root0[tid] + ((", ") & 1), 0) | 1) > 0)"},
        {"(((u64)__builtin_object_size((char *)root0[tid] + ((", ") & 1), 1) | 1) > 0)"},
        {"(u64)__builtin_classify_type(", ")"},
        {"(u64)_Generic((", "), int: 3, default: 4)"},
        {"(__builtin_constant_p(", ") & 2)"},
        {"({ __typeof__(", ") e_ = 5; (u64)e_; })"},
        {"__builtin_choose_expr(1, 7ul, ", ")"},
        {"(1 || ", ")"},
        {"(0 && ", ")"},
        {"({ typedef u64 vla_[1 + (", ") % 9]; sizeof(vla_ *); })"},
    };
    unsigned k = rnd(sizeof forms / sizeof *forms);
    p("%s", forms[k][0]);
    idle_number(depth - 1);
    p("%s", forms[k][1]);
}

/* clang's; programs with it are not compiled by gcc (fuzz.bash). */
static void declare_assume(void)
{
    p("#ifdef __clang__\n#define ASSUME(x) __builtin_assume(x)\n#else\n#define ASSUME(x) "
      "((void)sizeof(x))\n#endif\n");
}

static void assume(int depth)
{
    p("({ ASSUME((");
    idle_number(depth - 1);
    p(" & 1) < 2); 3ul; })");
}

struct feature init_features[] = {
    {.name = "designators", .what = "initialisers out of order", .expression = designators},
    {.name = "overridden", .what = "initialisers overridden", .expression = overridden},
    {.name = "ranges", .what = "initialisers of ranges", .expression = ranges, .rarity = 16},
    {.name = "unevaluated", .what = "operands that are not evaluated", .expression = unevaluated},
    {.name = "assume",
     .what = "__builtin_assume",
     .declare = declare_assume,
     .expression = assume,
     .rarity = 16},
    {0}};
