#!/usr/bin/env bash
# --whole-program: summaries beside objects, one join, only what must be is translated again
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

cat >node.h <<'C'
#include "ungil.h"
struct STM_OBJECT node { struct node *next; int key, hits; };
struct node *new_node(struct node *next, int key);
int hit(struct node *n);
struct node *checked(struct node *n);
void tell(struct node *n);
C
cat >node.c <<'C'
#include <stdio.h>
#include "node.h"
struct node *new_node(struct node *next, int key)
{
    struct node *n = STM_NEW(struct node);
    n->next = next;
    n->key = key;
    return n;
}
int hit(struct node *n) { return ++n->hits; }
struct node *checked(struct node *n)
{
    if (n->hits < 0)
        n->hits = 0;
    return n;
}
void tell(struct node *n) { if (n->key) remove("absent"); else remove("nothing"); }
C
cat >main.c <<'C'
#include <stdio.h>
#include "node.h"
static int sum(struct node *n)
{
    int s = 0;
    for (; n; n = checked(n)->next)
        s += n->key * hit(n);
    return s;
}
int main(void)
{
    struct node *n = new_node(new_node(NULL, 40), 2);
    int s = sum(n);
    if (s < 0) {
        remove("negative");
        tell(n);
    }
    printf("%d %d\n", s, n->hits);
    return 0;
}
C
export UNGIL_CC=clang-19
cc="ungil-cc --whole-program -O1"

# The objects are good by themselves, and so is the program with what the join adds.
ok $cc -c node.c
ok $cc -c main.c
there node.o node.o.sum node.o.cmd main.o.sum
ok ungil-cc node.o main.o -o apart
[ "$(./apart)" = "42 1" ] || failed "apart: $(./apart)"
ok $cc node.o main.o -o prog
[ "$(./prog)" = "42 1" ] || failed "prog: $(./prog)"
has main.o.wp.facts "immutable node.key"
has main.o.wp.facts "done hit 0"
has main.o.wp.facts "returns=0"
has main.o.wp.facts "done-inev tell"
has node.o.wp.facts "given-inev tell"
lacks main.o.wp.facts "immutable node.hits"

# Nothing changed: nothing is done again.
ok $cc --ungil-verbose node.o main.o -o prog
lacks err "whole-facts"
# A change that alters no facts of the other file.
sed -i 's/"%d %d/"%d, %d/' main.c
ok $cc -c main.c
ok $cc --ungil-verbose node.o main.o -o prog
[ "$(grep -c whole-facts err)" -eq 1 ] || failed "translated again: $(cat err)"
[ "$(./prog)" = "42, 1" ] || failed "prog: $(./prog)"
# One that makes a field mutable for all.
echo 'void set_key(struct node *n, int key) { n->key = key; }' >>node.c
ok $cc -c node.c
ok $cc --ungil-verbose node.o main.o -o prog
[ "$(grep -c whole-facts err)" -eq 2 ] || failed "translated again: $(cat err)"
lacks main.o.wp.facts "immutable node.key"
has main.o.wp.facts "immutable node.next"

# In one step; and with an object that nobody knows the inside of.
ok $cc node.c main.c -o prog
[ "$(./prog)" = "42, 1" ] || failed "in one step: $(./prog)"
echo 'int other;' >other.c
ok clang-19 -c other.c
ok $cc node.o main.o other.o -o prog
lacks main.o.wp.facts immutable
[ "$(./prog)" = "42, 1" ] || failed "open: $(./prog)"

# Another file's function that writes nothing may be the check that finds out that a pointer is none: no
# barrier moves before it.
cat >check.c <<'END'
#include "ungil.h"
#include <stdlib.h>
struct STM_OBJECT cell { long value; };
void check(struct cell *c) { if ((unsigned long)c & 1) abort(); }
void set(struct cell *c, long v) { c->value = v; }
END
cat >sum.c <<'END'
#include "ungil.h"
struct STM_OBJECT cell { long value; };
void check(struct cell *c);
long sum(struct cell *c, int n)
{
    long s = 0;
    do {
        check(c);
        s += c->value;
    } while (--n);
    return s;
}
int main(void) { return (int)sum((struct cell *)1, 2); }
END
ok ungil summarize check.c -o check.sum
ok ungil summarize sum.c -o sum.sum
ok ungil link check.sum sum.sum -o sum.facts
has sum.facts "call check .*readonly"
ok ungil translate --facts sum.facts sum.c -o sum.stm.c
has sum.stm.c "s += STM_AT(stm_rd(c), struct cell)->value;"

# The tools by hand: the same bytes each time, and stale facts are refused.
ok ungil summarize node.c -o 1.sum
ok ungil summarize node.c -o 2.sum
cmp 1.sum 2.sum || failed "summaries differ"
ok ungil summarize main.c -o main.sum
ok ungil link main.sum 1.sum -o a.facts
ok ungil link 2.sum main.sum -o b.facts
cmp a.facts b.facts || failed "facts depend on the order of summaries"
ok ungil translate --facts a.facts main.c -o -
echo 'int more(struct node *n) { return n->key; }' >>main.c
expect_status 1 ungil translate --facts a.facts main.c -o -
has err "compile it again"
expect_status 1 ungil link main.c -o a.facts
expect_status 2 ungil link absent.sum -o a.facts

# Whatever files are called: their names are part of those of local functions.
for name in 'my "odd" file.c' 'back\slash.c' 'per%cent;.c'; do
    cat >"$name" <<'END'
#include "ungil.h"
static int one(void) { return 1; }
static int (*f)(void) = one;
int main(void) { return f() - 1; }
END
    ok ungil-cc --whole-program "$name" -o odd
    ok ./odd
done

# Objects that were made without: said, since nobody would see it.
ok ungil-cc -c 'per%cent;.c' -o apart.o
ok ungil-cc --whole-program apart.o -o apart
has err "no object was made with --whole-program"
ok ungil-cc --whole-program -c 'per%cent;.c' -o apart.o
ok ungil-cc --whole-program apart.o -o apart
lacks err "no object was made"

# One file, translated twice, with other options: two files of the program.
cat >twice.c <<'C'
#include "ungil.h"
struct STM_OBJECT box { long v; };
static struct box *mine;
static long next(struct box *b) { return b->v += STEP; }
long NAME(void)
{
    if (!mine)
        mine = STM_NEW(struct box);
    return next(mine);
}
C
cat >both.c <<'C'
#include <stdio.h>
long one(void), ten(void);
int main(void)
{
    one(), ten();
    printf("%ld %ld\n", one(), ten());
    return 0;
}
C
ok ungil-cc --whole-program -DSTEP=1 -DNAME=one -c twice.c -o one.o
ok ungil-cc --whole-program -DSTEP=10 -DNAME=ten -c twice.c -o ten.o
ok ungil-cc --whole-program both.c one.o ten.o -o both -pthread
./both >out
has out '^2 20$'
expect_status 1 ungil-cc --whole-program both.c one.o one.o -o both -pthread
has err 'one.o.sum: the same as .*one.o.sum; give one of them'

# Standard input is not there any more at the link.
echo 'int f(int *p) { return ++*p; }' >in.c
ok sh -c "ungil-cc --whole-program -c -x c - -o in.o <in.c"
echo 'int f(int *); int main(void) { static int k; return f(&k) - 1; }' >m.c
ok ungil-cc --whole-program -c m.c
ok ungil-cc --whole-program m.o in.o -o fromin
ok ./fromin
