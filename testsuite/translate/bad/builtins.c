#include "ungil.h"
#include <stdarg.h>
#include <stdio.h>
int out(const char *format, ...);
typedef struct STM_OBJECT node { struct node *next; int a, b; va_list rest; } node;
struct plain { int a; };
static va_list kept;
static STM_DROP int gone;
int *address(node *p) { return __builtin_addressof(p->a); }
void dump(struct plain *p) { __builtin_dump_struct(p, out); }
void start(node *p, ...) { va_start(p->rest, p); va_start(kept, p); }
void copy(node *p, node *q, va_list from) { va_copy(p->rest, from); va_copy(from, q->rest); va_end(q->rest); }
int next(node *p) { return va_arg(p->rest, int); }
int print(node *p, char *s) { return vsnprintf(s, 4, "%d", p->rest); }
int drop(int x) { return __builtin_add_overflow(x, 1, &gone); }
int blocking(node *p) { int o; STM_BLOCKING { o = __builtin_add_overflow(1, 1, &p->b); } return o; }
