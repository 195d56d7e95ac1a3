/* STM_RAW: no reference; writes are still classified.  STM_REF: a reference to something that is no
 * object type. */
#include "ungil.h"
struct s { int a; };
int raw(STM_RAW int *p) { return *p; }
void set_raw(STM_RAW int *p) { *p = 1; p[2] = 3; }
int ref(STM_REF int *p) { return *p + p[1]; }
void set_ref(STM_REF int *p, int i) { *p = 1; p[i] = 3; }
int ref_member(STM_REF struct s *p) { return p->a; }
typedef struct holder { STM_RAW char *text; STM_REF int *data; } holder STM_OBJECT;
int fields(holder *h) { return h->text[0] + h->data[1]; }
static STM_THREAD_LOCAL STM_RAW struct s *own;
void set_own(int i) { own->a = i; }
static char bytes[9] STM_RAW;
static struct s one STM_RAW;
void filled(int n) { __builtin_memset(bytes, n, 9); }
void copied(const char *p, const struct s *q)
{ __builtin_memcpy(bytes, p, 4); __builtin_memmove(&one, q, sizeof one); }
/* What becomes clear only when a loop is closed. */
static __thread unsigned limit;
void in_loop(unsigned n)
{ unsigned *r = &limit; for (unsigned i = 0; i < n; i++) { if (i & 1) (*r)++; else *r = i; } }
void on_stack(unsigned n)
{ int local[10], *p = local; for (unsigned i = 0; i < n; i++) *p++ = (int)i; }
