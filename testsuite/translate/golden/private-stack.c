/* STM_PRIVATE_STACK, STM_PRIVATE_TOP: what such pointers lead to, and the top itself, are plain C; so are
 * pointers derived from them. */
#include "ungil.h"
struct STM_OBJECT value { struct value *next; long n; };
typedef struct { long tag; struct value *v; } slot;
static STM_THREAD_LOCAL slot *top STM_PRIVATE_TOP;
struct vm { slot *base STM_PER_THREAD STM_PRIVATE_STACK, *sp STM_PER_THREAD STM_PRIVATE_TOP;
    slot *frame STM_PRIVATE_STACK; };
struct vm vm;

void push(struct value *v) { top->tag = 1; top->v = v; top++; }
struct value *pop(void) { return (--top)->v; }
void field(struct value *v) { *vm.sp++ = (slot){2, v}; vm.sp[-1].tag |= 4; vm.sp += 2; }
long in_shared_memory(struct vm *m) { m->frame[1].tag = 3; m->frame = vm.sp; return m->frame->v->n; }
static void swap(slot *a, slot *b) { slot t = *a; *a = *b; *b = t; }
void loop(long n)
{
    for (slot *p = vm.base; p < vm.sp; p++)
        p->tag = n;
    swap(vm.sp - 1, &vm.base[0]);
}
void parameter(slot *p STM_PRIVATE_STACK, slot *q) { p[2].tag = 1; q->tag = 1; }
slot *unknown(void);
void local(int n) { slot *p STM_PRIVATE_STACK = unknown(); while (n--) (p++)->tag = n; }
