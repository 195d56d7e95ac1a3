#!/usr/bin/env bash
# Indirect calls by type: declarations in several files, keys, summaries, and a program that does it.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/functypes.bash"

# ---- types that fit without a conversion, and declarations
merged 'a type without a prototype' <<'C'
struct any { int (*f)(); };
struct any any;
void set(void) { any.f = quiet; }
---
struct any { int (*f)(struct b *); };
extern struct any any;
void set_loud(void) { any.f = loud; }
C
merged 'a function declared otherwise' <<'C'
void put(quiet_fn f) { hook = f; }
---
void put(loud_fn f);
void set(void) { put(loud); }
C
merged 'a variable declared otherwise' <<'C'
quiet_fn other;
int go(void) { return other(NULL); }
---
extern loud_fn other;
void set(void) { other = loud; }
C
merged 'a function that nobody defines' <<<'void foreign(struct x *x); void set(struct x *x) { foreign(x); }'
merged 'a function that nobody defines, further in' \
    <<<'struct list { struct list *next; struct x x; }; void foreign(struct list *l);
        void set(struct list *l) { foreign(l); }'
merged 'a result of a function that nobody defines' \
    <<<'struct x *foreign(void); int go(void) { return foreign()->f(NULL); }'
merged 'a callback of what nobody defines' <<<'void foreign(void (*f)(quiet_fn));
    static void f(quiet_fn q) { q(NULL); } void go(void) { foreign(f); }'
merged 'a variable that nobody defines' <<<'extern struct x other; int go(void) { return other.f(NULL); }'

# The system's: a handler may be any.
calls 'signal' <<'C'
#include <signal.h>
static void on(int n) { (void)n; }
void (*set(void))(int) { return signal(2, on); }
void go(void) { set()(2); }
C
grep -F 'icall .icall:v(i4)' facts >out || failed "signal: $(grep icall facts)"
lacks out nosafepoint
# Nor is it known what the system has put into a struct of its own.
calls 'a field of the system' <<'C'
#include <glob.h>
static void still(void *p) { (void)p; }
void (*volatile keep)(void *) = still;
void go(glob_t *g) { g->gl_closedir(NULL); keep(NULL); }
C
grep -F 'icall .icall:v(pv)' facts >out || failed "a field of the system: $(grep icall facts)"
lacks out nosafepoint
# A class that nobody is in.
calls 'no members' <<<'int go(double (*f)(double)) { return f(1) > 0; }'
grep -F 'icall .icall:double(double)' facts >out || failed "no members: $(grep icall facts)"
lacks out nosafepoint

[ "$cases" -eq 11 ] || failed "$cases cases"

# Compatible types have one key.
cat >keys.c <<'C'
#include "types.h"
enum color { RED };
typedef struct { int n; } named;
int f1(const enum color c, char *const s, int v[3], int g(void)) { return c + *s + *v + g(); }
named *f2(named *restrict p, double d, int (*f)(long), ...) { return d > 0 && f ? p : 0; }
void f3(void) { }
struct a *f4(struct x x, unsigned long n) { (void)x; (void)n; return 0; }
int f5() { return 0; }
void *keep[] = {f1, f2, f3, f4, f5};
C
ok ungil summarize keys.c -o keys.sum -- "${flags[@]}"
grep '^taken' keys.sum >out || true
cat >expected <<'C'
taken f1 i4(i4,pi1,pi4,pf)
taken f2 p{named}(p{named},double,pf,...)
taken f3 v(v)
taken f4 p{a}({x},i8)
taken f5 i4()
C
cmp -s expected out || failed "keys: $(cat out)"

# The order of files changes nothing, nor does doing it again; an old summary is refused.
ok ungil summarize keys.c -o again.sum -- "${flags[@]}"
cmp keys.sum again.sum || failed "summaries differ"
ok ungil link base.sum keys.sum -o a.facts
ok ungil link keys.sum base.sum -o b.facts
cmp a.facts b.facts || failed "facts depend on the order of summaries"
ok ungil link --open base.sum keys.sum -o open.facts
lacks open.facts 'icall.*nosafepoint'
sed 's/^ungil-summary 5/ungil-summary 3/' keys.sum >old.sum
expect_status 1 ungil link base.sum old.sum -o c.facts
has err "run ungil summarize again"
sed '/^merge/s/^merge/mrege/' keys.sum >damaged.sum
expect_status 1 ungil link base.sum damaged.sum -o c.facts
has err "damaged"

# A program that does it: the barrier behind the call stays, or the checking build would stop it.
cat >object.h <<'C'
#include "ungil.h"
struct STM_OBJECT counter { long n; };
struct plain { int (*act)(struct counter *); };
struct fancy { int (*act)(struct plain *); };
int act(void *any, struct counter *c);
extern struct fancy fancy;
extern struct plain plain;
C
cat >fancy.c <<'C'
#include "object.h"
static int rest(struct plain *p) { (void)p; STM_SAFEPOINT(); return 1; }
struct fancy fancy = {rest};
C
cat >act.c <<'C'
#include "object.h"
static int stay(struct counter *c) { return c == 0; }
struct plain plain = {stay};
int act(void *any, struct counter *c)
{
    long before = c->n;
    int r = ((struct plain *)any)->act(c);
    return r + (int)(c->n - before);
}
C
cat >program.c <<'C'
#include <stdio.h>
#include "object.h"
int main(void)
{
    struct counter *c = STM_NEW(struct counter);
    c->n = 40;
    int sum = 0;
    for (int k = 0; k < 100; k++) {
        STM_SAFEPOINT();
        sum += act(k & 1 ? (void *)&fancy : (void *)&plain, c);
    }
    printf("%d\n", sum);
    return 0;
}
C
export UNGIL_CC=clang-19
ok ungil-cc --check --whole-program -O1 program.c act.c fancy.c -o checked
prints 50 env STM_BREAK=1 ./checked
sed -i 's/ : (void \*)&plain/ : (void *)\&plain/; s/k & 1 ? (void \*)&fancy : //' program.c
ok ungil-cc --check --whole-program -O1 program.c act.c fancy.c -o checked
prints 0 env STM_BREAK=1 ./checked
