#include "ungil.h"
#include <stddef.h>
struct STM_OBJECT node { int n STM_PER_THREAD; };
union either { int a STM_PER_THREAD; long b; };
struct bits { unsigned flag : 3 STM_PER_THREAD; };
struct outer { struct { int unnamed STM_PER_THREAD; }; };
STM_PER_THREAD int variable;
void in_function(void) { struct inside { int x STM_PER_THREAD; }; }
struct state { int depth STM_PER_THREAD, shared; struct { int top; } inner STM_PER_THREAD; };
size_t offset(void) { return offsetof(struct state, shared) + offsetof(struct state, inner.top); }
