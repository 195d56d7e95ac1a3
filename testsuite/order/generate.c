/* generate.c SEED - a program of full expressions: every operator and kind of operand whose evaluation means
 * something to a transaction, in each other.
 *
 * The programs say nothing; model.c says whether the order in which they were evaluated is one that the
 * passes could count on.  What C leaves undefined is left out as far as it matters: pointers change in calls
 * and by assignments that are statements. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state;

static unsigned pick(unsigned n)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (unsigned)(state >> 20) % n;
}

static void out(const char *s)
{
    fputs(s, stdout);
}

static void number(int depth);

/* A pointer to an object. */
static void pointer(int depth)
{
    static const char *const plain[] = {"p", "q", "p", "s", "p->n", "q->n", "s->n"};
    unsigned k = pick(depth > 0 ? 13 : 8);
    if (k < 7)
        out(plain[k]);
    else if (k == 7)
        out("q");
    else if (k == 8)
        out("gp("), pointer(depth - 1), out(")");
    else if (k == 9)
        out("same("), pointer(depth - 1), out(")");
    else if (k == 10)
        out("("), number(depth - 2), out(" ? "), pointer(depth - 1), out(" : "), pointer(depth - 1), out(")");
    else if (k == 11)
        out("({ struct node *t = "), pointer(depth - 1), out("; t; })");
    else
        out("("), number(depth - 1), out(", "), pointer(depth - 1), out(")");
}

/* A place in an object. */
static void place(int depth)
{
    unsigned k = pick(6);
    if (k == 4 && depth > 0) {
        pointer(depth - 1), out("->arr["), number(depth - 1), out(" & 3]");
    } else if (k == 5) {
        out(pick(2) ? "a->x" : "a->y");
    } else {
        pointer(depth - 1);
        out(k & 1 ? "->x" : "->y");
    }
}

static void call(const char *name, int depth, unsigned n)
{
    out(name), out("(");
    for (unsigned i = 0; i < n; i++)
        out(i ? ", " : ""), number(depth - 1);
    out(")");
}

static void number(int depth)
{
    static const char *const binary[] = {" + ", " - ",  " * ",  " & ",  " | ", " ^ ",
                                         " < ", " == ", " && ", " || ", ", "};
    static const char *const unary[] = {"-", "!", "~", "(int)", "+"};
    if (depth <= 0) {
        unsigned k = pick(8);
        if (k < 5)
            place(0);
        else
            out(k == 5 ? "1" : k == 6 ? "v" : "w");
        return;
    }
    static const char *const hard[] = {"f3(moves(q), q->n->x, q->n->y)",
                                       "f3(q->n->x, q->n->y, moves(q))",
                                       "f3(p->y, STM_NEW(struct node)->x, p->x)",
                                       "f3(STM_NEW(struct node)->y, q->x, q->y)",
                                       "f2(turns(v), fire(w))",
                                       "f3(p->x, p->y, turns(v))",
                                       "f3(s->x, turns(v), s->y)",
                                       "f3(p->x, *r = v, p->y)"};
    switch (pick(32)) {
    case 0:
    case 1:
    case 2:
    case 3:
        place(depth);
        break;
    case 4:
    case 5:
    case 6:
    case 7:
        out("("), number(depth - 1), out(binary[pick(11)]), number(depth - 1), out(")");
        break;
    case 8:
        out(unary[pick(5)]), out("("), number(depth - 1), out(")");
        break;
    case 9:
        out("("), number(depth - 1);
        if (pick(4))
            out(" ? "), number(depth - 1), out(" : ");
        else
            out(" ?: ");
        number(depth - 1), out(")");
        break;
    case 10:
    case 11:
        call("f2", depth, 2);
        break;
    case 12:
    case 13:
        call("f3", depth, 3);
        break;
    case 14:
        call("g", depth, 1); /* a safepoint */
        break;
    case 15:
        call("maybe_g", depth, 1);
        break;
    case 16: /* marks, writes, without a safepoint */
        out(pick(2) ? "sees(" : "sets("), pointer(depth - 1), out(")");
        break;
    case 17:
        out("moves(q)"); /* changes q->n */
        break;
    case 18:
        out("(*r = "), number(depth - 1), out(")");
        break;
    case 19:
        out("(a->x = "), number(depth - 1), out(")");
        break;
    case 20:
        out("("), place(depth - 1), out(pick(2) ? " = " : " += "), number(depth - 1), out(")");
        break;
    case 21:
        place(depth - 1), out(pick(2) ? "++" : "--");
        break;
    case 22:
        call(pick(2) ? "turns" : "fire", depth, 1);
        break;
    case 23:
        out("STM_NEW(struct node)->x");
        break;
    case 24:
        call("pairs", depth, 2), out(".a");
        break;
    case 25:
        out("(*fn["), number(depth - 1), out(" & 1])("), number(depth - 1), out(", "), number(depth - 1),
            out(")");
        break;
    case 26:
        if (pick(2))
            out("((struct pair){"), number(depth - 1), out(", "), number(depth - 1), out("}).b");
        else
            out("((struct pair){.b = "), number(depth - 1), out(", .a = "), number(depth - 1), out("}).a");
        break;
    case 27:
        out("({ long t = "), number(depth - 1), out("; if ("), number(depth - 2), out(") t += "),
            number(depth - 1), out("; t; })");
        break;
    case 28:
    case 29:
        out(hard[pick(8)]);
        break;
    default:
        out("m["), number(depth - 1), out(" & 3]");
    }
}

static void statement(int depth)
{
    static const char *const assign[] = {" = ", " += ", " |= ", " ^= "};
    switch (pick(12)) {
    case 0:
    case 1:
    case 2:
        out("    v += "), number(depth), out(";\n");
        break;
    case 3:
    case 4:
    case 5:
        out("    "), place(depth), out(assign[pick(4)]), number(depth), out(";\n");
        break;
    case 6:
        out("    "), pointer(depth), out("->n = "), pointer(depth), out(";\n");
        break;
    case 7:
        out("    s = "), pointer(depth), out(";\n");
        break;
    case 8:
        out("    { struct pair d = {"), out(pick(2) ? ".b = " : ""), number(depth), out("}, e = {"),
            number(depth - 1), out(", "), number(depth - 1), out("}; w += d.a + e.b; }\n");
        break;
    case 9:
        out("    *r = "), number(depth), out(";\n");
        break;
    case 10:
        out("    "), pointer(depth), out("->arr["), number(depth - 1), out(" & 3]"), out(assign[pick(4)]),
            number(depth), out(";\n");
        break;
    default:
        out("    if ("), number(depth), out(") w += "), number(depth - 1), out(";\n");
    }
}

int main(int argc, char **argv)
{
    enum { FUNCTIONS = 60 };
    state = (argc > 1 ? strtoull(argv[1], NULL, 10) : 1) * 0x9e3779b97f4a7c15u | 1;
    for (int i = 0; i < 20; i++)
        pick(2);
    out("#include <ungil.h>\n"
        "struct STM_OBJECT node { long x, y, arr[4]; struct node *n; };\n"
        "struct plain { long x, y; };\n"
        "struct pair { long a, b; };\n"
        "#define NOINLINE __attribute__((noinline)) static\n"
        "long fire(long) STM_IRREVERSIBLE STM_NO_SAFEPOINT; void begin(const char *);\n"
        "static long cell STM_RAW, *r STM_RAW = &cell, m[4] STM_RAW = {1, 2, 3, 4};\n"
        "NOINLINE long g(long v) { STM_SAFEPOINT(); return v; }\n"
        "NOINLINE long maybe_g(long v) { if (v & 1) STM_SAFEPOINT(); return v; }\n"
        "NOINLINE struct node *gp(struct node *p) { STM_SAFEPOINT(); return p; }\n"
        "NOINLINE struct node *same(struct node *p) { return p; }\n"
        "NOINLINE long sees(struct node *p) { return p->x; }\n"
        "NOINLINE long sets(struct node *p) { return p->y = 2; }\n"
        "NOINLINE long moves(struct node *p) { struct node *t = p->n; p->n = t->n; t->n = p; return 1; }\n"
        "NOINLINE long turns(long v) { stm_become_inevitable(\"t\"); return v; }\n"
        "NOINLINE long f2(long a, long b) { return a * 3 + b; }\n"
        "NOINLINE long f3(long a, long b, long c) { return a * 3 + b * 5 - c; }\n"
        "NOINLINE struct pair pairs(long a, long b) { return (struct pair){a, b}; }\n"
        "static long (*const fn[2])(long, long) = {f2, f2};\n");
    for (int k = 0; k < FUNCTIONS; k++) {
        printf("NOINLINE long e%d(struct node *p, struct node *q, struct plain *a)\n{\n"
               "    long v = 1, w = 2;\n    struct node *s = q;\n",
               k);
        for (unsigned i = 1 + pick(3); i; i--)
            statement(1 + (int)pick(4));
        out("    return v + w + (long)s->x;\n}\n");
    }
    out("NOINLINE struct node *make(void)\n{\n"
        "    struct node *a = STM_NEW(struct node), *b = STM_NEW(struct node), *c = STM_NEW(struct node);\n"
        "    a->n = b; b->n = c; c->n = a; a->x = 1; b->y = 2; c->x = 3;\n    return a;\n}\n"
        "int main(void)\n{\n    static struct plain raw STM_RAW;\n    long sum = 0;\n");
    for (int k = 0; k < FUNCTIONS; k++)
        printf("    { struct node *p = make(), *q = make(); begin(\"e%d\"); sum += e%d(p, q, %s); }\n", k, k,
               pick(2) ? "&raw" : "(struct plain *)p->n");
    out("    return sum == 0x123456;\n}\n");
    return 0;
}
