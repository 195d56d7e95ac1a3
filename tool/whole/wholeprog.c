/* wholeprog.c - whole-program mode: summaries, the join, and the facts that come back (after ThinLTO:
 * Johnson, Amini, Li, "ThinLTO: Scalable and Incremental LTO", CGO 2017).
 *
 *     foo.c --summarize--> foo.sum --+
 *     bar.c --summarize--> bar.sum --+--link--> prog.facts --translate--> foo.stm.c, bar.stm.c
 *
 * A summary is the file's IR as text, before any pass, the functions whose address it takes, and how types
 * of function pointers mix in it (fnflow.c).  The join gives static functions and variables names of their
 * own, reads all modules as one and runs the passes that learn something over all of it.  What they learned
 * is written back one section for each file, holding only what that file can use: what its calls do, what
 * its functions are given, which fields it loads are immutable.  So a file has to be translated again only
 * if its section, or the file itself, has changed.  For the checking build the first one says as well what is
 * believed immutable in memory made as which type.
 *
 * The facts are learned from naive placement, and translation starts from the same: each barrier they count
 * on is done, or is covered by an earlier one.  They are good only for the IR they were learned from; a hash
 * in each section says which.
 *
 * An open program (other code may call its functions by name, or write its objects) gets what holds all the
 * same: what calls do. */
#include "whole/wholeprog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/views.h"
#include "whole/fnclass.h"
#include "whole/fnflow.h"

enum { MAX_NAME = 400 };
static const char summary_head[] = "ungil-summary 5\n", facts_head[] = "ungil-facts 5\n";

static const struct {
    unsigned flag;
    const char *name;
} call_flags[] = {{IRI_NOSAFEPOINT, "nosafepoint"}, {IRI_NOALLOC, "noalloc"},
                  {IRI_NOINEV, "noinev"},           {IRI_RETURNS_FRESH, "fresh"},
                  {IRI_NORETURN, "noreturn"},       {IRI_READONLY, "readonly"},
                  {IRI_OR_FRESH, "orfresh"},        {IRI_OWN, "own"}};
enum { NFLAGS = sizeof call_flags / sizeof *call_flags };

/* ---- summaries ---- */

static char *print_module(const struct ir_module *m)
{
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    if (!out)
        die("out of memory");
    ir_print(out, m);
    fclose(out);
    return text;
}

void wholeprog_summary(const struct unit *u, struct str *out)
{
    if (!u->ir->nviews && !u->ir->nrecords)
        views_collect((struct unit *)u);
    str_add(out, summary_head);
    str_printf(out, "file %s\n", u->src.name);
    fnflow_summary(u, out);
    char *text = print_module(u->ir);
    str_printf(out, "ir\n%s", text);
    free(text);
}

/* ---- the join ---- */

struct file {
    const char *name, *id, *path; /* id: of no other file */
    uint64_t hash;
    struct ir_module *m;
    struct taken {
        const char *name, *key;
    } * taken;
    unsigned ntaken, captaken, nfuncs;
};
struct program {
    struct arena arena;
    struct file *files;
    unsigned n;
    struct ir_module *m;
    struct fnclass *classes;
    struct names entered, rebound;
};

static int bad_input(const char *path, const char *what)
{
    fprintf(stderr, "ungil: error: %s: %s\n", path, what);
    return 1;
}

static bool take_taken(struct program *p, struct file *f, const char *s)
{
    size_t n = strcspn(s, " ");
    if (!s[n])
        return false;
    if (f->ntaken == f->captaken)
        f->taken = xrealloc(f->taken, (f->captaken = f->captaken * 2 + 8) * sizeof *f->taken);
    f->taken[f->ntaken++] =
        (struct taken){arena_strn(&p->arena, s, n), arena_strn(&p->arena, s + n + 1, strlen(s + n + 1))};
    return true;
}

static void add_name(struct program *p, struct names *to, const char *name)
{
    ptr_push(&to->v, &to->n, &to->cap, arena_strn(&p->arena, name, strlen(name)));
}

static int read_summary(struct program *p, struct file *f, char *text, size_t n)
{
    f->hash = hash_bytes(text, n);
    if (strncmp(text, summary_head, strlen(summary_head)))
        return bad_input(f->path, "not a summary of this version; run ungil summarize again");
    char *line = text + strlen(summary_head), *next;
    for (; line && *line && strncmp(line, "ir\n", 3); line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        if (!strncmp(line, "file ", 5))
            f->name = arena_strn(&p->arena, line + 5, strlen(line + 5));
        else if (!strncmp(line, "entered ", 8))
            add_name(p, &p->entered, line + 8);
        else if (!strncmp(line, "rebound ", 8))
            add_name(p, &p->rebound, line + 8);
        else if (!(!strncmp(line, "taken ", 6) ? take_taken(p, f, line + 6) : fnclass_line(p->classes, line)))
            return bad_input(f->path, "damaged summary");
    }
    if (!line || !*line || !f->name)
        return bad_input(f->path, "incomplete summary");
    f->m = ir_parse(f->path, line + 3, stderr);
    return f->m ? 0 : 1;
}

static bool is_static_name(const char *s)
{
    size_t n = strlen(s);
    return n > 7 && !strcmp(s + n - 7, ".static");
}

/* Gives statics a name of their own in the program: name@id. */
static void rename_statics(struct program *p, struct file *f)
{
    struct names statics = {0};
    for (unsigned k = 0; k < f->m->nfuncs; k++)
        if (f->m->funcs[k]->is_static)
            ptr_push(&statics.v, &statics.n, &statics.cap, (void *)f->m->funcs[k]->name);
    names_sort(&statics);
    for (unsigned k = 0; k < f->m->nfuncs; k++) {
        struct ir_func *fn = f->m->funcs[k];
        if (fn->is_static)
            fn->name = ir_intern(f->m, arena_printf(&p->arena, "%s@%s", fn->name, f->id));
        for (unsigned b = 0; b < fn->nblocks; b++)
            for (struct ir_inst *i = fn->blocks[b]->first; i; i = i->next)
                if (i->op == IR_ICALL && i->sym)
                    fnclass_called(p->classes, i->sym);
                else if (i->sym && ((i->op == IR_CALL && names_has(&statics, i->sym)) ||
                                    (i->op == IR_ADDR && is_static_name(i->sym))))
                    i->sym = ir_intern(f->m, arena_printf(&p->arena, "%s@%s", i->sym, f->id));
    }
    for (unsigned k = 0; k < f->m->nviews; k++)
        if (f->m->views[k]->unless && names_has(&statics, f->m->views[k]->unless))
            f->m->views[k]->unless =
                ir_intern(f->m, arena_printf(&p->arena, "%s@%s", f->m->views[k]->unless, f->id));
    for (unsigned k = 0; k < f->ntaken; k++)
        if (names_has(&statics, f->taken[k].name))
            f->taken[k].name = arena_printf(&p->arena, "%s@%s", f->taken[k].name, f->id);
    free(statics.v);
}

static int by_file_name(const void *a, const void *b)
{
    const struct file *x = a, *y = b;
    int names = strcmp(x->name, y->name);
    return names ? names : (x->hash > y->hash) - (x->hash < y->hash);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct ir_func *const *)a)->name, (*(struct ir_func *const *)b)->name);
}

/* Which body runs when a function is called by its name, and who else calls it: the files alone do not know.
 * What is replaceable in its file (weak, inline) is not in a whole program that has no other definition. */
static void bind_functions(struct program *p, const struct link_options *o)
{
    struct ir_func **v = xrealloc(NULL, (p->m->nfuncs + 1) * sizeof *v);
    unsigned n = p->m->nfuncs;
    names_sort(&p->entered);
    names_sort(&p->rebound);
    names_sort(o->replaced);
    names_sort(o->entered);
    if (n)
        memcpy(v, p->m->funcs, n * sizeof *v);
    qsort(v, n, sizeof *v, by_name);
    for (unsigned k = 0; k < n; k++) {
        struct ir_func *f = v[k];
        bool twice =
            (k && !strcmp(v[k - 1]->name, f->name)) || (k + 1 < n && !strcmp(v[k + 1]->name, f->name));
        bool rebound = names_has(&p->rebound, f->name) || names_has(o->replaced, f->name);
        f->replaceable = twice || rebound || (f->replaceable && o->open);
        f->address_taken |=
            twice || rebound || names_has(&p->entered, f->name) || names_has(o->entered, f->name);
    }
    free(v);
}

static int join(struct program *p, const struct link_options *o)
{
    bool whole = !o->open;
    struct str text = {0};
    struct names taken = {0};
    qsort(p->files, p->n, sizeof *p->files, by_file_name);
    for (unsigned k = 0; k < p->n; k++) { /* one file may be translated twice, with other options */
        struct file *f = &p->files[k];
        bool again = k && !strcmp(f->name, f[-1].name);
        if (again && f->hash == f[-1].hash)
            return bad_input(f->path,
                             arena_printf(&p->arena, "the same as %s; give one of them", f[-1].path));
        f->id = again ? arena_printf(&p->arena, "%s:%016" PRIx64, f->name, f->hash) : f->name;
    }
    for (unsigned k = 0; k < p->n; k++) {
        struct file *f = &p->files[k];
        rename_statics(p, f);
        f->nfuncs = f->m->nfuncs;
        char *s = print_module(f->m);
        str_printf(&text, "%s\n", s);
        free(s);
        ir_module_free(f->m);
        f->m = NULL;
        for (unsigned t = 0; t < f->ntaken; t++) {
            ptr_push(&taken.v, &taken.n, &taken.cap, (void *)f->taken[t].name);
            fnclass_taken(p->classes, f->taken[t].name, f->taken[t].key);
        }
    }
    names_sort(&taken);
    if (whole)
        fnclass_write(p->classes, &text);
    p->m = ir_parse("joined program", text.s ? text.s : "", stderr);
    str_free(&text);
    if (!p->m)
        return 1;
    p->m->whole = whole;
    p->m->tell_believed = o->check;
    for (unsigned k = 0; k < p->m->nfuncs; k++)
        p->m->funcs[k]->address_taken |= names_has(&taken, p->m->funcs[k]->name);
    free(taken.v);
    bind_functions(p, o);
    return 0;
}

/* ---- writing the facts ---- */

/* The name as it stands in the file: without the @file of its own statics. */
static const char *local_name(struct program *p, const struct file *f, const char *name)
{
    const char *at = strchr(name, '@');
    return at && !strcmp(at + 1, f->id) ? arena_strn(&p->arena, name, (size_t)(at - name)) : name;
}

static void add_facts(struct program *p, const struct file *f, struct names *lines, const char *word,
                      const char *name, const struct ir_fact *v, unsigned n)
{
    static const char *const kinds[] = {"marked", "written", "fresh", "local"};
    for (unsigned k = 0; k < n; k++) {
        const char *sym = v[k].sym ? local_name(p, f, v[k].sym) : NULL;
        if (sym && strchr(sym, '@'))
            continue; /* a static of another file */
        char *about = sym ? arena_printf(&p->arena, "@%s", sym) : arena_printf(&p->arena, "%d", v[k].param);
        ptr_push(&lines->v, &lines->n, &lines->cap,
                 arena_printf(&p->arena, "%s %s %s %d %d %u %s", word, name, about, v[k].off, (int)v[k].unit,
                              v[k].size, kinds[v[k].kind]));
    }
}

static void call_line(struct program *p, struct names *lines, const char *word, const char *name,
                      const struct ir_inst *i)
{
    struct str s = {0};
    str_printf(&s, "%s %s", word, name);
    for (unsigned k = 0; k < NFLAGS; k++)
        if (i->flags & call_flags[k].flag)
            str_printf(&s, " %s", call_flags[k].name);
    if (i->index >= 0)
        str_printf(&s, " returns=%d", i->index);
    ptr_push(&lines->v, &lines->n, &lines->cap, arena_strn(&p->arena, s.s, s.n));
    str_free(&s);
}

/* What stands for the functions that i may call (effects.c): no C name is like it. */
static const char *icall_name(struct arena *a, const struct ir_inst *i)
{
    return i->sym ? arena_printf(a, ".icall:%s", i->sym) : ".icall";
}

static const char *span_text(struct arena *a, const struct ir_span *s)
{
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    if (!out)
        die("out of memory");
    ir_print_span(out, s);
    fclose(out);
    const char *copy = arena_strn(a, text, n);
    free(text);
    return copy;
}

/* The load i, as facts name it: its field, for people, and its bytes. */
static const char *load_text(struct arena *a, const struct ir_inst *i)
{
    return arena_printf(a, "%s %s", i->sym ? i->sym : "?", span_text(a, i->span));
}

static void function_facts(struct program *p, const struct file *f, const struct ir_func *fn,
                           struct names *lines)
{
    add_facts(p, f, lines, "given", local_name(p, f, fn->name), fn->sum.given, fn->sum.ngiven);
    if (fn->sum.given_inev)
        ptr_push(&lines->v, &lines->n, &lines->cap,
                 arena_printf(&p->arena, "given-inev %s", local_name(p, f, fn->name)));
    for (unsigned b = 0; b < fn->nblocks; b++)
        for (const struct ir_inst *i = fn->blocks[b]->first; i; i = i->next) {
            if (i->op == IR_PARAM && (i->flags & IRI_LOCAL))
                add_facts(p, f, lines, "given", local_name(p, f, fn->name),
                          &(struct ir_fact){.param = i->index, .kind = IR_FACT_LOCAL}, 1);
            if (i->op == IR_LOAD && (i->flags & IRI_IMMUTABLE) && i->span)
                ptr_push(&lines->v, &lines->n, &lines->cap,
                         arena_printf(&p->arena, "immutable %s", load_text(&p->arena, i)));
            if (i->op == IR_ICALL)
                call_line(p, lines, "icall", icall_name(&p->arena, i), i);
            if (i->op != IR_CALL || !i->sym || !i->callee)
                continue;
            const char *name = local_name(p, f, i->sym);
            call_line(p, lines, "call", name, i);
            add_facts(p, f, lines, "done", name, i->callee->done, i->callee->ndone);
            if (i->callee->done_inev)
                ptr_push(&lines->v, &lines->n, &lines->cap, arena_printf(&p->arena, "done-inev %s", name));
        }
}

/* The checking build joins what all files say, so it is enough that one does. */
static void believed_facts(struct program *p, struct names *lines)
{
    for (unsigned k = 0; k < p->m->nbelieved; k++) {
        const struct ir_believed *b = p->m->believed[k];
        ptr_push(&lines->v, &lines->n, &lines->cap,
                 arena_printf(&p->arena, "believed %s \"%s\" %ld %ld %ld %ld", b->name ? b->name : "?",
                              b->at.view, b->at.lo, b->at.hi, b->at.step, b->at.size));
    }
}

static void write_facts(struct program *p, struct str *out)
{
    unsigned at = 0;
    str_add(out, facts_head);
    for (unsigned k = 0; k < p->n; k++) {
        struct names lines = {0};
        struct file *f = &p->files[k];
        for (unsigned j = 0; j < f->nfuncs; j++)
            function_facts(p, f, p->m->funcs[at++], &lines);
        if (!k)
            believed_facts(p, &lines);
        names_sort(&lines);
        str_printf(out, "file %016" PRIx64 " %s\n", f->hash, f->name);
        for (unsigned j = 0; j < lines.n; j++)
            str_printf(out, "%s\n", lines.v[j]);
        free(lines.v);
    }
}

int wholeprog_link(char **texts, const size_t *sizes, const char *const *paths, unsigned n,
                   const struct link_options *options, struct str *out)
{
    struct program p = {.n = n, .classes = fnclass_new()};
    p.files = arena_alloc(&p.arena, (n + 1) * sizeof *p.files);
    int rc = 0;
    for (unsigned k = 0; k < n && !rc; k++) {
        p.files[k].path = paths[k];
        rc = read_summary(&p, &p.files[k], texts[k], sizes[k]);
    }
    if (!rc)
        rc = join(&p, options);
    if (!rc && options->mutant && !ir_mutant_new(p.m, options->mutant))
        rc = 2;
    if (!rc) {
        struct pass_options passes = {.only = "local,effects,immutable,place,inevitable,interproc"};
        passes_run(p.m, &passes, NULL);
        ir_mutant_end(p.m);
        write_facts(&p, out);
    }
    for (unsigned k = 0; k < n; k++) {
        if (p.files[k].m)
            ir_module_free(p.files[k].m);
        free(p.files[k].taken);
    }
    if (p.m)
        ir_module_free(p.m);
    fnclass_free(p.classes);
    free(p.entered.v);
    free(p.rebound.v);
    arena_free(&p.arena);
    return rc;
}

/* ---- reading them back ---- */

struct summaries {
    struct ir_module *m;
    struct entry {
        const char *name;
        unsigned flags;
        int returns;
        bool called;
        struct ir_summary sum;
        unsigned capgiven, capdone;
    } * v;
    unsigned n, cap;
    unsigned *slot, nslots; /* by name: place in v, plus one */
};

static unsigned *slot_of(const struct summaries *s, const char *interned)
{
    unsigned k = (unsigned)((uintptr_t)interned >> 4) * 2654435761u & (s->nslots - 1);
    while (s->slot[k] && s->v[s->slot[k] - 1].name != interned)
        k = (k + 1) & (s->nslots - 1);
    return &s->slot[k];
}

static struct entry *entry(struct summaries *s, const char *name)
{
    if (2 * s->n >= s->nslots) {
        free(s->slot);
        s->nslots = s->nslots ? 2 * s->nslots : 64;
        s->slot = memset(xrealloc(NULL, s->nslots * sizeof *s->slot), 0, s->nslots * sizeof *s->slot);
        for (unsigned k = 0; k < s->n; k++)
            *slot_of(s, s->v[k].name) = k + 1;
    }
    const char *interned = ir_intern(s->m, name);
    unsigned *slot = slot_of(s, interned);
    if (*slot)
        return &s->v[*slot - 1];
    if (s->n == s->cap)
        s->v = xrealloc(s->v, (s->cap = s->cap ? 2 * s->cap : 64) * sizeof *s->v);
    s->v[s->n] = (struct entry){.name = interned};
    *slot = ++s->n;
    return &s->v[s->n - 1];
}

static bool take_fact(struct summaries *s, const char *rest, bool given)
{
    char name[MAX_NAME], about[MAX_NAME], kind[16];
    struct ir_fact fact = {0};
    int unit;
    if (sscanf(rest, "%399s %399s %d %d %u %15s", name, about, &fact.off, &unit, &fact.size, kind) != 6)
        return false;
    fact.unit = (enum ir_unit)unit;
    fact.kind = !strcmp(kind, "local")     ? IR_FACT_LOCAL
                : !strcmp(kind, "fresh")   ? IR_FACT_FRESH
                : !strcmp(kind, "written") ? IR_FACT_WRITTEN
                                           : IR_FACT_MARKED;
    if (*about == '@')
        fact.sym = ir_intern(s->m, about + 1);
    else
        fact.param = atoi(about);
    struct entry *e = entry(s, name);
    struct ir_fact **v = given ? &e->sum.given : &e->sum.done;
    unsigned *n = given ? &e->sum.ngiven : &e->sum.ndone, *cap = given ? &e->capgiven : &e->capdone;
    if (*n == *cap)
        *v = xrealloc(*v, (*cap = *cap ? 2 * *cap : 4) * sizeof **v);
    (*v)[(*n)++] = fact;
    return true;
}

static bool take_believed(struct summaries *s, char *rest)
{
    struct ir_believed b = {0};
    char *view = strstr(rest, " \""), *end = view ? strchr(view + 2, '"') : NULL;
    if (!end || sscanf(end + 1, "%ld %ld %ld %ld", &b.at.lo, &b.at.hi, &b.at.step, &b.at.size) != 4)
        return false;
    *view = *end = 0;
    b.name = ir_intern(s->m, rest);
    b.at.view = ir_intern(s->m, view + 2);
    ir_add_believed(s->m, b);
    return true;
}

static bool take_call(struct summaries *s, char *rest)
{
    char *save, *name = strtok_r(rest, " ", &save);
    if (!name)
        return false;
    struct entry *e = entry(s, name);
    unsigned flags = 0;
    int returns = -1;
    for (char *w; (w = strtok_r(NULL, " ", &save));) {
        if (!strncmp(w, "returns=", 8))
            returns = atoi(w + 8);
        for (unsigned k = 0; k < NFLAGS; k++)
            if (!strcmp(w, call_flags[k].name))
                flags |= call_flags[k].flag;
    }
    e->flags = e->called ? e->flags & flags : flags; /* call sites may differ */
    e->returns = e->called && e->returns != returns ? -1 : returns;
    e->called = true;
    return true;
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static struct ir_fact *copy_facts(struct ir_module *m, struct ir_fact *v, unsigned n)
{
    struct ir_fact *to = ir_module_alloc(m, (n + 1) * sizeof *to);
    if (n)
        memcpy(to, v, n * sizeof *to);
    free(v);
    return to;
}

static void apply(struct unit *u, struct summaries *s, const struct names *immutable)
{
    if (s->n)
        qsort(s->v, s->n, sizeof *s->v, compare_entries);
    struct ir_summary *sums = ir_module_alloc(s->m, (s->n + 1) * sizeof *sums);
    for (unsigned k = 0; k < s->n; k++) {
        sums[k] = s->v[k].sum;
        sums[k].given = copy_facts(s->m, sums[k].given, sums[k].ngiven);
        sums[k].done = copy_facts(s->m, sums[k].done, sums[k].ndone);
    }
    for (unsigned n = 0; n < s->m->nfuncs; n++) {
        struct ir_func *f = s->m->funcs[n];
        struct entry key = {.name = f->name},
                     *e = s->n ? bsearch(&key, s->v, s->n, sizeof *s->v, compare_entries) : NULL;
        if (e) {
            f->sum.given = sums[e - s->v].given;
            f->sum.ngiven = sums[e - s->v].ngiven;
            f->sum.given_inev = sums[e - s->v].given_inev;
        }
        for (unsigned b = 0; b < f->nblocks; b++)
            for (struct ir_inst *i = f->blocks[b]->first; i; i = i->next) {
                if (i->op == IR_LOAD && i->span && names_has(immutable, load_text(&u->arena, i)))
                    i->flags |= i->flags & IRI_IMMUTABLE ? 0 : IRI_IMMUTABLE | IRI_INFERRED;
                key.name = i->op == IR_CALL && i->sym ? i->sym
                           : i->op == IR_ICALL        ? icall_name(&u->arena, i)
                                                      : NULL;
                if (!key.name || !s->n || !(e = bsearch(&key, s->v, s->n, sizeof *s->v, compare_entries)))
                    continue;
                bool related = i->op == IR_CALL && e->returns >= 0 && (unsigned)e->returns < i->nargs;
                i->flags |= related ? e->flags : e->flags & ~(unsigned)IRI_OR_FRESH;
                if (related)
                    i->index = e->returns;
                i->callee = &sums[e - s->v];
            }
    }
}

int wholeprog_apply(struct unit *u, char *text, const char *path)
{
    struct str summary = {0};
    wholeprog_summary(u, &summary);
    char want[64];
    snprintf(want, sizeof want, "file %016" PRIx64 " ", hash_bytes(summary.s, summary.n));
    str_free(&summary);
    if (strncmp(text, facts_head, strlen(facts_head)))
        return bad_input(path, "not a file of facts of this version; run ungil link again");
    struct summaries s = {.m = u->ir};
    struct names immutable = {0};
    bool mine = false, seen = false, ok = true;
    for (char *line = text + strlen(facts_head), *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        if (!strncmp(line, "file ", 5)) {
            mine = !strncmp(line, want, strlen(want)) && !strcmp(line + strlen(want), u->src.name);
            seen |= mine;
        } else if (!mine) {
            continue;
        } else if (!strncmp(line, "immutable ", 10)) {
            ptr_push(&immutable.v, &immutable.n, &immutable.cap, (void *)ir_intern(u->ir, line + 10));
        } else if (!strncmp(line, "believed ", 9)) {
            ok &= take_believed(&s, line + 9);
        } else if (!strncmp(line, "given ", 6) || !strncmp(line, "done ", 5)) {
            ok &= take_fact(&s, strchr(line, ' ') + 1, *line == 'g');
        } else if (!strncmp(line, "given-inev ", 11)) {
            entry(&s, line + 11)->sum.given_inev = true;
        } else if (!strncmp(line, "done-inev ", 10)) {
            entry(&s, line + 10)->sum.done_inev = true;
        } else if (!strncmp(line, "call ", 5) || !strncmp(line, "icall ", 6)) {
            ok &= take_call(&s, strchr(line, ' ') + 1);
        } else {
            ok = false;
        }
    }
    names_sort(&immutable);
    if (!ok)
        return bad_input(path, "damaged; run ungil link again");
    if (!seen) {
        fprintf(stderr,
                "ungil: error: %s has no facts about this state of %s; compile it again (with ungil by hand: "
                "summarize and link)\n",
                path, u->src.name);
        return 1;
    }
    apply(u, &s, &immutable);
    free(s.v);
    free(s.slot);
    free(immutable.v);
    return 0;
}
