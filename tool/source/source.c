/* source.c - the text that is parsed and edited.
 *
 * The input is what `clang -E -dD -fkeep-system-includes` prints: the user's headers expanded, system
 * headers still #include lines.  Line markers become #line, so that every compiler and debugger shows the
 * user's lines.  Of the directives printed because of -dD, those of the user's own files stay, since system
 * headers will look at such macros again (_GNU_SOURCE, FD_SETSIZE), except a #define whose name the expanded
 * text still uses: there it has done its work.  Only in a pragma it may be wanted yet, since clang leaves
 * those as they are: such a line gets its macros back, and gives them up again.  Names of ungil.h are for
 * us. */
#include "source/source.h"

#include <ctype.h>
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "source/attributes.h"
#include "source/tokens.h"

extern char **environ;

static void index_lines(struct source *s);

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static size_t name_length(const char *s)
{
    size_t n = 0;
    while (name_char(s[n]))
        n++;
    return n;
}

/* The names that the text uses outside directives. */
static void collect_names(struct map *names, const char *p, const char *end)
{
    bool line_start = true;
    while (p < end) {
        size_t n = name_length(p);
        if (line_start && *p == '#') {
            const char *nl = memchr(p, '\n', (size_t)(end - p));
            p = nl ? nl : end;
        } else if (n) {
            if (!isdigit((unsigned char)*p))
                map_put(names, hash_bytes(p, n) | 1, names);
            p += n;
            line_start = false;
        } else {
            line_start = *p++ == '\n';
        }
    }
}

/* A marker: # 12 "file" flags.  Returns its file name's start, or null. */
static const char *marker(const char *line, const char *end, unsigned *num)
{
    if (end - line < 5 || line[0] != '#' || line[1] != ' ' || !isdigit((unsigned char)line[2]))
        return NULL;
    char *p;
    *num = (unsigned)strtoul(line + 2, &p, 10);
    return p + 1 < end && p[0] == ' ' && p[1] == '"' ? p + 1 : NULL;
}

/* ---- macros in pragmas ---- */

struct cleaner {
    struct str out;
    struct map names;  /* that the text uses outside directives */
    struct map macros; /* the last #define or #undef of a name: its line */
    const char *file;  /* of the last marker, in quotes */
    int file_n;
    unsigned line; /* of the text that comes next */
    bool for_gcc;
    bool builtin; /* in what clang and the command line define */
};

static uint64_t name_key(const char *s)
{
    return hash_bytes(s, name_length(s)) | 1;
}

/* Is it a #define that is left out of the text? */
static bool is_left_out(const struct cleaner *c, const char *id)
{
    return c->builtin || map_get(&c->names, name_key(id)) || !strncmp(id, "stm_", 4) ||
           !strncmp(id, "STM_", 4);
}

/* Appends, before what they stand for, the macros that the text from p to e and their own texts name, and
 * that were left out. */
static void macros_named(struct cleaner *c, const char *p, const char *e, struct names *found)
{
    while (p < e) {
        size_t n = name_length(p);
        const char *line = n && !isdigit((unsigned char)*p) ? map_get(&c->macros, name_key(p)) : NULL;
        bool known = !line || line[1] != 'd';
        for (unsigned i = 0; !known && i < found->n; i++)
            known = found->v[i] == line;
        if (!known) {
            ptr_push(&found->v, &found->n, &found->cap, (void *)line);
            macros_named(c, line + 8 + name_length(line + 8), line + strcspn(line, "\n"), found);
        }
        p += n ? n : 1;
    }
}

static bool is_pragma(const char *p, const char *const *words, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (!strncmp(p, words[i], strlen(words[i])))
            return true;
    return false;
}

/* A pragma means what its macros mean at its place; to gcc, in some, nothing. */
static void clean_pragma(struct cleaner *c, const char *p, const char *e)
{
    static const char *const as_it_is[] = {"#pragma GCC poison", "#pragma clang poison", "#pragma push_macro",
                                           "#pragma pop_macro"},
                             *const unexpanded[] = {"#pragma pack", "#pragma weak"};
    struct names found = {0};
    bool hide = c->for_gcc && is_pragma(p, unexpanded, sizeof unexpanded / sizeof *unexpanded);
    if (!is_pragma(p, as_it_is, sizeof as_it_is / sizeof *as_it_is))
        macros_named(c, p + 7, e, &found);
    for (unsigned i = 0; i < found.n; i++) {
        const char *line = found.v[i], *id = line + 8;
        int n = (int)name_length(id);
        str_printf(&c->out, "#pragma push_macro(\"%.*s\")\n#undef %.*s\n", n, id, n, id);
        if (!hide)
            str_printf(&c->out, "%.*s\n", (int)strcspn(line, "\n"), line);
    }
    str_addn(&c->out, p, (size_t)(e - p));
    for (unsigned i = 0; i < found.n; i++)
        str_printf(&c->out, "\n#pragma pop_macro(\"%.*s\")", (int)name_length(found.v[i] + 8),
                   found.v[i] + 8);
    if (found.n && c->file)
        str_printf(&c->out, "\n#line %u %.*s", c->line + 1, c->file_n, c->file);
    free(found.v);
}

static void clean_line(struct cleaner *c, const char *p, const char *e)
{
    unsigned num;
    const char *file = marker(p, e, &num);
    if (file) {
        const char *q = file + 1;
        while (q < e && *q != '"')
            q += *q == '\\' ? 2 : 1;
        c->builtin = !strncmp(file, "\"<built-in>\"", 12) || !strncmp(file, "\"<command line>\"", 16);
        c->file = file;
        c->file_n = (int)(q + 1 - file);
        c->line = (num ? num : 1) - 1; /* the next line is num */
        if (!c->builtin)
            str_printf(&c->out, "#line %u %.*s", num ? num : 1, c->file_n, file);
    } else if (e - p > 8 && !strncmp(p, "#define ", 8)) {
        if (strncmp(c->file ? c->file : "", "\"<built-in>\"", 12))
            map_put(&c->macros, name_key(p + 8), (void *)p);
        if (!is_left_out(c, p + 8))
            str_addn(&c->out, p, (size_t)(e - p));
    } else if (e - p > 7 && !strncmp(p, "#undef ", 7)) {
        map_put(&c->macros, name_key(p + 7), (void *)p);
        if (!c->builtin)
            str_addn(&c->out, p, (size_t)(e - p));
    } else if (e - p > 9 && !strncmp(p, "#include ", 9)) {
        const char *k = strstr(p, " /* clang -E");
        str_addn(&c->out, p, (size_t)((k && k < e ? k : e) - p));
    } else if (e - p > 8 && !strncmp(p, "#pragma ", 8)) {
        clean_pragma(c, p, e);
    } else if (!c->builtin) {
        str_addn(&c->out, p, (size_t)(e - p));
    }
    c->line++;
}

void source_clean(struct source *s, const char *name, char *raw, size_t n)
{
    struct cleaner c = {.for_gcc = s->for_gcc};
    s->name = name;
    collect_names(&c.names, raw, raw + n);
    for (const char *p = raw, *end = raw + n; p < end;) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        const char *e = nl ? nl : end;
        clean_line(&c, p, e);
        str_addn(&c.out, "\n", 1);
        p = e + 1;
    }
    free(raw);
    map_free(&c.names);
    map_free(&c.macros);
    s->text = c.out.s;
    s->n = c.out.n;
    if (s->text) {
        tokens_without_digraphs(s->text, s->n);
        attributes_blank(s->text, s->n);
    }
    index_lines(s);
}

static char *read_fd(int fd, size_t *n)
{
    size_t cap = 1 << 16;
    char *p = xrealloc(NULL, cap);
    *n = 0;
    for (;;) {
        if (*n + 1 >= cap)
            p = xrealloc(p, cap *= 2);
        ssize_t k = read(fd, p + *n, cap - *n - 1);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            break;
        *n += (size_t)k;
    }
    p[*n] = 0;
    return p;
}

int source_preprocess(struct source *s, const char *file, const char *const *args, unsigned nargs)
{
    const char *clang = getenv("UNGIL_CLANG");
    if (!clang || !*clang)
        clang = "clang-19";
    char **argv = xrealloc(NULL, (nargs + 12) * sizeof *argv);
    unsigned k = 0;
    const char *const fixed[] = {clang, "-E", "-dD", "-fkeep-system-includes", "-DUNGIL_TRANSLATE"};
    for (unsigned i = 0; i < sizeof fixed / sizeof *fixed; i++)
        argv[k++] = (char *)fixed[i];
    for (unsigned i = 0; i < nargs; i++)
        argv[k++] = (char *)args[i];
    argv[k++] = (char *)"-x";
    argv[k++] = (char *)"c";
    argv[k++] = (char *)file;
    argv[k] = NULL;
    int fd[2], status;
    if (pipe(fd)) {
        perror("ungil: error: pipe");
        exit(2);
    }
    posix_spawn_file_actions_t fa;
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_adddup2(&fa, fd[1], 1);
    posix_spawn_file_actions_addclose(&fa, fd[0]);
    posix_spawn_file_actions_addclose(&fa, fd[1]);
    pid_t pid;
    int rc = posix_spawnp(&pid, clang, &fa, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&fa);
    close(fd[1]);
    free(argv);
    if (rc) {
        close(fd[0]);
        fprintf(stderr, "ungil: error: cannot run %s: %s\n", clang, strerror(rc));
        return 2;
    }
    size_t n;
    char *raw = read_fd(fd[0], &n);
    close(fd[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(status) || WEXITSTATUS(status)) {
        free(raw);
        return 1;
    }
    source_clean(s, file, raw, n);
    return 0;
}

struct source_line {
    size_t start;
    const char *file;
    unsigned line;
};

/* One entry a line of the text: its offset, and the user's file and line that the last #line gives it. */
static void index_lines(struct source *s)
{
    const char *file = s->name;
    unsigned line = 1, cap = 0;
    for (size_t p = 0; s->text && p < s->n;) {
        const char *nl = memchr(s->text + p, '\n', s->n - p);
        size_t e = nl ? (size_t)(nl - s->text) : s->n;
        if (s->nlines == cap)
            s->lines = xrealloc(s->lines, (cap = cap * 2 + 256) * sizeof *s->lines);
        s->lines[s->nlines++] = (struct source_line){p, file, line++};
        if (e - p > 8 && !strncmp(s->text + p, "#line ", 6)) {
            char *q;
            line = (unsigned)strtoul(s->text + p + 6, &q, 10);
            size_t len = s->text + e - q > 3 ? (size_t)(s->text + e - q - 3) : 0;
            if (len != strlen(file) || memcmp(q + 2, file, len))
                file = len == strlen(s->name) && !memcmp(q + 2, s->name, len)
                           ? s->name
                           : arena_strn(&s->arena, q + 2, len);
        }
        p = e + 1;
    }
}

struct ir_loc source_loc(const struct source *s, size_t off)
{
    if (!s->nlines)
        return (struct ir_loc){s->name, 1, 1};
    unsigned lo = 0, hi = s->nlines;
    while (hi - lo > 1) {
        unsigned mid = (lo + hi) / 2;
        if (s->lines[mid].start <= off)
            lo = mid;
        else
            hi = mid;
    }
    const struct source_line *l = &s->lines[lo];
    return (struct ir_loc){l->file, l->line, (unsigned)(off - l->start) + 1};
}

/* New text in place of the old; takes ownership of it. */
void source_replace(struct source *s, char *text, size_t n)
{
    free(s->text);
    free(s->lines);
    s->lines = NULL;
    s->nlines = 0;
    s->text = text;
    s->n = n;
    index_lines(s);
}

void source_free(struct source *s)
{
    free(s->text);
    free(s->lines);
    arena_free(&s->arena);
}
