/* Calls of translated code: arguments and results stay references; facts end there. */
#include "ungil.h"
typedef struct node { struct node *next; int value; int (*fn)(struct node *, int); } node STM_OBJECT;
node *g(node *n);
STM_NO_SAFEPOINT void quiet(node *n);
STM_TRANSACTION_PURE int pure(int x);
STM_IRREVERSIBLE void fire(int x);
static int local(node *n) { return n->value; }
int facts_end(node *n) { int v = n->value; g(n); return v + n->value; }
int facts_stay(node *n) { int v = n->value; quiet(n); return v + n->value + pure(v); }
int of_result(node *n) { return g(n)->value; }
node *nested(node *n) { return g(g(n->next)->next); }
int field(node *n) { return n->fn(n, n->value); }
int pointer(int (*fp)(node *), node *n) { return fp(n) + (*fp)(n->next); }
int (*choose(int c))(node *) { return c ? local : &local; }
int chosen(node *n) { return choose(n->value)(n->next); }
void irreversible(node *n) { fire(n->value); }
void after_pure(node *n) { n->value = pure(n->value); }
int recurse(node *n) { return n ? n->value + recurse(n->next) : 0; }
