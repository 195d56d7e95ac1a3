/* Volatile and atomic variables: flags and counters stay outside of transactions, and are roots if a word of
 * them may be an address; what is declared to hold references is transactional. */
#include "ungil.h"
#include <signal.h>
#include <stdint.h>
typedef struct node { struct node *next; long v; } node STM_OBJECT;
typedef unsigned long value STM_TAGGED(0xfffffffffffful, 0xfffc000000000000ul);
typedef value word;
typedef void (*handler)(int);
static volatile sig_atomic_t flag;
static _Atomic int count;
static volatile handler current;
static volatile struct { char *text STM_RAW; short n; } line;
static volatile long ticks STM_RAW;
void outside(int n) { flag = n; count++; current = SIG_DFL; line.n++; ticks++; }

static volatile long number;
static _Atomic unsigned long sum;
static long added;
static volatile char bytes[20];
static volatile struct { int n; unsigned long word; } record;
extern volatile long elsewhere;
void roots(int n)
{
    static volatile unsigned long local;
    number = local = n;
    sum += n;
    __atomic_fetch_add(&added, 1, 0);
    bytes[n] = 1;
    record.word = elsewhere = n;
}

static volatile uintptr_t address;
static _Atomic intptr_t atomic_address;
static volatile word words[2];
static volatile struct { int n; value in; } pair;
static uintptr_t swapped;
extern volatile uintptr_t address_elsewhere;
void inside(node *n)
{
    static volatile value local;
    address = (uintptr_t)n;
    atomic_address++;
    words[1] = local = (value)n;
    pair.in = (value)n;
    __atomic_exchange_n(&swapped, (uintptr_t)n, 0);
    address_elsewhere = (uintptr_t)n;
}
