/* Operands that are not evaluated are left as they were; bounds of variable-length arrays are evaluated. */
#include "ungil.h"
#include <stddef.h>
typedef struct node { struct node *next; int value; char text[10]; } node STM_OBJECT;
unsigned long sizes(node *p) { return sizeof p->value + sizeof(p->text) + sizeof *p + _Alignof(node)
    + sizeof(int) + __alignof__(p->value); }
int types(node *p) { __typeof__(p->value) x = p->value; __auto_type y = p->value;
    return x + y + (__typeof__(p->next->value))3; }
int generic(node *p) { return _Generic(p->value, int: p->value, default: p->next->value); }
unsigned long offset(void) { return offsetof(node, text[3]) + __builtin_offsetof(node, value); }
int constant(node *p) { return __builtin_constant_p(p->value) ? 1 : 0; }
int compatible(node *p) { return __builtin_types_compatible_p(__typeof__(p->value), int); }
unsigned long vla(node *p) { int a[p->value], (*q)[p->value] = (int (*)[p->value])a;
    typedef char row[p->value]; return sizeof a + sizeof(char[p->value]) + sizeof *q + sizeof(row); }

/* What an implicit conversion begins with is not all of it. */
int offset_and(node *n) { return __builtin_offsetof(node, value) + n->value; }
int name_and(node *n) { return __func__[0] + n->value; }
int argument_and(node *n, int k, ...)
{
    __builtin_va_list v;
    __builtin_va_start(v, k);
    short s = __builtin_va_arg(v, int) + n->value;
    __builtin_va_end(v);
    return s;
}
int loaded_and(node *n, int *p) { return __atomic_load_n(p, 5) + n->value; }
short widened(node *n, int *p) { return __atomic_load_n(p, 5) + n->value; }

/* A type says nothing of what is read, where it stands before an operand or behind it. */
int literal(node *n) { return (__typeof__(n->value)){3} + n->value; }
int literals(node *n) { return (__typeof__(n->next->value)[2]){n->value, n->next->value}[n->value & 1]; }
int argument(node *n, int k, ...)
{
    __builtin_va_list v;
    __builtin_va_start(v, k);
    int s = __builtin_va_arg(v, __typeof__(n->value)) + n->value;
    int (*row)[k] = __builtin_va_arg(v, int (*)[n->next->value]);
    __builtin_va_end(v);
    return s + (*row)[0];
}
