/* text.c - what the translated text may get wrong: names that are used twice, and callees, members and
 * attributes that are written in odd ways. */
#include "generate.h"

/* ---- names ---- */

static void declare_same(void)
{
    p("u64 same_out(int file, struct t0 *p, u64 v);\n");
    for (int i = 0; i < nfiles; i++)
        p("u64 same_of%d(struct t0 *p, u64 v);\n", i);
}

/* Statics of one name in all files, with different meanings. */
static void define_same(int file)
{
    static const char *const bodies[] = {"p->base.extra += (u32)v; return same[tid].x++;",
                                         "STM_SAFEPOINT(); return p->base.extra + (same[tid].y += v);",
                                         "p->base.extra++; STM_SAFEPOINT(); p->base.extra ^= 4; return v;",
                                         "return p->f0 ^ v;"};
    p("struct same { u64 %s, pad, %s; };\nstatic struct same same[3];\nstatic __attribute__((noinline)) u64 "
      "same_name(struct t0 *p, u64 v) { static u64 calls[3]; calls[tid] += v; %s }\n"
      "u64 same_of%d(struct t0 *p, u64 v) { p->base.extra++; v += same_name(p, v); p->base.extra++; return v "
      "+ "
      "same[tid].x; }\n",
      file & 1 ? "y" : "x", file & 1 ? "x" : "y", bodies[rnd(4)], file);
    if (file == 0) {
        p("u64 same_out(int file, struct t0 *p, u64 v)\n{\n    switch (file) {\n");
        for (int i = 1; i < nfiles; i++)
            p("    case %d: return same_of%d(p, v);\n", i, i);
        p("    default: return same_of0(p, v);\n    }\n}\n");
    }
}

static void same_statement(int depth)
{
    const struct local *l = some_object();
    const char *o = l->name;
    (void)depth;
    switch (rnd(8)) {
    case 0:
        line("v0 ^= same_out(%u, root0[tid], n);\n", rnd((unsigned)nfiles));
        break;
    case 1: /* a tag that hides the object's */
        line("{ struct t%d { u64 b, a, f0; struct sub base; } z = {n, 2, 3, {4, 5}}; %s->base.extra += "
             "(u32)(z.a + z.f0); "
             "v0 ^= %s->f0 + z.base.a; STM_SAFEPOINT(); %s->f0 += z.b; }\n",
             l->type, o, o, o);
        break;
    case 2:
        line("{ union word { u32 half[4]; u8 w; } z = {{1, 2, 3, (u32)n}}; struct base { u64 q; } y = "
             "{z.half[3]}; v0 += "
             "y.q; %s->base.extra += z.half[1]; v1 ^= %s->f0 + z.w; }\n",
             o, o);
        break;
    case 3: /* as ours are named */
        line("{ u64 stm_tx = n, stm_t0 = 100, stm_r0 = v0, stm_next = 5, stm_own = 7; v0 += %s->f0 + stm_t0 "
             "+ sp(stm_tx) + "
             "%s->base.extra + stm_r0; %s->base.extra += (u32)(stm_next + stm_own); v1 ^= stm_tx; }\n",
             o, o, o);
        break;
    case 4:
        line("{ u64 touch%d = n, f0 = 3, base = 4; %s->base.extra += (u32)(touch%d + base); v0 += %s->f0 ^ "
             "f0; }\n",
             l->type, o, l->type, o);
        break;
    case 5:
        line("{ enum { tid_ = 3, extra = 4 }; typedef struct t%d base; base *z = %s; z->base.extra += extra "
             "+ tid_; "
             "STM_SAFEPOINT(); v0 ^= z->f0; }\n",
             l->type, o);
        break;
    case 6:
        line("{ struct t%d { u64 f0; struct t%d *q; } z = {0, 0}; for (struct sub base = {0, n, {0}}; z.f0 < "
             "2; z.f0++) { v0 "
             "+= %s->f0 + z.f0 + base.b; %s->base.extra++; } }\n",
             l->type, l->type, o, o);
        break;
    default:
        line("{ u64 v0 = n; { u64 v0 = %s->f0, same = 3; v1 += v0 + same; STM_SAFEPOINT(); %s->base.extra += "
             "(u32)v0; } v1 "
             "^= v0; }\n",
             o, o);
    }
}

/* ---- callees, members ---- */

static void declare_odd(void)
{
    for (int i = 0; i < ntypes; i++)
        p("static __attribute__((unused)) u64 odd%1$d(struct t%1$d *p) { p->base.extra++; STM_SAFEPOINT(); "
          "return "
          "p->base.extra; }\nstatic __attribute__((unused)) struct t%1$d *same_object%1$d(struct t%1$d *p) { "
          "STM_SAFEPOINT(); return p; }\n",
          i);
    p("struct STM_OBJECT inner { u64 a; struct { u32 k[4]; struct { u8 b[4]; u16 bits : 5; } q; } in; union "
      "word w; };\n"
      "extern struct inner *inners[3];\nstruct inner *inner_of(u64 v);\nstruct pick { u64 a, b; };\nstruct "
      "pick "
      "pick_of(struct inner *p);\n");
}

static int odd_file;
static void choose_odd(void)
{
    odd_file = (int)rnd(2);
}

static void define_odd(int file)
{
    if (file == odd_file)
        p("struct inner *inners[3];\nstruct inner *inner_of(u64 v) { if (v & 1) STM_SAFEPOINT(); return "
          "inners[tid]; }\n"
          "struct pick pick_of(struct inner *p) { STM_SAFEPOINT(); return (struct pick){p->a, p->in.k[1]}; "
          "}\n");
}

static void begin_odd(void)
{
    p("    inners[tid] = STM_NEW(struct inner);\n");
}

static void odd_statement(int depth)
{
    const struct local *l = some_object();
    const char *o = l->name;
    int t = l->type;
    (void)depth;
    switch (rnd(8)) {
    case 0:
        line("{ u64 (*g)(struct t%d *) = odd%d; %s->base.extra++; v0 ^= (*g)(%s); v1 += (**g)(%s) + "
             "(&*g)(%s); "
             "%s->base.extra++; }\n",
             t, t, o, o, o, o, o);
        break;
    case 1:
        line("v0 ^= _Generic((%s), struct t%d *: odd%d, default: odd0)(%s); %s->base.extra++;\n", o, t, t, o,
             o);
        break;
    case 2:
        line("inner_of(n)->in.k[%u]++; inner_of(v0)->in.k[1] += 3; --inner_of(1)->in.q.b[2]; v0 += "
             "inners[tid]->in.k[1];\n",
             rnd(4));
        break;
    case 3:
        line("inner_of(v1)->w.half[0]--; inner_of(n)->w.byte[5] ^= 7; inner_of(0)->in.q.bits += 3; v1 ^= "
             "inner_of(1)->w.w;\n");
        break;
    case 4:
        line("v0 += (n & 1 ? odd%d : odd%d)(%s) + (v1, odd%d)(%s); %s->base.extra++;\n", t, t, o, t, o, o);
        break;
    case 5:
        line("same_object%d(same_object%d(%s))->base.extra++; v0 += pick_of(inner_of(n)).b + "
             "same_object%d(%s)->f0;\n",
             t, t, o, t, o);
        break;
    case 6:
        line("(*&*%s).base.extra++; v0 += (&*%s)->f0 + (*%s).f0; (&(*%s).base)->extra ^= 3;\n", o, o, o, o);
        break;
    default:
        line("v0 += *&inner_of(n)->in.k[2] + 2[inner_of(v1)->in.k] + *(inner_of(1)->in.k + 1); "
             "(inner_of(0)->in.k)[3]--;\n");
    }
}

static void finish_odd(void)
{
    p("    h = mix(h ^ inners[tid]->w.w ^ inners[tid]->in.k[1] * 3ul ^ inners[tid]->in.k[3]) + "
      "inners[tid]->in.q.b[2] + "
      "inners[tid]->in.q.bits;\n");
}

/* ---- sections ---- */

/* What is written is outside of transactions. */
static const char *entry_kind(void)
{
    return has("section-written") ? "STM_RAW" : "const";
}

static void declare_section(void)
{
    p("struct fuzz_entry { const char *name; u64 v; };\nu64 entries(void);\n"
      "extern %s struct fuzz_entry __start_fuzz_entries[], __stop_fuzz_entries[];\n",
      entry_kind());
}

/* Only tid 0 writes, and reads what it has written. */
static void define_section(int file)
{
    p("static %s struct fuzz_entry entry_a __attribute__((section(\"fuzz_entries\"), used)) = {\"a%d\", "
      "%d};\nstatic %s struct fuzz_entry "
      "entry_b __attribute__((section(\"fuzz_entries\"), used, aligned(8))) = {\"b\", 2};\n"
      "void touch_entry%d(u64 v);\nvoid touch_entry%d(u64 v) { %s }\n",
      entry_kind(), file, file, entry_kind(), file, file,
      has("section-written") ? "entry_a.v += v;" : "(void)v;");
    if (file == 0)
        p("u64 entries(void) { u64 s = 0; for (%s struct fuzz_entry *e = __start_fuzz_entries; e < "
          "__stop_fuzz_entries; e++) s += "
          "e->v * 3 + (u64)e->name[0]; return s + (u64)(__stop_fuzz_entries - __start_fuzz_entries); }\n",
          has("section-written") ? "" : "const");
}

static void finish_section(void)
{
    p("    if (!tid) {\n");
    for (int i = 0; i < nfiles; i++)
        p("        void touch_entry%d(u64 v);\n        touch_entry%d(h & 7);\n", i, i);
    p("        h = mix(h ^ entries());\n    }\n");
}

struct feature text_features[] = {
    {.name = "same",
     .what = "tags, statics and locals of one name; locals named as the translator's",
     .declare = declare_same,
     .define = define_same,
     .statement = same_statement},
    {.name = "odd",
     .what = "callees and members written oddly",
     .choose = choose_odd,
     .declare = declare_odd,
     .define = define_odd,
     .begin = begin_odd,
     .statement = odd_statement,
     .finish = finish_odd},
    {.name = "section",
     .what = "variables in sections of their own",
     .declare = declare_section,
     .define = define_section,
     .finish = finish_section},
    {.name = "section-written",
     .what = "and they are written",
     .declare = declare_section,
     .define = define_section,
     .finish = finish_section,
     .rarity = 32},
    {0}};
