/* Unions, anonymous members. */
#include "ungil.h"
typedef struct value { int tag; union { long i; double d; struct value *ref; struct { short lo, hi; }; };
    union { int x; char bytes[8]; } u; } value STM_OBJECT;
union word { long l; void *p; unsigned char b[8]; };
long get(value *v) { return v->tag ? v->i : v->hi; }
void set(value *v, value *r) { v->ref = r; v->lo = 1; v->u.x = 2; v->u.bytes[3] = 4; }
double real(value *v) { return v->d; }
long any(union word *w) { return w->l + w->b[1]; }
