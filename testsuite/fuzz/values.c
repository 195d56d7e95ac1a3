/* values.c - values and variables of unusual kinds: literals, structs with references by value, unions of
 * objects, bit-fields, packed and volatile places, declarations in blocks, pointers that a loop carries. */
#include "generate.h"

/* ---- compound literals of file scope ---- */

static int literal_file;
static void declare_literals(void)
{
    literal_file = (int)rnd((unsigned)nfiles);
    p("struct table { struct t0 *o, **v; u64 *w; u32 n; };\nextern struct table *tables[3];\nextern u64 "
      "*literal_words[3];\nextern struct t0 **literal_refs[3];\n");
}

static void define_literals(int file)
{
    if (file != literal_file)
        return;
    p("u64 *literal_words[3] = {(u64[4]){1, 2, 3, 4}, (u64[4]){5}, &((u64[6]){[2] = 7})[1]};\n"
      "struct t0 **literal_refs[3] = {(struct t0 *[2]){0}, (struct t0 *[]){NULL, NULL}, (struct t0 "
      "*[4]){0}};\n"
      "struct table *tables[3] = {&(struct table){.n = 3, .w = (u64[2]){1}, .v = (struct t0 *[2]){0}},\n"
      "    &(struct table){.w = (u64[2]){0}, .v = (struct t0 *[]){NULL, 0}}, (struct table[1]){{.w = "
      "(u64[3]){9, "
      "8}, .v = &((struct t0 *[5]){0})[2]}}};\n");
}

static void begin_literals(void)
{
    p("    literal_refs[tid][0] = literal_refs[tid][1] = tables[tid]->o = tables[tid]->v[0] = "
      "tables[tid]->v[1] = new0(50, 2);\n");
}

static void literals_statement(int depth)
{
    (void)depth;
    switch (rnd(5)) {
    case 0:
        line("literal_words[tid][n & 3] ^= ");
        number(1);
        p("; v0 += literal_words[tid][1];\n");
        break;
    case 1:
        line("literal_refs[tid][n & 1] = new0(n & 63, 2); STM_SAFEPOINT(); v0 ^= "
             "literal_refs[tid][0]->f0;\n");
        break;
    case 2:
        line("tables[tid]->o = ");
        reference(0, 2);
        p("; tables[tid]->n++; v1 += tables[tid]->v[1]->f0;\n");
        break;
    case 3:
        line(
            "{ struct table *t = tables[tid]; t->v[n & 1] = new0(v0 & 31, 3); STM_SAFEPOINT(); t->w[1] += n; "
            "t->v[0]->base.extra++; v0 += t->w[0] + t->o->f0; }\n");
        break;
    default:
        line("tables[tid]->w[n & 1] += sp(n); tables[tid]->v[1]->base.extra ^= 3;\n");
    }
}

static void finish_literals(void)
{
    p("    h = mix(h ^ literal_words[tid][0] ^ literal_words[tid][3] ^ tables[tid]->w[0]) ^ "
      "tables[tid]->w[1] ^ "
      "tables[tid]->n ^ tables[tid]->o->f0 ^ tables[tid]->v[0]->base.extra ^ literal_refs[tid][1]->f0;\n");
}

/* ---- lifetimes: literals in blocks, arrays in values ---- */

static int lifetime_file;
static void declare_lifetimes(void)
{
    lifetime_file = (int)rnd((unsigned)nfiles);
    p("struct row { u64 v[5]; struct sub s; };\nu64 *keep_words(u64 k, u64 *w);\nstruct sub *keep_sub(u64 k, "
      "struct sub *s);\nstruct row make_row(u64 v);\nu64 sum_words(u64 k, const u64 *a, const u64 *b);\nu64 "
      "scratch(u64 v);\n");
}

static void define_lifetimes(int file)
{
    if (file == lifetime_file)
        p("__attribute__((noinline)) u64 *keep_words(u64 k, u64 *w) { (void)k; return w; }\n"
          "__attribute__((noinline)) struct sub *keep_sub(u64 k, struct sub *s) { s->b += k; return s; }\n"
          "__attribute__((noinline)) struct row make_row(u64 v) { STM_SAFEPOINT(); return (struct row){{v, "
          "1, "
          "2, v ^ 3, 4}, {1, v, {2}}}; }\n"
          "__attribute__((noinline)) u64 scratch(u64 v) { volatile u64 room[200]; for (int i = 0; i < 200; "
          "i++) "
          "room[i] = v; return room[77] - v; }\n"
          "__attribute__((noinline)) u64 sum_words(u64 k, const u64 *a, const u64 *b) { scratch(k); return k "
          "+ "
          "a[0] * 3 + a[4] + b[0] * 5 + b[3]; }\n");
}

static void lifetimes_statement(int depth)
{
    unsigned v = labels++;
    (void)depth;
    line("{ ");
    switch (rnd(5)) {
    case 0:
        p("u64 *w%u = keep_words(sp(n), (u64[3]){", v);
        number(2);
        p(", 6, n}); v0 += scratch(99); v1 += w%u[0] ^ w%u[1] * 3 ^ w%u[2];", v, v, v);
        break;
    case 1:
        p("struct sub *w%u = keep_sub(sp(n), &(struct sub){.b = ", v);
        number(2);
        p(", .a = (u32)sp(3)}); v0 += scratch(98); v1 ^= w%u->b + w%u->a;", v, v);
        break;
    case 2: /* the pointer of the round before leads to the literal, too */
        p("u64 *w%u = words[tid]; for (u64 i = 0; i < 3; i++) { v0 += *w%u; w%u = keep_words(sp(i), &(u64){",
          v, v, v);
        p("i + ");
        number(1);
        p("}); v0 += scratch(97) + *w%u; w%u = words[tid]; }", v, v);
        break;
    case 3:
        p("struct sub *w%u = &*keep_sub(sp(1), (struct sub[2]){{.b = n}, {.b = ", v);
        number(2);
        p("}} + 1); v0 += scratch(96); v2 += w%u->b;", v);
        break;
    default:
        p("u64 *w%u = n & 1 ? keep_words(sp(2), &(struct row){.v = {", v);
        number(1);
        p(", 5}}.v[1]) : (u64[]){sp(4), n}; v0 += scratch(95); v1 ^= *w%u;", v);
    }
    p(" }\n");
}

static void lifetimes_expression(int depth)
{
    switch (rnd(3)) {
    case 0:
        p("sum_words(sp(n), make_row(");
        number(depth - 1);
        p(").v, (u64[4]){");
        number(depth - 1);
        p(", 2, 3, n})");
        break;
    case 1:
        p("sum_words(sp(1), (n & 1 ? make_row(");
        number(depth - 1);
        p(") : make_row(sp(7))).v, &make_row(sp(n)).v[1])");
        break;
    default:
        p("h2(*keep_words(sp(n), &(u64){");
        number(depth - 1);
        p("}), make_row(sp(5)).s.b)");
    }
}

/* ---- structs with references, by value ---- */

static int holder_file;
static void declare_holders(void)
{
    holder_file = (int)rnd((unsigned)nfiles);
    p("struct hold { struct t0 *o; u64 v; struct t0 *q; };\nstruct big_hold { struct hold h[4]; u64 n; };\n"
      "struct STM_OBJECT carrier { struct hold h, more[3]; struct big_hold big; u64 x; };\nextern struct "
      "carrier "
      "*carriers[3];\nextern struct hold holds[3];\nstruct hold turn_hold(struct hold h, u64 v);\nstruct "
      "big_hold turn_big(struct big_hold b, u64 v);\nstruct hold hold_at(u64 v);\nu64 of_hold(u64 k, struct "
      "hold "
      "h, struct hold i);\n");
}

static void define_holders(int file)
{
    if (file == holder_file)
        p("struct carrier *carriers[3];\nstruct hold holds[3];\n"
          "struct hold turn_hold(struct hold h, u64 v) { struct t0 *o = h.o; if (v & 1) STM_SAFEPOINT(); h.o "
          "= "
          "h.q; h.q = o; h.v += v; return h; }\n"
          "struct big_hold turn_big(struct big_hold b, u64 v) { struct hold h = b.h[0]; if (v & 1) "
          "STM_SAFEPOINT(); b.h[0] = b.h[v & 3]; b.h[v & 3] = h; b.n++; return b; }\n"
          "struct hold hold_at(u64 v) { if (v & 1) STM_SAFEPOINT(); return v & 2 ? carriers[tid]->more[v %% "
          "3] : "
          "holds[tid]; }\n"
          "u64 of_hold(u64 k, struct hold h, struct hold i) { return k + h.o->f0 * 3 + i.q->base.extra + "
          "h.v; "
          "}\n");
}

static void begin_holders(void)
{
    p("    { struct carrier *c = STM_NEW(struct carrier); struct hold h = {new0(60, 2), 1, new0(61, 3)}; "
      "c->h = "
      "h; for (int i = 0; i < 4; i++) { if (i < 3) c->more[i] = h; c->big.h[i] = h; } holds[tid] = h; "
      "carriers[tid] = c; }\n");
}

static void holders_statement(int depth)
{
    static const char *const texts[] = {
        "c->h = turn_hold(c->h, n); c->x += c->h.o->f0;",
        "c->more[n % 3] = hold_at(n); v0 += c->more[1].q->f0;",
        "c->big = turn_big(c->big, n); v1 += c->big.h[2].o->f0;",
        "holds[tid] = n & 1 ? c->h : turn_hold(c->more[1], v0); holds[tid].o->base.extra++;",
        "struct hold h = c->h; STM_SAFEPOINT(); h.o = h.o->f2; c->more[2] = c->more[n % 3] = h; "
        "h.q->base.extra += 2;",
        "v0 += of_hold(sp(n), c->h, c->more[n % 3]); c->h.v++;",
        "c->h = (struct hold){.q = c->h.o, .v = sp(n), .o = c->more[n % 3].o}; c->x ^= c->h.v;",
        "struct big_hold b = c->big; b.h[n & 3] = hold_at(v1); STM_SAFEPOINT(); c->big.h[1] = b.h[n & 3];",
        "struct hold *h = &c->more[n % 3]; *h = turn_hold(*h, 3); h->v += h->o->base.extra;",
    };
    const char *s = texts[rnd(sizeof texts / sizeof *texts)];
    (void)depth;
    line("{ struct carrier *c = carriers[tid]; ");
    if (one_in(2))
        p("c->x++; ");
    for (; *s; s++)
        p("%c", *s);
    p(" c->x += 3; }\n");
}

static void holders_expression(int depth)
{
    p(one_in(2) ? "turn_hold(carriers[tid]->h, " : "turn_hold(hold_at(n), ");
    number(depth - 1);
    p(")%s", one_in(2) ? ".o->f0" : ".v");
}

static void finish_holders(void)
{
    p("    h = mix(h ^ carriers[tid]->x ^ carriers[tid]->h.v ^ carriers[tid]->h.o->f0) ^ "
      "carriers[tid]->more[1].q->f0 ^ carriers[tid]->big.h[3].o->base.extra ^ carriers[tid]->big.n ^ "
      "holds[tid].v;\n");
}

/* ---- unions of objects: what all begin alike, seen as one of them ---- */

static int union_file;
static bool union_words; /* numbers over its references make everything one */
static void declare_unions(void)
{
    union_file = (int)rnd((unsigned)nfiles);
    union_words = second(3) == 0;
    p("#define GC_HEAD struct gc_head *link; u8 kind, marks\n"
      "struct STM_OBJECT gc_head { GC_HEAD; };\nstruct STM_OBJECT gc_text { GC_HEAD; u32 size; u64 hash; };\n"
      "struct STM_OBJECT gc_map { GC_HEAD; u8 flags; u64 free; struct gc_head *meta; u64 used; };\n"
      /* begin as the others */
      "struct STM_OBJECT gc_name { GC_HEAD; u32 n; u64 h; };\nstruct STM_OBJECT gc_set { GC_HEAD; u8 f; u64 "
      "a; "
      "struct gc_head *b; u64 c; };\n"
      "union gc_any { struct gc_head head; struct gc_text text; struct gc_map map; struct gc_name name; "
      "struct gc_set "
      "set; %s};\n"
      "#define as_text(o) (&((union gc_any *)(o))->text)\n#define as_map(o) (&((union gc_any *)(o))->map)\n"
      "extern struct gc_head *gc_objects[3][2], *gc_hammered[2];\nstruct gc_head *new_text(u64 v);\nstruct "
      "gc_head "
      "*new_map(u64 v);\n"
      "void set_hash(struct gc_head *o, u64 v);\nvoid set_used(struct gc_head *o, u64 v);\nvoid "
      "set_mark(struct "
      "gc_head *o, u64 v);\nu64 get_hash(struct gc_head *o);\nu64 get_used(struct gc_head *o);\n",
      union_words ? "u64 words[5]; " : "");
}

/* The field `hash` of a text, or `used` of a map, by the name of either, of the union, or of what is laid out
 * alike. */
static void union_place(char *to, size_t size, bool map, unsigned way)
{
    const char *type = map ? "map" : "text", *field = map ? "used" : "hash";
    switch (way) {
    case 0:
        snprintf(to, size, "as_%s(o)->%s", type, field);
        break;
    case 1:
        snprintf(to, size, "((struct gc_%s *)o)->%s", type, field);
        break;
    case 2:
        snprintf(to, size, "((union gc_any *)o)->%s.%s", type, field);
        break;
    case 3:
        snprintf(to, size, "((union gc_any *)o)->%s", map ? "set.c" : "name.h");
        break;
    default:
        snprintf(to, size, "((union gc_any *)o)->words[%d]", map ? 4 : 2);
    }
}

static void define_unions(int file)
{
    char set[2][64], get[2][64];
    for (int k = 0; k < 2; k++) {
        unsigned way = union_words ? rnd(5) : one_in(3) ? rnd(3) : 3;
        union_place(set[k], sizeof set[k], k, way);
        union_place(get[k], sizeof get[k], k, rnd(3));
    }
    if (file == union_file)
        p("struct gc_head *gc_objects[3][2], *gc_hammered[2];\n"
          "struct gc_head *new_text(u64 v)\n{\n    struct gc_text *t = STM_NEW(struct gc_text);\n    t->kind "
          "= "
          "1;\n    t->hash = v;\n    t->size = 3;\n    return (struct gc_head *)t;\n}\n"
          "struct gc_head *new_map(u64 v)\n{\n    struct gc_map *m = STM_NEW(struct gc_map);\n    m->kind = "
          "2;\n  "
          "  m->used = v;\n    m->meta = (struct gc_head *)m;\n    return (struct gc_head *)m;\n}\n"
          "__attribute__((noinline)) void set_hash(struct gc_head *o, u64 v) { %s = v; }\n"
          "__attribute__((noinline)) void set_used(struct gc_head *o, u64 v) { %s = v; }\n"
          "__attribute__((noinline)) void set_mark(struct gc_head *o, u64 v) { as_map(o)->marks ^= (u8)v; "
          "as_map(o)->meta->marks++; }\n",
          set[0], set[1]);
    if (file == nfiles - 1)
        p("__attribute__((noinline)) u64 get_hash(struct gc_head *o) { return %s; }\n"
          "__attribute__((noinline)) u64 get_used(struct gc_head *o) { return %s; }\n",
          get[0], get[1]);
    if (file == 0)
        for (int k = 0; k < 2; k++)
            p("static void write_%1$s(u64 v) { set_%1$s(gc_hammered[0], v); set_%1$s(gc_hammered[1], 1000 - "
              "v); "
              "}\n"
              "static u64 read_%1$s(void)\n{\n    u64 x = get_%1$s(gc_hammered[0]);\n    SPIN;\n    "
              "stm_become_inevitable(\"read\");\n    return x + get_%1$s(gc_hammered[1]) != 1000;\n}\n",
              k ? "used" : "hash");
}

static void begin_unions(void)
{
    p("    gc_objects[tid][0] = new_text(5); gc_objects[tid][1] = new_map(6);\n");
}

static void unions_statement(int depth)
{
    (void)depth;
    switch (rnd(4)) {
    case 0:
        line("set_hash(gc_objects[tid][0], ");
        break;
    case 1:
        line("v1 += get_used(gc_objects[tid][1]); set_used(gc_objects[tid][1], ");
        break;
    case 2:
        line("set_mark(gc_objects[tid][1], ");
        break;
    default:
        line("{ struct gc_head *g = gc_objects[tid][1]; as_map(g)->meta = gc_objects[tid][n & 1]; "
             "as_map(g)->used++; STM_SAFEPOINT(); as_map(g)->meta->marks++; as_map(g)->meta = g; } "
             "set_used(gc_objects[tid][1], ");
    }
    number(1);
    p("); v0 ^= get_hash(gc_objects[tid][0]) + as_map(gc_objects[tid][1])->used;\n");
}

static void finish_unions(void)
{
    p("    h = mix(h ^ get_hash(gc_objects[tid][0]) ^ get_used(gc_objects[tid][1]) * 3) + "
      "gc_objects[tid][0]->marks + gc_objects[tid][1]->marks;\n");
}

static void probe_unions(void)
{
    p("    gc_hammered[0] = new_text(500), gc_hammered[1] = new_text(500);\n    torn_sums(write_hash, "
      "read_hash, "
      "\"unions\");\n    gc_hammered[0] = new_map(500), gc_hammered[1] = new_map(500);\n    "
      "torn_sums(write_used, "
      "read_used, \"unions\");\n");
}

/* ---- bit-fields and packed places, in arrays, behind pointers ---- */

static int place_file;
static void declare_places(void)
{
    place_file = (int)rnd((unsigned)nfiles);
    p("struct bits { u32 a : 3, b : 14; u64 c : 40, d : 17; u8 e : 2; };\n"
      "#define PACKED_BY 1\n#pragma pack(push, PACKED_BY)\nstruct tight { char c; u64 v; u16 s; u32 i; "
      "};\n#pragma "
      "pack(pop)\n#undef PACKED_BY\n#define PACKED_BY 8\n"
      "struct __attribute__((packed)) loose { u8 k; struct tight t; u32 half : 9; };\ntypedef u64 odd_u64 "
      "__attribute__((aligned(1)));\n"
      "struct STM_OBJECT places { u64 x; struct bits one, rows[4]; struct tight tights[5]; struct loose "
      "looses[3]; "
      "char bytes[40]; };\n"
      "extern struct places *places[3];\nextern struct bits bit_words[3][3];\nextern struct tight "
      "tight_words[3][5];\nstruct bits *bits_at(u64 v);\nstruct tight *tight_at(u64 v);\n");
}

static void define_places(int file)
{
    if (file == place_file)
        p("struct places *places[3];\nstruct bits bit_words[3][3];\nstruct tight tight_words[3][5];\n"
          "struct bits *bits_at(u64 v) { if (v & 1) STM_SAFEPOINT(); return v & 2 ? &places[tid]->rows[v & "
          "3] : "
          "&bit_words[tid][v %% 3]; }\n"
          "struct tight *tight_at(u64 v) { if (v & 1) STM_SAFEPOINT(); return v & 2 ? &places[tid]->tights[v "
          "%% "
          "5] : &tight_words[tid][v %% 5]; }\n");
}

static void begin_places(void)
{
    p("    places[tid] = STM_NEW(struct places);\n");
}

static void place_statement(const char *const *texts, unsigned n)
{
    const char *s = texts[rnd(n)];
    line("{ struct places *o = places[tid]; ");
    if (one_in(2))
        p("%s; ", one_in(2) ? "o->x++" : "STM_SAFEPOINT()");
    for (; *s; s++)
        if (*s == '@')
            number(1);
        else
            p("%c", *s);
    p("%s o->x += 3; }\n", one_in(3) ? " STM_SAFEPOINT();" : "");
}

static void bits_statement(int depth)
{
    static const char *const texts[] = {
        "o->rows[n & 3].b += sp(n) & 63;",
        "(&o->rows[1])->c ^= @;",
        "o->rows[2].a++; v0 += o->rows[n & 3].d;",
        "struct bits *b = bits_at(n); b->d = @ & 0x1ffff; b->e ^= 1; v1 += b->c;",
        "bits_at(v0)->c = (@) & 0xffffffffff; o->one.b = (u32)(@) & 0x3fff;",
        "bit_words[tid][n % 3].a = n & 7; bit_words[tid][1].c += sp(n); v0 ^= bit_words[tid][1].c;",
        "o->one = o->rows[n & 3]; o->one.e++; v0 += o->one.b * 3ul;",
        "struct bits b = *bits_at(n); b.b--; o->rows[n & 3] = b;",
        "v0 += o->one.a = o->rows[1].b = (u32)(@) & 3;",
    };
    (void)depth;
    place_statement(texts, sizeof texts / sizeof *texts);
}

static void packed_statement(int depth)
{
    static const char *const texts[] = {
        "o->tights[n % 5].v += sp(n);",
        "o->tights[3].i ^= (u32)(@); v0 += o->tights[1].v;",
        "struct tight *t = tight_at(n); t->v ^= @; STM_SAFEPOINT(); t->s++; v1 += t->i;",
        "tight_at(v0)->i++; v0 ^= tight_at(n)->v;",
        "tight_words[tid][n % 5].v = @; v1 ^= tight_words[tid][2].v + tight_words[tid][1].i;",
        "o->looses[n % 3].t.v ^= sp(n); o->looses[1].half += 5; v0 += o->looses[2].t.i;",
        "u64 *w = &((struct tight *)&o->tights[1])->v; odd_u64 *z = (odd_u64 *)w; *z += @;",
        "odd_u64 *z = (odd_u64 *)(o->bytes + 9 + (n & 7)); *z ^= @; STM_SAFEPOINT(); v0 += *z;",
        "o->tights[n % 5] = *tight_at(v1); o->looses[0].t = o->tights[2];",
    };
    (void)depth;
    place_statement(texts, sizeof texts / sizeof *texts);
}

static void finish_places(void)
{
    p("    for (int k = 0; k < 5; k++) h = mix(h ^ places[tid]->tights[k].v ^ tight_words[tid][k].v * 3) + "
      "places[tid]->tights[k].i + places[tid]->tights[k].s + tight_words[tid][k].s;\n"
      "    for (int k = 0; k < 3; k++) h = mix(h ^ places[tid]->rows[k].c ^ bit_words[tid][k].c * 3ul) + "
      "places[tid]->rows[k].b + places[tid]->rows[k].d * 7ul + places[tid]->looses[k].t.v + "
      "places[tid]->looses[k].half + bit_words[tid][k].a;\n"
      "    for (int k = 0; k < 40; k++) h = h * 31 + (u8)places[tid]->bytes[k];\n    h ^= places[tid]->one.b "
      "+ "
      "places[tid]->x;\n");
}

/* ---- volatile and atomic variables that hold references, and numbers that are addresses ---- */

static int outside_file;
static void declare_outside(void)
{
    outside_file = (int)rnd((unsigned)nfiles);
    p("extern struct t0 *volatile shown[3];\nextern _Atomic(struct t0 *) held[3];\nextern volatile u64 "
      "hidden[3];\nextern volatile struct shown_pair { struct t0 *o; u64 n; } shown_pairs[3];\nu64 "
      "word_of(void "
      "*o);\n");
}

static void define_outside(int file)
{
    if (file == outside_file)
        p("struct t0 *volatile shown[3];\n_Atomic(struct t0 *) held[3];\nvolatile u64 hidden[3];\nvolatile "
          "struct "
          "shown_pair shown_pairs[3];\n__attribute__((noinline)) u64 word_of(void *o) { return (u64)o; }\n");
}

static void begin_outside(void)
{
    p("    shown[tid] = held[tid] = shown_pairs[tid].o = new0(80, 2); hidden[tid] = word_of(new0(81, 3));\n");
}

static void outside_statement(int depth)
{
    (void)depth;
    switch (rnd(5)) {
    case 0:
        line("shown[tid] = new0(n & 63, 2); STM_SAFEPOINT(); v0 += shown[tid]->f0;\n");
        break;
    case 1:
        line("held[tid] = shown[tid]; shown[tid] = shown[tid]->f2; v1 ^= held[tid]->f0;\n");
        break;
    case 2:
        line("hidden[tid] = word_of(new0(n & 31, 3)); STM_SAFEPOINT(); v0 += ((struct t0 "
             "*)hidden[tid])->f0;\n");
        break;
    case 3:
        line("shown_pairs[tid].o = ");
        reference(0, 2);
        p("; shown_pairs[tid].n += n; STM_SAFEPOINT(); shown_pairs[tid].o->base.extra++;\n");
        break;
    default:
        line("v1 += ((struct t0 *)hidden[tid])->f0 ^ shown[tid]->base.extra ^ held[tid]->f0;\n");
    }
}

static void finish_outside(void)
{
    p("    h = mix(h ^ shown[tid]->f0 ^ held[tid]->base.extra ^ ((struct t0 *)hidden[tid])->f0) + "
      "shown_pairs[tid].n + shown_pairs[tid].o->f0;\n");
}

/* ---- declarations in blocks ---- */

static int extern_file;
static void declare_externs(void)
{
    extern_file = (int)rnd((unsigned)nfiles);
    p("u64 use_externs(u64 v);\n");
}

static void define_externs(int file)
{
    if (file == extern_file)
        p("u64 use_externs(u64 v)\n{\n    extern u64 far_words[3];\n    extern struct t0 *far_refs[3];\n    "
          "far_words[tid] += v;\n    if (v & 1)\n        STM_SAFEPOINT();\n    return far_words[tid] ^ "
          "far_refs[tid]->f0;\n}\n");
    p("static u64 near_words[3] = {1, 2, 3};\nstatic struct t0 *near_refs[3];\nstatic "
      "__attribute__((unused)) u64 "
      "use_near%d(struct t0 *o, u64 v)\n{\n    extern u64 near_words[3];\n    extern struct t0 "
      "*near_refs[3];\n    "
      "near_words[tid] += v;\n    near_refs[tid] = o;\n    if (v & 1)\n        STM_SAFEPOINT();\n    return "
      "near_words[tid] ^ near_refs[tid]->f0;\n}\n",
      file);
    if (file == (extern_file + 1) % nfiles)
        p("u64 far_words[3];\nstruct t0 *far_refs[3];\nvoid far_touch(struct t0 *o, u64 v) { "
          "STM_SAFEPOINT(); "
          "o->base.extra += (u32)v; STM_SAFEPOINT(); }\n");
}

static void begin_externs(void)
{
    p("    { extern u64 far_words[3]; extern struct t0 *far_refs[3]; far_words[tid] = 1; far_refs[tid] = "
      "root0[tid]; }\n");
}

static void externs_statement(int depth)
{
    (void)depth;
    switch (rnd(4)) {
    case 0:
        line("{ extern u64 near_words[3]; u64 use_near = near_words[tid]++; near_refs[tid] = ");
        reference(0, 1);
        p("; STM_SAFEPOINT(); v1 ^= use_near + near_refs[tid]->f0; }\n");
        break;
    case 3:
        line("{ extern u64 far_words[3]; far_words[tid] ^= ");
        number(1);
        p("; v0 += use_externs(n) + far_words[tid]; }\n");
        break;
    case 1:
        line("{ extern struct t0 *far_refs[3]; void far_touch(struct t0 *o, u64 v); struct t0 *e = "
             "far_refs[tid]; e->base.extra++; far_touch(e, n); e->base.extra ^= 2; far_refs[tid] = ");
        reference(0, 1);
        p("; v0 ^= far_refs[tid]->f0; }\n");
        break;
    default:
        line("{ extern void far_touch(struct t0 *, u64); extern u64 far_words[3]; for (u64 i = 0; i < 2; "
             "i++) { "
             "root0[tid]->base.extra++; far_touch(root0[tid], i); far_words[tid]++; } root0[tid]->base.extra "
             "+= "
             "2; }\n");
    }
}

static void finish_externs(void)
{
    p("    { extern u64 far_words[3]; h = mix(h ^ far_words[tid] ^ use_near0(root0[tid], 3)); }\n");
}

/* ---- pointers to the thread's own memory that a loop carries ---- */

static void declare_carried(void)
{
    p("extern _Thread_local u64 own_words[8];\nextern _Thread_local u64 own_limit;\nextern _Thread_local "
      "char "
      "own_text[64];\n");
}

static void define_carried(int file)
{
    if (file == nfiles - 1)
        p("_Thread_local u64 own_words[8], own_limit;\n_Thread_local char own_text[64];\n");
}

static void begin_carried(void)
{
    p("    memset(own_words, 0, sizeof own_words); own_limit = 0; own_text[0] = 0;\n");
}

static void carried_statement(int depth)
{
    const char *o = some_object()->name;
    (void)depth;
    switch (rnd(5)) {
    case 4:
        line("if (strlen(own_text) > 40) strcpy(own_text, \"o\"); strcat(own_text, n & 1 ? \"ab\" : \"c\"); "
             "v0 += strlen(own_text) + %s->f0;\n",
             o);
        break;
    case 0:
        line("{ u64 *w = own_words; for (u64 i = 0; i < 4; i++) { *w += n + i; w = w + 1; } v0 += "
             "own_words[2]; STM_SAFEPOINT(); }\n");
        break;
    case 1:
        line("{ u64 *w = &own_limit; for (u64 i = 0; i < 3; i++) { if (i & 1) (*w)++; else *w += v1 & 7; } "
             "v1 ^= "
             "own_limit + %s->f0; }\n",
             o);
        break;
    case 2:
        line("{ u64 *w = own_words; do { *w++ ^= %s->f0; } while (w < own_words + 3); STM_SAFEPOINT(); }\n",
             o);
        break;
    default:
        line("{ u64 m[3] = {n}, *w = n & 1 ? m : own_words; for (u64 i = 0; i < 2; i++, w++) *w += i + 1; v0 "
             "+= "
             "m[0] + own_words[1]; %s->base.extra++; }\n",
             o);
    }
}

static void finish_carried(void)
{
    p("    for (int k = 0; k < 8; k++) h = mix(h ^ own_words[k]);\n    h ^= own_limit + strlen(own_text);\n");
}

struct feature value_features[] = {
    {.name = "literals",
     .what = "compound literals of file scope",
     .declare = declare_literals,
     .define = define_literals,
     .begin = begin_literals,
     .statement = literals_statement,
     .finish = finish_literals,
     .rarity = 3},
    {.name = "lifetimes",
     .what = "compound literals in blocks, arrays in values",
     .declare = declare_lifetimes,
     .define = define_lifetimes,
     .statement = lifetimes_statement,
     .expression = lifetimes_expression,
     .rarity = 3},
    {.name = "holders",
     .what = "structs with references by value",
     .declare = declare_holders,
     .define = define_holders,
     .begin = begin_holders,
     .statement = holders_statement,
     .expression = holders_expression,
     .finish = finish_holders,
     .rarity = 3},
    {.name = "unions",
     .what = "unions of objects",
     .declare = declare_unions,
     .define = define_unions,
     .begin = begin_unions,
     .statement = unions_statement,
     .finish = finish_unions,
     .probe = probe_unions,
     .rarity = 3},
    {.name = "bits",
     .what = "bit-fields in arrays, behind pointers",
     .declare = declare_places,
     .define = define_places,
     .begin = begin_places,
     .statement = bits_statement,
     .finish = finish_places,
     .rarity = 3},
    {.name = "packed",
     .what = "places that their types do not align",
     .declare = declare_places,
     .define = define_places,
     .begin = begin_places,
     .statement = packed_statement,
     .finish = finish_places,
     .rarity = 3},
    {.name = "outside",
     .what = "volatile and atomic variables with references, and numbers that are",
     .declare = declare_outside,
     .define = define_outside,
     .begin = begin_outside,
     .statement = outside_statement,
     .finish = finish_outside,
     .rarity = 3},
    {.name = "externs",
     .what = "declarations in blocks",
     .declare = declare_externs,
     .define = define_externs,
     .begin = begin_externs,
     .statement = externs_statement,
     .finish = finish_externs,
     .rarity = 3},
    {.name = "carried",
     .what = "pointers to the thread's own memory that a loop carries",
     .declare = declare_carried,
     .define = define_carried,
     .begin = begin_carried,
     .statement = carried_statement,
     .finish = finish_carried,
     .rarity = 3},
    {0}};
