/* features.c - what a program may be made of, besides what all are: each kind of construct can be switched.
 *
 * A program gets about half of the features, which ones follows from the seed and the feature's name (so that
 * a new feature changes nothing for the others).  That finds more than programs that have everything: Groce,
 * Zhang, Eide, Chen, Regehr, "Swarm Testing", ISSTA 2012.  It also tells which feature a finding is about:
 * generate it with
 * --only, or --without. */
#include "generate.h"

/* Of expressions and fields that all programs may have. */
static struct feature general_features[] = {
    {.name = "turns", .what = "become inevitable anywhere, in expressions too", .rarity = 4},
    {.name = "voids", .what = "references by way of void *, in casts and fields"},
    {0}};
static struct feature *const groups[] = {control_features, init_features, store_features,  callee_features,
                                         memory_features,  text_features, file_features,   builtin_features,
                                         value_features,   part_features, general_features};
enum { GROUPS = sizeof groups / sizeof *groups };

#define each_feature(f)                                                                                      \
    for (int g_ = 0; g_ < GROUPS; g_++)                                                                      \
        for (struct feature *f = groups[g_]; f->name; f++)

static struct feature *find(const char *name, size_t n)
{
    each_feature(f) if (strlen(f->name) == n && !memcmp(f->name, name, n)) return f;
    return NULL;
}

bool has(const char *name)
{
    const struct feature *f = find(name, strlen(name));
    if (!f) {
        fprintf(stderr, "generate: no feature %s\n", name);
        exit(2);
    }
    return f->on;
}

/* Names may end in *: all that begin so. */
static bool switch_list(const char *list, bool on)
{
    for (size_t n; list && *list; list += n + (list[n] == ',')) {
        bool found = false;
        n = strcspn(list, ",");
        if (!n)
            continue;
        bool all = list[n - 1] == '*';
        each_feature(f) if (all ? !strncmp(f->name, list, n - 1)
                                : strlen(f->name) == n && !memcmp(f->name, list, n))
        {
            f->on = on;
            found = true;
        }
        if (!found) {
            fprintf(stderr, "generate: no feature %.*s\n", (int)n, list);
            return false;
        }
    }
    return true;
}

static bool by_seed(uint64_t seed, const struct feature *f)
{
    uint64_t x = seed * 0x9e3779b97f4a7c15u + 1;
    for (const char *s = f->name; *s; s++)
        x = (x ^ (unsigned char)*s) * 0x100000001b3u;
    x ^= x >> 29;
    x *= 0xbf58476d1ce4e5b9u;
    return (x >> 32) % (f->rarity ? f->rarity : 2) == 0;
}

bool choose_features(uint64_t seed, const char *with, const char *without, const char *only)
{
    each_feature(f) f->on = !only && by_seed(seed, f);
    if (!switch_list(only, true) || !switch_list(with, true) || !switch_list(without, false))
        return false;
    each_feature(f) if (f->on && f->choose) f->choose();
    return true;
}

void list_features(FILE *to, bool chosen, const char *before)
{
    each_feature(f)
    {
        if (chosen && f->on)
            fprintf(to, "%s%s", before, f->name);
        else if (!chosen)
            fprintf(to, "%-14s %s\n", f->name, f->what);
    }
}

/* Several features may share a function: it is called once. */
static bool is_first(const struct feature *f, size_t member)
{
    void (*a)(void), (*b)(void);
    memcpy(&a, (const char *)f + member, sizeof a);
    each_feature(other)
    {
        if (other == f)
            return true;
        memcpy(&b, (const char *)other + member, sizeof b);
        if (other->on && a == b)
            return false;
    }
    return true;
}

#define each(f, member)                                                                                      \
    each_feature(f) if (f->on && f->member && is_first(f, offsetof(struct feature, member)))

void each_declare(void)
{
    each(f, declare) f->declare();
}
void each_define(int file)
{
    each(f, define) f->define(file);
}
void each_begin(void)
{
    each(f, begin) f->begin();
}
void each_finish(void)
{
    each(f, finish) f->finish();
}
void each_probe(void)
{
    each(f, probe) f->probe();
}

/* One that is on and has an expression, or either. */
static const struct feature *pick(bool expression)
{
    const struct feature *found[64];
    unsigned n = 0;
    each_feature(f)
    {
        if (f->on && (f->expression || (!expression && f->statement)) && n < 64)
            found[n++] = f;
    }
    return n ? found[rnd(n)] : NULL;
}

/* The object that is accessed before and behind: what the second access may count on is what is tried. */
static const struct local *subject;

const struct local *some_object(void)
{
    return subject && !one_in(3) ? subject : pick_local(V_REF, -1);
}

bool feature_statement(int depth)
{
    const struct feature *f = pick(false);
    const struct local *before = subject, *l = pick_local(V_REF, -1);
    if (!f)
        return false;
    subject = l;
    if (one_in(2))
        line("STM_SAFEPOINT();\n");
    if (one_in(2))
        line(one_in(2) ? "%s->base.extra += 3;\n" : "v1 += %s->f0;\n", l->name);
    if (f->statement && (!f->expression || one_in(2))) {
        f->statement(depth);
    } else {
        line("v%u ^= ", rnd(3));
        f->expression(depth);
        p(";\n");
    }
    if (!one_in(4))
        line(one_in(2) ? "%s->base.extra ^= (u32)v1;\n" : "v0 ^= %s->f0 + 1;\n", l->name);
    subject = before;
    return true;
}

bool feature_expression(int depth)
{
    const struct feature *f = pick(true);
    const struct local *before = subject, *l = pick_local(V_REF, -1);
    if (!f)
        return false;
    subject = l;
    bool between = !one_in(4);
    if (between && one_in(3))
        p("h3(%s->%s, ", l->name, one_in(2) ? "base.extra" : "f0");
    else if (between)
        p(one_in(3) ? "h3(n, " : "h3(sp(n), ");
    f->expression(depth);
    if (between)
        p(", %s->%s)", l->name, one_in(2) ? "base.extra" : "f0");
    subject = before;
    return true;
}
