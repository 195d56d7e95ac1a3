/* fnclass.c - classes of function types in the whole program, and who may be called through each (the lines
 * and the idea: fnflow.c).
 *
 * Union-find over the keys (Tarjan 1975).  "*" is the class of which nothing is known: a call through it may
 * call any function whose address is taken, as all indirect calls could if there were no classes.  A call
 * through another class may call the functions whose address is taken under its types, and no others.
 *
 * The result is IR: `.icall` for "*", `.icall:KEY` for every other type that is called through.  A class
 * with several types called through has one function that calls its members, named by the first of them, and
 * the others call that. */
#include "whole/fnclass.h"

#include <stdlib.h>
#include <string.h>

struct place {
    long off;
    const char *key;
    bool out;
};
struct taken {
    const char *name, *key;
};
struct declared {
    const char *name, *sig;
    bool defined;
    struct names tokens;
};
struct record {
    struct names tokens;
    bool lost;
};
struct fnclass {
    struct arena arena;
    struct map numbers; /* hash of a key -> struct key */
    struct key {
        const char *text;
        struct key *up;
    } * *keys;
    unsigned nkeys, capkeys;
    struct place **places;
    unsigned nplaces, capplaces;
    struct declared **declared;
    unsigned ndeclared, capdeclared;
    struct record **records;
    unsigned nrecords, caprecords;
    struct map tags; /* hash of a tag -> struct record: what all files say of it */
    struct names foreign, called;
    struct taken **taken;
    unsigned ntaken, captaken;
};

static struct key *key(struct fnclass *c, const char *text)
{
    uint64_t h = hash_bytes(text, strlen(text)) | 1;
    struct key *k = map_get(&c->numbers, h);
    if (!k) {
        k = arena_alloc(&c->arena, sizeof *k);
        *k = (struct key){arena_strn(&c->arena, text, strlen(text)), k};
        k->up = k;
        map_put(&c->numbers, h, k);
        ptr_push(&c->keys, &c->nkeys, &c->capkeys, k);
    }
    return k;
}

static struct key *find(struct key *k)
{
    while (k->up != k)
        k = k->up = k->up->up;
    return k;
}

/* The first text of a class represents it; "*" comes before all keys. */
static void unite(struct key *a, struct key *b)
{
    a = find(a);
    b = find(b);
    if (strcmp(a->text, b->text) < 0)
        b->up = a;
    else
        a->up = b;
}

static const char *class_of(struct fnclass *c, const char *text)
{
    return find(key(c, text))->text;
}

struct fnclass *fnclass_new(void)
{
    return memset(xrealloc(NULL, sizeof(struct fnclass)), 0, sizeof(struct fnclass));
}

void fnclass_free(struct fnclass *c)
{
    for (unsigned i = 0; i < c->ndeclared; i++)
        free(c->declared[i]->tokens.v);
    for (unsigned i = 0; i < c->nrecords; i++)
        free(c->records[i]->tokens.v);
    free(c->keys);
    free(c->places);
    free(c->declared);
    free(c->records);
    free(c->foreign.v);
    free(c->called.v);
    free(c->taken);
    map_free(&c->numbers);
    map_free(&c->tags);
    arena_free(&c->arena);
    free(c);
}

/* ---- reading ---- */

static const char *keep(struct fnclass *c, const char *s)
{
    return arena_strn(&c->arena, s, strlen(s));
}

static void keep_tokens(struct fnclass *c, char **save, struct names *to)
{
    for (const char *t; (t = strtok_r(NULL, " ", save));)
        ptr_push(&to->v, &to->n, &to->cap, (void *)keep(c, t));
}

bool fnclass_line(struct fnclass *c, char *s)
{
    char *save, *word = strtok_r(s, " ", &save);
    if (!word)
        return false;
    if (!strcmp(word, "foreign")) {
        keep_tokens(c, &save, &c->foreign);
        return true;
    }
    const char *a = strtok_r(NULL, " ", &save);
    if (a && !strcmp(word, "rec")) {
        struct record *r = map_get(&c->tags, hash_bytes(a, strlen(a)) | 1);
        if (!r) {
            r = arena_alloc(&c->arena, sizeof *r);
            ptr_push(&c->records, &c->nrecords, &c->caprecords, r);
            map_put(&c->tags, hash_bytes(a, strlen(a)) | 1, r);
        }
        keep_tokens(c, &save, &r->tokens);
        return true;
    }
    const char *b = strtok_r(NULL, " ", &save);
    if (!a || !b)
        return false;
    if (!strcmp(word, "merge")) {
        unite(key(c, a), key(c, b));
    } else if (!strcmp(word, "out") || !strcmp(word, "in")) {
        struct place *p = arena_alloc(&c->arena, sizeof *p);
        *p = (struct place){atol(a), key(c, b)->text, *word == 'o'};
        ptr_push(&c->places, &c->nplaces, &c->capplaces, p);
    } else if (!strcmp(word, "decl") || !strcmp(word, "def")) {
        struct declared *d = arena_alloc(&c->arena, sizeof *d);
        *d = (struct declared){keep(c, a), keep(c, b), !strcmp(word, "def"), {0}};
        keep_tokens(c, &save, &d->tokens);
        ptr_push(&c->declared, &c->ndeclared, &c->capdeclared, d);
    } else {
        return false;
    }
    return true;
}

void fnclass_taken(struct fnclass *c, const char *name, const char *text)
{
    struct taken *t = arena_alloc(&c->arena, sizeof *t);
    *t = (struct taken){keep(c, name), key(c, text)->text};
    ptr_push(&c->taken, &c->ntaken, &c->captaken, t);
}

void fnclass_called(struct fnclass *c, const char *text)
{
    ptr_push(&c->called.v, &c->called.n, &c->called.cap, (void *)key(c, text)->text);
}

/* ---- what follows from the lines ---- */

/* Untranslated code, or code that sees other types, has what the tokens say, and all that can be reached
 * from there. */
static void lose(struct fnclass *c, const struct names *tokens)
{
    for (unsigned i = 0; i < tokens->n; i++) {
        if (*tokens->v[i] != '{') {
            unite(key(c, "*"), key(c, tokens->v[i]));
            continue;
        }
        struct record *r = map_get(&c->tags, hash_bytes(tokens->v[i], strlen(tokens->v[i])) | 1);
        if (r && !r->lost) {
            r->lost = true;
            names_sort(&r->tokens);
            lose(c, &r->tokens);
        }
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct declared *const *)a)->name, (*(const struct declared *const *)b)->name);
}

/* What no file defines, and what files declare differently. */
static void check_declarations(struct fnclass *c)
{
    if (c->ndeclared)
        qsort(c->declared, c->ndeclared, sizeof *c->declared, by_name);
    for (unsigned i = 0, n; i < c->ndeclared; i = n) {
        bool defined = false, same = true;
        for (n = i; n < c->ndeclared && !strcmp(c->declared[n]->name, c->declared[i]->name); n++) {
            defined |= c->declared[n]->defined;
            same &= !strcmp(c->declared[n]->sig, c->declared[i]->sig);
        }
        for (unsigned k = i; k < n && !(defined && same); k++)
            lose(c, &c->declared[k]->tokens);
    }
}

static int by_offset(const void *a, const void *b)
{
    const struct place *x = *(const struct place *const *)a, *y = *(const struct place *const *)b;
    return (x->off > y->off) - (x->off < y->off);
}

/* At each offset, what goes into a void * there may come out as any of what comes out there. */
static void join_places(struct fnclass *c)
{
    if (c->nplaces)
        qsort(c->places, c->nplaces, sizeof *c->places, by_offset);
    for (unsigned i = 0, n; i < c->nplaces; i = n) {
        bool out = false, in = false;
        for (n = i; n < c->nplaces && c->places[n]->off == c->places[i]->off; n++) {
            out |= c->places[n]->out;
            in |= !c->places[n]->out;
        }
        for (unsigned k = i; k < n && out && in; k++)
            unite(key(c, c->places[i]->key), key(c, c->places[k]->key));
    }
}

/* A function without a prototype fits every type with its result. */
static void join_unprototyped(struct fnclass *c)
{
    unsigned nkeys = c->nkeys;
    for (unsigned i = 0; i < nkeys; i++) {
        size_t n = strcspn(c->keys[i]->text, "(");
        for (unsigned k = 0; k < nkeys && !strcmp(c->keys[i]->text + n, "()"); k++)
            if (!strncmp(c->keys[k]->text, c->keys[i]->text, n + 1))
                unite(c->keys[i], c->keys[k]);
    }
}

/* ---- writing ---- */

/* A name as the IR's text has it (passes/print.c); with a file's name in it, it may have anything. */
static void write_name(struct str *text, const char *name)
{
    str_add(text, "@\"");
    for (const char *s = name; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\' || c < 0x20 || c == 0x7f)
            str_printf(text, "\\x%02x", c);
        else
            str_addn(text, s, 1);
    }
    str_add(text, "\"");
}

/* A function that calls all of `names`. */
static void write_caller(struct str *text, const char *name, const struct names *callees)
{
    str_add(text, "\nfunc ");
    write_name(text, name);
    str_add(text, "(0) -> any {\nb0:\n  %0 = opaque : any\n");
    if (callees->n) {
        str_add(text, "  branch b1");
        for (unsigned i = 0; i < callees->n; i++)
            str_printf(text, ", b%u", i + 2);
        str_add(text, "\nb1:\n  ret %0\n");
        for (unsigned i = 0; i < callees->n; i++) {
            str_printf(text, "b%u:\n  %%%u = call ", i + 2, i + 1);
            write_name(text, callees->v[i]);
            str_add(text, "() : any\n  jump b1\n");
        }
    } else {
        str_add(text, "  ret %0\n");
    }
    str_add(text, "}\n");
}

/* The functions whose address is taken under a type of the class; of "*": all. */
static struct names members(struct fnclass *c, const char *class)
{
    struct names v = {0};
    for (unsigned i = 0; i < c->ntaken; i++)
        if (!strcmp(class, "*") || !strcmp(class_of(c, c->taken[i]->key), class))
            ptr_push(&v.v, &v.n, &v.cap, (void *)c->taken[i]->name);
    names_sort(&v);
    return v;
}

void fnclass_write(struct fnclass *c, struct str *text)
{
    lose(c, &c->foreign);
    check_declarations(c);
    join_places(c);
    join_unprototyped(c);
    struct names all = members(c, "*");
    write_caller(text, ".icall", &all);
    free(all.v);
    names_sort(&c->called);
    for (unsigned i = 0; i < c->called.n; i++) {
        const char *name = arena_printf(&c->arena, ".icall:%s", c->called.v[i]),
                   *class = class_of(c, c->called.v[i]);
        unsigned first = 0; /* of the class that is called through */
        while (strcmp(class_of(c, c->called.v[first]), class))
            first++;
        struct names to = {0};
        if (strcmp(class, "*") && first == i)
            to = members(c, class);
        if (!to.n) /* nor do we know what a call through a class without members would call */
            ptr_push(&to.v, &to.n, &to.cap,
                     first == i || !strcmp(class, "*")
                         ? ".icall"
                         : arena_printf(&c->arena, ".icall:%s", c->called.v[first]));
        write_caller(text, name, &to);
        free(to.v);
    }
}
