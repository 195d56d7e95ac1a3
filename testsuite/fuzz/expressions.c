/* expressions.c - expressions that only read: they may stand beside each other in any order. */
#include "generate.h"

const struct local *pick_local(enum var kind, int type)
{
    int n = 0;
    for (int i = 0; i < nlocals; i++)
        n += locals[i].kind == kind && (type < 0 || locals[i].type == type);
    if (!n)
        return NULL;
    int k = (int)rnd((unsigned)n);
    for (int i = 0; i < nlocals; i++)
        if (locals[i].kind == kind && (type < 0 || locals[i].type == type) && k-- == 0)
            return &locals[i];
    return NULL;
}

/* A type and a field of it that leads to type `to`. */
static bool pick_link(int to, int *from, const struct field **f)
{
    for (int tries = 0; tries < 12; tries++) {
        int t = (int)rnd((unsigned)ntypes);
        const struct field *g = &types[t].f[rnd((unsigned)types[t].n)];
        if ((g->kind == REF || g->kind == FIXED_REF) && g->n == to) {
            *from = t;
            *f = g;
            return true;
        }
    }
    return false;
}

/* A pointer to an object of the type; never null. */
void reference(int type, int depth)
{
    const struct local *l = pick_local(V_REF, type);
    int from;
    const struct field *f;
    cost += times;
    switch (depth > 0 ? rnd(10) : 0) {
    case 1:
    case 2:
    case 3:
        if (pick_link(type, &from, &f)) {
            reference(from, depth - 1);
            p("->%s", f->name);
            return;
        }
        break;
    case 4:
        p("(");
        number(depth - 1);
        p(" & 1 ? ");
        reference(type, depth - 1);
        p(" : ");
        reference(type, depth - 1);
        p(")");
        return;
    case 5:
        p("((struct t%d *)(%s)", type, one_in(2) && has("voids") ? "void *" : "struct base *");
        reference(type, depth - 1);
        p(")");
        return;
    case 6:
        if (!types[type].has_tail && !no_calls) {
            p("fixed%d()", type);
            return;
        }
        break;
    case 7:
        if (pick_local(V_SLOT, type)) {
            p("(*%s)", pick_local(V_SLOT, type)->name);
            return;
        }
        break;
    default:
        break;
    }
    if (l)
        p("%s", l->name);
    else
        p("root%d[tid]", type);
}

/* A field of some object, as a number. */
static void field_value(int type, const struct field *f, int depth)
{
    if (f->kind == PLAIN) { /* evaluated twice */
        const struct local *l = pick_local(V_REF, type);
        if (l)
            p("(%s->%s ? %s->%s->a : 7)", l->name, f->name, l->name, f->name);
        else
            p("5");
        return;
    }
    if (f->kind == CALLEE && no_calls) {
        p("2ul");
        return;
    }
    if (f->kind == VOID) {
        const struct local *l = pick_local(V_REF, type);
        if (l)
            p("(%s->%s ? (u64)((struct base *)%s->%s)->tag : 9ul)", l->name, f->name, l->name, f->name);
        else
            p("6ul");
        return;
    }
    if ((f->kind == SUB || f->kind == SUBS) && one_in(4)) { /* by value */
        p("of_sub(");
        reference(type, depth - 1);
        p(f->kind == SUB ? "->%s, " : "->%s[1], ", f->name);
        number(depth - 1);
        p(")");
        return;
    }
    if (f->kind == NAME && one_in(3)) {
        p("strlen(");
        reference(type, depth - 1);
        p("->%s)", f->name);
        return;
    }
    p(f->kind == ARRAY || f->kind == TAIL || f->kind == CALLEE ? "" : "(u64)");
    if (f->kind == TAIL) {
        const struct local *l = pick_local(V_REF, type);
        if (!l) {
            p("3ul");
            return;
        }
        p("%s->%s[(", l->name, f->name);
        number(depth - 1);
        p(") %% %s->%s]", l->name, f[-1].name);
        return;
    }
    reference(type, depth - 1);
    p("->%s", f->name);
    switch (f->kind) {
    case ARRAY:
    case NAME:
    case CALLEE:
        p(f->kind == CALLEE ? "(" : "[(");
        number(depth - 1);
        p(f->kind == CALLEE ? ")" : f->kind == NAME ? ") %% 24]" : ") & %d]", f->n - 1);
        cost += f->kind == CALLEE ? 8 * times : 0;
        break;
    case SUBS:
        p("[(");
        number(depth - 1);
        p(") %% 3].%s", one_in(2) ? "b" : "c[0]");
        break;
    case SUB:
        p(one_in(2) ? ".a" : one_in(2) ? ".b" : ".c[1]");
        break;
    case UNION:
        p(one_in(2) ? ".w" : one_in(2) ? ".half[1]" : ".byte[3]");
        break;
    case BASE:
        p("->tag");
        break;
    case REF:
    case FIXED_REF:
        p("->f0");
        break;
    default:
        break;
    }
}

/* The call of function i, with arguments that only read. */
void call(int i, int depth)
{
    const struct func *f = &funcs[i];
    cost += times * f->cost;
    p("f%d(", i);
    for (int k = 0; k < f->nparams; k++) {
        reference(f->param[k], depth - 1);
        p(", ");
    }
    if (f->interior) {
        const struct local *l = pick_local(V_INTERIOR, -1);
        p("%s, ", l ? l->name : "&words[tid][2]");
    }
    number(depth - 1);
    p(", %d)", f->recursive ? 1 + (int)rnd(2) : 0);
}

/* A function that may be called here, or -1. */
int pick_callee(bool mutator, int returns)
{
    int n = no_calls ? 0 : nfuncs - self - 1;
    for (int tries = 0; n > 0 && tries < 4; tries++) {
        int i = self + 1 + (int)rnd((unsigned)n);
        const struct func *f = &funcs[i];
        if (f->mutator == mutator && (f->returns >= 0) == (returns >= 0) &&
            (returns < 0 || f->returns == returns) && (!f->is_static || f->file == funcs[self].file) &&
            cost + times * (f->cost + 50) < COST_FUNCTION)
            return i;
    }
    return -1;
}

static void binary(int depth)
{
    static const char *const ops[] = {" + ", " - ", " * ",  " ^ ",  " | ",
                                      " & ", " < ", " == ", " && ", " || "};
    p("(");
    number(depth - 1);
    p("%s", ops[rnd(10)]);
    number(depth - 1);
    p(")");
}

void number(int depth)
{
    static const char *const global[] = {"numbers[tid].a",         "numbers[tid].b",   "(u64)numbers[tid].c",
                                         "(u64)numbers[tid].d[2]", "numbers[tid].s.b", "words[tid][1]",
                                         "words[tid][6]",          "local_sum"};
    const struct local *l;
    int t = (int)rnd((unsigned)ntypes), i;
    cost += times;
    if (depth <= 0) {
        l = pick_local(V_INT, -1);
        if (l && one_in(2))
            p("%s", l->name);
        else
            p("%uul", rnd(one_in(4) ? 1u << 30 : 40));
        return;
    }
    if (turn_here(12)) {
        p(turn_here(2) ? "turn(" : "(stm_become_inevitable(\"here\"), ");
        number(depth - 1);
        p(")");
        return;
    }
    if (one_in(6) && feature_expression(depth))
        return;
    switch (rnd(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
        field_value(t, &types[t].f[rnd((unsigned)types[t].n)], depth);
        break;
    case 5:
        p("%s", global[rnd(8)]);
        break;
    case 6:
        if ((l = pick_local(V_INTERIOR, -1)))
            p("*%s", l->name);
        else
            p("11ul");
        break;
    case 7:
        if ((l = pick_local(one_in(2) ? V_SUB : V_LOCAL_SUB, -1)))
            p(l->kind == V_SUB ? "(u64)%s->%s" : "(u64)%s.%s", l->name, one_in(2) ? "b" : "c[2]");
        else
            p("13ul");
        break;
    case 8:
    case 9:
        if ((i = pick_callee(false, -1)) >= 0)
            call(i, depth);
        else
            binary(depth);
        break;
    case 10:
        p(one_in(2) ? "h2(" : "h3(n, ");
        number(depth - 1);
        p(", ");
        number(depth - 1);
        p(")");
        break;
    case 11:
        p("(");
        number(depth - 1);
        p(" ? ");
        number(depth - 1);
        p(" : ");
        number(depth - 1);
        p(")");
        break;
    case 12:
        p("(u%d)(", 8 << rnd(4));
        number(depth - 1);
        p(")");
        break;
    case 13:
        p("(x%d = ", temps);
        i = temps++;
        number(depth - 1);
        p(", x%d ^ x%d >> 3)", i, i);
        break;
    case 14:
        p("(u64)((struct base *)");
        reference(t, depth - 1);
        p(")->tag");
        break;
    default:
        binary(depth);
    }
}

void silent_number(int depth)
{
    bool before = no_calls;
    no_calls = true;
    number(depth);
    no_calls = before;
}

void fill(const char *text, unsigned y)
{
    for (const char *s = text; *s; s++)
        switch (*s) {
        case '@':
            number(1);
            break;
        case '#':
            p("sp(");
            number(1);
            p(")");
            break;
        case '$':
            p("y%u", y);
            break;
        default:
            p("%c", *s);
        }
}
