#!/usr/bin/env bash
# --whole-program: a field is immutable only if no write of the program can reach its bytes.  One way after
# another to write node.kind, and what of the node is still immutable then.
# timeout: 200
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

# program BODY [DECLARATIONS]: writes p.c, where BODY gets a node p, another o, and a number v
program() {
    cat >p.c <<C
#include <pthread.h>
#include <search.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "ungil.h"
struct STM_OBJECT node { struct node *link; long kind; long y; };
struct STM_OBJECT twin { long number, other, more; };
struct element { long a, b; };
struct STM_OBJECT vec { long n; struct element el[4]; };
struct STM_OBJECT base { long type; };
struct STM_OBJECT derived { struct base head; long first, second; };
struct STM_OBJECT sibling { struct base head; long count; };
$2
void set(struct node *p, struct node *o, struct vec *e, struct derived *d, long v) { $1; }
struct node *make(struct node *l, long k)
{
    struct node *n = STM_NEW(struct node);
    n->link = l;
    n->kind = n->y = k;
    return n;
}
long get(struct node *p) { return p->kind + p->y + (p->link == NULL); }
long get_vec(struct vec *p) { return p->n + p->el[1].a + p->el[2].b; }
long get_derived(struct derived *d) { return d->head.type + d->first + d->second; }
int main(void) { return 0; }
C
}

# still "FIELDS" BODY [DECLARATIONS]: the fields of node, vec and derived that are immutable all the same
still() {
    program "$2" "${3:-}"
    ok ungil summarize p.c -o p.sum -- -w
    ok ungil link p.sum -o p.facts
    local found
    found=$(sed -n 's/^immutable \([^ ]*\) .*/\1/p' p.facts | sort -u | tr '\n' ' ')
    [ "$found" = "$1${1:+ }" ] || failed "$2: immutable: '$found', not '$1'"
}

V='element.a element.b' D='derived.first derived.second base.type' N='node.kind node.link node.y'
all() { # sorted
    tr ' ' '\n' <<<"$*" | grep . | sort | tr '\n' ' ' | sed 's/ $//'
}
no_kind=$(all "$V" "$D" vec.n node.link node.y)
no_link=$(all "$V" "$D" vec.n node.kind node.y)
no_node=$(all "$V" "$D" vec.n)
still "$(all "$V" "$D" "$N" vec.n)" '(void)p'
still "$no_kind" 'p->kind = v'

# Pointers to the object of other types.
still "$no_link" '*(struct node **)p = o'
still "$no_link" 'void **s = (void **)p; s[0] = o'
still "$no_node" 'void **s = (void **)p; s[v] = o'
still "$no_node" 'long *w = (long *)p; w[v] = 1'
still "$no_kind" '((struct twin *)p)->other = v'
still "$no_kind" 'void *q = p; struct twin *t = q; t->other = v'
still "$no_kind" '((struct { struct node *l; long k; } *)p)->k = v'
still "$no_node" 'long (*q)[3] = (long (*)[3])p; (*q)[1] = v'
still "$no_node" '*(long *)((char *)p + 8) = v'
still "$no_node" 'set_at(p, offsetof(struct node, kind), v)' \
    'void set_at(void *o, size_t off, long v) { *(long *)((char *)o + off) = v; }'
still "$no_node" 'void *q = p; q += 8; *(long *)q = v'
still "$no_kind" 'w(p, v)' 'void w(const struct node *q, long v) { ((struct node *)q)->kind = v; }'
still "$no_node" 'const char *c = (const char *)p; *(long *)(c + 8) = v'
still "$no_node" '*(long *)((uintptr_t)p + 8) = v'
still "$no_node" 'uintptr_t a = (uintptr_t)p; a += 8; *(long *)a = v'
still "$no_node" 'struct twin t = {1, 2, 3}; *(struct twin *)p = t'

# The address of a field, an element, a member.
still "$no_kind" 'out(&p->kind)' 'void out(long *q) { *q = 7; }'
still "$(all "$V" "$D" vec.n)" 'out(&p->y)' 'void out(long *q) { q[-1] = 7; }' # any long beside it
still "$(all "$V" "$D" vec.n)" 'long *w = &p->y; w--; *w = v'
still "$no_node" 'char *y = (char *)&p->y; ((struct node *)(y - offsetof(struct node, y)))->kind = v'
still "$(all "$N" "$D" element.a vec.n)" 'struct element *q = e->el; q++; q->b = v'
still "$(all "$N" "$D" element.a vec.n)" 'struct element (*q)[4] = &e->el; (*q)[v].b = v'
still "$(all "$N" "$D")" 'long *w = (long *)e->el; w[v] = v'
still "$(all "$N" "$D")" 'void *q = &e->el[1]; *(long *)((char *)q + 8) = v'
still "$(all "$N" "$D")" 'char *c = (char *)e->el; *(long *)(c + 24) = v'

# Objects of one base: what is used as a sibling is one.
still "$(all "$V" "$N" "$D" vec.n)" '((struct sibling *)b)->count = v' 'struct base *b;' # no way from derived
still "$(all "$V" "$N" "$D" vec.n)" 'struct base *b = &d->head; if (b->type) ((struct sibling *)b)->count = v'
still "$(all "$V" "$N" derived.second base.type vec.n)" '((struct sibling *)d)->count = v'
still "$(all "$V" "$N" vec.n)" 'set_at(&d->head, 8, v)' \
    'void set_at(struct base *o, size_t off, long v) { *(long *)((char *)o + off) = v; }'

# Unions of objects: what is written in one alternative reaches what begins alike, and what was made as the
# union.
U='union all { struct node n; struct twin t; struct vec e; struct derived d; };
    struct STM_OBJECT other { struct twin *l; double x, y; };'
still "$no_kind" '((union all *)p)->n.kind = v' "$U"
still "$no_kind" '(*(union all *)p).n.kind = v' "$U"
still "$no_kind" 'struct node *q = &((union all *)p)->n; q->kind = v' "$U"
still "$no_kind" 'long *q = &((union all *)p)->n.kind; *q = v' "$U"
still "$no_kind" 'struct node *q = (struct node *)(union all *)p; q->kind = v' "$U"
still "$no_kind" '((union all *)p)->t.other = v' "$U" # alike so far, but for the names
still "$no_kind" '((union wide *)p)->in.n.kind = v' \
    "$U union wide { struct { struct node n; long more; } in; double d; };"
still "$no_kind" '((union wide *)p)->kind = v' \
    "$U union wide { struct { struct node *l; long kind; }; double d; };"
still "$no_kind" '((union wide *)p)->u.n.kind = v' "$U union wide { union all u; double s[2]; };"
still "$no_kind" '((struct wide *)p)->u.n.kind = v' "$U struct wide { union all u; long more; };"
still "$no_kind" '((struct wide *)p)->n.kind = v' \
    "$U struct wide { union { struct node n; struct other o; }; };"
still "$no_kind" '((struct wide *)p)->u.o.kind = v' \
    "struct STM_OBJECT wide { struct node *link; union { struct { long kind, y; } o; double x; } u; };"
still "$(all "$V" "$D" vec.n node.y)" '((union wide *)p)->w[1] = v' \
    'union wide { struct node n; long w[2]; };'
still "$no_node" '((union wide *)p)->w[v] = v' 'union wide { struct node n; long w[3]; };'
still "$no_kind" 'const union all *c = (const union all *)p; ((union all *)c)->n.kind = v' "$U"
still "$no_kind" 'void *q = p; union all *a = q; a->n.kind = v' "$U"
still "$no_kind" '((union all *)(struct base *)p)->n.kind = v' "$U"
still "$no_node" 'union all *a = (union all *)p; *a = *(union all *)o' "$U"
still "$(all "$V" "$N" "$D" vec.n)" '((union some *)d)->t.x = v' \
    'struct STM_OBJECT text { struct base head; double x; }; union some { struct derived d; struct text t; };'
still "$(all "$V" "$N" vec.n base.type derived.second)" \
    'union all *a = STM_NEW(union all); keep = (struct base *)a; ((struct derived *)keep)->first = v' \
    "$U struct base *keep;"
still "$(all "$V" "$N" vec.n base.type derived.second)" '((union some *)d)->s.count = v' \
    'union some { struct derived d; struct sibling s; };' # alike

# Pointers to pointers; pointers that are copied as bytes, in unions, structs, through ....
still "$no_node" 'long **w = (long **)&p; (*w)[v] = v'
still "$no_node" 'union any u = {.n = p}; u.w[v] = v' 'union any { struct node *n; long *w; };'
still "$no_node" 'struct a x = {p}; ((struct b *)&x)->w[v] = v' \
    'struct a { struct node *n; }; struct b { long *w; };'
still "$no_node" 'long *w; memcpy(&w, &p, sizeof p); w[v] = v'
still "$no_node" 'long *w; char *x = (char *)&w, *s = (char *)&p; for (int i = 0; i < 8; i++) x[i] = s[i];
    w[v] = v'
still "$no_node" 'put(1, p)' \
    'void put(int n, ...) { va_list ap; va_start(ap, n); ((long *)va_arg(ap, void *))[n] = 1; va_end(ap); }'
still "$no_node" 'put(p, v)' \
    'typedef union { struct node *n; long *w; } t __attribute__((transparent_union));
    void put(t a, long v) { a.w[v] = v; }'
still "$no_node" 'stash = p; ((long *)stash)[v] = v' 'void *stash;'

# Functions of other types, and what they get.
still "$no_node" '((void (*)(struct node *, long))w)(p, v)' 'void w(long *q, long v) { q[v] = v; }'
still "$no_node" '((void (*)(struct node *, long))f)(p, v)' \
    'void w(long *q, long v) { q[v] = v; } void *f = (void *)w;'
still "$no_node" 'w(p, v)' 'void w(); void w(q, v) long *q; long v; { q[v] = v; }'
still "$no_node" 'pthread_t t; pthread_create(&t, NULL, w, p)' \
    'void *w(void *q) { ((long *)q)[1] = 7; return q; }'
still "$no_node" 'struct node *both[2] = {p, o}; qsort(both, 2, sizeof *both, w)' \
    'int w(const void *a, const void *b) { long *x = *(long *const *)a; x[(long)b] = 7; return 0; }'
still "$no_node" 'pthread_key_t k; pthread_setspecific(k, p); ((long *)pthread_getspecific(k))[v] = v'
still "$no_node" '((long *)stm_weak_get(stm_weak_new(p)))[v] = v'

# What the library writes.
still "$no_node" 'void *q = p; long *w = q; sscanf("9", "%ld", w + 1)'
still "$(all "$V" "$D" vec.n node.link)" 'memcpy(&p->kind, &v, sizeof v)' # how much is not looked at
still "$no_node" 'void *q = p; char *c = q; memcpy(c + 8, &v, sizeof v)'
still "$(all "$V" "$D" vec.n node.link)" 'if (read(0, &p->kind, 8) < 0) abort()'
still "$no_node" 'char *c = memchr(p, 3, 24); *c = 7'
still "$(all "$V" "$D" vec.n node.link)" '__atomic_store_n(&p->kind, v, __ATOMIC_SEQ_CST)'
still "$no_node" 'stm_pin(p)'
still "$(all "$V" "$D" "$N" vec.n)" 'printf("%ld\n", p->kind); free(malloc(p->y))'

still "$(all "$V" "$D" vec.n node.link)" 'struct iovec x = {&p->kind, 8}; if (readv(0, &x, 1) < 0) abort()' \
    '#include <sys/uio.h>'
still "$(all "$V" "$D" "$N" vec.n)" 'struct iovec x = {&p->kind, 8}; if (writev(0, &x, 1) < 0) abort()' \
    '#include <sys/uio.h>'

# What it gives back leads into what it was given: as its result, or where it stores a pointer.
T='struct STM_OBJECT text { long n; char name[8]; struct tm at; int count; signed char tiny; pthread_t who; };
struct text *t; long get_text(struct text *t) { return t->n + t->name[1] + t->at.tm_sec + t->count + t->tiny
    + (long)t->who; }
#include <inttypes.h>
#include <iconv.h>
#include <wchar.h>
#include <getopt.h>
static void say(const char *f, ...)
{
    char to[32];
    va_list ap;
    va_start(ap, f);
    vsnprintf(to, sizeof to, f, ap);
    va_end(ap);
}'
everything="$V $D $N vec.n"
text() { # "FIELDS" BODY: of those of a text
    still "$(all "$everything" tm.tm_sec "$1")" "$2" "$T"
}
text 'text.count text.n text.name text.tiny text.who' '(void)t'
text 'text.count text.n text.tiny text.who' '*strchr(t->name, 65) = 1'
text 'text.count text.n text.tiny text.who' '*(strstr(t->name, "a") + 1) = 1'
text 'text.count text.n text.tiny text.who' 'char *c; c = strpbrk(t->name, "a"); *c = 1'
text 'text.count text.n text.tiny text.who' '((char *)memchr(t->name, 65, 8))[1] = 1'
text 'text.count text.n text.tiny text.who' '*(char *)strchr((const char *)t->name, 65) = 1'
text 'text.count text.n text.tiny text.who' 'char *c; v = strtol(t->name, &c, 10); *c = 1'
text 'text.count text.n text.tiny text.who' 'char *c; v = strtod(t->name, &c) > 1; c[-1] = 1'
text 'text.count text.n text.tiny text.who' \
    'char *c; v = strtoimax(t->name, (char **)&c, 10); *c = 1'
text 'text.count text.n text.name text.tiny text.who' 'v = strchr(t->name, 65)[1] + atoi(t->name)'
text 'text.n text.name' 'say("%n", &t->count)'
text 'text.n text.name' 'int *c = &t->count; say("%n", c)'
text 'text.n text.name' 'void (*f)(const char *, ...) = say; f("%n", &t->count)'
text 'text.count text.n text.name' 'say("%hhn", &t->tiny)'
text 'text.count text.n text.name text.tiny text.who' 'say("%s", t->name)'
text 'text.count text.n text.name text.tiny' 'pthread_create(&t->who, NULL, NULL, NULL)'

# Pointers that are printed, or written to a file, and come back.
still "$no_node" 'char s[40]; void *q; sprintf(s, "%p", (void *)p); sscanf(s, "%p", &q); ((long *)q)[v] = v'
still "$no_node" 'long *q; printf("%d %p\n", 1, p); if (scanf("%p", (void **)&q)) q[v] = v'
still "$no_node" 'long *q; if (write(1, &p, 8) == 8 && read(0, &q, 8) == 8) q[v] = v'
still "$no_node" 'struct box b = {p}, *c = &b; struct got { long n; long *w; } g;
    fwrite(c, sizeof b, 1, stdout);
    if (fread(&g, sizeof g, 1, stdin)) g.w[v] = v' 'struct box { struct node *n; long more; };'
still "$(all "$V" "$D" "$N" vec.n)" \
    'printf("%s %p\n", (char *)p, (void *)p); long l; if (scanf("%ld", &l)) p = o'

# Fresh memory is of the type that it is used as, and nothing else.
still "$(all "$V" "$D" "$N" vec.n)" 'struct twin *t = room(8); t->number = 1; keep = room(8)' \
    'void *room(size_t n) { void *q = malloc(n); return q ? q : NULL; } struct node *keep;'

# Two files that take one function, or one struct, for different things.
cat >a.c <<'C'
#include "ungil.h"
struct STM_OBJECT node { long link, kind; };
void set(struct node *p, long v);
struct node *make(void) { struct node *n = STM_NEW(struct node); n->kind = n->link = 1; return n; }
long get(struct node *p) { return p->kind + p->link; }
int main(void) { set(make(), 1); return 0; }
C
cat >b.c <<'C'
void set(long *p, long v) { p[1] = v; }
C
cat >c.c <<'C'
#include "ungil.h"
struct STM_OBJECT node { long first, kind; };
void set(struct node *p, long v) { p->kind = v; }
C
ok ungil summarize a.c -o a.sum
ok ungil summarize b.c -o b.sum
ok ungil summarize c.c -o c.sum
ok ungil link a.sum b.sum -o ab.facts
lacks ab.facts "immutable node.kind"
ok ungil link a.sum c.sum -o ac.facts
lacks ac.facts "immutable node.kind"
has ac.facts "immutable node.link"

# A local that a pointer leads to changes like anything else; a variable of a member's type is no member.
still "$(all "$V" "$D" "$N" vec.n)" \
    'struct box b = {p}; struct box *q = &b; long s = q->n->kind; b.n = o; s += q->n->kind; p->y + s' \
    'struct box { struct node *n; };'
still "$(all "$V" "$D" "$N" vec.n)" 'count++; see(&p->kind)' \
    'long count; long see(const long *q) { return *q; }'

# What a function returns as a new object, and has shown to others before, is not only what its caller makes
# of it.
shown='struct node *shown;
struct node *born(void) { struct node *n = STM_NEW(struct node); n->kind = 1; shown = n; return n; }
void *nothing(void) { struct node *n = STM_NEW(struct node); n->kind = 1; shown = n; return n; }
void keep(struct node *n) { shown = n; }
struct node *by_call(void) { struct node *n = STM_NEW(struct node); n->kind = 1; keep(n); return n; }
void *behind(void) { return nothing(); }
struct node *alone(void) { struct node *n = STM_NEW(struct node); n->kind = 1; return n; }'
for call in '(long *)born()' 'nothing()' '(long *)by_call()' 'behind()' '(char *)born()'; do
    still "$(all "$V" "$D" vec.n)" "long *q = (void *)$call; STM_SAFEPOINT(); q[v] = 1" "$shown"
    still "$(all "$V" "$D" vec.n)" \
        "long *q; STM_SAFEPOINT(); (q = (void *)$call); STM_SAFEPOINT(); q[v & 1] = 1" "$shown"
done
still "$(all "$V" "$D" "$N" vec.n)" 'long *q = (long *)alone(); STM_SAFEPOINT(); q[1] = 1' "$shown"

# The parts of a complex number have addresses of their own; so has what __extension__ stands before, and an
# array is given by its address whatever chooses it.
wave='struct STM_OBJECT wave { double _Complex z, rows[2]; long m, n; } *wave; double *to;
double get_wave(struct wave *w) { return __real__ w->z + __imag__ w->rows[1] + w->m + w->n; }'
waves='wave.m wave.n wave.rows wave.z'
still "$(all "$V" "$D" "$N" vec.n "$waves")" '(void)to' "$wave"
still "$(all "$V" "$D" "$N" vec.n "${waves/ wave.z}")" 'to = &__real__ wave->z; *to = v' "$wave"
still "$(all "$V" "$D" "$N" vec.n "${waves/ wave.z}")" 'to = &__imag__ wave->z; *to = v' "$wave"
still "$(all "$V" "$D" "$N" vec.n "${waves/ wave.rows}")" 'to = &__imag__ wave->rows[v]; *to = v' "$wave"
still "$(all "$V" "$D" "$N" vec.n "${waves/ wave.z}")" \
    'to = &(__extension__ __real__ (wave->z)); *to = v' "$wave"
still "$(all "$V" "$D" "$N" vec.n "${waves/wave.m }")" 'long *q = &(__extension__ wave->m); *q = v' "$wave"
still "$(all "$V" "$D" "$N" vec.n)" \
    'to = (double *)_Generic(v, long: wave->rows, int: wave->n) + 3; *to = v' "$wave"
still "$(all "$V" "$D" "$N" vec.n)" \
    'to = (double *)__builtin_choose_expr(1, wave->rows, 0) + 3; *to = v' "$wave"
