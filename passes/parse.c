/* parse.c - reads the text form of the IR back (doc/ir.md).
 *
 * The exact inverse of print.c: print(parse(t)) == t for every t that print wrote.  Hand-written text may
 * have comments (;), other spacing, and a phi's operands in any order.  One instruction a line.  Names are
 * resolved when the function's closing brace is reached, because values and blocks may be used before the
 * line that defines them.
 *
 * Any input at all ends in a module or in one located error; nothing here trusts the text.  The first error
 * stops the parse: `ok` goes false, the lexer then only returns end-of-text, and every loop ends.
 */
#include "priv.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_VALUES = 1 << 22, MAX_BLOCKS = 1 << 20 };

enum tok { T_END, T_EOL, T_WORD, T_STRING, T_ARROW, T_PUNCT };

/* A use of a value or a block by number, to be resolved at the end of the function. */
struct use {
    struct ir_inst *inst;
    struct ir_block *block;
    unsigned arg, num, pred;
    const char *at;
};
struct uses {
    struct use *v;
    unsigned n, cap;
};

struct parser {
    const char *name, *text, *p; /* p: the next character */
    FILE *err;
    bool ok;
    enum tok tok;
    const char *start; /* of the current token */
    size_t len;
    const char *string; /* T_STRING: its value */
    struct ir_module *m;
    /* the current function */
    struct ir_func *f;
    struct ir_inst **value;
    unsigned nvalues, capvalues;
    struct uses values, phis, edges;
};

PRINTF_LIKE(3, 4) static void error(struct parser *ps, const char *at, const char *fmt, ...)
{
    if (!ps->ok)
        return;
    ps->ok = false;
    ps->tok = T_END;
    if (!ps->err)
        return;
    unsigned line = 1;
    const char *bol = ps->text;
    for (const char *c = ps->text; c < at; c++)
        if (*c == '\n') {
            line++;
            bol = c + 1;
        }
    fprintf(ps->err, "%s:%u:%u: error: ", ps->name, line, (unsigned)(at - bol) + 1);
    va_list ap;
    va_start(ap, fmt);
    vfprintf(ps->err, fmt, ap);
    va_end(ap);
    fprintf(ps->err, "\n%.*s\n", (int)strcspn(bol, "\n"), bol);
    for (const char *c = bol; c < at; c++)
        putc(*c == '\t' ? '\t' : ' ', ps->err);
    fputs("^\n", ps->err);
}

/* ---- lexer ---- */

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("_.$", c));
}

static int hex(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void lex_string(struct parser *ps)
{
    char *buf = ir_xcalloc(strcspn(ps->p, "\n") + 1, 1);
    size_t n = 0;
    for (ps->p++; *ps->p != '"'; ps->p++) {
        char c = *ps->p;
        if (!c || c == '\n') {
            error(ps, ps->start, "unterminated string");
            break;
        }
        if (c == '\\' && ps->p[1] == 'x' && hex(ps->p[2]) >= 0 && hex(ps->p[3]) >= 0) {
            c = (char)(hex(ps->p[2]) * 16 + hex(ps->p[3]));
            ps->p += 3;
        } else if (c == '\\' && (ps->p[1] == '"' || ps->p[1] == '\\')) {
            c = *++ps->p;
        } else if (c == '\\') {
            error(ps, ps->p, "unknown escape; there are \\\", \\\\ and \\xNN");
            break;
        }
        if (!c) {
            error(ps, ps->p - 3, "null character in a string");
            break;
        }
        buf[n++] = c;
    }
    if (ps->ok) {
        ps->p++;
        ps->tok = T_STRING;
        ps->string = ir_intern(ps->m, buf);
    }
    free(buf);
}

static void next(struct parser *ps)
{
    if (!ps->ok)
        return;
    while (*ps->p == ' ' || *ps->p == '\t' || *ps->p == '\r')
        ps->p++;
    if (*ps->p == ';')
        ps->p += strcspn(ps->p, "\n");
    ps->start = ps->p;
    if (!*ps->p) {
        ps->tok = T_END;
    } else if (*ps->p == '\n') {
        ps->tok = T_EOL;
        ps->p++;
    } else if (*ps->p == '"') {
        lex_string(ps);
    } else if (ps->p[0] == '-' && ps->p[1] == '>') {
        ps->tok = T_ARROW;
        ps->p += 2;
    } else if (word_char(*ps->p)) {
        ps->tok = T_WORD;
        while (word_char(*ps->p))
            ps->p++;
    } else {
        ps->tok = T_PUNCT;
        ps->p++;
    }
    if (ps->ok)
        ps->len = (size_t)(ps->p - ps->start);
}

static bool is_punct(const struct parser *ps, char c)
{
    return ps->tok == T_PUNCT && *ps->start == c;
}

static bool is_word(const struct parser *ps, const char *w)
{
    return ps->tok == T_WORD && ps->len == strlen(w) && !memcmp(ps->start, w, ps->len);
}

static bool accept(struct parser *ps, char c)
{
    if (!is_punct(ps, c))
        return false;
    next(ps);
    return true;
}

static bool accept_word(struct parser *ps, const char *w)
{
    if (!is_word(ps, w))
        return false;
    next(ps);
    return true;
}

static void expect(struct parser *ps, char c)
{
    if (!accept(ps, c))
        error(ps, ps->start, "expected '%c'", c);
}

static void expect_eol(struct parser *ps)
{
    if (ps->tok == T_EOL)
        next(ps);
    else if (ps->tok != T_END)
        error(ps, ps->start, "expected the end of the line");
}

static void skip_eols(struct parser *ps)
{
    while (ps->tok == T_EOL)
        next(ps);
}

/* The decimal number in the text [s, s+len), at most max; -1 if it is none. */
static long number_in(const char *s, size_t len, long max)
{
    long n = 0;
    if (!len || (len > 1 && *s == '0')) /* one spelling for each number, so that text round-trips */
        return -1;
    for (; len; s++, len--) {
        if (!isdigit((unsigned char)*s) || n > (max - (*s - '0')) / 10)
            return -1;
        n = n * 10 + (*s - '0');
    }
    return n;
}

static unsigned number(struct parser *ps, const char *what, long max)
{
    long n = ps->tok == T_WORD ? number_in(ps->start, ps->len, max) : -1;
    if (n < 0) {
        error(ps, ps->start, "expected %s, a number up to %ld", what, max);
        return 0;
    }
    next(ps);
    return (unsigned)n;
}

/* A number that may be negative, or `inf`. */
static long far_number(struct parser *ps, const char *what)
{
    bool minus = accept(ps, '-');
    long n = IR_FAR;
    if (minus || !accept_word(ps, "inf")) {
        n = ps->tok == T_WORD ? number_in(ps->start, ps->len, IR_FAR - 1) : -1;
        if (n < 0 || (minus && !n))
            error(ps, ps->start, "expected %s, a number or inf", what);
        next(ps);
    }
    return minus ? -n : n;
}

static unsigned block_number(struct parser *ps)
{
    long n = ps->tok == T_WORD && *ps->start == 'b' ? number_in(ps->start + 1, ps->len - 1, MAX_BLOCKS) : -1;
    if (n < 0) {
        error(ps, ps->start, "expected a block, such as b1");
        return 0;
    }
    next(ps);
    return (unsigned)n;
}

static const char *take_name(struct parser *ps)
{
    const char *s = NULL;
    if (ps->tok == T_STRING) {
        s = ps->string;
    } else if (ps->tok == T_WORD) {
        char *copy = ir_xcalloc(ps->len + 1, 1);
        memcpy(copy, ps->start, ps->len);
        s = ir_intern(ps->m, copy);
        free(copy);
    } else {
        error(ps, ps->start, "expected a name");
    }
    next(ps);
    return s;
}

static void places(struct parser *ps, struct ir_span *s)
{
    s->lo = far_number(ps, "the first place");
    s->hi = far_number(ps, "the last place");
    const char *at = ps->start;
    s->step = far_number(ps, "the step");
    if (s->lo > s->hi || s->step < 0 || (s->step == 0) != (s->lo == s->hi))
        error(ps, at, "expected first <= last, and a step unless they are the same");
}

static long span_size(struct parser *ps)
{
    const char *at = ps->start;
    long n = far_number(ps, "a size");
    if (n <= 0)
        error(ps, at, "expected a size above 0");
    return n;
}

static const char *take_string(struct parser *ps, const char *what)
{
    if (ps->tok != T_STRING)
        error(ps, ps->start, "expected %s", what);
    const char *s = take_name(ps);
    return s ? s : "";
}

static struct ir_span span(struct parser *ps)
{
    struct ir_span s = {.view = take_string(ps, "a view")};
    places(ps, &s);
    s.size = span_size(ps);
    s.indexed = accept_word(ps, "indexed");
    s.own = accept_word(ps, "own");
    return s;
}

static enum ir_class take_class(struct parser *ps)
{
    for (unsigned c = 0; c < 4; c++)
        if (accept_word(ps, ir_class_name[c]))
            return (enum ir_class)c;
    error(ps, ps->start, "expected a class: int, raw, any or ref");
    return IRC_INT;
}

/* After '!', which is the current token; a file name is not made of our tokens, so this reads characters. */
static struct ir_loc take_loc(struct parser *ps)
{
    struct ir_loc loc = {NULL, 0, 0};
    if (*ps->p == '"') {
        next(ps);
        loc.file = ps->ok && *ps->string ? ps->string : NULL;
    } else {
        ps->start = ps->p;
        while (isalnum((unsigned char)*ps->p) || (*ps->p && strchr("_./+-<>", *ps->p)))
            ps->p++;
        size_t len = (size_t)(ps->p - ps->start);
        char *copy = ir_xcalloc(len + 1, 1);
        memcpy(copy, ps->start, len);
        if (!len)
            error(ps, ps->start, "expected a location, such as file.c:12:3");
        loc.file = ir_intern(ps->m, copy);
        free(copy);
    }
    next(ps);
    expect(ps, ':');
    loc.line = number(ps, "a line", UINT_MAX);
    expect(ps, ':');
    loc.col = number(ps, "a column", UINT_MAX);
    return loc;
}

/* ---- uses ---- */

static void add_use(struct uses *u, struct use use)
{
    if (u->n == u->cap) {
        u->cap = u->cap ? 2 * u->cap : 64;
        u->v = ir_xrealloc(u->v, u->cap * sizeof *u->v);
    }
    u->v[u->n++] = use;
}

static void operand(struct parser *ps, struct ir_inst *i)
{
    const char *at = ps->start;
    expect(ps, '%');
    unsigned num = number(ps, "a value", MAX_VALUES - 1);
    add_use(&ps->values, (struct use){.inst = i, .arg = i->nargs, .num = num, .at = at});
    ir_add_arg(i, i); /* room; replaced by resolve_uses */
}

static void operands(struct parser *ps, struct ir_inst *i)
{
    if (!is_punct(ps, '%'))
        return;
    do
        operand(ps, i);
    while (accept(ps, ','));
}

static void phi_operands(struct parser *ps, struct ir_inst *i)
{
    if (!is_punct(ps, '['))
        return;
    do {
        const char *at = ps->start;
        expect(ps, '[');
        unsigned pred = block_number(ps);
        expect(ps, ':');
        expect(ps, '%');
        unsigned num = number(ps, "a value", MAX_VALUES - 1);
        expect(ps, ']');
        add_use(&ps->phis, (struct use){.inst = i, .num = num, .pred = pred, .at = at});
    } while (accept(ps, ','));
}

static struct ir_inst *value(struct parser *ps, const struct use *u)
{
    struct ir_inst *v = u->num < ps->nvalues ? ps->value[u->num] : NULL;
    if (!v)
        error(ps, u->at, "%%%u is not defined in this function", u->num);
    return v;
}

static void resolve_edges(struct parser *ps)
{
    struct ir_func *f = ps->f;
    for (unsigned k = 0; ps->ok && k < ps->edges.n; k++) {
        const struct use *u = &ps->edges.v[k];
        if (u->num >= f->nblocks) {
            error(ps, u->at, "there is no block b%u", u->num);
            return;
        }
        for (unsigned j = k; j-- > 0 && ps->edges.v[j].block == u->block;)
            if (ps->edges.v[j].num == u->num)
                error(ps, u->at, "b%u is a successor twice", u->num);
        ir_add_edge(u->block, f->blocks[u->num]);
    }
}

static void resolve_phis(struct parser *ps)
{
    for (unsigned k = 0; ps->ok && k < ps->phis.n;) {
        struct ir_inst *phi = ps->phis.v[k].inst;
        const struct ir_block *b = phi->block;
        for (unsigned a = 0; a < b->npreds; a++) {
            ir_add_arg(phi, phi);
            phi->args[a] = NULL; /* a gap */
        }
        unsigned n = 0, first = k;
        for (; ps->ok && k < ps->phis.n && ps->phis.v[k].inst == phi; k++, n++) {
            const struct use *u = &ps->phis.v[k];
            unsigned a = 0, hi = b->npreds;
            while (a < hi) {
                unsigned mid = a + (hi - a) / 2;
                if (b->preds[mid]->id < u->pred)
                    a = mid + 1;
                else
                    hi = mid;
            }
            if (a == b->npreds || b->preds[a]->id != u->pred)
                error(ps, u->at, "b%u is not a predecessor of b%u", u->pred, b->id);
            else if (phi->args[a])
                error(ps, u->at, "b%u stands twice in the phi", u->pred);
            else
                phi->args[a] = value(ps, u);
        }
        if (ps->ok && n != b->npreds)
            error(ps, ps->phis.v[first].at, "phi with %u operands for %u predecessors of b%u", n, b->npreds,
                  b->id);
    }
}

static void resolve_values(struct parser *ps)
{
    for (unsigned k = 0; ps->ok && k < ps->values.n; k++) {
        const struct use *u = &ps->values.v[k];
        u->inst->args[u->arg] = value(ps, u);
    }
}

/* ---- instructions ---- */

/* The target list of a jump or branch. */
static void targets(struct parser *ps, struct ir_block *b)
{
    do {
        const char *at = ps->start;
        unsigned num = block_number(ps);
        add_use(&ps->edges, (struct use){.block = b, .num = num, .at = at});
    } while (accept(ps, ','));
}

static void call_body(struct parser *ps, struct ir_inst *i)
{
    if (accept(ps, '@'))
        i->sym = take_name(ps);
    if (i->op == IR_ICALL)
        operand(ps, i);
    expect(ps, '(');
    operands(ps, i);
    expect(ps, ')');
    if (accept_word(ps, "returns"))
        i->index = (int)number(ps, "an argument's number", INT_MAX);
}

static void anchor_body(struct parser *ps, struct ir_inst *i)
{
    i->index = (int)number(ps, "an anchor's number", INT_MAX);
    if (!is_punct(ps, '%'))
        return;
    do {
        operand(ps, i);
        if (ps->tok != T_STRING)
            error(ps, ps->start, "expected the name of a local");
        const char *name = take_name(ps);
        ir_name_last(i, name ? name : "");
    } while (ps->ok && accept(ps, ','));
}

/* What stands between the mnemonic and the flags; the mirror image of print_body. */
static void body(struct parser *ps, struct ir_inst *i)
{
    switch (i->op) {
    case IR_PARAM:
        i->index = (int)number(ps, "a parameter's number", INT_MAX);
        return;
    case IR_PHI:
        phi_operands(ps, i);
        return;
    case IR_CALL:
    case IR_ICALL:
        call_body(ps, i);
        return;
    case IR_JUMP:
    case IR_BRANCH:
        targets(ps, i->block);
        return;
    default:
        break;
    }
    if (i->op == IR_ADDR && accept(ps, '@'))
        i->sym = take_name(ps);
    if (i->op == IR_ANCHOR) {
        anchor_body(ps, i);
        return;
    }
    operands(ps, i);
    if (ir_is(i, IRF_ACCESS | IRF_BARRIER)) {
        bool range = ir_is(i, IRF_BARRIER) && is_word(ps, "range");
        if (!is_word(ps, "object") && !is_word(ps, "address") && !range)
            error(ps, ps->start, "expected object or address");
        i->unit = range ? IRU_RANGE : is_word(ps, "address") ? IRU_ADDRESS : IRU_OBJECT;
        next(ps);
        i->size = number(ps, "a size", UINT_MAX);
    }
    if ((i->op == IR_DERIVE || (ir_is(i, IRF_ACCESS) && i->unit == IRU_OBJECT) || ir_is(i, IRF_BARRIER)) &&
        accept(ps, '+'))
        i->index = (int)number(ps, "an offset", ir_is(i, IRF_BARRIER) ? INT_MAX : IR_MAX_OFFSET - 1);
    if (i->op != IR_ADDR && ps->tok == T_STRING)
        i->sym = take_name(ps);
    if (ir_is(i, IRF_ACCESS | IRF_BARRIER)) {
        expect(ps, '#');
        i->access = (int)number(ps, "an access number", INT_MAX);
    }
    if ((ir_is(i, IRF_ACCESS) || i->op == IR_ESCAPE) && accept_word(ps, "in")) {
        struct ir_span s = span(ps);
        i->span = ir_span_new(ps->m, s);
    }
}

static bool take_flag(struct parser *ps, struct ir_inst *i)
{
#define FLAG(bit, name)                                                                                      \
    if (accept_word(ps, name)) {                                                                             \
        i->flags |= (bit);                                                                                   \
        return true;                                                                                         \
    }
    IR_FLAG_TABLE(FLAG)
#undef FLAG
    return false;
}

static void define(struct parser *ps, unsigned num, struct ir_inst *i, const char *at)
{
    if (num >= ps->nvalues) {
        if (num >= ps->capvalues) {
            ps->capvalues = num < 32 ? 64 : 2 * num;
            ps->value = ir_xrealloc(ps->value, ps->capvalues * sizeof(struct ir_inst *));
        }
        memset(ps->value + ps->nvalues, 0, (num + 1 - ps->nvalues) * sizeof(struct ir_inst *));
        ps->nvalues = num + 1;
    }
    if (ps->value[num])
        error(ps, at, "%%%u is defined twice", num);
    ps->value[num] = i;
    i->id = num;
}

static void instruction(struct parser *ps, struct ir_block *b)
{
    const char *at = ps->start;
    bool result = accept(ps, '%');
    unsigned num = 0, op = 0;
    if (result) {
        num = number(ps, "a value", MAX_VALUES - 1);
        expect(ps, '=');
    }
    while (op < IR_OP_COUNT && !is_word(ps, ir_op_name[op]))
        op++;
    if (op == IR_OP_COUNT)
        error(ps, ps->start, "expected an operation");
    else if (result && !(ir_op_flags[op] & IRF_RESULT))
        error(ps, ps->start, "%s defines no value", ir_op_name[op]);
    else if (!result && (ir_op_flags[op] & IRF_RESULT))
        error(ps, ps->start, "%s needs a value to define: %%N = %s", ir_op_name[op], ir_op_name[op]);
    else if (ir_terminated(b))
        error(ps, ps->start, "b%u is terminated; expected a block or '}'", b->id);
    if (!ps->ok)
        return;
    next(ps);
    struct ir_inst *i = ir_emit(b, (enum ir_op)op, IRC_INT, (struct ir_loc){NULL, 0, 0});
    if (result)
        define(ps, num, i, at);
    body(ps, i);
    while (take_flag(ps, i))
        ;
    if (result) {
        expect(ps, ':');
        i->cls = take_class(ps);
    }
    if (is_punct(ps, '!'))
        i->loc = take_loc(ps);
    expect_eol(ps);
}

/* ---- functions ---- */

static void header(struct parser *ps)
{
    expect(ps, '@');
    const char *name = take_name(ps);
    struct ir_func *f = ps->f = ir_func_new(ps->m, name ? name : "");
    expect(ps, '(');
    f->nparams = number(ps, "the number of parameters", INT_MAX);
    expect(ps, ')');
    if (ps->tok == T_ARROW)
        next(ps);
    else
        error(ps, ps->start, "expected ->");
    f->ret = take_class(ps);
    f->is_static = accept_word(ps, "static");
    f->address_taken = accept_word(ps, "address_taken");
    f->unique = accept_word(ps, "unique");
    f->replaceable = accept_word(ps, "replaceable");
    if (is_punct(ps, '!'))
        f->loc = take_loc(ps);
    expect(ps, '{');
    expect_eol(ps);
}

static void verify(struct parser *ps, const char *at)
{
    char *what = NULL;
    size_t len;
    FILE *mem = open_memstream(&what, &len);
    if (!mem)
        ir_die("out of memory");
    bool good = ir_verify(ps->f, mem);
    fclose(mem);
    if (!good)
        error(ps, at, "malformed function: %.*s", (int)strcspn(what, "\n"), what);
    free(what);
}

static void function(struct parser *ps)
{
    const char *at = ps->start;
    ps->values.n = ps->phis.n = ps->edges.n = ps->nvalues = 0;
    header(ps);
    skip_eols(ps);
    struct ir_block *b = NULL;
    while (ps->ok && !is_punct(ps, '}')) {
        const char *start = ps->start;
        if (ps->tok == T_WORD && *ps->start == 'b' &&
            number_in(ps->start + 1, ps->len - 1, MAX_BLOCKS) >= 0) {
            if (block_number(ps) != ps->f->nblocks)
                error(ps, start, "expected b%u", ps->f->nblocks);
            b = ir_block_new(ps->f);
            expect(ps, ':');
            expect_eol(ps);
        } else if (ps->tok == T_END) {
            error(ps, ps->start, "expected '}' before the end");
        } else if (!b) {
            error(ps, ps->start, "expected b0:");
        } else {
            instruction(ps, b);
        }
        skip_eols(ps);
    }
    if (!ps->ok)
        return;
    resolve_edges(ps);
    resolve_phis(ps);
    resolve_values(ps);
    ps->f->nvalues = ps->nvalues;
    ps->f->builder = NULL;
    if (ps->ok)
        verify(ps, at);
    next(ps);
    expect_eol(ps);
    skip_eols(ps);
}

/* ---- beside functions ---- */

static void record(struct parser *ps)
{
    const char *view = take_string(ps, "a view");
    long size = far_number(ps, "a size");
    struct ir_record *r = ir_add_record(ps->m, view, size, accept_word(ps, "object"));
    expect_eol(ps);
    skip_eols(ps);
    while (ps->ok && accept_word(ps, "member")) {
        struct ir_member m = {.name = take_string(ps, "a name"), .kind = take_string(ps, "a kind")};
        places(ps, &m.at);
        m.at.size = span_size(ps);
        ir_add_member(ps->m, r, m);
        expect_eol(ps);
        skip_eols(ps);
    }
}

static void view(struct parser *ps)
{
    struct ir_view v = {.from.view = take_string(ps, "a view"), .to = take_string(ps, "a view")};
    places(ps, &v.from);
    for (unsigned k = IR_VIEW_PART; k <= IR_VIEW_COPIED && !v.kind; k++)
        if (accept_word(ps, ir_view_name[k]))
            v.kind = (enum ir_view_kind)k;
    if (accept_word(ps, "unless")) {
        expect(ps, '@');
        v.unless = take_name(ps);
    }
    ir_add_view(ps->m, v);
    expect_eol(ps);
}

static void declared(struct parser *ps)
{
    expect(ps, '@');
    struct ir_declared d = {.name = take_name(ps)};
    long param = far_number(ps, "a parameter");
    if (param < -2 || param > INT_MAX)
        error(ps, ps->start, "expected a parameter, -1 for the result, or -2");
    d.param = (int)param;
    d.view = take_string(ps, "a view");
    d.defined = accept_word(ps, "defined");
    if (d.name)
        ir_add_declared(ps->m, d);
    expect_eol(ps);
}

struct ir_module *ir_parse(const char *name, const char *text, FILE *err)
{
    struct parser ps = {.name = name, .text = text, .p = text, .start = text, .err = err, .ok = true};
    ps.m = ir_module_new(name);
    next(&ps);
    skip_eols(&ps);
    while (ps.ok && ps.tok != T_END) {
        if (accept_word(&ps, "func")) {
            function(&ps);
        } else if (!ps.m->nfuncs && !ps.m->whole && accept_word(&ps, "whole")) {
            ps.m->whole = true;
            expect_eol(&ps);
        } else if (accept_word(&ps, "record")) {
            record(&ps);
        } else if (accept_word(&ps, "view")) {
            view(&ps);
        } else if (accept_word(&ps, "declared")) {
            declared(&ps);
        } else {
            error(&ps, ps.start, "expected func");
        }
        skip_eols(&ps);
    }
    free(ps.value);
    free(ps.values.v);
    free(ps.phis.v);
    free(ps.edges.v);
    if (ps.ok)
        return ps.m;
    ir_module_free(ps.m);
    return NULL;
}
