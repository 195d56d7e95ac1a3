#!/usr/bin/env bash
# Writes an annotated C program of about that many lines: what translation's cost is measured on
# (bench/translate.sh).
#
#   generate.sh LINES [SEED]
#
# The same bytes for the same arguments, on every machine.  The program is valid and terminates: it prints a
# checksum, the same whether it is translated or not.  It comes in groups of 24 functions around three
# object types: constructors, accessors, list walks and updates, tree insertion and look-up, arrays of
# references, hash functions over raw memory, a dispatch loop with a switch, and calls between all these, at
# most four deep.  Lengths, constants, fields and callees are drawn from the seed.
set -euo pipefail

[[ ${1:-} =~ ^[1-9][0-9]*$ && ${2:-1} =~ ^[0-9]+$ ]] ||
    { echo "usage: generate.sh LINES [SEED]" >&2; exit 2; }

awk -v g=0 -v want="$1" -v seed="${2:-1}" '
# Park and Miller: exact in a double.
function rnd(n) { state = (state * 16807) % 2147483647; return int(state / 2147483647 * n) }
function line(s) { print s; lines++ }
# One of the alternatives in a list separated by bars.
function pick(list,    v, n) { n = split(list, v, "|"); return v[1 + rnd(n)] }
function number() { return 1 + rnd(97) }
function field() { return pick("key|value|weight") }
# Some arithmetic on s and n, each line a statement of its own.
function sums(indent, count,    k) {
    for (k = 0; k < count; k++)
        line(indent pick("s += n * " number() ";|s ^= s >> " (1 + rnd(13)) ";|n = n * " number() " + " \
            number() ";|if (n & " number() ") s++;"))
}
# The name of a function of this group that is one level lower; "" if there is none.
function callee(level) { return level > 1 && count[level - 1] ? name[level - 1, rnd(count[level - 1])] : "" }
function call(indent, level,    f) {
    f = callee(level)
    if (f != "") line(indent "s += " f "(h, n + " number() ");")
}
function begin(level,    f) {
    f = "f" g "_" functions++
    line("")
    line((rnd(3) ? "static " : "") "unsigned long " f "(struct holder" g " *h, unsigned long n)")
    line("{")
    line("    unsigned long s = " number() ";")
    made = f; made_level = level
}
function finish() {
    line("    return s + n;")
    line("}")
    name[made_level, count[made_level]++] = made
    all[nall++] = made
}

function types() {
    line("")
    line("struct STM_OBJECT node" g " {")
    line("    struct node" g " *next;")
    line("    unsigned long key, value;")
    line("    unsigned weight;")
    line("};")
    line("struct STM_OBJECT tree" g " {")
    line("    struct tree" g " *left, *right;")
    line("    unsigned long key;")
    line("    struct node" g " *payload;")
    line("};")
    line("struct STM_OBJECT holder" g " {")
    line("    struct node" g " *head;")
    line("    struct tree" g " *root;")
    line("    unsigned count, top;")
    line("    unsigned long acc;")
    line("    struct node" g " *slot[8];")
    line("};")
}
function constructor() {
    line("")
    line("static struct node" g " *cons" g "(struct node" g " *next, unsigned long key)")
    line("{")
    line("    struct node" g " *p = STM_NEW(struct node" g ");")
    line("    p->next = next;")
    line("    p->key = key;")
    line("    p->value = key * " number() ";")
    line("    p->weight = " number() ";")
    line("    return p;")
    line("}")
    line("")
    line("static struct holder" g " *make" g "(void)")
    line("{")
    line("    struct holder" g " *h = STM_NEW(struct holder" g ");")
    line("    for (unsigned i = 0; i < 5; i++)")
    line("        h->head = cons" g "(h->head, i * " number() " + " number() ");")
    line("    return h;")
    line("}")
}
function walk(level) {
    begin(level)
    line("    for (struct node" g " *p = h->head; p; p = p->next) {")
    line("        if (p->key % " (2 + rnd(7)) " == n % " (2 + rnd(5)) ")")
    line("            p->" field() " += " number() ";")
    line("        else")
    line("            s += p->" field() ";")
    sums("        ", rnd(4))
    if (!rnd(3)) call("        ", level)
    line("    }")
    finish()
}
function access(level,    k) {
    begin(level)
    for (k = 2 + rnd(5); k > 0; k--)
        line(pick("    h->acc += s;|    h->count++;|    s += h->acc + h->count;|" \
            "    if (h->head) s += h->head->" field() ";|    h->top = (h->top + " number() ") % 8;"))
    sums("    ", rnd(3))
    finish()
}
function find(level) {
    begin(level)
    line("    struct node" g " *p = h->head;")
    line("    while (p && p->key < n % " (20 + number()) ")")
    line("        p = p->next;")
    line("    if (p) {")
    line("        s += p->value;")
    line("        p->weight++;")
    line("    } else if (h->count < 40) {")
    line("        h->head = cons" g "(h->head, n % " number() ");")
    line("        h->count++;")
    line("    }")
    call("    ", level)
    finish()
}
function insert(level) {
    begin(level)
    line("    struct tree" g " **at = &h->root;")
    line("    unsigned depth = 0;")
    line("    while (*at && depth++ < 12) {")
    line("        if ((*at)->key == n)")
    line("            break;")
    line("        at = n < (*at)->key ? &(*at)->left : &(*at)->right;")
    line("    }")
    line("    if (!*at) {")
    line("        struct tree" g " *t = STM_NEW(struct tree" g ");")
    line("        t->key = n;")
    line("        t->payload = h->head;")
    line("        *at = t;")
    line("    } else if ((*at)->payload) {")
    line("        s += (*at)->payload->" field() ";")
    line("    }")
    sums("    ", rnd(3))
    finish()
}
function array(level) {
    begin(level)
    line("    for (unsigned i = 0; i < 8; i++) {")
    line("        if (!h->slot[i])")
    line("            h->slot[i] = i % 2 ? h->head : cons" g "(0, n + i);")
    line("        s += h->slot[i] ? h->slot[i]->" field() " : " number() ";")
    line("    }")
    if (rnd(2)) {
        line("    for (unsigned i = 0; i + 1 < 8; i++) {")
        line("        struct node" g " *t = h->slot[i];")
        line("        h->slot[i] = h->slot[i + 1];")
        line("        h->slot[i + 1] = t;")
        line("    }")
    }
    call("    ", level)
    finish()
}
function hash(level) {
    begin(level)
    line("    char text[24];")
    line("    snprintf(text, sizeof text, \"%lu\", n);")
    line("    for (const char *c = text; *c; c++)")
    line("        s = s * " (31 + 2 * rnd(9)) " + (unsigned char)*c;")
    line("    h->acc ^= s;")
    sums("    ", 1 + rnd(4))
    finish()
}
function dispatch(level,    k, cases) {
    begin(level)
    line("    for (unsigned pc = 0; pc < 6; pc++) {")
    line("        struct node" g " *p = h->slot[pc] ? h->slot[pc] : h->head;")
    line("        switch ((n + pc) % " (cases = 4 + rnd(6)) ") {")
    for (k = 0; k < cases; k++) {
        line("        case " k ":")
        if (rnd(3)) line("            s += p ? p->" field() " : n;")
        if (!rnd(3)) line("            h->acc += s;")
        if (!rnd(4)) line("            h->top = pc;")
        if (!rnd(3)) call("            ", level)
        sums("            ", rnd(3))
        line("            break;")
    }
    line("        }")
    line("    }")
    finish()
}
function recurse(level,    f) {
    begin(level)
    f = made
    line("    if (n % 8 == 0)")
    line("        return h->acc + s;")
    line("    h->acc += n % " number() ";")
    line("    s += " f "(h, n % 8 - 1);")
    call("    ", level)
    finish()
}

function group(    k, level) {
    delete count; delete name; nall = 0; functions = 0
    types()
    constructor()
    for (k = 0; k < 24; k++) {
        level = 1 + int(k / 6)
        kind = (k * 5 + rnd(3)) % 8
        if (kind == 0) walk(level)
        else if (kind == 1) access(level)
        else if (kind == 2) find(level)
        else if (kind == 3) insert(level)
        else if (kind == 4) array(level)
        else if (kind == 5) hash(level)
        else if (kind == 6) dispatch(level)
        else recurse(level)
    }
    line("")
    line("unsigned long run" g "(void);")
    line("unsigned long run" g \
        "(void) /* not static: inlined into main, all programs would be one function */")
    line("{")
    line("    struct holder" g " *h = make" g "();")
    line("    unsigned long s = 0;")
    for (k = 0; k < nall; k++)
        line("    s = s * 31 + " all[k] "(h, " number() ");")
    line("    STM_SAFEPOINT();")
    line("    return s;")
    line("}")
}

BEGIN {
    state = 1 + (seed * 7919 + 12345) % 2147483646
    line("/* Made by bench/generate.sh " want " " seed ". */")
    line("#include <stdio.h>")
    line("#include \"ungil.h\"")
    do group()
    while (++g && lines + g + 10 < want)
    line("")
    line("int main(void)")
    line("{")
    line("    unsigned long s = 0;")
    for (k = 0; k < g; k++)
        line("    s = s * 31 + run" k "();")
    line("    printf(\"%lu\\n\", s);")
    line("    return 0;")
    line("}")
}'
