/* Names that hide types: the type is said by typeof there. */
#include "ungil.h"
#include <pthread.h>
typedef int value;
typedef struct { value v; struct { int in; } s; } node STM_OBJECT;
typedef struct pthread_table { int a; } pthread_table_t; /* no type of the system's */
pthread_table_t table;
int hidden(value *p) { value value = *p; *p = value + *p; return value; }
int object(node *node) { int v = node->v; { int node2 = 3, node = v; v = node + node2; }
    return v + node->s.in; }
enum { COLOUR };
int enumeration(unsigned *p) { enum { value = 3 }; return (int)*p + value + table.a++; }
