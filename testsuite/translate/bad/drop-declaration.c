#include "ungil.h"
/* Other files would call what does not exist here. */
void acquire(void);
STM_DROP void acquire(void) {}
STM_DROP void release(void);
void release(void) {}
static void check(void);
STM_DROP static void check(void) {}
void f(void) { acquire(); release(); check(); }
