/* variants: segment gil plainview */
/* What a thread outside the zone holds is kept: in its frames, and in registers that no frame of theirs has
 * saved. */
#include "check.h"

const char *const stm_options[] = {"STM_SEGMENTS=2", "STM_NURSERY=64k", "STM_MAJOR=512k", NULL};

/* Clears the 4 KB below the caller's frame: what functions that returned left there. */
void clear_below(void);
__asm__(".text\n.globl clear_below\n.type clear_below, @function\n"
        "clear_below:\n"
        "    lea -4096(%rsp), %rdi\n"
        "    mov $512, %ecx\n"
        "    xor %eax, %eax\n"
        "    rep stosq\n"
        "    ret\n"
        ".size clear_below, .-clear_below\n");

/* Calls fn with ~hidden in r12, which only fn's callees may save; returns what is in r12 afterwards. */
uptr hold_in_register(uptr hidden, void (*fn)(void));
__asm__(".text\n.globl hold_in_register\n.type hold_in_register, @function\n"
        "hold_in_register:\n"
        "    push %r12\n"
        "    mov %rdi, %r12\n"
        "    not %r12\n"
        "    call *%rsi\n"
        "    mov %r12, %rax\n"
        "    pop %r12\n"
        "    ret\n"
        ".size hold_in_register, .-hold_in_register\n");

static void *collector(void *arg)
{
    stm_thread_enter();
    stm_collect();
    for (int i = 0; i < 20000; i++) { /* what was freed is used again */
        long *p = stm_new_any(64);
        *AT(p, long) = 0x5555;
    }
    stm_thread_leave();
    return arg;
}

/* Deep enough that what it saves lies below all that the runtime has left on the stack. */
static __attribute__((noinline)) void wait_below(void)
{
    volatile char cover[8192];
    cover[0] = 0;
    pthread_t id;
    pthread_create(&id, NULL, collector, NULL);
    pthread_join(id, NULL);
}

static int block;
static void outside(void)
{
    block = stm_blocking_enter();
    clear_below();
    wait_below();
    stm_blocking_leave(&block);
}

static __attribute__((noinline)) uptr make(void)
{
    long *p = stm_new_any(64);
    *AT(p, long) = 4711;
    stm_hint_commit_soon();
    stm_safepoint();
    return ~(uptr)p;
}

static __attribute__((noinline)) void clear_stack(void)
{
    volatile char junk[20000];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = 0;
}

static void registers_are_roots(void **state)
{
    (void)state;
    stm_thread_enter();
    for (int i = 0; i < 3; i++) {
        uptr hidden = make();
        clear_stack();
        stm_hint_commit_soon();
        stm_safepoint(); /* a snapshot that does not know it */
        uptr p = hold_in_register(hidden, outside);
        assert_int_equal(p, ~hidden);
        assert_true(stmi_bit(stmi_heap.start, stmi_granule(p))); /* it is an object still */
        assert_int_equal(*AT(stm_rd(p), long), 4711);
    }
    stm_thread_leave();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(registers_are_roots)};
    stm_thread_leave();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
