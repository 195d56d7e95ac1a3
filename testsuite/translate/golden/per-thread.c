/* STM_PER_THREAD: each access is to the thread's own variable, whatever the pointer. */
#include "ungil.h"
#include <stddef.h>
struct STM_OBJECT value { struct value *next; long n; };
struct frame { int pc; struct value *locals[4]; };
typedef struct {
    int shared;
    int depth STM_PER_THREAD;
    struct value **sp STM_PER_THREAD;
    STM_PER_THREAD struct value *stack[16];
    struct frame frame STM_PER_THREAD, *current STM_PER_THREAD;
    int (*hook)(int) STM_PER_THREAD;
} state;
static state vm = {.shared = 3, .depth = 0, .current = NULL};
static state *the_vm(void) { return &vm; }

static int scalars(state *s) { s->shared++; s->depth = 2; s->depth += 3; s->depth++;
    return vm.depth + s->shared; }
static void pointers(struct value *v) { vm.sp = vm.stack; *vm.sp++ = v; vm.stack[vm.depth] = v; }
static long through(int i) { return vm.sp[-1]->n + vm.stack[i]->n + vm.frame.locals[i]->n + vm.current->pc; }
static int *address(void) { vm.current = &vm.frame; return &vm.depth; }
static int effects(void) { return the_vm()->depth + (*the_vm()).frame.pc + sizeof vm.stack; }
static int call(int x) { return vm.hook ? vm.hook(x) : 0; }
static void local(void) { STM_BLOCKING { vm.depth = 1; } }
int all(state *s, struct value *v)
{
    pointers(v);
    local();
    return scalars(s) + (int)through(1) + *address() + effects() + call(2) + (int)offsetof(state, shared);
}
