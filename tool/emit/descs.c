/* descs.c - type descriptors for the collector: which aligned words of an object may hold a reference.
 *
 * A word may hold one if the type puts a pointer there, to a function too, or a number at least as wide as a
 * pointer (casts are common in interpreters), but for a double, unless the file declares a tagged value type;
 * and so may each word that lies in an array of numbers, whatever they are: such arrays are memory for
 * anything, a payload of char most of all.  A smaller number by itself holds none, nor does a field that is
 * STM_RAW: that is how the author says so (annotations.md R5).
 *
 * A last member that is an array of unknown, zero or one element is the repeated tail.  Types too large for
 * a sensible map are conservative. */
#include "emit/descs.h"

#include <string.h>

#include "parse/parse.h"

enum { WORD = 8, MAX_WORDS = 4096 };

struct desc {
    struct desc *next;
    struct type *type;
    const char *name;
};
struct descs {
    struct desc *list;
    unsigned n;
    struct str text;
};

static void set_word(unsigned char *map, long nwords, long byte)
{
    if (byte >= 0 && byte / WORD < nwords)
        map[byte / WORD] = 1;
}

/* All words that lie in the n bytes from `at` on. */
static void set_words(unsigned char *map, long nwords, long at, long n)
{
    for (long w = (at + WORD - 1) / WORD; (w + 1) * WORD <= at + n && w < nwords; w++)
        map[w] = 1;
}

static bool is_number(const struct type *t)
{
    return t->kind == T_SCALAR || t->kind == T_OTHER;
}

static void mark_words(const struct unit *u, struct type *t, long at, unsigned char *map, long nwords)
{
    const struct type *last = t;
    switch (t->kind) {
    case T_POINTER:
        set_word(map, nwords, at);
        break;
    case T_ARRAY:
        while (last->kind == T_ARRAY)
            last = last->elem;
        if (is_number(last) && t->size > 0)
            set_words(map, nwords, at, t->size);
        for (long i = 0;
             !is_number(last) && i < t->count && t->elem->size > 0 && at + i * t->elem->size < nwords * WORD;
             i++)
            mark_words(u, t->elem, at + i * t->elem->size, map, nwords);
        break;
    case T_RECORD:
        type_fields(t);
        for (unsigned i = 0; i < t->nfields; i++) {
            const struct field *f = &t->fields[i];
            if (f->offset >= 0 && !(f->decl && f->decl->raw))
                mark_words(u, f->type, f->bitfield ? (at + f->offset) / WORD * WORD : at + f->offset, map,
                           nwords);
        }
        break;
    case T_SCALAR:
        for (long i = 0; i < t->size && t->size >= WORD && (!t->is_double || u->ntags); i += WORD)
            set_word(map, nwords, at + i);
        break;
    case T_OTHER:
        set_words(map, nwords, at, t->size);
        break;
    default:
        break;
    }
}

/* May a word of t hold a reference, wherever t begins? */
static bool may_hold(const struct type *t)
{
    if (t->kind == T_ARRAY)
        return is_number(t->elem) || may_hold(t->elem);
    if (t->kind == T_RECORD) {
        type_fields((struct type *)t);
        for (unsigned i = 0; i < t->nfields; i++)
            if (!(t->fields[i].decl && t->fields[i].decl->raw) && may_hold(t->fields[i].type))
                return true;
        return false;
    }
    return t->kind == T_POINTER || (is_number(t) && t->size >= WORD);
}

bool desc_has_references(const struct unit *u, struct type *t)
{
    unsigned char map[MAX_WORDS] = {0};
    long n = (t->size + WORD - 1) / WORD;
    if (n > MAX_WORDS)
        return may_hold(t);
    mark_words(u, t, 0, map, n);
    return n > 0 && memchr(map, 1, (size_t)n);
}

static const struct field *tail_of(struct type *t)
{
    if (t->kind != T_RECORD || t->is_union)
        return NULL;
    type_fields(t);
    if (!t->nfields)
        return NULL;
    const struct field *f = &t->fields[t->nfields - 1];
    return f->type->kind == T_ARRAY && f->type->count <= 1 && f->type->elem->size > 0 ? f : NULL;
}

bool type_has_tail(struct type *t)
{
    return tail_of(t) != NULL;
}

static void print_words(struct str *o, const unsigned char *map, long n)
{
    for (long i = 0; i < n || i == 0; i += 64) {
        unsigned long w = 0;
        for (long j = i; j < i + 64 && j < n; j++)
            w |= (unsigned long)map[j] << (j - i);
        str_printf(o, "%s0x%lxul", i ? ", " : "", w);
    }
}

/* ---- names of fields, for people (struct stm_type): what the conflict log and the debugger show */

enum { FIELDS_MAX = 2000 };

struct place {
    long at, stride, count;
    const char *prefix;
}; /* stride: inside of an array */

static void name_field(struct unit *u, struct str *o, const struct field *f, struct place p);

static void name_fields(struct unit *u, struct str *o, struct type *t, struct place p)
{
    type_fields(t);
    for (unsigned i = 0; i < t->nfields; i++)
        if (t->fields[i].offset >= 0)
            name_field(u, o, &t->fields[i], p);
}

static void name_field(struct unit *u, struct str *o, const struct field *f, struct place p)
{
    struct type *t = f->type;
    const char *own = f->name ? f->name : "";
    if (!*own && t->kind == T_RECORD && t->is_union) { /* a member without a name: by its first one's */
        type_fields(t);
        own = t->nfields ? t->fields[0].name : "";
    }
    const char *name = arena_printf(&u->arena, "%s%s", p.prefix, own);
    p.at += f->offset;
    if (t->kind == T_ARRAY && t->elem->size > 0 && !p.stride) {
        p.stride = t->elem->size;
        p.count = t->count > 1 ? t->count : 0;
        name = arena_printf(&u->arena, "%s[]", name);
        t = t->elem;
    }
    if (t->kind == T_RECORD && !t->is_union) {
        p.prefix = f->name && *f->name ? arena_printf(&u->arena, "%s.", name) : p.prefix;
        name_fields(u, o, t, p);
        return;
    }
    if (o->n > FIELDS_MAX)
        return;
    str_printf(o, "%s%ld+%ld", o->n ? " " : "", p.at, t->size > 0 ? t->size : 0);
    if (p.stride)
        str_printf(o, "/%ld", p.stride);
    if (p.stride && p.count)
        str_printf(o, "*%ld", p.count);
    str_printf(o, ":%s", name);
}

static void describe(struct unit *u, struct descs *ds, struct desc *d)
{
    struct type *t = d->type;
    const struct field *tail = tail_of(t);
    long head_bytes = tail && tail->offset >= 0 ? tail->offset : t->size;
    long head = (head_bytes + WORD - 1) / WORD, unit = 0;
    const char *flags = "0";
    unsigned char map[MAX_WORDS] = {0};
    struct type *elem = tail && !(tail->decl && tail->decl->raw) ? tail->type->elem : NULL;
    bool by_element = elem && !is_number(elem) && tail->offset % WORD == 0 && elem->size % WORD == 0;
    if (by_element)
        unit = elem->size / WORD;
    else if (elem && (is_number(elem) || may_hold(elem)))
        unit = 1; /* any word */
    if (head + unit > MAX_WORDS || head < 0) {
        flags = "STM_TYPE_CONSERVATIVE";
        head = unit = 0;
    } else {
        mark_words(u, t, 0, map, head);
        if (by_element)
            mark_words(u, elem, 0, map + head, unit);
        else if (unit)
            map[head] = 1;
        if (!memchr(map, 1, (size_t)(head + unit)))
            flags = "STM_TYPE_NO_REFS";
    }
    str_printf(&ds->text, "static const unsigned long %s_words[] = {", d->name);
    print_words(&ds->text, map, head + unit);
    str_printf(&ds->text,
               "};\nstatic struct stm_type %s __attribute__((__section__(\"ungil_types\"), __used__, "
               "__aligned__(8))) = {0, %s, %ld, %ld, %s_words, \"%s\", ",
               d->name, flags, head, unit, d->name, t->unnamed ? "" : t->spelling);
    struct str fields = {0};
    if (t->kind == T_RECORD)
        name_fields(u, &fields, t, (struct place){0, 0, 0, ""});
    str_printf(&ds->text, fields.n ? "\"%s\"};\n" : "0};\n", fields.s);
    str_free(&fields);
}

const char *desc_for_type(struct unit *u, struct type *t)
{
    struct descs *ds = u->descs;
    if (!ds)
        u->descs = ds = arena_alloc(&u->arena, sizeof *ds);
    if (t->size <= 0)
        return NULL;
    for (struct desc *d = ds->list; d; d = d->next)
        if (d->type == t)
            return d->name;
    struct desc *d = arena_alloc(&u->arena, sizeof *d);
    d->type = t;
    d->name = arena_printf(&u->arena, "stm_type_%s%u", u->own, ds->n++);
    d->next = ds->list;
    ds->list = d;
    describe(u, ds, d);
    return d->name;
}

void desc_each(const struct unit *u, void (*visit)(void *ctx, const char *name, struct type *t), void *ctx)
{
    const struct descs *ds = u->descs;
    for (const struct desc *d = ds ? ds->list : NULL; d; d = d->next)
        visit(ctx, d->name, d->type);
}

const char *desc_prologue(struct unit *u)
{
    struct descs *ds = u->descs;
    return ds && ds->text.s ? ds->text.s : "";
}
