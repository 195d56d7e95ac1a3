#include "ungil.h"
struct node { struct node *next; };
static struct late { int n; struct node *first; } *late = &(struct late){1, 0};
static struct later { int n; } *more = (struct later[2]){{1}, {2}}, one;
static struct last { int n; } **right = (struct last *[2]){0};
void f(int n) { late->n = n; more->n = n; one.n = n; *right = 0; }
