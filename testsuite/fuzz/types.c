/* types.c - the types of objects, what makes them, and what sums them up. */
#include "generate.h"

struct type types[MAX_TYPES];
int ntypes;

static void add_field(struct type *t, enum kind k, int n)
{
    if (t->n == MAX_FIELDS)
        return;
    struct field *f = &t->f[t->n];
    *f = (struct field){k, "", n};
    snprintf(f->name, sizeof f->name, "f%d", t->n++);
}

void make_types(void)
{
    ntypes = small ? 2 : 2 + (int)rnd(MAX_TYPES - 1);
    for (int i = 0; i < ntypes; i++) {
        struct type *t = &types[i];
        add_field(t, U64, 0);
        add_field(t, REF, (int)rnd((unsigned)ntypes));
        add_field(t, REF, i);
        int n = small ? (int)rnd(3) : 3 + (int)rnd(8);
        for (int k = 0; k < n; k++) {
            enum kind kind = (enum kind)rnd(KINDS);
            if (kind == LENGTH || kind == TAIL)
                continue;
            if (kind == VOID && !has("voids"))
                kind = U32;
            add_field(t, kind,
                      kind == BITS    ? 1 + (int)rnd(14)
                      : kind == ARRAY ? 2 << rnd(5)
                                      : (int)rnd((unsigned)ntypes));
        }
        if (!small && one_in(4)) {
            t->large = true;
            add_field(t, ARRAY, 2048);
        }
        if (one_in(3) && t->n + 2 <= MAX_FIELDS) {
            t->has_tail = true;
            add_field(t, LENGTH, 0);
            add_field(t, TAIL, 0);
        }
    }
}

void declare_field(const struct field *f)
{
    static const char *const simple[] = {[U64] = "u64 %s",
                                         [U32] = "u32 %s",
                                         [U16] = "u16 %s",
                                         [U8] = "u8 %s",
                                         [SUB] = "struct sub %s",
                                         [UNION] = "union word %s",
                                         [NAME] = "char %s[24]",
                                         [BASE] = "struct base *%s",
                                         [PLAIN] = "struct plain *%s",
                                         [CALLEE] = "u64 (*%s)(u64)",
                                         [LENGTH] = "STM_IMMUTABLE u32 %s",
                                         [TAIL] = "u64 %s[]",
                                         [FIXED] = "STM_IMMUTABLE u64 %s",
                                         [SUBS] = "struct sub %s[3]",
                                         [VOID] = "void *%s",
                                         [KINDS] = NULL};
    p("    ");
    if (f->kind == BITS)
        p("u32 %s : %d", f->name, f->n);
    else if (f->kind == ARRAY)
        p("u64 %s[%d]", f->name, f->n);
    else if (f->kind == REF || f->kind == FIXED_REF)
        p("%sstruct t%d *%s", f->kind == FIXED_REF ? "STM_IMMUTABLE " : "", f->n, f->name);
    else
        fprintf(out, simple[f->kind], f->name);
    p(";\n");
}

static bool has_static[MAX_TYPES];

/* Static objects need others to point to. */
void choose_statics(void)
{
    for (int i = 0; i < ntypes; i++)
        has_static[i] = !types[i].has_tail;
    for (int round = 0; round < ntypes; round++)
        for (int i = 0; i < ntypes; i++)
            for (int k = 0; k < types[i].n; k++) {
                const struct field *f = &types[i].f[k];
                if (f->kind == REF || f->kind == FIXED_REF || f->kind == BASE)
                    has_static[i] &= has_static[f->n];
            }
}

void statics(void)
{
    for (int i = 0; i < ntypes; i++)
        for (int t = 0; t < 3 && has_static[i]; t++)
            p("static struct t%d fixed%d_%d;\n", i, i, t);
    for (int i = 0; i < ntypes; i++) {
        if (types[i].has_tail)
            continue;
        for (int t = 0; t < 3 && has_static[i]; t++) {
            p("static struct t%d fixed%d_%d = {.base = {%d, %d}", i, i, t, i, t);
            for (int k = 0; k < types[i].n; k++) {
                const struct field *f = &types[i].f[k];
                if (f->kind == REF || f->kind == FIXED_REF || f->kind == BASE)
                    p(", .%s = %s&fixed%d_%d", f->name, f->kind == BASE ? "(struct base *)" : "", f->n, t);
                else if (f->kind == CALLEE)
                    p(", .%s = leaf1", f->name);
                else if (f->kind == FIXED || f->kind == U64)
                    p(", .%s = %d", f->name, k + t);
            }
            p("};\n");
        }
        p("struct t%d *fixed%d(void)\n{\n", i, i);
        if (has_static[i])
            p("    switch (tid) {\n    case 0: return &fixed%d_0;\n    case 1: return &fixed%d_1;\n    "
              "default: return &fixed%d_2;\n    }\n}\n",
              i, i, i);
        else
            p("    return root%d[tid];\n}\n", i);
    }
}

/* Stores of a constructor; references lead to what `to` names, with the type's number behind. */
static void construct(int i, const char *to, const char *after)
{
    p("    p%d->base.tag = %d;\n    p%d->base.extra = (u32)id;\n", i, i, i);
    for (int k = 0; k < types[i].n; k++) {
        const struct field *f = &types[i].f[k];
        switch (f->kind) {
        case U64:
            p("    p%d->%s = id + %d;\n", i, f->name, k);
            break;
        case FIXED:
            p("    p%d->%s = mix(id);\n", i, f->name);
            break;
        case REF:
        case FIXED_REF:
            p("    p%d->%s = %s%d%s;\n", i, f->name, to, f->n, after);
            break;
        case BASE:
            p("    p%d->%s = (struct base *)%s%d%s;\n", i, f->name, to, f->n, after);
            break;
        case CALLEE:
            p("    p%d->%s = leaves[id & 3];\n", i, f->name);
            break;
        case LENGTH:
            p("    p%d->%s = len;\n", i, f->name);
            break;
        case TAIL:
            p("    p%d->%s[id %% len] = id;\n", i, f->name);
            break;
        default:
            break;
        }
    }
}

static void allocation(int i)
{
    if (types[i].has_tail)
        p("    struct t%d *p%d = STM_NEW_FLEX(struct t%d, %s, len);\n", i, i, i,
          types[i].f[types[i].n - 1].name);
    else
        p("    struct t%d *p%d = STM_NEW(struct t%d);\n    (void)len;\n", i, i, i);
}

void constructors(void)
{
    for (int i = 0; i < ntypes; i++) {
        p("struct t%d *new%d(u64 id, u32 len)\n{\n", i, i);
        allocation(i);
        construct(i, "root", "[tid]");
        p("    return p%d;\n}\n\n", i);
    }
    p("static void boot(u64 id, u32 len)\n{\n");
    for (int i = 0; i < ntypes; i++)
        allocation(i);
    for (int i = 0; i < ntypes; i++)
        construct(i, "p", "");
    for (int i = 0; i < ntypes; i++)
        p("    root%d[tid] = p%d;\n", i, i);
    p("}\n\n");
}

void walkers(void)
{
    for (int i = 0; i < ntypes; i++) {
        p("u64 walk%d(struct t%d *p, u64 depth)\n{\n    u64 h = p->base.tag + p->base.extra;\n", i, i);
        for (int k = 0; k < types[i].n; k++) {
            const struct field *f = &types[i].f[k];
            switch (f->kind) {
            case ARRAY:
                p("    for (u32 i = 0; i < %d; i++) h = mix(h ^ p->%s[i]);\n", f->n, f->name);
                break;
            case SUB:
                p("    h = mix(h ^ p->%s.a) + p->%s.b + p->%s.c[0] + 3ul * p->%s.c[1] + 5ul * p->%s.c[2];\n",
                  f->name, f->name, f->name, f->name, f->name);
                break;
            case UNION:
                p("    h = mix(h ^ p->%s.w);\n", f->name);
                break;
            case NAME:
                p("    for (u32 i = 0; i < 24; i++) h = mix(h ^ (u8)p->%s[i]);\n", f->name);
                break;
            case PLAIN:
                p("    if (p->%s) h = mix(h ^ p->%s->a);\n", f->name, f->name);
                break;
            case VOID:
                p("    if (p->%s) h += ((struct base *)p->%s)->extra;\n", f->name, f->name);
                break;
            case SUBS:
                p("    for (u32 i = 0; i < 3; i++) h = mix(h ^ p->%s[i].a) + p->%s[i].b + p->%s[i].c[1];\n",
                  f->name, f->name, f->name);
                break;
            case CALLEE:
                p("    h ^= p->%s(h);\n", f->name);
                break;
            case TAIL:
                p("    for (u32 i = 0; i < p->f%d; i++) h = mix(h ^ p->%s[i]);\n", k - 1, f->name);
                break;
            case REF:
            case FIXED_REF:
                p("    if (depth) h = mix(h ^ walk%d(p->%s, depth - 1));\n", f->n, f->name);
                break;
            case BASE:
                p("    h = mix(h ^ p->%s->tag);\n", f->name);
                break;
            default:
                p("    h = mix(h ^ p->%s);\n", f->name);
            }
        }
        p("    return h;\n}\n\n");
    }
}
