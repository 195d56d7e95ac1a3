#include "ungil.h"
STM_IMMUTABLE int variable;
typedef int number STM_OBJECT;
STM_REF int not_a_pointer;
STM_RAW int nor_this;
struct STM_RAW s { int a; STM_NO_SAFEPOINT int b; };
STM_OBJECT int object_variable;
int parameter(STM_IMMUTABLE int *p);
typedef struct s tagged_struct STM_TAGGED(0xff, 1);
typedef unsigned long tagged STM_TAGGED(MASK, 1);
STM_ALLOC_FN(n) int not_a_function;
enum STM_OBJECT e { A };
STM_DROP struct s dropped;
STM_TRANSACTION_PURE typedef int pure_type;
