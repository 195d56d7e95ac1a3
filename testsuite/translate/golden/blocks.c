/* STM_ATOMIC, STM_BLOCKING, STM_SAFEPOINT. */
#include "ungil.h"
#include <stdio.h>
#include <unistd.h>
typedef struct node { int value; } node STM_OBJECT;
int total;
int atomic(node *n) { STM_ATOMIC { n->value++; if (n->value > 3) return n->value; n->value++; }
    return n->value; }
int blocking(node *n, char *buf) { int k, v = n->value; STM_BLOCKING { k = (int)read(0, buf, 10);
    buf[0] = 'x'; printf("%d\n", v); } return k + n->value; }
void loop(node *n) { while (n->value) { STM_SAFEPOINT(); n->value--; } }
void nested(node *n) { STM_ATOMIC STM_ATOMIC { n->value = 1; for (;;) { if (n->value) break; continue; } }
    total = 1; }
int out(node *n) { STM_BLOCKING { if (getpid()) goto done; } n->value = 1; done: return n->value; }
void hints(void) { stm_become_inevitable("io"); stm_hint_commit_soon(); if (stm_is_atomic()) stm_collect(); }
void alone(node *n) { STM_ATOMIC_EXCLUSIVE { n->value++; STM_SAFEPOINT(); n->value++; } }
