/* Operands that are not evaluated are left as they were; bounds of variable-length arrays are evaluated. */
#include "ungil.h"
#include <stddef.h>
typedef struct node { struct node *next; int value; char text[10]; } node STM_OBJECT;
unsigned long sizes(node *p) { return sizeof p->value + sizeof(p->text) + sizeof *p + _Alignof(node) + sizeof(int) + __alignof__(p->value); }
int types(node *p) { __typeof__(p->value) x = p->value; __auto_type y = p->value; return x + y + (__typeof__(p->next->value))3; }
int generic(node *p) { return _Generic(p->value, int: p->value, default: p->next->value); }
unsigned long offset(void) { return offsetof(node, text[3]) + __builtin_offsetof(node, value); }
int constant(node *p) { return __builtin_constant_p(p->value) ? 1 : 0; }
int compatible(node *p) { return __builtin_types_compatible_p(__typeof__(p->value), int); }
unsigned long vla(node *p) { int a[p->value], (*q)[p->value] = (int (*)[p->value])a; typedef char row[p->value]; return sizeof a + sizeof(char[p->value]) + sizeof *q + sizeof(row); }
