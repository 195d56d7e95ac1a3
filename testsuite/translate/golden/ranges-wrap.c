/* Ranges: where an index may wrap around, whether it does is computed before the loop. */
#include "ungil.h"
struct STM_OBJECT vector { int n; int items[1000]; };
void casts(struct vector *a, int k)
{ for (int i = 0; i < k; i++) a->items[(unsigned char)i + (int)(unsigned short)(i << 3)] = k; }
void signs(struct vector *a, int k) { for (int i = 0; i < k; i++) a->items[k - i * 3] = k; }
void pairs(long m[][8], unsigned k) { for (unsigned long i = 0; i < 8; i++) m[i + k][7 - i] = k; }
