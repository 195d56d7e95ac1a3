/* files.c - what a program's files are, besides translated and taken into the whole.
 *
 * DIR/how says it, a line each: `whole FILE`; `apart FILE`: translated without a summary also where the
 * others have one; `plain FILE`: compiled by the C compiler. */
#include "generate.h"

static void declare_plain(void)
{
    p("u64 outside_mix(u64 a, u64 b) STM_TRANSACTION_PURE;\n"
      "u64 outside_call(u64 (*fn)(u64), u64 v) STM_TRANSACTION_SAFE;\n"
      "u64 inside(u64 v);\nu64 inside_marking(u64 v);\n");
}

static void define_plain(int file)
{
    if (file == 0)
        p("u64 inside(u64 v) { STM_SAFEPOINT(); return v ^ root0[tid]->base.tag; }\n"
          "u64 inside_marking(u64 v) { root0[tid]->base.extra |= 8; STM_SAFEPOINT(); root0[tid]->base.extra "
          "^= 16; return v "
          "+ 1; }\n");
}

static void plain_statement(int depth)
{
    (void)depth;
    line("v0 += outside_call(inside_marking, ");
    number(1);
    p(");\n");
}

static void plain_expression(int depth)
{
    p(one_in(2) ? "outside_mix(n, " : "outside_call(inside, ");
    number(depth - 1);
    p(")");
}

struct feature file_features[] = {
    {.name = "files", .what = "more than two files"},
    {.name = "apart", .what = "a file without summary in a whole program", .rarity = 4},
    {.name = "plain",
     .what = "a file that the C compiler compiles; calls to it and back",
     .declare = declare_plain,
     .define = define_plain,
     .statement = plain_statement,
     .expression = plain_expression,
     .rarity = 4},
    {0}};
