/* Functions with copies: for which calls, what holds before these, and each access once for each of them. */
#include "ungil.h"

struct STM_OBJECT node { struct node *next; long value; };

static void set(struct node *n, struct node *m)
{
    n->value = m->value;
    m->value = 0;
}

static void swap(struct node *n, struct node *m) { set(n, m); set(m, n); }

static void init(struct node *n) { n->next = 0; n->value = 1; }

struct node *use(struct node *n, struct node *m)
{
    struct node *fresh = STM_NEW(struct node);
    init(fresh);
    init(n);
    swap(n, m);
    set(n, fresh);
    STM_SAFEPOINT();
    swap(n, m);
    return fresh;
}

void other(struct node *n, struct node *m)
{
    set(n, m);
    init(n);
}
