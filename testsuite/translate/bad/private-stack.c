#include "ungil.h"
struct STM_OBJECT value { struct value *next; };
static STM_THREAD_LOCAL struct value *objects STM_PRIVATE_STACK;
static STM_THREAD_LOCAL long number STM_PRIVATE_STACK;
static STM_THREAD_LOCAL struct value **stacks[2] STM_PRIVATE_TOP;
struct value **everybodys STM_PRIVATE_TOP;
struct vm { struct value **sp STM_PRIVATE_TOP; struct value **fine STM_PRIVATE_STACK; };
STM_PRIVATE_STACK struct value **function(void);
void parameter(struct value **p STM_PRIVATE_TOP) { (void)p; }
