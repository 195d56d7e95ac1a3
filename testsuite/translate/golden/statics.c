/* Static objects and mutable globals live in transactional storage; constants and what is never written
 * do not. */
#include "ungil.h"
#include <pthread.h>
typedef struct node { struct node *next; int value; } node STM_OBJECT;
static node nil = {&nil, 3};
static const node fixed = {&nil, 4};
extern node elsewhere;
extern const node fixed_elsewhere;
extern int counter_elsewhere;
extern const int limit_elsewhere;
int counter;
static int never_written = 3;
static const int limit = 5;
static int table[10];
static const char *const names[] = {"a", "b"};
static const char *labels[] = {"c"};
static node *head = &nil;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local int mine;
int read_all(int i) { return counter + never_written + limit + table[i] + nil.value + fixed.value + mine +
    counter_elsewhere + limit_elsewhere + elsewhere.value + fixed_elsewhere.value; }
void write_all(int i) { counter = 1; table[i] = 2; nil.value = 3; head = &nil; counter_elsewhere = 4;
    elsewhere.value++; mine = 1; }
const char *name(int i) { return i ? names[i] : labels[i]; }
node copy(void) { node n = nil; (void)lock; return n; }
void assign(void) { nil = fixed; }
int next(void) { static int last; static node own = {0, 1}; static const int step = 2;
    return last += step + own.value; }
