#!/usr/bin/env bash
# Indirect calls by type: memory that is used as of several types.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/functypes.bash"

# ---- memory
merged 'another struct' <<<'int go(struct y *y) { return call_x((struct x *)y); }'
merged 'another struct, without a cast' <<<'int go(struct y *y) { return call_x(y); }'
merged 'another struct, further in' <<'C'
struct class_x { long n[2]; quiet_fn f; }; struct class_y { long n[2]; loud_fn f; };
struct object_x { const struct class_x *class; }; struct object_y { const struct class_y *class; int more; };
int through(struct object_x *o) { return o->class->f(NULL); }
int go(struct object_y *o) { return through((struct object_x *)o); }
C
merged 'another struct, with void * there' <<'C'
struct w { long n; void *f; };
int go(struct w *w) { w->f = (void *)loud; return call_x((struct x *)w); }
C
merged 'another struct, of long arrays' <<'C'
struct long_x { struct { long n; quiet_fn f; } v[1000]; };
struct long_y { struct { long n; loud_fn f; } v[1000]; };
int through(struct long_x *x) { return x->v[999].f(NULL); }
int go(struct long_y *y) { return through((struct long_x *)y); }
C
merged 'another struct, far out in an array' <<'C'
struct tail_x { struct { long n, m; } pad[100]; long n; quiet_fn f; };
struct tail_y { struct { long n; loud_fn f; } v[200]; };
int through(struct tail_x *x) { return x->f(NULL); }
int go(struct tail_y *y) { y->v[100].f = loud; return through((struct tail_x *)y); }
C
merged 'another struct, an array over single members' <<'C'
struct ax { quiet_fn f[4]; }; struct ay { void *p; loud_fn f, g; };
int through(struct ax *x) { return x->f[2](NULL); }
int go(struct ay *y) { return through((struct ax *)y); }
C
merged 'void *, across files' <<'C'
void *get(void);
int go(void) { struct x *x = get(); return x->f(NULL); }
---
struct y y = {1, loud};
void *get(void) { return &y; }
C
merged 'an integer that is an address' <<'C'
int go(unsigned long n) { return call_x((struct x *)n); }
int give(struct y *y) { return go((unsigned long)y); }
C
merged 'void * in a union' <<'C'
union any { void *p; struct x *x; };
int go(struct y *y) { union any u = {.p = y}; return u.x->f(NULL); }
C
merged 'void *, arrays' <<'C'
struct vx { quiet_fn f[4]; }; struct vy { long n; loud_fn f; };
int through(void *p) { return ((struct vx *)p)->f[1](NULL); }
int go(struct vy *y) { return through(y); }
C
merged 'void *, the pointer itself' <<'C'
void put(void *to) { *(quiet_fn *)to = 0; }
void set(loud_fn *f) { put(f); }
C
merged 'the pointer, as void *' <<<'void set(void *p) { *(void **)&hook = p; }'
merged 'the pointer, as an integer' <<<'void set(long n) { *(long *)&hook = n; }'
merged 'the pointer, as another' <<<'void set(void) { *(loud_fn *)&hook = loud; }'
merged 'the struct, as void *s' <<<'void set(struct x *x) { ((void **)x)[1] = (void *)loud; }'
merged 'bytes' <<<'void set(struct x *to, struct y *from) {
    for (size_t k = 0; k < sizeof *to; k++) ((char *)to)[k] = ((char *)from)[k]; }'
merged 'memcpy' <<<'void set(struct x *to, struct y *from) { memcpy(to, from, sizeof *to); }'
merged 'memmove, with casts' <<<'void set(struct x *to, struct y *from) {
    memmove((void *)to, (const void *)from, sizeof *to); }'
merged 'memcpy, by its result' <<'C'
struct x *clone(struct y *y) { return memcpy(malloc(sizeof *y), y, sizeof *y); }
C
merged 'realloc' <<<'struct x *turn(struct y *y) { return realloc(y, 100); }'
merged 'memcpy of the pointer' <<<'void set(void *p) { memcpy(&hook, &p, sizeof p); }'
merged 'a union' <<'C'
union u { quiet_fn q; loud_fn l; };
int go(union u *u) { u->l = loud; return u->q(NULL); }
C
merged 'a union, further in' <<'C'
struct in_union { int kind; union { struct x x; struct { int n, m; struct { loud_fn l[2]; } in; } y; } u; };
int go(struct in_union *u) { u->u.y.in.l[0] = loud; return call_x(&u->u.x); }
C
merged 'a union with void *' <<'C'
union u { quiet_fn q; void *p; };
int go(union u *u, void *p) { u->p = p; return u->q(NULL); }
C
merged 'a union with an integer' <<'C'
union u { long n[2]; struct x x; };
int go(union u *u, long n) { u->n[1] = n; return u->x.f(NULL); }
C
merged 'what a function is given' <<'C'
static int take(struct x *x) { return x->f(NULL); }
int go(struct y *y) { int (*f)(struct y *) = (int (*)(struct y *))take; return f(y); }
C
merged 'what a function is given, as void *' <<'C'
static int take(struct x *x) { return x->f(NULL); }
static int apply(int (*f)(void *), void *p) { return f(p); }
int go(struct y *y) { return apply((int (*)(void *))take, y); }
C

[ "$cases" -eq 28 ] || failed "$cases cases"
