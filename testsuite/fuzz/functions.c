/* functions.c - the functions of a program: what they take and return, and their bodies. */
#include "generate.h"

int nfuncs, nfiles;
struct func funcs[MAX_FUNCS];
int self, indent, loops, in_atomic, labels, temps;
long cost, times;
struct local locals[MAX_LOCALS];
int nlocals;
bool wants_out, no_calls, no_leave, jumps_computed;

void signature(int i)
{
    const struct func *f = &funcs[i];
    if (f->is_static)
        p("static ");
    if (f->returns >= 0)
        p("struct t%d *", f->returns);
    else
        p("u64 ");
    p("f%d(", i);
    for (int k = 0; k < f->nparams; k++)
        p("struct t%d *a%d, ", f->param[k], k);
    p("%su64 n, u64 depth)", f->interior ? "u64 *ip, " : "");
}

static void add_local(enum var kind, int type, const char *name, int k)
{
    if (nlocals == MAX_LOCALS)
        return;
    locals[nlocals] = (struct local){kind, type, ""};
    snprintf(locals[nlocals++].name, sizeof locals->name, "%s%d", name, k);
}

void make_function(int i)
{
    struct func *f = &funcs[i];
    f->mutator = i == 0 || one_in(2);
    f->file = i == 0 ? 0 : (int)rnd((unsigned)nfiles);
    f->is_static = i > 0 && one_in(2);
    f->returns = i > 0 && one_in(4) ? (int)rnd((unsigned)ntypes) : -1;
    f->nparams = 1 + (int)rnd(3);
    for (int k = 0; k < f->nparams; k++)
        f->param[k] = (int)rnd((unsigned)ntypes);
    f->interior = i > 0 && one_in(4);
}

static void begin_function(const struct func *f)
{
    self = f ? (int)(f - funcs) : 0, indent = 1, loops = in_atomic = temps = nlocals = 0;
    cost = 0, times = 1, wants_out = jumps_computed = false;
}

/* What all functions have, and what is said of it in the body. */
static void add_common(void)
{
    for (int k = 0; k < 3; k++)
        add_local(V_INT, -1, "v", k);
    for (int k = 0; k < 2; k++)
        add_local(V_REF, (int)rnd((unsigned)ntypes), "p", k);
    add_local(V_INTERIOR, -1, "q", 0);
    add_local(V_SUB, -1, "s", 0);
    add_local(V_LOCAL_SUB, -1, "l", 0);
    if (has("slots"))
        add_local(V_SLOT, (int)rnd((unsigned)ntypes), "r", 0);
}

static void declare_locals(int first, const char *interior)
{
    for (int k = first; k < nlocals; k++) {
        const struct local *l = &locals[k];
        switch (l->kind) {
        case V_INT:
            line("u64 %s = n + %d;\n", l->name, k);
            break;
        case V_REF:
            line("struct t%d *%s = root%d[tid];\n", l->type, l->name, l->type);
            break;
        case V_INTERIOR:
            line("u64 *%s = %s;\n", l->name, interior);
            break;
        case V_SUB:
            line("struct sub *%s = &numbers[tid].s;\n", l->name);
            break;
        case V_LOCAL_SUB:
            line("struct sub %s = {1, n, {2, 3, 4}};\n", l->name);
            break;
        case V_SLOT:
            line("struct t%d **%s = &root%d[tid];\n    (void)%s;\n", l->type, l->name, l->type, l->name);
            break;
        }
    }
    for (int k = 0; k < temps; k++)
        line("u64 x%d = 0;\n", k);
    line("(void)depth, (void)v1, (void)v2, (void)p0, (void)p1, (void)q0, (void)s0, (void)l0;\n");
}

/* The body is made first: what it needs declared is known then. */
void define(int i, FILE *file)
{
    struct func *f = &funcs[i];
    char *body = NULL;
    size_t size;
    begin_function(f);
    for (int k = 0; k < f->nparams; k++)
        add_local(V_REF, f->param[k], "a", k);
    int nparams = nlocals;
    add_common();
    out = open_memstream(&body, &size);
    statements(small ? 2 + (int)rnd(4) : 6 + (int)rnd(16), small ? 2 : 3);
    fclose(out);
    out = file;
    signature(i);
    p("\n{\n");
    declare_locals(nparams, f->interior ? "ip" : "&words[tid][n & 7]");
    p("%s", body);
    if (wants_out)
        p("out:\n");
    if (f->returns >= 0) {
        int k = nparams;
        while (k-- > 0 && locals[k].type != f->returns)
            ;
        if (k >= 0)
            line("return %s;\n", locals[k].name);
        else
            line("return root%d[tid];\n", f->returns);
    } else {
        line("return v0 ^ l0.b;\n");
    }
    p("}\n\n");
    f->cost = (cost + 20) * (f->recursive ? 4 : 1);
    free(body);
}

/* Counts in an object of another type, before and after something that may end the transaction. */
void counters(void)
{
    char *body = NULL;
    size_t size;
    FILE *file = out;
    begin_function(NULL);
    add_local(V_REF, 0, "a", 0);
    int nparams = nlocals;
    add_common();
    no_leave = true;
    out = open_memstream(&body, &size);
    bool stops = has("order"); /* between the place and the value */
    line(stops ? "o->x = next_of(o);\n" : "o->x++;\n");
    if (!feature_statement(1))
        line("STM_SAFEPOINT();\n");
    line(stops ? "o->y += one(o);\n" : "o->y++;\n");
    fclose(out);
    no_leave = false;
    out = file;
    if (stops)
        p("static __attribute__((noinline)) u64 next_of(struct count *o) { STM_SAFEPOINT(); return o->x + 1; "
          "}\n"
          "static __attribute__((noinline)) u64 one(struct count *o) { STM_SAFEPOINT(); return o != 0; }\n");
    p("static __attribute__((noinline)) void count_event(struct count *o, u64 n, u64 depth)\n{\n    struct "
      "t0 *a0 = "
      "root0[tid];\n");
    declare_locals(nparams, "&words[tid][n & 7]");
    p("%s}\n\n", body);
    free(body);
}
