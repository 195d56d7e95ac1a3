/* Compound literals of file scope are variables, if they are more than values and not const. */
#include "ungil.h"
#include <stdlib.h>
typedef struct node { struct node *next; long v; } node STM_OBJECT;
struct table { node *first; int *counts; int n; };
static node **slots = (node *[4]){0};
static struct table *nested = &(struct table){.counts = (int[]){1, 2,
                                              3}, .n = 3};
static int *one = (int[]){1}, *two = &((struct table){.n = 2}).n;
static const struct table list[] = {{.counts = (int[2]){4}}, [2] = {.counts = &(int[]){5, 6}[1]}};
struct calls { int (*f)(const char *); };
struct calls *calls = &(struct calls){atoi};

static const int *constant = (const int[]){1, 2};
static int values[2] = (int[2]){1, 2}, number = (int){3};
static unsigned long size = sizeof *(int *[4]){0};
static int *raw STM_RAW = (int[4]){0};
void use(node *n) { slots[1] = n; nested->first = n; *one = *two; size += list[2].counts[0] + constant[1]; }
int uses(void) { return values[number++]++ + raw[1]++; }
