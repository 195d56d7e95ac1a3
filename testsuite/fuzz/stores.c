/* stores.c - stores that do not name what they change.
 *
 * struct hid0, hid1: objects made of words.  The constructor stores to them by name, and nothing else does:
 * after that each word is either never changed, or changed in one way only, by which a translator that looks
 * for the names of fields does not see it.  All that are read must have their barriers, but those never
 * changed.
 *
 * A thread has objects of its own, for the checksum and the checking build.  In HAMMER (program.c) a field of
 * two objects has a constant sum, which one thread changes and another reads. */
#include "generate.h"

/* TEXT: a number in two bytes.  HALVED: in one half of a complex number. */
enum word_kind { INT, REFERENCE, ELEMENT, JOINED, TEXT, COUNTED, HALVED };
enum way {
    NEVER,
    VOID_WAY,
    CHAR_WAY,
    SLOTS,
    FIRST,
    TWIN,
    COPY,
    VARARG,
    UNION_WAY,
    CONST_WAY,
    SCANF,
    ARRAY_WAY,
    KEPT,
    INTEGER,
    MEMBER,
    ELEMENT_WAY,
    RETURNED,
    COUNT,
    HALF,
    EXTENSION,
    CHOSEN,
    WAYS
};
static const char *const way_names[WAYS] = {
    NULL,        "st-void",    "st-char",     "st-slots", "st-base",  "st-twin",      "st-memcpy",
    "st-vararg", "st-union",   "st-const",    "st-scanf", "st-array", "st-kept",      "st-integer",
    "st-member", "st-element", "st-returned", "st-count", "st-half",  "st-extension", "st-chosen"};

enum { HIDS = 2, MIN_WORDS = 4, MAX_WORDS = 9 };
static struct word {
    enum word_kind kind;
    enum way way;
    int home; /* the file that has its setter; -1: all */
} words[HIDS][MAX_WORDS];
static int nwords[HIDS], variant; /* of the ways that have several, one in a program */
static bool chosen[WAYS];
static bool integer_halves; /* GNU's complex integers, or double */
static bool only_numbers;   /* references, stored as numbers, make all that is seen as numbers one */

static bool fits(enum way way, int k, enum word_kind kind, bool number_first)
{
    if (only_numbers && kind == REFERENCE)
        return false;
    return way == FIRST         ? k < 2 && kind <= REFERENCE
           : way == SCANF       ? kind == INT
           : way == MEMBER      ? kind == JOINED
           : way == ELEMENT_WAY ? kind == ELEMENT
           : way == RETURNED    ? number_first || kind == TEXT
           : way == COUNT       ? kind == COUNTED
           : way == HALF        ? kind == HALVED
           : way == CHOSEN      ? kind == ELEMENT
                                : true;
}

/* Once for all ways. */
static void choose(void)
{
    int on[WAYS], n = 0;
    if (nwords[0])
        return;
    for (int w = 1; w < WAYS; w++)
        if (has(way_names[w]))
            on[n++] = w;
    if (n > 1 && second(2)) /* what one hides is seen where it is alone */
        on[0] = on[second((unsigned)n)], n = 1;
    for (int k = 0; k < n; k++)
        chosen[on[k]] = true;
    variant = (int)rnd(3);
    only_numbers = second(2);
    integer_halves = second(2);
    for (int h = 0; h < HIDS; h++) {
        nwords[h] = MIN_WORDS + (int)rnd(MAX_WORDS - MIN_WORDS + 1);
        for (int k = 0; k < nwords[h]; k++) {
            struct word *w = &words[h][k];
            w->kind = k < 2    ? (enum word_kind)rnd(2)
                      : k == 2 ? REFERENCE
                      : k == 3 ? INT
                               : (enum word_kind)rnd(4);
            enum way way = (enum way)on[rnd((unsigned)n)];
            if (way == MEMBER && k > 3)
                w->kind = JOINED;
            if ((way == ELEMENT_WAY || way == CHOSEN) && k > 3)
                w->kind = ELEMENT;
            if (way == RETURNED && k > 3 && second(2))
                w->kind = TEXT;
            if (way == COUNT && k > 3)
                w->kind = COUNTED;
            if (way == HALF && k > 3)
                w->kind = HALVED;
            w->way = rnd(4) && fits(way, k, w->kind, words[h][0].kind == INT) ? way : NEVER;
            w->home = one_in(3) ? -1 : (int)rnd(5);
        }
        if (nwords[h] < 6)
            nwords[h] = 6;
    }
}

static const char *half_type(void)
{
    return integer_halves ? "unsigned long" : "double";
}

static const char *half(void)
{
    return variant ? "__imag__" : "__real__";
}

static void word_types(int h, const char *tag, const char *name)
{
    for (int k = 0; k < nwords[h] && (*name != 'b' || k < 2); k++)
        switch (words[h][k].kind) {
        case INT:
            p(" u64 %s%d;", name, k);
            break;
        case REFERENCE:
            p(" struct %s%d *%s%d;", tag, h, name, k);
            break;
        case ELEMENT:
            p(" struct { u64 a, k; } %s%d[3];", name, k);
            break;
        case TEXT:
            p(" char %s%d[8];", name, k);
            break;
        case COUNTED:
            p(" int %s%d, %s%dx;", name, k, name, k);
            break;
        case HALVED:
            p(" %s _Complex %s%d;", half_type(), name, k);
            break;
        default:
            p(" union { u64 w; u32 half[2]; } %s%d;", name, k);
        }
}

static const char *last(enum word_kind kind)
{
    return kind == ELEMENT ? "[1].k" : kind == JOINED ? ".w" : "";
}

/* The field as a number. */
static void value(int h, int k, const char *object)
{
    if (words[h][k].kind == TEXT)
        p("((u64)(unsigned char)%1$s->h%2$d[2] | (u64)(unsigned char)%1$s->h%2$d[3] << 8)", object, k);
    else if (words[h][k].kind == COUNTED)
        p("(u64)%s->h%d", object, k);
    else if (words[h][k].kind == HALVED)
        p("(u64)(long)%s %s->h%d", half(), object, k);
    else
        p(words[h][k].kind == REFERENCE ? "%s->h%d->h3" : "%s->h%d%s", object, k, last(words[h][k].kind));
}

static void declare(void)
{
    p("#include <stdarg.h>\n#include <stddef.h>\n");
    for (int h = 0; h < HIDS; h++) {
        p("struct STM_OBJECT hid%d {", h);
        word_types(h, "hid", "h");
        p(" };\nstruct STM_OBJECT twin%d {", h);
        word_types(h, "twin", "w");
        p(" };\nstruct shape%d {", h);
        word_types(h, "shape", "w");
        p(" };\nstruct STM_OBJECT hbase%d {", h);
        word_types(h, "hbase", "b");
        p(" };\nunion any%d { struct hid%d *n; u64 *w; void **s; };\nextern struct hid%d *hids%d[3], "
          "*hammered%d[2];\n"
          "struct hid%d *new_hid%d(u64 id, struct hid%d *o);\n",
          h, h, h, h, h, h, h, h);
        for (int k = 0; k < nwords[h]; k++) {
            p("u64 get%d_%d(struct hid%d *p);\n", h, k, h);
            if (words[h][k].way && words[h][k].home >= 0)
                p("void set%d_%d(struct hid%d *p, u64 v, struct hid%d *o);\n", h, k, h, h);
        }
    }
    p("extern void *kept[3];\nstruct holder { void *x; u64 y; };\n");
}

static void store(int h, int k)
{
    const struct word *w = &words[h][k];
    char type[32], at[64];
    const char *v = w->kind == REFERENCE ? "o" : "v";
    snprintf(type, sizeof type, w->kind == REFERENCE ? "struct hid%d *" : "u64 ", h);
    snprintf(at, sizeof at, "offsetof(struct hid%d, h%d)%s", h, k, w->kind == ELEMENT ? " + 24" : "");
    switch (w->way) {
    case VOID_WAY:
        p("set_at(p, %s, (u64)%s);", at, v);
        break;
    case CHAR_WAY:
        p("char *c = (char *)p; *(%s*)(c + %s) = %s;", type, at, v);
        break;
    case SLOTS:
        p("void **s = (void **)p; s[(%s) / 8] = (void *)%s;", at, v);
        break;
    case FIRST:
        if (k)
            p("((struct hbase%d *)p)->b%d = %s%s;", h, k, w->kind == REFERENCE ? "(void *)" : "", v);
        else
            p("*(%s*)p = %s;", type, v);
        break;
    case TWIN:
        p("((struct %s%d *)p)->w%d%s = %s%s;", variant ? "twin" : "shape", h, k, last(w->kind),
          w->kind == REFERENCE ? "(void *)" : "", v);
        break;
    case COPY:
        if (variant == 0)
            p("void *q = p; char *c = q; memcpy(c + %s, &%s, 8);", at, v);
        else if (variant == 1)
            p("struct shape%d s; memcpy(&s, p, sizeof s); s.w%d%s = %s%s; memcpy((void *)p, &s, sizeof s);",
              h, k, last(w->kind), w->kind == REFERENCE ? "(void *)" : "", v);
        else
            p("u64 x = (u64)%s; __builtin_memmove((u64 *)(void *)p + (%s) / 8, &x, sizeof x);", v, at);
        break;
    case VARARG:
        p("put((u64)%s, (void *)p, (size_t)(%s) / 8);", v, at);
        break;
    case UNION_WAY:
        p("union any%d u = {.n = p}; u.w[(%s) / 8] = (u64)%s;", h, at, v);
        break;
    case CONST_WAY:
        p("const char *c = (const char *)p; *(%s*)(c + %s) = %s;", type, at, v);
        break;
    case SCANF:
        p("char t[24]; void *q = p; u64 *w = q; snprintf(t, 24, \"%%lu\", v); sscanf(t, \"%%lu\", w + (%s) / "
          "8);",
          at);
        break;
    case ARRAY_WAY:
        p("u64 (*a)[sizeof *p / 8] = (void *)p; (*a)[(%s) / 8] = (u64)%s;", at, v);
        break;
    case KEPT:
        switch (variant) {
        case 0:
            p("kept[tid] = p; u64 *w = kept[tid]; w[(%s) / 8] = (u64)%s;", at, v);
            break;
        case 1:
            p("struct holder s = {p, v}, s2 = s; ((u64 *)s2.x)[(%s) / 8] = (u64)%s;", at, v);
            break;
        default:
            p("void *q; memcpy(&q, &p, sizeof q); ((u64 *)q)[(%s) / 8] = (u64)%s;", at, v);
        }
        break;
    case INTEGER:
        p("*(%s*)((size_t)p + %s) = %s;", type, at, v);
        break;
    case RETURNED: /* the object's first byte is found at once, or the x that no number begins with */
        if (w->kind == TEXT) {
            static const char *const finders[] = {"char *c = strchr(p->h%d, 'x');",
                                                  "char *c; strtoul(p->h%d, &c, 10);",
                                                  "char *c = memchr(p->h%d, 'x', 1);"};
            p(finders[variant], k);
            p(" c[2] = (char)v; c[3] = (char)(v >> 8);");
            break;
        }
        p("char *c = memchr(p, (int)(p->h0 & 255), 8); *(%s*)(c + %s) = %s;", type, at, v);
        break;
    case COUNT:
        p("say(\"%%*s%%n\", (int)(v & 1023), \"\", &p->h%d);", k);
        break;
    case MEMBER:
        p("p->h%d.half[0] = (u32)v; p->h%d.half[1] = (u32)(v >> 32);", k, k);
        break;
    case ELEMENT_WAY:
        switch (variant) {
        case 0:
            p("char *c = (char *)p->h%d; *(u64 *)(c + 24) = v;", k);
            break;
        case 1:
            p("void *e = &p->h%d[1]; ((u64 *)e)[1] = v;", k);
            break;
        default:
            p("void *e = p->h%d + 1; set_at(e, 8, v);", k);
        }
        break;
    case HALF: /* the last: from one half to the other */
        p(variant == 0   ? "%1$s *d = &__real__ p->h%2$d; *d"
          : variant == 1 ? "%1$s *d = &(__imag__ (p->h%2$d)); *d"
                         : "%1$s _Complex *z = &p->h%2$d; %1$s *d = &__real__ *z; d[1]",
          half_type(), k);
        p(" = v & 0xfffffff;");
        break;
    case EXTENSION:
        p(variant == 0   ? "%s*q = &__extension__ (p->h%d%s); *q = %s;"
          : variant == 1 ? "%s*q; q = &(__extension__ p->h%d%s); *q = %s;"
                         : "%s*q = (__extension__ &(__extension__ (p->h%d%s))); *q = %s;",
          type, k, last(w->kind), v);
        break;
    case CHOSEN:
        p(variant == 0   ? "u64 *w = (u64 *)_Generic(v, u64: p->h%d, int: (u64 *)0); w[3] = v;"
          : variant == 1 ? "void *w = __builtin_choose_expr(1, p->h%d, 0); ((u64 *)w)[3] = v;"
                         : "char *c = (char *)_Generic(p, default: (p->h%d)); *(u64 *)(c + 24) = v;",
          k);
        break;
    default:
        break;
    }
}

static void setters(int h, int k, int file)
{
    const struct word *w = &words[h][k];
    if (!w->way || (w->home >= 0 && w->home % nfiles != file))
        return;
    p("%s__attribute__((noinline)) void set%d_%d(struct hid%d *p, u64 v, struct hid%d *o)\n{\n    (void)v, "
      "(void)o; ",
      w->home < 0 ? "static __attribute__((unused)) " : "", h, k, h, h);
    store(h, k);
    p("\n}\n");
}

static void define_words(int file)
{
    if (chosen[VOID_WAY] || chosen[ELEMENT_WAY]) /* what would hide the other ways */
        p("static __attribute__((unused)) void set_at(void *o, size_t at, u64 v) { *(u64 *)((char *)o + at) "
          "= "
          "v; }\n");
    if (chosen[VARARG])
        p("struct got { u64 w[32]; };\nstatic __attribute__((unused)) void put(u64 v, ...)\n{\n    va_list "
          "ap;\n    "
          "va_start(ap, v);\n    %s;\n    size_t k = va_arg(ap, size_t);\n    va_end(ap);\n    %s = v;\n}\n",
          variant == 0 ? "u64 *w = (u64 *)va_arg(ap, char *)" : "struct got *w = va_arg(ap, struct got *)",
          variant == 0 ? "w[k]" : "w->w[k]");
    if (chosen[COUNT])
        p("static __attribute__((unused)) void say(const char *f, ...)\n{\n    char t[8];\n    va_list ap;\n "
          "   "
          "va_start(ap, f);\n    vsnprintf(t, sizeof t, f, ap);\n    va_end(ap);\n}\n");
    for (int h = 0; h < HIDS; h++)
        for (int k = 0; k < nwords[h]; k++)
            setters(h, k, file);
    for (int h = 0; h < HIDS && file == 0; h++) {
        p("struct hid%d *hids%d[3], *hammered%d[2];\nstruct hid%d *new_hid%d(u64 id, struct hid%d *o)\n{\n   "
          " struct "
          "hid%d *p = STM_NEW(struct hid%d);\n",
          h, h, h, h, h, h, h, h);
        for (int k = 0; k < nwords[h]; k++)
            if (words[h][k].kind == REFERENCE)
                p("    p->h%d = o ? o : p;\n", k);
            else if (words[h][k].kind == TEXT)
                p("    p->h%1$d[2] = (char)(id + %1$d);\n    p->h%1$d[3] = (char)((id + %1$d) >> 8);\n    "
                  "p->h%1$d[0] = 'x';\n",
                  k);
            else if (words[h][k].kind == COUNTED)
                p("    p->h%d = (int)id + %d;\n", k, k);
            else if (words[h][k].kind == HALVED)
                p("    %s p->h%d = id + %d;\n", half(), k, k);
            else
                p("    p->h%d%s = id + %d;\n", k, last(words[h][k].kind), k);
        p("    return p;\n}\n");
    }
    if (file == 0)
        p("void *kept[3];\n");
    if (file == nfiles - 1) {
        for (int h = 0; h < HIDS; h++)
            for (int k = 0; k < nwords[h]; k++) {
                p("__attribute__((noinline)) u64 get%d_%d(struct hid%d *p) { return ", h, k, h);
                value(h, k, "p");
                p("; }\n");
            }
    }
    if (file == 0)
        for (int h = 0; h < HIDS; h++)
            for (int k = 0; k < nwords[h]; k++)
                if (words[h][k].way && words[h][k].kind != REFERENCE)
                    p("static void write%d_%d(u64 v) { set%d_%d(hammered%d[0], v, hammered%d[0]); "
                      "set%d_%d(hammered%d[1], "
                      "1000 - v, hammered%d[1]); }\n"
                      "static u64 read%d_%d(void)\n{\n    u64 x = get%d_%d(hammered%d[0]);\n    SPIN;\n    "
                      "stm_become_inevitable(\"read\");\n    return x + get%d_%d(hammered%d[1]) != "
                      "1000;\n}\n",
                      h, k, h, k, h, h, h, k, h, h, h, k, h, k, h, h, k, h);
}

static void begin(void)
{
    for (int h = 0; h < HIDS; h++)
        p("    hids%d[tid] = new_hid%d(7, new_hid%d((u64)tid, 0));\n", h, h, h);
}

static void hidden_value(int depth)
{
    int h = (int)rnd(HIDS), k = (int)rnd((unsigned)nwords[h]);
    char object[32];
    (void)depth;
    cost += 2 * times;
    snprintf(object, sizeof object, one_in(2) ? "hids%d[tid]" : "hids%d[tid]->h2", h);
    if (one_in(2)) {
        value(h, k, object);
        return;
    }
    p("get%d_%d(%s)", h, k, object);
}

static void hidden_store(int depth)
{
    int h = (int)rnd(HIDS), k = (int)rnd((unsigned)nwords[h]);
    for (int tries = 0; tries < 8 && !words[h][k].way; tries++)
        h = (int)rnd(HIDS), k = (int)rnd((unsigned)nwords[h]);
    if (!words[h][k].way) {
        line(";\n");
        return;
    }
    if (one_in(3)) { /* a local keeps the object, over a safepoint */
        line("{ struct hid%d *o = hids%d[tid]; v0 += o->h3; %sset%d_%d(o, ", h, h,
             one_in(2) ? "STM_SAFEPOINT(); " : "", h, k);
        number(depth > 1 ? 1 : 0);
        p(", o->h2); v1 ^= ");
        value(h, k, "o");
        p("; }\n");
        return;
    }
    line("set%d_%d(hids%d[tid]%s, ", h, k, h, one_in(3) ? "->h2" : "");
    number(depth > 1 ? 2 : 1);
    p(", hids%d[tid]%s);\n", h, one_in(2) ? "->h2" : "");
}

static void finish(void)
{
    for (int h = 0; h < HIDS; h++)
        for (int k = 0; k < nwords[h]; k++) {
            char object[32];
            snprintf(object, sizeof object, k & 1 ? "hids%d[tid]" : "hids%d[tid]->h2", h);
            p("    h = mix(h ^ ");
            value(h, k, object);
            p(");\n");
        }
}

static void probe(void)
{
    for (int h = 0; h < HIDS; h++) {
        p("    for (int i = 0; i < 2; i++) hammered%d[i] = new_hid%d(500, 0);\n", h, h);
        for (int k = 0; k < nwords[h]; k++)
            if (words[h][k].way && words[h][k].kind != REFERENCE)
                p("    torn_sums(write%d_%d, read%d_%d, \"%s\");\n", h, k, h, k, way_names[words[h][k].way]);
    }
}

/* ---- pointers to references ---- */

static void declare_slots(void)
{
    for (int i = 0; i < ntypes; i++)
        p("void put_ref%1$d(struct t%1$d **at, struct t%1$d *o);\n"
          "static void swap_refs%1$d(struct t%1$d **a, struct t%1$d **b) { struct t%1$d *o = *a; *a = *b; *b "
          "= o; }\n",
          i);
}

static void define_slots(int file)
{
    for (int i = 0; i < ntypes; i++)
        if (i % nfiles == file)
            p("void put_ref%1$d(struct t%1$d **at, struct t%1$d *o) { *at = o; STM_SAFEPOINT(); "
              "(*at)->base.extra++; }\n",
              i);
}

static void slot_statement(int depth)
{
    const struct local *r = pick_local(V_SLOT, -1);
    int t = r->type;
    (void)depth;
    switch (rnd(5)) {
    case 0:
        line("*%s = ", r->name);
        reference(t, 2);
        p(";\n");
        break;
    case 1: /* its own field: the two are never null */
        line("%s = &", r->name);
        reference(t, 1);
        p("->f2;\n");
        break;
    case 2:
        line("put_ref%d(%s, ", t, r->name);
        reference(t, 1);
        p(");\n");
        break;
    case 3:
        line("swap_refs%d(%s, &root%d[tid]);\n", t, r->name, t);
        break;
    default: /* through a slot, between two loads of the field */
        line("{ struct t%d *s = ", t);
        reference(t, 1);
        p(", **m = &s->f2; v0 += s->f2->f0; *m = ");
        reference(t, 1);
        p("; v1 += s->f2->f0; s->f2->base.extra++; }\n");
    }
}

#define WAY(n, text)                                                                                         \
    {                                                                                                        \
        .name = n, .what = text, .choose = choose, .declare = declare, .define = define_words,               \
        .begin = begin, .statement = hidden_store, .expression = hidden_value, .finish = finish,             \
        .probe = probe, .rarity = 5                                                                          \
    }
struct feature store_features[] = {
    WAY("st-void", "stores by a void * and an offset"),
    WAY("st-char", "stores by a char *"),
    WAY("st-slots", "stores by an array of slots, void **"),
    WAY("st-base", "stores by the first member, or a base type"),
    WAY("st-twin", "stores by another struct of the same layout"),
    WAY("st-memcpy", "memcpy to a part, or to all"),
    WAY("st-vararg", "stores by what va_arg gives"),
    WAY("st-union", "stores by a union of pointers"),
    WAY("st-const", "stores by a const char * that is cast back"),
    WAY("st-scanf", "sscanf"),
    WAY("st-array", "stores by a pointer to an array"),
    WAY("st-kept", "stores by a pointer that was kept elsewhere"),
    WAY("st-integer", "stores by an integer"),
    WAY("st-member", "stores to another member of a union"),
    WAY("st-element", "stores to an element, by void * or char *"),
    WAY("st-returned", "stores by what a library's function gives back"),
    WAY("st-count", "%n, by way of a va_list"),
    WAY("st-half", "stores by the address of a complex number's half"),
    WAY("st-extension", "stores by the address of what __extension__ is before"),
    WAY("st-chosen", "stores by an array that a generic selection chooses"),
    {.name = "slots",
     .what = "pointers to references, in objects and not",
     .declare = declare_slots,
     .define = define_slots,
     .statement = slot_statement},
    {0}};
