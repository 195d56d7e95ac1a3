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

FILE *out;

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

/* With numbers of its own, so that the others stay as they are. */
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

/* Programs that are easy to read, for the reducer. */
bool small;

static void usage(void)
{
    fprintf(stderr, "usage: generate [--small] [--with F,...] [--without F,...] [--only F,...] SEED DIR\n"
                    "       generate --list\n");
    exit(2);
}

static void write_files(const char *dir, char *text[MAX_FILES])
{
    FILE *how = create(dir, "how");
    int apart = has("apart") ? (int)rnd((unsigned)nfiles) : -1;
    for (int i = 0; i < nfiles; i++) {
        char name[8] = {(char)('a' + i), '.', 'c', 0};
        fprintf(how, "%s %s\n", i == apart ? "apart" : "whole", name);
        out = create(dir, name);
        p("#include \"prog.h\"\n\n");
        if (!i)
            globals();
        each_define(i);
        if (!i) {
            statics();
            constructors();
            walkers();
        }
        p("%s", text[i]);
        if (!i)
            program();
        fclose(out);
    }
    if (has("plain")) {
        fprintf(how, "plain p.c\n");
        out = create(dir, "p.c");
        p("unsigned long outside_mix(unsigned long a, unsigned long b) { return a * 31 ^ b >> 2; }\n"
          "unsigned long outside_call(unsigned long (*fn)(unsigned long), unsigned long v) { return fn(v) + "
          "fn(v ^ 1); }\n");
        fclose(out);
    }
    fclose(how);
    out = create(dir, "fuzz_system.h");
    p("struct sys_box { unsigned long x, y; };\nvoid sys_step(void);\nvoid sys_poke(struct sys_box *b, "
      "unsigned long v);\n"
      "unsigned long sys_look(struct sys_box *b);\n");
    fclose(out);
}

int main(int argc, char **argv)
{
    const char *lists[3] = {NULL, NULL, NULL};
    static const char *const options[3] = {"--with", "--without", "--only"};
    while (argc > 1 && argv[1][0] == '-') {
        int k = 0;
        if (!strcmp(argv[1], "--list")) {
            list_features(stdout, false, "");
            return 0;
        }
        if (!strcmp(argv[1], "--small")) {
            small = true;
            argc--, argv++;
            continue;
        }
        while (k < 3 && strcmp(argv[1], options[k]))
            k++;
        if (k == 3 || argc < 3)
            usage();
        lists[k] = argv[2];
        argc -= 2, argv += 2;
    }
    if (argc != 3)
        usage();
    uint64_t seed = strtoull(argv[1], NULL, 0);
    state = seed * 0x9e3779b97f4a7c15u + 0x1234567;
    for (int i = 0; i < 8; i++)
        rnd(2);
    second_state = state ^ 0x5851f42d4c957f2du;
    if (!choose_features(seed, lists[0], lists[1], lists[2]))
        return 2;
    turns = has("turns") ? state : 0;
    make_types();
    choose_statics();
    nfuncs = small ? 2 : 3 + (int)rnd(MAX_FUNCS - 2);
    nthreads = small ? 1 : 1 + (int)rnd(3);
    nfiles = has("files") ? small ? 3 : 3 + (int)rnd(MAX_FILES - 2) : 2;
    for (int i = 0; i < nfuncs; i++)
        make_function(i);
    FILE *file[MAX_FILES];
    char *text[MAX_FILES];
    size_t size[MAX_FILES];
    for (int i = 0; i < nfiles; i++)
        file[i] = open_memstream(&text[i], &size[i]);
    for (int i = nfuncs; i-- > 0;)
        define(i, file[funcs[i].file]);
    for (int i = 0; i < nfiles; i++)
        fclose(file[i]);
    out = create(argv[2], "prog.h");
    p("/* Made by testsuite/fuzz/generate.c from seed %s.  Features:", argv[1]);
    list_features(out, true, " ");
    p(" */\n");
    header();
    fclose(out);
    write_files(argv[2], text);
    for (int i = 0; i < nfiles; i++)
        free(text[i]);
    return 0;
}
