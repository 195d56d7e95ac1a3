/* program.c - what is around the functions: the header, globals, the threads and main. */
#include "generate.h"

int nthreads;

void header(void)
{
    p("#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include "
      "\"ungil.h\"\n\n"
      "typedef unsigned long u64;\ntypedef unsigned int u32;\ntypedef unsigned short u16;\ntypedef unsigned "
      "char u8;\n\n"
      "struct sub { u32 a; u64 b; u16 c[3]; };\n"
      "union word { u64 w; u32 half[2]; u8 byte[8]; };\n"
      "struct plain { u64 a, b; struct plain *next; };\n"
      "struct STM_OBJECT base { STM_IMMUTABLE u32 tag; u32 extra; };\n"
      "struct STM_OBJECT pub { STM_IMMUTABLE u64 a; u64 b, c; };\n");
    for (int i = 0; i < ntypes; i++)
        p("struct t%d;\n", i);
    for (int i = 0; i < ntypes; i++) {
        p("struct STM_OBJECT t%d {\n    struct base base;\n", i);
        for (int k = 0; k < types[i].n; k++)
            declare_field(&types[i].f[k]);
        p("};\n");
    }
    p("\nextern _Thread_local int tid;\nextern _Thread_local u64 local_sum;\n");
    for (int i = 0; i < ntypes; i++)
        p("extern struct t%d *root%d[3];\n", i, i);
    p("extern struct numbers { u64 a, b; u32 c; u16 d[5]; struct sub s; } numbers[3];\n"
      "extern u64 words[3][8];\n"
      "extern struct pub *slot[4];\n"
      "extern u64 shared_sum, shared_bad, atomic_count;\n"
      "u64 of_sub(struct sub s, u64 n);\nstruct sub make_sub(const struct sub *s, u64 n);\nint "
      "by_number(const void *a, const void *b);\n");
    for (int i = 0; i < ntypes; i++) {
        p("struct t%d *new%d(u64 id, u32 len);\nu64 walk%d(struct t%d *p, u64 depth);\n", i, i, i, i);
        if (!types[i].has_tail)
            p("struct t%d *fixed%d(void);\n", i, i);
    }
    for (int i = 0; i < nfuncs; i++)
        if (!funcs[i].is_static) {
            signature(i);
            p(";\n");
        }
    p("extern u64 (*const leaves[4])(u64);\n"
      "static inline u64 mix(u64 x) { x ^= x >> 31; x *= 0x9e3779b97f4a7c15ul; return x ^ x >> 29; }\n"
      "static inline u64 h2(u64 a, u64 b) { return mix(a * 3 + b); }\n"
      "static inline u64 h3(u64 a, u64 b, u64 c) { return mix(mix(a * 3 + b) ^ c); }\n");
    if (has("turns"))
        p("static inline u64 turn(u64 x) { stm_become_inevitable(\"turn\"); return x; }\n");
    for (int i = 0; i < ntypes; i++)
        p("static u64 look%1$d(struct t%1$d *p, u64 v) { return p->base.extra * v + 1; }\n"
          "static void touch%1$d(struct t%1$d *p, u64 v) { p->base.extra += (u32)v; }\n"
          "static u64 pass%1$d(struct t%1$d *p, u64 v) { touch%1$d(p, v); if (v & 1) STM_SAFEPOINT(); "
          "touch%1$d(p, v ^ 3); return look%1$d(p, v); }\n"
          "static u64 down%1$d(struct t%1$d *p, u64 v)\n{\n    p->base.extra ^= (u32)v;\n    if (v & 2) "
          "STM_SAFEPOINT();\n"
          "    return v & 7 ? down%1$d(p, (v & 7) - 1) + look%1$d(p, v) : v;\n}\n",
          i);
    p("static __attribute__((unused)) u64 sp(u64 n) { STM_SAFEPOINT(); return n; }\n"
      "extern volatile u32 committed;\n"
      "#define SPIN do { u32 c_ = committed; for (volatile int i_ = 0; i_ < 300000 && committed - c_ < 2; "
      "i_++) ; } while (0)\n");
    each_declare();
}

void globals(void)
{
    p("_Thread_local int tid;\n_Thread_local u64 local_sum;\nvolatile u32 committed;\n");
    for (int i = 0; i < ntypes; i++)
        p("struct t%d *root%d[3];\n", i, i);
    p("struct numbers numbers[3];\nu64 words[3][8];\nstruct pub *slot[4];\nu64 shared_sum, shared_bad, "
      "atomic_count;\n\n"
      "u64 of_sub(struct sub s, u64 n) { STM_SAFEPOINT(); return s.a + s.b * n + s.c[2]; }\n"
      "struct sub make_sub(const struct sub *s, u64 n) { struct sub r = *s; r.b ^= n; return r; }\n"
      "int by_number(const void *a, const void *b)\n{\n    u64 x = *(const u64 *)a, y = *(const u64 *)b;\n   "
      " return x < y ? -1 : x > y;\n}\n"
      "static u64 leaf0(%s x) { STM_SAFEPOINT(); return mix((u64)x + 1); }\n" /* through the type of
                                                                                  others, which pass no
                                                                                  safepoint */
      "static u64 leaf1(u64 x) { return x * 3; }\n"
      "static u64 leaf2(%s x) { struct t0 *p = new0((u64)x, 2); STM_SAFEPOINT(); return p->f0 + 1; "
      "}\n"
      "static u64 leaf3(u64 x) { if ((slot[x & 3]->b ^ slot[x & 3]->c) != slot[x & 3]->a) shared_bad++; "
      "return x ^ 5; }\n"
      "u64 (*const leaves[4])(u64) = {(u64 (*)(u64))(void (*)(void))leaf0, leaf1, (u64 (*)(u64))(void "
      "(*)(void))leaf2, leaf3};\n\n",
      has("voids") ? "void *" : "long", has("voids") ? "const char *" : "long");
}

/* Threads that share, in runs that ask for it (HAMMER=rounds): one writes, always so that a sum is the same
 * at safepoints; another reads.  Or both count, and pass an event in the middle. */
static void hammer(void)
{
    p("static u64 rounds, stop, torn;\nstatic void (*writing)(u64);\nstatic u64 (*reading)(void);\n"
      "static void *write_sums(void *arg)\n{\n    begin(1);\n    for (u64 i = 0; !stop; i++) {\n        "
      "STM_ATOMIC { "
      "writing(i %% 1000); }\n        STM_BLOCKING { committed++; }\n    }\n    return arg;\n}\n"
      "static void *read_sums(void *arg)\n{\n    begin(2);\n    for (u64 i = 0; i < rounds / 10; i++) {\n    "
      "    "
      "STM_ATOMIC { if (reading()) torn++; }\n        STM_SAFEPOINT();\n    }\n    stop = 1;\n    return "
      "arg;\n}\n"
      "static __attribute__((unused)) void torn_sums(void (*w)(u64), u64 (*r)(void), const char *what)\n{\n  "
      "  pthread_t "
      "threads[2];\n    torn = stop = 0, writing = w, reading = r;\n    STM_ATOMIC { w(0); }\n    "
      "STM_SAFEPOINT();\n    if "
      "(pthread_create(&threads[0], NULL, write_sums, NULL) || pthread_create(&threads[1], NULL, read_sums, "
      "NULL)) "
      "exit(2);\n    for (int i = 0; i < 2; i++)\n        STM_BLOCKING { pthread_join(threads[i], NULL); }\n "
      "   if (torn) "
      "printf(\"torn sums: %%s: %%lu\\n\", what, torn);\n}\n\n"
      "static void (*counting)(void);\nstatic void *count_twice(void *arg)\n{\n    begin(((struct job "
      "*)arg)->thread);\n    for (u64 i = 0; i < rounds / 20; i++) {\n        counting();\n        "
      "STM_BLOCKING { "
      "committed++; SPIN; }\n    }\n    return arg;\n}\n"
      "static __attribute__((unused)) void lost_updates(void (*count)(void), u64 (*read)(void), const char "
      "*what)\n{\n    pthread_t threads[2];\n    counting = count;\n    STM_SAFEPOINT();\n    for (size_t i "
      "= 0; i < 2; "
      "i++)\n        if (pthread_create(&threads[i], NULL, count_twice, &jobs[i + 1])) exit(2);\n    for "
      "(int i "
      "= 0; i < 2; "
      "i++)\n        STM_BLOCKING { pthread_join(threads[i], NULL); }\n    if (read() != rounds / 20 * 2) "
      "printf(\"lost updates: %%s: %%lu of %%lu\\n\", what, read(), rounds / 20 * 2);\n}\n\n"
      "struct STM_OBJECT count { u64 x, pad[5], y; };\nstatic struct count *counts;\n");
    counters();
    p("static void *count_up(void *arg)\n{\n    begin(((struct job *)arg)->thread);\n    for (u64 i = 0; i < "
      "rounds / 20; "
      "i++) "
      "count_event(counts, i, 0);\n    return arg;\n}\n"
      "static void hammer(void)\n{\n    const char *text = getenv(\"HAMMER\");\n    pthread_t threads[2];\n  "
      "  if (!text) "
      "return;\n    rounds = strtoul(text, NULL, 0);\n    counts = STM_NEW(struct count);\n    "
      "STM_SAFEPOINT();\n    for "
      "(size_t i = 0; i < 2; i++)\n        if (pthread_create(&threads[i], NULL, count_up, &jobs[i])) "
      "exit(2);\n    for (int "
      "i = 0; i < 2; i++)\n        STM_BLOCKING { pthread_join(threads[i], NULL); }\n    if (counts->x != "
      "rounds / 20 * 2 || "
      "counts->y != counts->x) printf(\"lost updates: %%lu %%lu of %%lu\\n\", counts->x, counts->y, rounds / "
      "20 * 2);\n");
    each_probe();
    p("}\n\n");
}

void program(void)
{
    p("static u64 result[3];\nstruct job { size_t thread; };\nstatic struct job jobs[3] = {{0}, {1}, "
      "{2}};\n\nstatic void begin(size_t thread)\n{\n    tid = (int)thread;\n    local_sum = "
      "0;\n    "
      "boot(%u + (u64)tid, 3);\n",
      rnd(1000));
    for (int i = 0; i < ntypes; i++) /* several objects, so that what is not the same differs */
        p("    root%1$d[tid]->f2 = new%1$d(11, 3);\n    root%1$d[tid]->f2->f2 = new%1$d(12, 2);\n", i);
    each_begin();
    p("}\n\n");
    p("static void *worker(void *arg)\n{\n    u64 h = 0;\n    begin(((struct job *)arg)->thread);\n"
      "    for (u64 i = 0; i < %u; i++) {\n        STM_SAFEPOINT();\n        h = h2(h, f0(",
      2 + rnd(4));
    for (int k = 0; k < funcs[0].nparams; k++)
        p("root%d[tid], ", funcs[0].param[k]);
    p("i, 2));\n        h ^= walk0(root0[tid], 1);\n    }\n    STM_SAFEPOINT();\n");
    for (int i = 0; i < ntypes; i++)
        p("    h = mix(h ^ walk%d(root%d[tid], 2));\n", i, i);
    p("    for (u32 i = 0; i < 8; i++) h = mix(h ^ words[tid][i]);\n"
      "    h ^= numbers[tid].a + numbers[tid].b * 3 + numbers[tid].c + numbers[tid].d[1] + numbers[tid].s.b "
      "+ local_sum;\n");
    each_finish();
    p("    result[tid] = h;\n    return NULL;\n}\n\n");
    hammer();
    p("int main(void)\n{\n"
      "    for (u32 i = 0; i < 4; i++) { struct pub *o = STM_NEW(struct pub); o->a = i; o->b = i; slot[i] = "
      "o; }\n"
      "#ifdef UNGIL_TRANSLATE\n    pthread_t threads[3];\n"
      "    for (size_t i = 0; i < %d; i++)\n        if (pthread_create(&threads[i], NULL, worker, &jobs[i])) "
      "return 2;\n"
      "    for (int i = 0; i < %d; i++)\n        STM_BLOCKING { pthread_join(threads[i], NULL); }\n"
      "#else\n    for (size_t i = 0; i < %d; i++) worker(&jobs[i]);\n#endif\n"
      "    for (int i = 0; i < 4; i++) shared_bad += (slot[i]->b ^ slot[i]->c) != slot[i]->a;\n"
      "    printf(\"%%lx %%lx %%lx sum %%lx count %%lu bad %%lu\\n\", result[0], result[1], result[2], "
      "shared_sum, atomic_count, shared_bad);\n    hammer();\n    return 0;\n}\n",
      nthreads, nthreads, nthreads);
}
