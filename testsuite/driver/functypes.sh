#!/usr/bin/env bash
# Indirect calls by type: what leaves types apart, conversions, and where a type gets lost.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/functypes.bash"

# ---- nothing gets there
apart 'nothing' <<<'int unused;'
apart 'null, constants, comparisons' <<'C'
enum { NONE = 0 };
int reset(void) { hook = NULL; hook = 0; hook = (quiet_fn)-1; hook = NONE;
    return hook == NULL || !hook || hook != (void *)0; }
_Bool set(void) { _Bool b = hook; (void)loud; return b; }
C
apart 'its own type, by other names' <<'C'
typedef struct a A;
enum color { RED };
typedef int number;
number set(number (*const f)(const A *)) { hook = f; hook = &*quiet; hook = ***quiet; return 0; }
C
apart 'allocation' <<'C'
struct x *make(quiet_fn f) { struct x *x = malloc(sizeof *x); x->f = f; return realloc(x, 64); }
struct y *make_y(loud_fn f) { struct y *y = calloc(1, sizeof *y); y->f = f; return y; }
void drop(struct x *x, struct y *y) { memset(x, 0, sizeof *x); free(x); free((void *)y); }
C
apart 'a custom allocator' <<'C'
static char pool[1000], *at = pool;
static void *take(size_t n) { at += n; return at - n; }
struct x *make(void) { return take(sizeof(struct x)); }
struct y *make_y(void) { return (struct y *)(at + 500); }
C
apart 'void * of one type' <<'C'
int through(void *p) { return ((struct x *)p)->f(NULL); }
int give(struct x *x) { return through(x); }
C
apart 'void *, at another offset' <<'C'
struct z { loud_fn f; long n; };
int through(void *p) { return ((struct x *)p)->f(NULL); }
int give(struct z *z) { return through(z); }
C
apart 'a first member, and a repeated head' <<'C'
struct derived { struct x base; loud_fn more; };
struct head { long n; quiet_fn f; loud_fn more[3]; };
struct x *up(struct derived *d) { return (struct x *)d; }
struct derived *down(struct x *x) { return (struct derived *)x; }
struct head *head(struct x *x) { return (struct head *)x; }
C
apart 'a union of structs that agree' <<'C'
union both { struct x x; struct { long n; quiet_fn g; loud_fn l; } w; struct x *to_x; };
int through(union both *u) { return u->w.g(NULL); }
C
apart 'a copy of the same type' <<'C'
void copy(struct x *to, struct x *from) { memcpy(to, from, sizeof *to); *to = *from; }
C
apart 'a comparator of qsort' <<'C'
static int compare(const void *a, const void *b) { STM_SAFEPOINT();
    return *(const int *)a - *(const int *)b; }
void sort(int *v, size_t n) { qsort(v, n, sizeof *v, compare); }
C

# ---- conversions
merged 'a cast' <<<'void set(void) { hook = (quiet_fn)loud; }'
merged 'a cast, in another file than the call, of a value' \
    <<<'quiet_fn set(loud_fn f) { return (quiet_fn)f; }'
merged 'by way of a third type' <<'C'
void *(*middle)(long);
void first(void) { middle = (void *(*)(long))loud; }
---
extern void *(*middle)(long);
void second(void) { hook = (quiet_fn)middle; }
C
merged 'an assignment' <<<'void set(void) { hook = loud; }'
merged 'an argument' <<<'static void to(quiet_fn f) { hook = f; } void set(void) { to(loud); }'
merged 'a result' <<<'quiet_fn get(void) { return loud; }'
merged 'an initialiser' <<<'quiet_fn first = loud;'
merged 'a list' <<<'struct x all[] = {{1, quiet}, {2, loud}};'
merged 'a list with designators' <<<'struct x all[] = {[3].f = loud};'
merged 'a compound literal' <<<'int go(void) { return call_x(&(struct x){.f = loud}); }'
merged 'a conditional' <<<'void set(int c) { hook = c ? loud : quiet; }'
merged 'a conditional without a middle' <<<'void set(loud_fn f, quiet_fn g) { hook = f ?: g; }'
merged 'a conditional without a middle, of structs' \
    <<<'int go(struct y *y, void *v) { return call_x(y ?: v); }'
merged 'void *' <<<'void *p = loud; void set(void) { hook = p; }'
merged 'an integer' <<<'unsigned long n; void put(void) { n = (unsigned long)loud; }
    void set(void) { hook = (quiet_fn)n; }'

# ---- the type gets lost
merged '...' <<'C'
#include <stdarg.h>
void put(int n, ...) { va_list v; va_start(v, n); hook = va_arg(v, quiet_fn); va_end(v); }
void set(void) { put(1, loud); }
C
merged 'va_arg, converted' <<'C'
#include <stdarg.h>
void put(int n, ...) { va_list v; va_start(v, n); hook = va_arg(v, loud_fn); va_end(v); }
void set(void) { put(1, loud); }
C
merged 'a call without a prototype' <<'C'
void put();
void set(void) { put(loud); }
---
void put(f) quiet_fn f; { hook = f; }
C
merged 'a call before an old-style definition' <<'C'
void put();
void set(void) { put(1, loud); }
void put(n, f) int n; quiet_fn f; { hook = f; }
C
merged 'an old-style definition, by a pointer' <<'C'
static void put(n, f) int n; quiet_fn f; { hook = f; }
void (*to)() = put;
void set(void) { to(1, loud); }
C
merged 'a pointer without a prototype to a function with one' <<'C'
static void put(quiet_fn f) { hook = f; }
void (*to)() = put;
void set(void) { to(loud); }
C
merged 'a struct through ...' <<'C'
#include <stdarg.h>
static struct x *get(int n, ...) { va_list v; va_start(v, n);
    struct x *x = va_arg(v, struct x *); va_end(v); return x; }
int go(struct y *y) { return call_x(get(1, y)); }
C
merged 'an atomic access' <<<'loud_fn from; void set(void) { hook = __atomic_load_n(&from, 5); }'
merged 'assembly' <<<'void set(void) { quiet_fn f; __asm__("" : "=r"(f) : "0"(loud)); hook = f; }'

[ "$cases" -eq 35 ] || failed "$cases cases"
