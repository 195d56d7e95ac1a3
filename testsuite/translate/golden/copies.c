/* Copies of functions for calls before which more has been done: declared before their first use, written
 * behind the original, called by all that may. */
#include "ungil.h"
#include <stdio.h>

struct STM_OBJECT stack { struct stack *below; int sp; long slots[8]; };

static int depth(struct stack *s);

/* called before its definition is seen */
static long early(struct stack *s)
{
    s->sp = 0;
    return depth(s);
}

__attribute__((noinline, used)) static void push(struct stack *s,
                                           long v)
{
    s->slots[s->sp] = v;
    s->sp++;
}

/* its calls of itself have a copy */
static int depth(struct stack *s)
{
    s->sp++;
    printf("%s\n", __func__);
    return s->sp > 7 ? 0 : 1 + depth(s);
}

/* a copy for each of two states; a copy that calls another one */
static void both(struct stack *s, struct stack *t) { s->sp++; t->sp--; }
static void through(struct stack *s) { both(s, s->below); }

/* not static: the original stays for others */
long size(struct stack *s)
{
    return s->sp;
}

/* no copies: a static variable; a type in its head; assembly; the address of a label; noreturn */
static int counted(struct stack *s) { static int n; s->sp++; return ++n; }
static struct pair { int a, b; } pair(struct stack *s) { s->sp++; return (struct pair){1, 2}; }
static void clobber(struct stack *s) { s->sp++; __asm__ volatile("" ::: "memory"); }
static void jump(struct stack *s) { void *to = &&end; s->sp++; goto *to; end: s->sp--; }

/* its address is taken: direct calls may go to copies all the same */
static void taken(struct stack *s) { s->sp++; }
void (*pointer)(struct stack *) = taken;

long use(struct stack *s, struct stack *t, struct stack *u)
{
    push(s, 1);
    (push)(s, 2);
    push(t, size(u) + size(s));
    counted(s), pair(s), clobber(s), jump(s), taken(s);
    pointer(u);
    return early(s) + early(u) + depth(t->below);
}

void states(struct stack *s, struct stack *t)
{
    t->sp = 1;
    both(s, t);
    STM_SAFEPOINT();
    both(s, t);
    STM_SAFEPOINT();
    through(s);
    through(s);
}

void others(struct stack *s, struct stack *t, struct stack *u, struct stack *v)
{
    counted(s), pair(t), clobber(u), jump(v);
}
