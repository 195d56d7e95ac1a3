/* Built-in functions: as the library's functions of those names; the arithmetic ones store as an assignment
 * does. */
#include "ungil.h"
#include <stdio.h>
typedef struct STM_OBJECT node { struct node *next; int a, b; unsigned long items[40]; char text[16]; } node;
int g;
int own(node *p) { return __builtin_add_overflow(p->a, 1, &p->b); }
int local(int a) { int r; return __builtin_mul_overflow(a, 2, &r) ? 0 : r; }
int global(void) { return __builtin_sadd_overflow(g, 1, &g); }
int unknown(int *p) { return __builtin_sub_overflow(*p, 1, p); }
void none(int *p) { __builtin_sub_overflow(1, 1, p); }
void first(node *p) { __builtin_add_overflow(1, 2, p->items); }
node *tick(node *p);
int ordered(node *p) { return __builtin_add_overflow(p->a, tick(p)->a, &tick(p)->b); }
void strings(node *p, char *s) { __builtin_strcpy(p->text, s); __builtin_printf("%s\n", p->text); }
void *memory(char *s) { return __builtin_strdup(s); }
void sizes(node *p, char *s) { __builtin___memcpy_chk(p->text, s, 4, __builtin_object_size(p->text, 0)); }
void effect(node *p, char *s) { __builtin___memcpy_chk(p->text, s, 4, tick(p)->a); }
int print(node *p) { return __builtin___printf_chk(1, "%s", p->text); }
int vprint(const char *s, __builtin_va_list ap) { return __builtin_vprintf(s, ap); }
int hint(node *p) { __builtin_prefetch(p->next); return __builtin_popcount(p->a); }
