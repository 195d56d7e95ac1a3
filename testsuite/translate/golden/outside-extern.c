/* Variables of another file that the runtime need not be told of: `ungil verify` must know them, too. */
#include "ungil.h"
struct cell { long v; };
extern STM_THREAD_LOCAL struct cell *top STM_PRIVATE_TOP;
extern _Atomic long hits[3];
void f(void) { top->v = 1; top++; hits[1]++; }
