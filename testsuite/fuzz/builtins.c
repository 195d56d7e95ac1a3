/* builtins.c - functions that the compiler knows, on fields: by names that only it has, those that store
 * where a pointer leads, printf's and scanf's, atomic ones; and elements of vectors.
 *
 * They work on an object of their own, `struct known`, of which each thread has two. */
#include "generate.h"

static int known_file;
static void declare_known(void)
{
    known_file = (int)rnd((unsigned)nfiles);
    p("typedef u32 v4 __attribute__((vector_size(16)));\n"
      "struct STM_OBJECT known {\n    struct known *next, *was;\n    u64 wide, flags[4];\n    u32 a, b, e, "
      "items[8];\n    int s;\n    short half;\n    char text[64], copy[64];\n    double whole, part;\n    v4 "
      "v, "
      "many[3];\n    u32 at : 2, step : 3;\n    _Complex double z;\n    _Atomic u32 shared;\n    "
      "_Atomic(struct known *) link;\n};\n"
      "extern struct known *knowns[3];\nextern u32 known_words[3][4];\nextern v4 vectors[3];\n"
      "struct known *new_known(u64 id);\nstruct known *known_at(u64 v);\nu64 add_to(u32 *to, u32 by);\n"
      "int print_to(char *to, size_t size, const char *format, ...);\nextern const char *const "
      "formats[2];\n");
}

static void define_known(int file)
{
    if (file != known_file)
        return;
    p("#include <stdarg.h>\nstruct known *knowns[3];\nu32 known_words[3][4];\nv4 vectors[3];\n"
      "const char *const formats[2] = {\"%%s%%n\", \"-%%.10s%%n\"};\n"
      "struct known *new_known(u64 id)\n{\n    struct known *o = STM_NEW(struct known);\n    o->a = "
      "(u32)id;\n "
      "   "
      "o->next = o->was = o->link = o;\n    return o;\n}\n"
      "__attribute__((noinline)) struct known *known_at(u64 v) { if (v & 1) STM_SAFEPOINT(); return v & 2 ? "
      "knowns[tid] : knowns[tid]->next; }\n"
      "__attribute__((noinline)) u64 add_to(u32 *to, u32 by) { return __builtin_add_overflow(*to, by, to); "
      "}\n"
      "int print_to(char *to, size_t size, const char *format, ...)\n{\n    va_list ap;\n    va_start(ap, "
      "format);\n    int n = vsnprintf(to, size, format, ap);\n    va_end(ap);\n    return n;\n}\n");
}

static void begin_known(void)
{
    p("    { struct known *o = new_known(1); o->next = o->was = new_known(2); knowns[tid] = o; "
      "memset(known_words[tid], 0, sizeof known_words[tid]); vectors[tid] = (v4){1, 2}; }\n");
}

static void finish_known(void)
{
    p("    for (int i = 0; i < 2; i++) {\n        struct known *o = i ? knowns[tid]->next : knowns[tid];\n   "
      "     "
      "h = mix(h ^ o->wide ^ o->was->a * 7ul ^ o->a ^ o->shared ^ o->link->b) + o->b * 3ul + o->e * 5ul + "
      "(u64)o->s * 7 + "
      "(u64)o->half * "
      "9;\n        "
      "for (int k = 0; k < 64; k++) h = mix(h ^ (u8)o->text[k] ^ (u64)(u8)o->copy[k] << 8);\n        "
      "for (int k = 0; k < 8; k++) h = mix(h ^ o->items[k] ^ o->flags[k & 3]);\n        "
      "for (int k = 0; k < 4; k++) h = mix(h ^ o->v[k] ^ (u64)o->many[0][k] << 8 ^ (u64)o->many[1][k] << 16 "
      "^ "
      "(u64)o->many[2][k] << 24);\n        "
      "h ^= (u64)(o->whole * 16 + o->part * 1024) ^ (u64)(__real__ o->z * 2 + __imag__ o->z * 64);\n    }\n  "
      "  "
      "for (int k = 0; k < 4; k++) h = mix(h ^ known_words[tid][k] ^ vectors[tid][k] << 3);\n");
}

/* One of the texts, in which @ is a number and # one that may end the transaction, between two accesses to
 * the object that it works on. */
static void among(const char *const *texts, unsigned n)
{
    const char *s = texts[rnd(n)];
    unsigned v = labels++;
    line("{ struct known *o = %s; u64 y%u = 0; ", one_in(2) ? "knowns[tid]" : "knowns[tid]->next", v);
    if (one_in(2))
        p("o->%s; ", one_in(2) ? "e++" : "items[2] += 3");
    if (one_in(2))
        p("STM_SAFEPOINT(); ");
    fill(s, v);
    p(" v0 ^= y%u;", v);
    if (one_in(2))
        p(" STM_SAFEPOINT();");
    p(" o->%s; }\n", one_in(2) ? "e += 3" : one_in(2) ? "b ^= 5" : "items[2]++");
}
#define AMONG(texts) among(texts, sizeof(texts) / sizeof *(texts))

static void overflow_statement(int depth)
{
    static const char *const texts[] = {
        "$ = __builtin_add_overflow(o->a, (u32)(@), &o->b);",
        "$ = __builtin_mul_overflow(#, 3ul, &o->wide);",
        "$ = __builtin_sub_overflow((u32)(@), 1000u, &o->items[n & 7]);",
        "$ = __builtin_usub_overflow(o->a, o->b, &known_at(n)->e);",
        "$ = __builtin_umull_overflow(@, o->wide, &o->was->wide);",
        "$ = __builtin_add_overflow(@, #, o->flags);",
        "$ = __builtin_sadd_overflow(o->s, (int)(# & 1023), &o->s);",
        "$ = __builtin_add_overflow(o->wide, o->a, &o->half);",
        "u32 *w = &o->b; $ = add_to(w, (u32)(@)); w = &o->items[5]; $ += __builtin_add_overflow(*w, 7u, w);",
        "u32 m = 3; $ = add_to(&m, (u32)(@)) + m + add_to(&known_words[tid][n & 3], 5) + add_to(&o->a, 1);",
        "$ = __builtin_add_overflow(words[tid][2], #, &words[tid][3]);",
        "$ = __builtin_mul_overflow(known_words[tid][1], (u32)(@), known_words[tid]);",
        "if (__builtin_add_overflow(o->a, 0xfffffffful, &o->a)) $ = o->a; else o->b++;",
    };
    (void)depth;
    AMONG(texts);
}

/* Texts end before their last byte. */
static void library_statement(int depth)
{
    static const char *const texts[] = {
        "__builtin_memcpy(o->copy, o->text, 16 + (n & 7));",
        "__builtin_memset(o->text, 'a' + (int)(@ & 7), 8); $ = __builtin_strlen(o->text);",
        "__builtin_strcpy(o->text, \"some text\"); __builtin_strcat(o->text, n & 1 ? \"!\" : \"more\");",
        "__builtin_memmove(o->text + 2, o->text, 20); $ = (u64)__builtin_strcmp(o->text, o->copy) >> 63;",
        "__builtin_bzero(o->copy, 4); o->copy[0] = 'b'; $ = (u64)__builtin_strlen(o->copy);",
        "__builtin_strncpy(known_at(n)->copy, o->text, 10);",
        "__builtin___memcpy_chk(o->copy, o->text, 8, __builtin_object_size(o->copy, 0));",
        "__builtin___strcpy_chk(o->text, \"checked\", __builtin_object_size(o->text, 0));",
        "__builtin___memset_chk(o->copy, 'C', 3, (o->b++, __builtin_object_size(o->copy, 0)));",
        "__builtin_snprintf(o->copy, 30, \"%lu-%.8s\", # & 4095, o->text);",
        "__builtin___snprintf_chk(o->copy, 30, 1, sizeof o->copy, \"%.9s%u\", o->text, (u32)(@ & 99));",
        "o->whole = __builtin_frexp(3.5 + (double)(@ & 7), &o->s);",
        "o->part = __builtin_modf(3.25 + (double)(# & 3), &o->whole);",
        "char *q = __builtin_strdup(o->text); STM_SAFEPOINT(); $ = __builtin_strlen(q); q[0] = $ ? 'q' : 0; "
        "__builtin_strcpy(o->copy, q); __builtin_free(q);",
        "u64 *q = __builtin_calloc(2, 8); q[1] = @; STM_SAFEPOINT(); $ = q[1]; o->wide += $; "
        "__builtin_free(q);",
        "char *q = __builtin_strchr(o->text, 'e'); $ = q ? (u64)(q - o->text) : 99;",
        "$ = __builtin_popcountl(o->wide) + __builtin_bswap32(o->a) + __builtin_expect(o->b > 3, 1);",
    };
    (void)depth;
    AMONG(texts);
}

static void formats_statement(int depth)
{
    static const char *const texts[] = {
        "snprintf(o->copy, 40, \"%lu%n\", # & 9999, &o->s);",
        "sprintf(o->copy, \"%.20s.%d%hn\", o->text, 5, &o->half);",
        "strcpy(o->text, \"12 34 ab\"); $ = (u64)sscanf(o->text, \"%d %u %3s\", &o->s, &o->b, o->copy);",
        "$ = (u64)sscanf(\"770 5\", \"%lu %hd\", &o->wide, &o->half);",
        "strcpy(o->copy, \"8x\"); char *end; $ = strtoul(o->copy, &end, 10) + (u64)*end;",
        "$ = (u64)print_to(o->copy, 30, \"%.8s|%lu\", o->text, @ & 255);",
        "sprintf(o->copy, formats[n & 1], \"four\", &o->s);",
        "snprintf(o->text, 30, \"%s\", o->copy); snprintf(o->copy, 20, \"%*d%n\", 4, o->s & 1023, &o->s);",
        "$ = (u64)snprintf(NULL, 0, n & 1 ? \"%.9s%n\" : \"<%.9s>%n\", o->text, &known_at(n)->s);",
    };
    (void)depth;
    AMONG(texts);
}

static void atomics_statement(int depth)
{
    static const char *const texts[] = {
        "$ = __sync_fetch_and_add(&o->flags[n & 3], 3ul);",
        "$ = __sync_bool_compare_and_swap(&o->next, o->was, o->next);",
        "$ = __sync_val_compare_and_swap(&o->a, o->b, (u32)(@)) + __sync_lock_test_and_set(&o->b, 4u);",
        "$ = __atomic_compare_exchange_n(&o->wide, &o->flags[1], #, 0, 5, 5);",
        "__atomic_store_n(&o->wide, mix(@), 5); __atomic_load(&o->wide, &o->flags[2], 5);",
        "__atomic_exchange(&o->was, &o->next->was, &o->was, 5);",
        "__atomic_store_n(&o->was, known_at(n), 5); $ = __atomic_load_n(&o->was, 5)->a;",
        "$ = __atomic_fetch_or(&o->b, (u32)(@), 5) ^ __atomic_add_fetch(o->items, 7u, 5);",
        "struct known *m = new_known(n & 15); STM_SAFEPOINT(); m->next = o; __atomic_store_n(&o->was, m, 5); "
        "$ = o->was->a;",
        "struct known *m = o->next; $ = __atomic_compare_exchange_n(&o->was, &o->next->was, m, 0, 5, 5);",
        "o->shared += (u32)(@); $ = o->shared--;",
        "o->link = known_at(n); STM_SAFEPOINT(); $ = o->link->a + o->shared; o->link = o;",
        "$ = (u64)__atomic_test_and_set(&o->text[60], 5); __atomic_clear((_Bool *)&o->text[60], 5);",
        "$ = __atomic_add_fetch(&known_words[tid][2], 3u, 5) + __sync_add_and_fetch(&words[tid][5], @);",
        "u64 m = @; $ = __atomic_exchange_n(&m, o->wide, 5) + m; __atomic_fetch_sub(&o->flags[3], m, 5);",
    };
    (void)depth;
    AMONG(texts);
}

static void vectors_statement(int depth)
{
    static const char *const texts[] = {
        "o->v[n & 3]++;",
        "o->many[n % 3][2] = (u32)#;",
        "o->v[# & 3] += 5;",
        "o->v = o->v + (v4){1, 2, 3, (u32)(@)}; $ = o->v[3];",
        "v4 *w = &o->v; (*w)[1] ^= 3; STM_SAFEPOINT(); w = o->many; w[1][n & 3] -= 2;",
        "vectors[tid][n & 3] = (u32)#; $ = vectors[tid][1];",
        "o->many[1][n & 3] = (u32)(@); STM_SAFEPOINT(); o->many[1][2] |= (u32)#; $ = o->many[2][1];",
        "v4 l = o->v; l[n & 3] = (u32)#; l[1] = l[2] + known_at(n)->v[1]; $ = l[1] ^ l[3]; o->many[0] = l;",
        "__imag__ o->z = (double)(# & 7); __real__ o->z += 1;",
        "known_at(n)->v[1]++; $ = o->many[n % 3][0] * known_at(1)->v[n & 3];",
        "o->v = o->many[n % 3] = vectors[tid];",
        "o->at = (u32)#; o->v[o->at] += 3; STM_SAFEPOINT(); $ = o->v[o->at] ^ o->many[1][(o->at)];",
        "o->step = n & 7; o->v[o->step & 3]++; $ = vectors[tid][o->at] + o->many[o->at % 3][o->step % 4];",
    };
    (void)depth;
    AMONG(texts);
}

#define KNOWN(n, text, s)                                                                                    \
    {                                                                                                        \
        .name = n, .what = text, .declare = declare_known, .define = define_known, .begin = begin_known,     \
        .statement = s, .finish = finish_known, .rarity = 4                                                  \
    }
struct feature builtin_features[] = {
    KNOWN("overflow", "built-in arithmetic that stores to fields", overflow_statement),
    KNOWN("builtins", "the library's functions by names of the compiler's, on fields", library_statement),
    KNOWN("formats", "%n, and scanf to fields; strings in objects", formats_statement),
    KNOWN("atomics", "atomic built-ins on fields, of references and in them", atomics_statement),
    KNOWN("vectors", "elements of vectors, halves of complex numbers", vectors_statement),
    {0}};
