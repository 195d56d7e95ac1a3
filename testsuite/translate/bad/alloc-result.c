#include "ungil.h"
STM_ALLOC_FN(n) int number(unsigned long n) { return (int)n; }
