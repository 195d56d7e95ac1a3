/* Pointers that the collector would not see. */
#include "ungil.h"

struct __attribute__((packed)) STM_OBJECT wire { char kind; struct wire *next; STM_RAW char *text; };
struct __attribute__((packed)) entry { int key; void *value; };
struct STM_OBJECT table { long n; struct entry entries[4]; };
struct STM_OBJECT fine { char kind; struct fine *next; struct { char c; } __attribute__((packed)) in; };
struct __attribute__((packed)) plain { char kind; void *p; };
int f(struct wire *w, struct table *t, struct fine *g, struct plain *p)
{
    return w->kind + (int)t->n + g->kind + p->kind;
}
