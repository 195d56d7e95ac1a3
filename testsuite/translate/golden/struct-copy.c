/* Struct copies: small ones through the segment, large ones on the resolved address. */
#include "ungil.h"
typedef struct small { long a, b; } small STM_OBJECT;
typedef struct big { long v[20]; } big STM_OBJECT;
typedef struct outer { long n; struct { long v[3]; } in; struct { long v[20]; } wide; } outer STM_OBJECT;
struct plain { long v[3]; };
struct byte { char c[3]; };
void copy_small(small *a, small *b) { *a = *b; }
void copy_big(big *a, big *b) { *a = *b; }
small load(small *a) { return *a; }
big load_big(big *a) { return *a; }
void init(small *a) { *a = (small){1, 2}; }
void part(outer *a, outer *b) { a->in = b->in; a->wide = b->wide; }
void any(struct plain *a, struct plain *b) { *a = *b; }
void ref(STM_REF struct plain *a, STM_REF struct byte *b) { a[0] = a[1]; b[0] = b[1]; }
void take(struct plain p);
void pass(struct plain *a) { take(*a); }
struct plain make(void);
long of_result(void) { return make().v[1]; }
void store_result(struct plain *a) { *a = make(); }
