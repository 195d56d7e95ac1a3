#include "ungil.h"
STM_DROP int counter;
struct s { STM_DROP int mark; };
int *address(void) { return &counter; }
int *field(struct s *p) { return &p->mark; }
