/* plainobjects.c - does translated code call, as if it were translated, what another compiler has made?
 *
 * A function that only the program's own text declares counts as translated code of another file
 * (tool/analysis/callee.c).  If it comes from a plain object instead, it gets references for addresses, and
 * what it does is done again when the transaction aborts.  No compilation sees that, and to the linker a
 * function is a function.  But the objects tell, before a program is linked:
 *
 *   translated                          has a section .ungil.names or .ungil.names.*
 *   the text in .ungil.names.notes      `has f`: this object defines f, in translated code; what
 *                                       else lies there is another name of it
 *                                       `calls f`: it takes f for translated code (tool/emit/link_names.c)
 *   its symbols                         what else it defines, is not translated: assembly in the file, or
 *                                       another object that `ld -r` has joined with it.  A call counts if a
 *                                       reference to f is left
 *
 * Read are the files of the command line, what -l finds in one of its -L directories, and what was compiled
 * for this very link; archives by their members, thin ones too.  Which of several definitions is the one, is
 * decided as linkers do: a strong one of an object, a weak one of an object, the first of an archive. Whether
 * a member is needed at all is not looked at.  --wrap and --defsym say where a call goes instead.
 *
 * Not read are shared libraries, the system's own archives, and what is no ELF object (clang's -flto). */
#include "cc.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum place { STRONG, WEAK, MEMBER }; /* what is first counts more */

struct definition {
    const char *name, *where;
    enum place place;
    size_t order; /* of the linker's reading */
    bool translated;
};

struct scan {
    struct definition *defs;
    size_t ndefs, cap_defs;
    struct host_vec calls, callers;  /* by twos */
    const struct host_vec *replaced; /* linkwords.c */
};

/* A symbol's place in its object: that of a function and of its aliases is the same. */
struct spot {
    size_t section, value;
};

/* One object's notes and symbols. */
struct object {
    const char *where;
    bool member;
    struct host_vec has, calls;
    struct spot *spots; /* of what it has */
    size_t nspots;
    Elf_Data *symbols;
    size_t nsymbols, strings;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct host_vec *names)
{
    if (names->n)
        qsort(names->v, names->n, sizeof *names->v, by_text);
}

static bool is_in(const struct host_vec *sorted, const char *name)
{
    return sorted->n && bsearch(&name, sorted->v, sorted->n, sizeof *sorted->v, by_text);
}

static int by_spot(const void *a, const void *b)
{
    const struct spot *x = a, *y = b;
    if (x->section != y->section)
        return x->section < y->section ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value;
}

static void add_definition(struct scan *s, const struct object *o, const GElf_Sym *symbol, const char *name,
                           bool translated)
{
    if (s->ndefs == s->cap_defs) {
        s->cap_defs = s->cap_defs ? 2 * s->cap_defs : 256;
        struct definition *more = host_alloc(s->cap_defs * sizeof *more);
        if (s->ndefs)
            memcpy(more, s->defs, s->ndefs * sizeof *more);
        s->defs = more;
    }
    s->defs[s->ndefs] = (struct definition){
        .name = host_printf("%s", name),
        .where = o->where,
        .place = o->member                                   ? MEMBER
                 : GELF_ST_BIND(symbol->st_info) == STB_WEAK ? WEAK
                                                             : STRONG,
        .order = s->ndefs,
        .translated = translated,
    };
    s->ndefs++;
}

/* ---- one object ---- */

static void read_notes(struct object *o, Elf_Scn *section)
{
    for (Elf_Data *d = NULL; (d = elf_getdata(section, d));) {
        const char *s = d->d_buf, *end = s + d->d_size;
        for (size_t n; s && s < end; s += n + 1) {
            n = strnlen(s, (size_t)(end - s));
            if (n > 4 && strncmp(s, "has ", 4) == 0)
                host_vec_add(&o->has, host_strndup(s + 4, n - 4));
            else if (n > 6 && strncmp(s, "calls ", 6) == 0)
                host_vec_add(&o->calls, host_strndup(s + 6, n - 6));
        }
    }
}

static void read_sections(struct object *o, Elf *elf)
{
    size_t names;
    GElf_Shdr h;
    if (elf_getshdrstrndx(elf, &names) != 0)
        return;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        const char *name = gelf_getshdr(section, &h) ? elf_strptr(elf, names, h.sh_name) : NULL;
        if (name && strcmp(name, ".ungil.names.notes") == 0)
            read_notes(o, section);
        if (name && h.sh_type == SHT_SYMTAB && h.sh_entsize && (o->symbols = elf_getdata(section, NULL))) {
            o->nsymbols = h.sh_size / h.sh_entsize;
            o->strings = h.sh_link;
        }
    }
    sort(&o->has);
    sort(&o->calls);
}

/* The name of global symbol i; null if it is another's. */
static const char *global_symbol(const struct object *o, Elf *elf, size_t i, GElf_Sym *symbol)
{
    if (!gelf_getsym(o->symbols, (int)i, symbol) || GELF_ST_BIND(symbol->st_info) == STB_LOCAL)
        return NULL;
    return elf_strptr(elf, o->strings, symbol->st_name);
}

/* Assembly need not say that a symbol is a function. */
static bool is_function(Elf *elf, const GElf_Sym *symbol)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    GElf_Shdr h;
    if (symbol->st_shndx == SHN_UNDEF)
        return false;
    if (type == STT_FUNC || type == STT_GNU_IFUNC)
        return true;
    Elf_Scn *section =
        type == STT_NOTYPE && symbol->st_shndx < SHN_LORESERVE ? elf_getscn(elf, symbol->st_shndx) : NULL;
    return section && gelf_getshdr(section, &h) && (h.sh_flags & SHF_EXECINSTR);
}

static void find_spots(struct object *o, Elf *elf)
{
    GElf_Sym symbol;
    o->spots = host_alloc((o->nsymbols + 1) * sizeof *o->spots);
    for (size_t i = 0; o->has.n && i < o->nsymbols; i++) {
        const char *name = global_symbol(o, elf, i, &symbol);
        if (name && is_function(elf, &symbol) && is_in(&o->has, name))
            o->spots[o->nspots++] = (struct spot){symbol.st_shndx, symbol.st_value};
    }
    if (o->nspots)
        qsort(o->spots, o->nspots, sizeof *o->spots, by_spot);
}

static void scan_object(struct scan *s, Elf *elf, const char *where, bool member)
{
    struct object o = {.where = where, .member = member};
    GElf_Ehdr head;
    GElf_Sym symbol;
    if (!gelf_getehdr(elf, &head) || head.e_type != ET_REL)
        return;
    read_sections(&o, elf);
    find_spots(&o, elf);
    for (size_t i = 0; i < o.nsymbols; i++) {
        const char *name = global_symbol(&o, elf, i, &symbol);
        if (!name)
            continue;
        bool defines = is_function(elf, &symbol), translated = false;
        if (defines && o.nspots) {
            struct spot at = {symbol.st_shndx, symbol.st_value};
            translated = bsearch(&at, o.spots, o.nspots, sizeof at, by_spot);
        }
        if (defines)
            add_definition(s, &o, &symbol, name, translated);
        bool certain = translated && GELF_ST_BIND(symbol.st_info) != STB_WEAK;
        if (!certain && is_in(&o.calls, name)) {
            host_vec_addf(&s->calls, "%s", name);
            host_vec_add(&s->callers, where);
        }
    }
}

/* ---- files ---- */

static void scan_path(struct scan *s, const char *path, const char *where, bool member);

/* A thin archive names its members, and libelf does not read it.  Of headers of 60 bytes the first 16 are the
 * name: `/` and `//` are tables, whose content follows; `/123` is the name at that place of `//`. */
static void scan_thin(struct scan *s, const char *path, const char *where)
{
    size_t n, at = 8, size;
    char *text = host_read_file(path, &n), *names = "", *end = text ? text + n : NULL;
    for (; text && at + 60 <= n; at += 60 + size + (size & 1)) {
        const char *h = text + at, *name = h;
        size = strtoul(host_strndup(h + 48, 10), NULL, 10);
        if (strncmp(h, "// ", 3) == 0)
            names = text + at + 60 < end ? text + at + 60 : "";
        if (strncmp(h, "/ ", 2) == 0 || strncmp(h, "// ", 3) == 0 || strncmp(h, "/SYM64/", 7) == 0)
            continue;
        size_t offset = *h == '/' ? strtoul(h + 1, NULL, 10) : 0;
        size = 0; /* it is not here */
        if (*h == '/')
            name = offset < strlen(names) ? names + offset : "";
        size_t length = strcspn(name, *h == '/' ? "\n" : "/ \n");
        if (length && *h == '/' && name[length - 1] == '/')
            length--;
        char *file = host_strndup(name, length);
        scan_path(s, *file == '/' ? file : host_printf("%s/%s", host_dirname(path), file),
                  host_printf("%s(%s)", where, file), true);
    }
}

static void scan_elf(struct scan *s, int fd, Elf *elf, const char *where, bool member)
{
    if (elf_kind(elf) == ELF_K_ELF)
        scan_object(s, elf, where, member);
    if (elf_kind(elf) != ELF_K_AR)
        return;
    Elf *one;
    for (Elf_Cmd next = ELF_C_READ; (one = elf_begin(fd, next, elf)); next = elf_next(one), elf_end(one)) {
        const Elf_Arhdr *h = elf_getarhdr(one);
        if (h && h->ar_name && *h->ar_name != '/')
            scan_elf(s, fd, one, host_printf("%s(%s)", where, h->ar_name), true);
    }
}

/* `where`: what the user knows it by. */
static void scan_path(struct scan *s, const char *path, const char *where, bool member)
{
    char magic[8];
    if (host_is_special(path))
        return;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (read(fd, magic, sizeof magic) == sizeof magic && memcmp(magic, "!<thin>\n", sizeof magic) == 0) {
        scan_thin(s, path, where);
    } else {
        Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
        if (elf)
            scan_elf(s, fd, elf, where, member);
        elf_end(elf);
    }
    close(fd);
}

/* ---- the command line ---- */

static void scan_word(struct scan *s, const char *word, bool *archives_only)
{
    if (strcmp(word, "-Bstatic") == 0 || strcmp(word, "-static") == 0 || strcmp(word, "-dn") == 0)
        *archives_only = true;
    else if (strcmp(word, "-Bdynamic") == 0 || strcmp(word, "-dy") == 0)
        *archives_only = false;
    else if (*word != '-')
        scan_path(s, word, word, false);
}

static void scan_command(struct scan *s, const struct job *job, char **objects)
{
    bool archives_only = false;
    for (size_t i = 0; i < job->nitems; i++)
        archives_only |= !job->items[i].input && host_starts(job->items[i].words[0], "-static");
    for (size_t i = 0; i < job->nitems; i++) {
        const struct item *it = &job->items[i];
        const char *word = it->words[0];
        if (objects[i] || it->input == INPUT_LINKER) {
            scan_path(s, objects[i] ? objects[i] : word, word, false);
        } else if (it->input) {
            continue;
        } else if (host_starts(word, "-l")) {
            const char *file = linkwords_library(job, word[2] ? word + 2 : it->words[1], archives_only);
            if (file)
                scan_path(s, file, file, false);
        } else if (strcmp(word, "-Xlinker") == 0) {
            scan_word(s, it->words[1], &archives_only);
        } else if (host_starts(word, "-Wl,")) {
            for (const char *w = word + 4; *w; w += strcspn(w, ","), w += *w == ',')
                scan_word(s, host_strndup(w, strcspn(w, ",")), &archives_only);
        }
    }
}

/* ---- who calls what ---- */

/* Where a call of the name goes. */
static const char *bound_to(const struct scan *s, const char *name)
{
    const struct host_vec *r = s->replaced;
    for (size_t i = 0; i + 1 < r->n; i += 2) {
        if (strcmp(r->v[i], name) == 0)
            return r->v[i + 1];
        if (host_starts(name, "__real_") && strcmp(name + 7, r->v[i]) == 0)
            return r->v[i];
    }
    return name;
}

static int by_name(const void *a, const void *b)
{
    const struct definition *x = a, *y = b;
    int c = strcmp(x->name, y->name);
    if (c || x->place != y->place)
        return c ? c : (int)x->place - (int)y->place;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int name_only(const void *key, const void *element)
{
    return strcmp(key, ((const struct definition *)element)->name);
}

/* The definition of the name that the linker takes; null if none is seen. */
static const struct definition *find(const struct scan *s, const char *name)
{
    const struct definition *d =
        s->ndefs ? bsearch(name, s->defs, s->ndefs, sizeof *s->defs, name_only) : NULL;
    while (d && d > s->defs && strcmp(d[-1].name, name) == 0)
        d--;
    return d;
}

int plain_objects_check(const struct context *cx, char **objects)
{
    struct scan s = {.replaced = &cx->words.replaced};
    struct host_vec said = {0};
    if (elf_version(EV_CURRENT) == EV_NONE)
        return 0;
    scan_command(&s, cx->job, objects);
    if (s.ndefs)
        qsort(s.defs, s.ndefs, sizeof *s.defs, by_name);
    for (size_t i = 0; i < s.calls.n; i++) {
        const struct definition *d = find(&s, bound_to(&s, s.calls.v[i]));
        bool again = !d || d->translated;
        for (size_t k = 0; k < said.n && !again; k++)
            again = strcmp(said.v[k], d->name) == 0;
        if (again)
            continue;
        host_vec_add(&said, d->name);
        fprintf(
            stderr,
            "ungil-cc: error: '%s' is called by %s as translated code, but what %s defines by that name is "
            "not translated\n",
            d->name, s.callers.v[i], d->where);
    }
    if (!said.n)
        return 0;
    fputs(
        "ungil-cc: note: it would get pointers as they are in translated code, and be called again after an "
        "abort. Find\n"
        "the header that declares it by -isystem: its pointers are resolved then, and the transaction turns "
        "inevitable.\n"
        "Or, if it follows no pointers into memory of translated code, mark its declaration: "
        "STM_IRREVERSIBLE (it needs an\n"
        "inevitable transaction), STM_TRANSACTION_SAFE (it may run in any, and again), or "
        "STM_TRANSACTION_PURE (besides, it\n"
        "touches nothing shared). Or compile it with ungil-cc.\n",
        stderr);
    return 1;
}
