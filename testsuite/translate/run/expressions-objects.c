/* expressions.c, on objects, with safepoints. */
#include "ungil.h"
#define ALL STM_OBJECT
#define OBJECTS
#define SAFEPOINT STM_SAFEPOINT()
#include "expressions.c"
