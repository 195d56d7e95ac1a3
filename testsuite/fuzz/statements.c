/* statements.c - statements; those of mutators write objects, one at a time. */
#include "generate.h"

static void assign_field(int type, const struct field *f)
{
    static const char *const ops[] = {" = ", " = ", " += ", " ^= ", " -= ", " |= "};
    const struct local *l;
    switch (f->kind) {
    case FIXED:
    case FIXED_REF:
    case LENGTH:
        return;
    case REF:
    case BASE:
        start();
        reference(type, 2);
        p("->%s = ", f->name);
        if (f->kind == BASE)
            p("(struct base *)");
        if (f->kind == REF && one_in(4))
            p("new%d(n, %u)", f->n, 1 + rnd(9));
        else
            reference(f->n, 2);
        p(";\n");
        return;
    case PLAIN:
        if (!(l = pick_local(V_REF, type)))
            return;
        line("if (%s->%s && (", l->name, f->name);
        number(1);
        p(" & 1)) {\n");
        line("    free(%s->%s);\n", l->name, f->name);
        line("    %s->%s = 0;\n", l->name, f->name);
        line("} else if (!%s->%s) {\n", l->name, f->name);
        line("    %s->%s = calloc(1, sizeof(struct plain));\n", l->name, f->name);
        line("    %s->%s->a = ", l->name, f->name);
        number(2);
        p(";\n");
        line("}\n");
        return;
    case NAME:
        start();
        p("snprintf(");
        reference(type, 1);
        p("->%s, 24, \"%%lu\", ", f->name);
        number(2);
        p(");\n");
        return;
    case VOID:
        start();
        reference(type, 1);
        p("->%s = ", f->name);
        if (one_in(3))
            p("(void *)0");
        else
            reference((int)rnd((unsigned)ntypes), 2);
        p(";\n");
        return;
    case SUBS:
        start();
        reference(type, 1);
        p("->%s[", f->name);
        number(1);
        p(" %% 3]");
        if (one_in(2)) {
            p("%s", one_in(2) ? ".b += " : ".a = (u32)");
            number(2);
            p(";\n");
        } else {
            l = pick_local(V_SUB, -1);
            p(" = make_sub(%s, n);\n", l ? l->name : "&numbers[tid].s");
        }
        return;
    case CALLEE:
        start();
        reference(type, 2);
        p("->%s = leaves[", f->name);
        number(1);
        p(" & 3];\n");
        return;
    case SUB:
        start();
        reference(type, 1);
        if (one_in(3)) {
            p("->%s = ", f->name);
            if ((l = pick_local(V_SUB, -1)))
                p("*%s;\n", l->name);
            else
                p("(struct sub){.a = 1, .b = n};\n");
        } else if (one_in(2)) {
            p("->%s = (struct sub){.a = (u32)", f->name);
            number(2);
            p(", .b = ");
            number(2);
            p("};\n");
        } else {
            p("->%s.c[%u]++;\n", f->name, rnd(3));
        }
        return;
    default:
        break;
    }
    start();
    if (f->kind == TAIL) {
        if (!(l = pick_local(V_REF, type))) {
            p(";\n");
            return;
        }
        p("%s->%s[", l->name, f->name);
        number(1);
        p(" %% %s->%s]", l->name, f[-1].name);
    } else {
        reference(type, 2);
        p("->%s", f->name);
        if (f->kind == ARRAY) {
            p("[");
            number(1);
            p(" & %d]", f->n - 1);
        } else if (f->kind == UNION) {
            p(one_in(2) ? ".w" : one_in(2) ? ".half[0]" : ".byte[5]");
        }
    }
    if (one_in(4)) {
        p("%s;\n", one_in(2) ? "++" : "--");
        return;
    }
    p("%s", ops[rnd(6)]);
    number(3);
    p(";\n");
}

static void assign_other(void)
{
    static const char *const places[] = {"numbers[tid].a += ",     "numbers[tid].b ^= ",
                                         "numbers[tid].c = (u32)", "numbers[tid].d[n % 5] += (u16)",
                                         "numbers[tid].s.b = ",    "words[tid][3] += ",
                                         "words[tid][n & 7] ^= ",  "local_sum += "};
    const struct local *l = one_in(3) ? pick_local(V_INTERIOR, -1) : NULL,
                       *s = one_in(4) ? pick_local(V_SUB, -1) : NULL;
    start();
    if (l)
        p("*%s %s ", l->name, one_in(2) ? "=" : "+=");
    else if (s)
        p("%s->%s ", s->name, one_in(2) ? "b ^=" : "a = (u32)");
    else
        p("%s", places[rnd(8)]);
    number(3);
    p(";\n");
}

/* What threads share: an object's b ^ c is its a, seen between safepoints. */
static void share(void)
{
    unsigned k = rnd(4), v = labels++;
    switch (rnd(6)) {
    case 5:
        /* atomic built-ins on plain globals are left alone (annotations.md): an abort would not undo this */
        line("stm_become_inevitable(\"test\"); __sync_fetch_and_add(&atomic_count, n & 15);\n");
        break;
    case 0:
        line("if ((slot[%u]->b ^ slot[%u]->c) != slot[%u]->a) shared_bad++;\n", k, k, k);
        break;
    case 1:
        line("{ struct pub *o%u = slot[%u]; u64 d%u = ", v, k, v);
        number(2);
        p("; o%u = slot[%u]; o%u->b ^= d%u; o%u->c ^= d%u; }\n", v, k, v, v, v, v);
        break;
    case 2:
        line("{ struct pub *o%u = STM_NEW(struct pub); o%u->a = n; o%u->b = n ^ %u; o%u->c = %u; slot[%u] = "
             "o%u; }\n",
             v, v, v, v, v, v, k, v);
        break;
    case 3:
        line("STM_ATOMIC { struct pub *o%u = slot[%u]; o%u->b ^= n; ", v, k, v);
        p("u64 d%u = ", v);
        no_calls = true; /* what they see of the slot would depend on their order */
        number(2);
        no_calls = false;
        p("; STM_SAFEPOINT(); if (d%u == 3) shared_sum++; o%u->c ^= n; }\n", v, v);
        break;
    default:
        line("{ u64 d%u = ", v);
        number(2);
        p("; shared_sum += d%u; }\n", v);
    }
}

/* The body of a statement, behind it on its line: in braces, or one statement. */
static void body(int n, int depth)
{
    if (has("bare") && one_in(2)) {
        p("\n");
        indent++;
        single(depth);
        indent--;
        return;
    }
    p(" {\n");
    indent++;
    statements(n, depth);
    indent--;
    line("}\n");
}

static void loop(int depth)
{
    unsigned k = 1 + rnd(4), v = labels++;
    times *= k;
    loops++;
    if (has("bare") && one_in(3)) {
        line("for (u64 i%u = 0; i%u < %u; i%u++)", v, v, k, v);
        body(2, depth - 1);
    } else if (one_in(3)) {
        line("{ u64 k%u = 0; do {\n", v);
        indent++;
        statements(2, depth - 1);
        indent--;
        line("} while (++k%u < %u && ", v, k);
        number(2);
        p(" != 3); }\n");
    } else {
        int t = (int)rnd((unsigned)ntypes);
        if (one_in(3) && nlocals < MAX_LOCALS) { /* along a list */
            line("struct t%d *w%u = ", t, v);
            reference(t, 1);
            p(";\n");
            line("for (u64 i%u = 0; i%u < %u; i%u++, w%u = w%u->f2) {\n", v, v, k, v, v, v);
            locals[nlocals++] = (struct local){V_REF, t, ""};
            snprintf(locals[nlocals - 1].name, sizeof locals->name, "w%u", v);
            indent++;
            statements(2, depth - 1);
            indent--;
            nlocals--;
        } else {
            line("for (u64 i%u = 0; i%u < %u; i%u++) {\n", v, v, k, v);
            indent++;
            statements(3, depth - 1);
            if (one_in(3) && !in_atomic) {
                line("if (");
                number(2);
                p(" & 1) %s;\n", one_in(2) ? "break" : "continue");
            }
            statements(1, depth - 1);
            indent--;
        }
        line("}\n");
    }
    loops--;
    times /= k;
}

static void conditional(int depth)
{
    if (one_in(4) && loops + in_atomic == 0) {
        line("switch (");
        number(2);
        p(" & 3) {\n");
        for (int k = 0; k < 3; k++) {
            line("case %d: {\n", k);
            indent++;
            statements(1, depth - 1);
            indent--;
            line(one_in(2) ? "} break;\n" : "}\n");
        }
        line("default: {\n");
        indent++;
        statements(1, depth - 1);
        indent--;
        line("} }\n");
        return;
    }
    line("if (");
    number(3);
    p(")");
    body(2, depth - 1);
    if (one_in(2)) {
        line("else");
        body(2, depth - 1);
    }
}

void leave(void)
{
    start();
    if (no_leave) {
        p(";\n");
        return;
    }
    p("if (");
    number(2);
    p(" %% 5 == 4) ");
    if (one_in(2)) {
        p("goto out;\n");
        wants_out = true;
        return;
    }
    p("return ");
    if (funcs[self].returns >= 0)
        reference(funcs[self].returns, 1);
    else
        number(1);
    p(";\n");
}

static void change_local(void)
{
    const struct local *l = &locals[rnd((unsigned)nlocals)];
    if (l->name[0] == 'w') /* a loop walks along */
        return;
    start();
    int i;
    switch (l->kind) {
    case V_INT:
        p("%s %s ", l->name, one_in(2) ? "=" : "^=");
        number(3);
        break;
    case V_REF:
        p("%s = ", l->name);
        if (one_in(4))
            p("new%d(n ^ %u, %u)", l->type, rnd(100), 1 + rnd(9));
        else if (one_in(4) && (i = pick_callee(false, l->type)) >= 0)
            call(i, 2);
        else
            reference(l->type, 3);
        break;
    case V_INTERIOR: {
        int t = (int)rnd((unsigned)ntypes);
        p("%s = ", l->name);
        const struct field *f = &types[t].f[rnd((unsigned)types[t].n)];
        if (f->kind == ARRAY || f->kind == U64) {
            p("&");
            reference(t, 1);
            p("->%s", f->name);
            if (f->kind == ARRAY)
                p("[n & %d]", f->n - 1);
        } else {
            p("&words[tid][n & 7]");
        }
        break;
    }
    case V_SUB: {
        int t = (int)rnd((unsigned)ntypes);
        const struct field *f = &types[t].f[rnd((unsigned)types[t].n)];
        p("%s = &", l->name);
        if (f->kind == SUB) {
            reference(t, 1);
            p("->%s", f->name);
        } else {
            p("numbers[tid].s");
        }
        break;
    }
    case V_SLOT:
        p("%s = &", l->name);
        if (one_in(2)) {
            p("root%d[tid]", l->type);
        } else {
            reference(l->type, 1);
            p("->f2");
        }
        break;
    case V_LOCAL_SUB: {
        const struct local *s = pick_local(V_SUB, -1);
        if (s && one_in(2))
            p("%s = *%s", l->name, s->name);
        else
            p("%s.b += n", l->name);
        break;
    }
    }
    p(";\n");
}

/* Two writes in one expression, to fields of different types. */
static void two_writes(void)
{
    line("local_sum ^= h2(");
    reference(0, 1);
    p("->f0++, ");
    reference(1, 1);
    p("->f0 %s ", one_in(2) ? "-=" : "=");
    number(0);
    p(");\n");
}

/* Library functions on arrays and strings inside objects. */
static void memory(void)
{
    int t = (int)rnd((unsigned)ntypes);
    for (int k = 0; k < types[t].n; k++) {
        const struct field *f = &types[t].f[k];
        if (f->kind != ARRAY || one_in(3))
            continue;
        start();
        if (f->n <= 32 && one_in(3)) {
            p("qsort(");
            reference(t, 1);
            p("->%s, %d, sizeof(u64), by_number);\n", f->name, f->n);
            return;
        }
        p("memmove(");
        reference(t, 1);
        p("->%s, ", f->name);
        reference(t, 1);
        p("->%s, %u);\n", f->name, 8 * (1 + rnd(f->n > 8 ? 8 : (unsigned)f->n)));
        return;
    }
}

static void call_mutator(void)
{
    const struct local *l = one_in(2) ? pick_local(V_REF, -1) : NULL;
    int i = pick_callee(true, l && l->name[0] != 'w' ? l->type : -1);
    if (i < 0)
        return;
    start();
    if (funcs[i].returns >= 0)
        p("%s = ", l->name);
    else
        p(one_in(2) ? "n ^= " : "v0 = ");
    call(i, 2);
    p(";\n");
}

static void recurse(void)
{
    struct func *f = &funcs[self];
    if (f->recursive || loops || in_atomic || cost > COST_FUNCTION / 8 || f->returns >= 0)
        return;
    line("if (depth) v0 ^= f%d(", self);
    for (int k = 0; k < f->nparams; k++) {
        reference(f->param[k], 1);
        p(", ");
    }
    p("%sv0, depth - 1);\n", f->interior ? "ip, " : "");
    f->recursive = true;
}

static void atomic(int depth)
{
    line("STM_ATOMIC {\n");
    indent++;
    in_atomic++;
    statements(2, depth - 1);
    in_atomic--;
    indent--;
    line("}\n");
}

/* A string of the heap's own, for a while. */
static void duplicate(void)
{
    int v = labels++;
    line("{ char *d%d = malloc(20); snprintf(d%d, 20, \"%%lu\", n); char *e%d = strdup(d%d); ", v, v, v, v);
    p("%sd%d = realloc(d%d, 400); e%d[0] ^= 1; v0 += strlen(d%d) + (u64)(strcmp(d%d, e%d) > 0); free(d%d); "
      "free(e%d); }\n",
      one_in(2) ? "STM_SAFEPOINT(); " : "", v, v, v, v, v, v, v, v);
}

static void mutation(int depth)
{
    int t = (int)rnd((unsigned)ntypes);
    switch (rnd(10)) {
    case 0:
        assign_other();
        break;
    case 1:
        if (one_in(2))
            two_writes();
        else if (one_in(2))
            line("{ static u64 calls%d[3]; v0 += calls%d[tid]++; }\n", labels, labels), labels++;
        else
            duplicate();
        break;
    case 2:
        memory();
        break;
    case 3:
        call_mutator();
        break;
    case 4:
        if (depth > 0)
            atomic(depth);
        break;
    case 5:
        recurse();
        break;
    case 6:
        line("root%d[tid] = ", t);
        reference(t, 2);
        p(";\n");
        break;
    default:
        assign_field(t, &types[t].f[rnd((unsigned)types[t].n)]);
    }
}

/* Calls of small functions, with objects that have been read or written here or not: the translator copies
 * such functions. */
static void use_helpers(void)
{
    const struct local *l = &locals[second((unsigned)nlocals)];
    if (l->kind != V_REF)
        return;
    const char *o = l->name;
    int t = l->type;
    switch (funcs[self].mutator ? second(5) : 0) {
    case 0:
        line("v2 ^= look%d(%s, v0) + look%d(%s, v1);\n", t, o, t, o);
        break;
    case 1:
        line("touch%d(%s, v0); touch%d(%s, v1);\n", t, o, t, o);
        break;
    case 2:
        line("v0 += pass%d(%s, v1);\n", t, o);
        break;
    case 3:
        line("v1 += down%d(%s, v0);\n", t, o);
        break;
    default:
        line("%s->base.extra++; touch%d(%s, n);\n", o, t, o);
    }
}

void single(int depth)
{
    char *text = NULL;
    size_t size;
    FILE *file = out;
    out = open_memstream(&text, &size);
    switch (rnd(6)) {
    case 0:
        line("STM_SAFEPOINT();\n");
        break;
    case 1:
        if (depth > 0)
            conditional(depth);
        break;
    case 2:
        change_local();
        break;
    default:
        if (!funcs[self].mutator) {
            change_local();
        } else if (one_in(2)) {
            int t = (int)rnd((unsigned)ntypes);
            assign_field(t, &types[t].f[rnd((unsigned)types[t].n)]);
        } else {
            assign_other();
        }
    }
    fclose(out);
    out = file;
    if (size)
        p("%s", text);
    else
        line(";\n");
    free(text);
}

void statements(int n, int depth)
{
    for (int k = 0; k < n && cost < COST_FUNCTION; k++) {
        unsigned what = rnd(20);
        if (funcs[self].mutator && depth > 0 && one_in(4) && feature_statement(depth))
            continue;
        if (!second(4))
            use_helpers();
        cost += 2 * times;
        if (turn_here(10))
            line("stm_become_inevitable(\"statement\");\n");
        if (what < 3)
            line("STM_SAFEPOINT();\n");
        else if (what < 8 || !funcs[self].mutator)
            what == 19                ? share()
            : what == 18 && depth > 0 ? loop(depth)
            : what >= 15 && depth > 0 ? conditional(depth)
                                      : change_local();
        else if (what < 9)
            share();
        else if (what < 10 && depth > 0)
            loop(depth);
        else if (what < 12 && depth > 0)
            conditional(depth);
        else if (what < 13)
            leave();
        else
            mutation(depth);
    }
}
