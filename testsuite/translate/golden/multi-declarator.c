/* Several declarators share their specifiers: each is treated by itself. */
#include "ungil.h"
typedef struct node { struct node *next; int value; } node STM_OBJECT;
int used, *pointer = &used, *const fixed = &used, never, array[3] = {1, 2, 3}, (*fp)(void);
static int a, b = 2, c;
int f(node *n, node *m)
{
    int x = n->value, y = m->value, *z = &x, v[2] = {n->value, m->next->value};
    static int s1, s2 = 3, s3;
    for (int i = n->value, j = m->value; i < j; i++)
        x += i;
    used = a = s1 = s3 = 1;
    array[0] = 1;
    pointer = 0;
    fp = 0;
    return x + y + *z + v[0] + b + c + s2 + *fixed + never;
}
