/* parts.c - parts of places, and places in disguise: the halves of complex numbers, which are accessed by
 * themselves and have addresses; what stands in parentheses, behind __extension__, or is chosen by its type.
 *
 * A barrier on one half is none for the other: the two may lie in two granules, those of a long double always
 * do.  The numbers are small and whole, so that what is computed with them has one result. */
#include "generate.h"

/* ---- complex numbers ---- */

static int tone_file;
static void declare_tones(void)
{
    tone_file = (int)rnd((unsigned)nfiles);
    p("struct tones { u64 n; double _Complex z; float _Complex f; long double _Complex l; unsigned long "
      "_Complex u; double _Complex rows[3]; unsigned _Complex w; };\n"
      "struct STM_OBJECT wave { struct wave *next; struct tones t, more[3]; };\n"
      "extern struct wave *waves[3];\nextern struct tones tones[3], *far_tones[3];\nextern long double "
      "_Complex lone_tones[3], hammered_tone;\nextern double _Complex *const tone_literals[3];\n"
      "struct tones *tones_at(u64 v);\ndouble _Complex tone_of(u64 v);\ndouble *part_at(u64 v);\n"
      "double *keep_part(u64 k, double *d);\nvoid add_part(double *d, u64 v);\nu64 wipe(u64 v);\n"
      "#define SMALL(x) ((int)((x) & 255))\n#define WHOLE(x) ((u64)(long)(x))\n");
}

static void define_tones(int file)
{
    if (file == tone_file)
        p("struct wave *waves[3];\nstruct tones tones[3], *far_tones[3];\nlong double _Complex "
          "lone_tones[3], hammered_tone;\n"
          "double _Complex *const tone_literals[3] = {&(double _Complex){1}, (double _Complex[2]){2}, "
          "&(double _Complex[2]){3}[1]};\n"
          "__attribute__((noinline)) struct tones *tones_at(u64 v)\n{\n    if (v & 1)\n        "
          "STM_SAFEPOINT();\n    switch (v >> 1 & 3) {\n    case 0: return &tones[tid];\n    case 1: return "
          "far_tones[tid];\n    case 2: return &waves[tid]->t;\n    default: return &waves[tid]->more[v %% "
          "3];\n    }\n}\n"
          "double _Complex tone_of(u64 v) { return tones_at(v)->z; }\n"
          "double *part_at(u64 v) { struct tones *t = tones_at(v); return v & 8 ? &__imag__ t->z : &__real__ "
          "t->rows[v %% 3]; }\n"
          "__attribute__((noinline)) double *keep_part(u64 k, double *d) { (void)k; return d; }\n"
          "__attribute__((noinline)) void add_part(double *d, u64 v) { *d += SMALL(v); }\n"
          "__attribute__((noinline)) u64 wipe(u64 v) { volatile u64 room[200]; for (int i = 0; i < 200; i++) "
          "room[i] = v; return room[77] - v; }\n");
    if (file == 0)
        p("static void write_parts(u64 v) { long double *a = &__real__ hammered_tone, *b = &__imag__ "
          "hammered_tone; *a = v; *b = 1000 - (long)v; }\n"
          "static u64 read_parts(void)\n{\n    u64 x = WHOLE(__real__ hammered_tone);\n    SPIN;\n    "
          "stm_become_inevitable(\"read\");\n    return x + WHOLE(__imag__ hammered_tone) != 1000;\n}\n");
}

static void begin_tones(void)
{
    p("    waves[tid] = STM_NEW(struct wave);\n    waves[tid]->next = waves[tid];\n    far_tones[tid] = "
      "calloc(1, sizeof(struct tones));\n");
}

/* One of the texts, in which t is such a place, and a number before and behind it is written. */
static void among(const char *declare, const char *const *places, unsigned nplaces, const char *const *texts,
                  unsigned n)
{
    unsigned y = labels++;
    line("{ %s *t = %s; u64 y%u = 0; ", declare, places[rnd(nplaces)], y);
    if (one_in(2))
        p("t->n++; ");
    if (one_in(2))
        p("STM_SAFEPOINT(); ");
    fill(texts[rnd(n)], y);
    p(" v0 ^= y%u;%s%s }\n", y, one_in(2) ? " STM_SAFEPOINT();" : "", one_in(2) ? " t->n += 3;" : "");
}
#define AMONG(declare, places, texts)                                                                        \
    among(declare, places, sizeof(places) / sizeof *(places), texts, sizeof(texts) / sizeof *(texts))

static void complex_statement(int depth)
{
    static const char *const places[] = {"&tones[tid]", "far_tones[tid]", "&waves[tid]->t",
                                         "&waves[tid]->more[n % 3]", "tones_at(n)"};
    static const char *const texts[] = {
        "__real__ t->z += SMALL(@); __imag__ t->z -= SMALL(@);",
        "__imag__ t->l -= 2; __real__ t->l += SMALL(@);",
        "double *a = &__real__ t->z, *b = &__imag__ t->z; *a += SMALL(@); *b -= SMALL(#); $ = WHOLE(*a);",
        "long double *a = &__real__ t->l, *b = &(__imag__ t->l); *a += 1; *b -= SMALL(@);",
        "long double *a = &__imag__ lone_tones[tid], *b = &__real__ lone_tones[tid]; *a -= 3; $ = WHOLE(*b); "
        "*b += SMALL(#);",
        "__real__ lone_tones[tid]++; $ = WHOLE(--__imag__ lone_tones[tid]);",
        "float *a = &__imag__ t->f; *a += SMALL(@); __real__ t->f = SMALL(#); $ = WHOLE(*a);",
        "__imag__ t->u ^= @; __real__ t->u += __imag__ t->u;",
        "u64 *a = &__real__ t->u; *a ^= @; a[1] += 3; STM_SAFEPOINT(); $ = __imag__ t->u;",
        "__imag__ t->w += (u32)(@); u32 *a = &__real__ t->w; *a ^= __imag__ t->w;",
        "double *a = &__imag__ t->rows[n % 3]; *a += SMALL(#); $ = WHOLE(__real__ t->rows[n % 3]);",
        "for (u64 i = 0; i < 3; i++) __imag__ t->rows[i] += SMALL(n + i); $ = WHOLE(__imag__ t->rows[1]);",
        "struct wave *o = waves[tid]; for (u64 i = 0; i < 3; i++) __imag__ o->t.rows[i] += SMALL(n);",
        "struct wave *o = waves[tid]; double sum = 0; for (u64 i = 0; i < 3; i++) sum += __imag__ "
        "o->more[i].rows[i] + __real__ o->t.rows[i]; $ = WHOLE(sum);",
        "__imag__ waves[tid]->more[n % 3].rows[1] = SMALL(@); $ = WHOLE(__real__ "
        "waves[tid]->more[1].rows[n % 3]);",
        "for (u64 i = 0; i < 3; i++) { double *a = &__real__ t->rows[i]; *a += 1; a[1] -= 2; }",
        "add_part(&__imag__ tones_at(n)->z, @); add_part(&__real__ t->rows[1], #);",
        "*part_at(n) += 1; $ = WHOLE(*part_at(v0)); add_part(part_at(v1), @);",
        "t->z = tones_at(n)->rows[1]; t->rows[n % 3] = t->z; __imag__ t->z = SMALL(@);",
        "double _Complex m = t->z, *w = &m; __imag__ *w += 1; __real__ m -= SMALL(#); t->rows[2] = ~m; $ = "
        "WHOLE(__imag__ *w);",
        "$ = WHOLE(__imag__ tone_of(n)) + WHOLE(__real__ tone_of(v0)); __real__ t->z = SMALL($);",
        "memcpy(&t->z, &t->rows[n % 3], sizeof t->z); __imag__ t->z++;",
        "$ = __atomic_fetch_add(&__imag__ t->u, @, 5) + __atomic_load_n(&__real__ t->u, 5);",
        "double *a = &__imag__ *tone_literals[tid]; *a += SMALL(@); STM_SAFEPOINT(); $ = WHOLE(*a);",
    };
    static const char *const lifetimes[] = {
        "double *a = keep_part(sp(n), &__real__ (double _Complex){SMALL(@)}), *b = keep_part(sp(n), "
        "&(__real__ (double _Complex){SMALL(@)})); $ = wipe(99); $ += WHOLE(*a) * 3 + WHOLE(*b);",
        "double *a = keep_part(sp(n), &__imag__ (struct tones){.n = 1, .z = __builtin_complex(2.0, "
        "(double)SMALL(@))}.z), *b = keep_part(sp(1), &__real__ (struct tones){.z = SMALL(#)}.z); $ = "
        "wipe(98); $ ^= WHOLE(*a) * 5 + WHOLE(*b);",
        "double *a = keep_part(n, &tones[tid].n ? &__real__ (double _Complex){SMALL(@)} : 0); for (u64 i = "
        "0; "
        "i < 2; i++) { double *b = keep_part(sp(i), &__real__ (double _Complex){SMALL(#)}); $ += WHOLE(*a) * "
        "7 + WHOLE(*b) + wipe(i); }",
    };
    (void)depth;
    if (one_in(4))
        AMONG("struct tones", places, lifetimes);
    else
        AMONG("struct tones", places, texts);
}

static void complex_expression(int depth)
{
    switch (rnd(4)) {
    case 0:
        p("__imag__ tones_at(n)->u");
        break;
    case 1:
        p("WHOLE(*part_at(");
        number(depth - 1);
        p("))");
        break;
    case 2:
        p("WHOLE(__real__ tones[tid].l + sp(1) + __imag__ tones[tid].l)");
        break;
    default:
        p("WHOLE(__imag__ tone_of(");
        number(depth - 1);
        p("))");
    }
}

static void finish_complex(void)
{
    p("    for (u64 i = 0; i < 6; i++) {\n        struct tones *t = i < 3 ? &waves[tid]->more[i] : i < 4 ? "
      "&waves[tid]->t : i < 5 ? far_tones[tid] : &tones[tid];\n        h = mix(h ^ WHOLE(__real__ t->z) ^ "
      "WHOLE(__imag__ t->z) * 3) + WHOLE(__real__ t->f) + WHOLE(__imag__ t->f) * 5;\n        h = mix(h ^ "
      "WHOLE(__real__ t->l) ^ WHOLE(__imag__ t->l) * 3) + __real__ t->u + __imag__ t->u * 5 + __real__ t->w "
      "+ __imag__ t->w * 7ul + t->n;\n        for (int k = 0; k < 3; k++) h = mix(h ^ WHOLE(__real__ "
      "t->rows[k]) ^ WHOLE(__imag__ t->rows[k]) * 3);\n    }\n    h = mix(h ^ WHOLE(__real__ "
      "lone_tones[tid]) ^ WHOLE(__imag__ lone_tones[tid]) * 3 ^ WHOLE(__imag__ *tone_literals[tid]));\n");
}

static void probe_complex(void)
{
    p("    torn_sums(write_parts, read_parts, \"complex\");\n");
}

/* ---- places in parentheses, behind __extension__, and chosen by their types ---- */

static int crate_file;
static void declare_crates(void)
{
    crate_file = (int)rnd((unsigned)nfiles);
    p("struct crate { u64 n, items[4]; u32 k; struct t0 *o; };\nstruct STM_OBJECT shelf { u64 a; struct "
      "crate "
      "one, more[2]; };\n"
      "extern struct shelf *shelves[3];\nextern struct crate crates[3];\nstruct crate *crate_at(u64 v);\n");
}

static void define_crates(int file)
{
    if (file == crate_file)
        p("struct shelf *shelves[3];\nstruct crate crates[3];\n"
          "struct crate *crate_at(u64 v) { if (v & 1) STM_SAFEPOINT(); return v & 2 ? &__extension__ "
          "crates[tid] : &(__extension__ (shelves[tid]->more))[v >> 2 & 1]; }\n");
}

static void begin_crates(void)
{
    p("    shelves[tid] = STM_NEW(struct shelf);\n    crates[tid].o = shelves[tid]->one.o = "
      "shelves[tid]->more[0].o = shelves[tid]->more[1].o = root0[tid];\n");
}

static const char *const crate_places[] = {"&crates[tid]", "&shelves[tid]->one", "crate_at(n)",
                                           "&__extension__ (shelves[tid]->more[n & 1])"};

static void extension_statement(int depth)
{
    static const char *const texts[] = {
        "u64 *q = &__extension__ (t->n); *q += @; t->n ^= 3; $ = *q;",
        "(__extension__ t->n) += #; $ = __extension__ (t)->items[n & 3]++;",
        "*(__extension__ &t->items[1]) ^= @; $ = (__extension__ (t->items))[n & 3];",
        "u64 *q = (__extension__ (t->items)); q[n & 3] += @; STM_SAFEPOINT(); $ = q[1];",
        "$ = __atomic_fetch_add(&__extension__ t->n, @, 5) + __sync_fetch_and_or(&(__extension__ "
        "(t->items[2])), 5ul);",
        "(&__extension__ (*t))->o->base.extra++; t->o = (__extension__ t->o)->f2;",
        "struct t0 **q = &(__extension__ (t->o)); STM_SAFEPOINT(); *q = (*q)->f2; $ = t->o->f0;",
        "struct crate *q = &(__extension__ shelves[tid]->more[n & 1]); q->k += 5; (__extension__ "
        "(q->items))[1]++;",
        "*&__extension__ t->k = (u32)(@); $ = (__extension__ (t->k))++;",
        "__extension__ ({ u64 m = @; t->n += m; STM_SAFEPOINT(); $ = m; });",
        "*&(__extension__ ({ STM_SAFEPOINT(); &t->items[n & 3]; }))[0] += @;",
        "memcpy((__extension__ t->items), __extension__ (crates[tid].items), 16 + (n & 8));",
        "*t = __extension__ (*crate_at(n)); $ = (__extension__ crates[tid]).n;",
    };
    (void)depth;
    AMONG("struct crate", crate_places, texts);
}

static void extension_expression(int depth)
{
    static const char *const texts[] = {"(__extension__ crate_at(n)->n)", "*(&__extension__ crates[tid].n)",
                                        "(__extension__ (crate_at(#)->items))[(@) & 3]"};
    (void)depth;
    fill(texts[rnd(sizeof texts / sizeof *texts)], 0);
}

static void chosen_statement(int depth)
{
    static const char *const texts[] = {
        "u64 *q = _Generic(n, u64: t->items, default: 0) + (n & 3); *q += #; $ = t->items[1];",
        "u64 *q = _Generic(n, u64: t->items, int: &t->n); q[1] ^= @; STM_SAFEPOINT(); $ = q[n & 3];",
        "*(2 + (u64 *)__builtin_choose_expr(1, t->items, 0)) += @; $ = *(0 + __builtin_choose_expr(1, "
        "t->items, 0));",
        "u64 *q = __builtin_choose_expr(0, 0, (t->items)); q[n & 3]--; STM_SAFEPOINT(); q[0] += #;",
        "$ = _Generic(t->k, u32: t->n, default: t->k); _Generic(t, struct crate *: t)->n ^= @;",
        "u64 *q = &(_Generic(n, u64: (t->items), default: 0) + 1)[n & 1]; (*q)++; $ = *(__extension__ q);",
        "memcpy(t->items, _Generic(n, u64: crates[tid].items, int: 0), 16 + (n & 8));",
        "$ = _Generic(n, u64: *t, default: 0).k + _Generic(n, u64: (*t), default: 0).items[n & 3];",
        "*t = _Generic(n, u64: *crate_at(n), default: 0); t->k++;",
    };
    (void)depth;
    AMONG("struct crate", crate_places, texts);
}

static void chosen_expression(int depth)
{
    static const char *const texts[] = {
        "(_Generic(n, u64: crate_at(#)->items, int: 0) + 1)[n & 1]",
        "((u64 *)__builtin_choose_expr(1, (crates[tid].items), 0))[(@) & 3]",
        "*(_Generic(n, u64: crate_at(n)->items, int: 0) + ((@) & 3))",
        "_Generic(n, u64: crate_at(#)->k, int: 0)",
    };
    (void)depth;
    fill(texts[rnd(sizeof texts / sizeof *texts)], 0);
}

static void finish_crates(void)
{
    p("    for (int i = 0; i < 4; i++) {\n        struct crate *t = i < 2 ? &shelves[tid]->more[i] : i < 3 ? "
      "&shelves[tid]->one : &crates[tid];\n        h = mix(h ^ t->n ^ t->k * 3ul) + t->o->f0;\n        for "
      "(int k = 0; k < 4; k++) h = mix(h ^ t->items[k]);\n    }\n");
}

struct feature part_features[] = {{.name = "complex",
                                   .what = "halves of complex numbers, and pointers to them",
                                   .declare = declare_tones,
                                   .define = define_tones,
                                   .begin = begin_tones,
                                   .statement = complex_statement,
                                   .expression = complex_expression,
                                   .finish = finish_complex,
                                   .probe = probe_complex,
                                   .rarity = 4},
                                  {.name = "extension",
                                   .what = "places behind __extension__ and in parentheses",
                                   .declare = declare_crates,
                                   .define = define_crates,
                                   .begin = begin_crates,
                                   .statement = extension_statement,
                                   .expression = extension_expression,
                                   .finish = finish_crates,
                                   .rarity = 4},
                                  {.name = "chosen",
                                   .what = "what _Generic and __builtin_choose_expr choose, arrays too",
                                   .declare = declare_crates,
                                   .define = define_crates,
                                   .begin = begin_crates,
                                   .statement = chosen_statement,
                                   .expression = chosen_expression,
                                   .finish = finish_crates,
                                   .rarity = 4},
                                  {0}};
