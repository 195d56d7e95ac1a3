/* service.c - small services: identity, pinned objects, and the two ends of memory.
 *
 * Objects never move and references are the same in every segment, so an object's address is its identity,
 * and its hash is a function of it.  A pinned object is one whose real address somebody outside holds: the
 * view keeps its place while the transaction lasts, so all there is to do is the barrier, and to keep the
 * object alive. */
#include "runtime.h"

#if STMI_VIEWS
#define REFERENCE(p) stm_x_back_((uptr)(p))
#else
#define REFERENCE(p) ((uptr)(p))
#endif

unsigned long stm_id(const void *obj)
{
    return REFERENCE(obj);
}

/* The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a permutation. */
unsigned long stm_hash(const void *obj)
{
    uint64_t x = REFERENCE(obj);
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ul;
    x = (x ^ x >> 27) * 0x94d049bb133111ebul;
    return x ^ x >> 31;
}

void *stm_pin(const void *obj)
{
    struct stmi_thread *t = stmi_me;
    if (!t || !t->seg || t->calling_out)
        stmi_die("stm_pin outside the zone");
    void *real = stm_x_wr(obj);
    stmi_push(&t->later.held, REFERENCE(obj));
    t->pending = true;
    return real;
}

void stm_unpin(const void *obj)
{
    struct stmi_thread *t = stmi_me;
    for (size_t i = t ? t->later.held.n : 0; i-- > 0;)
        if (t->later.held.at[i] == REFERENCE(obj)) {
            t->later.held.at[i] = t->later.held.at[--t->later.held.n];
            return;
        }
}

/* ---- out of memory; out of stack */

static int (*_Atomic memory_hook)(size_t bytes);
static void (*_Atomic stack_hook)(void);

void stm_on_out_of_memory(int (*fn)(size_t bytes))
{
    memory_hook = fn;
}
void stm_on_deep_recursion(void (*fn)(void))
{
    stack_hook = fn;
}

/* The heap is full even after a collection.  Returns if something was freed.  Inevitable before the hook:
 * what an abort would bring back would have to stay alive.  And a hook is called once. */
void stmi_out_of_memory(struct stmi_thread *t, size_t n)
{
    int (*hook)(size_t) = memory_hook;
    if (hook)
        stmi_make_inevitable(t, "out of memory");
    if (!hook || !hook(n))
        stmi_die("out of memory: the heap's limit of %lu MB is reached (STM_HEAP_SIZE), allocating %zu bytes",
                 stmi_opt.heap_size >> 20, n);
    stmi_major(t, true);
}

int stm_check_stack(void)
{
    char *here = __builtin_frame_address(0);
    if (!stmi_me || (uptr)here - stmi_me->self->stack_lo >= STMI_STACK_SPARE)
        return 0;
    void (*hook)(void) = stack_hook;
    unsigned long tx = stmi_me->self->tx;
    if (hook)
        hook();
    if (stmi_me->self->tx != tx) /* callers count on it */
        stmi_die("the function given to stm_on_deep_recursion passed a safepoint, and came back");
    return 1;
}
