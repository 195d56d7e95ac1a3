#!/usr/bin/env bash
# STM_PER_THREAD fields: the files of a program agree on each thread's copy, whichever compiler made them
# and however
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

cat >vm.h <<'C'
#include "ungil.h"
struct vm { int shared, depth STM_PER_THREAD; int stack[4] STM_PER_THREAD, *sp STM_PER_THREAD; };
extern struct vm the_vm;
void push(struct vm *vm, int n);
int pop(void);
static inline int top_of(struct vm *vm) { return vm->sp[-1]; }
C
cat >vm.c <<'C'
#include "vm.h"
struct vm the_vm = {.shared = 10};
void push(struct vm *vm, int n) { vm->depth++; *vm->sp++ = n; }
C
cat >pop.c <<'C'
#include "vm.h"
int pop(void) { the_vm.shared++; the_vm.depth--; return *--the_vm.sp; }
C
cat >main.c <<'C'
#include <pthread.h>
#include <stdio.h>
#include "vm.h"
static void start(void) { the_vm.sp = the_vm.stack; }
static void *run(void *arg)
{
    push(&the_vm, (int)(long)arg);
    push(&the_vm, 1);
    STM_SAFEPOINT();
    return (void *)(long)(100 * pop() + 10 * top_of(&the_vm) + the_vm.depth + pop());
}
int main(void)
{
    pthread_t id[2];
    void *r[2];
    stm_on_thread_start(start);
    start();
    push(&the_vm, 7);
    for (long i = 0; i < 2; i++)
        pthread_create(&id[i], NULL, run, (void *)(i + 2));
    STM_BLOCKING {
        for (int i = 0; i < 2; i++)
            pthread_join(id[i], &r[i]);
    }
    printf("%ld %ld", (long)r[0], (long)r[1]);
    printf(" %d %d %d\n", pop(), the_vm.depth, the_vm.shared);
    return 0;
}
C
for runtime in segment plainview gil; do
    for level in -O0 -O2; do
        for f in vm pop main; do
            ok ungil-cc --runtime=$runtime $level -Wall -Werror -pthread -c $f.c
        done
        ok ungil-cc --runtime=$runtime -pthread main.o pop.o vm.o -o program
        prints '123 134 7 0 15' ./program
    done
done
UNGIL_CC=clang-14 ok ungil-cc -O2 -Wall -Werror -c vm.c # the others are gcc's, of the last round's runtime
for f in pop main; do
    ok ungil-cc -O2 -pthread -c $f.c
done
ok ungil-cc -pthread vm.o pop.o main.o -o program
prints '123 134 7 0 15' ./program
[ "$(nm program | grep -c ' [VW] stm_field_2vm_')" = 3 ] || failed "copies: $(nm program | grep stm_field)"
ok ungil-cc --whole-program -O2 -pthread vm.c pop.c main.c -o program
prints '123 134 7 0 15' ./program
