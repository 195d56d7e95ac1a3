/* context.c - the machine's part of a transaction's start and abort.
 *
 * stmi_context_start pushes the callee-saved registers onto the stack, keeps the floating-point control
 * words and flags, and then copies the stack, from there to the thread's base, into the snapshot.  To resume
 * is to copy it back, standing on another stack, and to return from stmi_context_start again, with 1.  For
 * the C code around, that is the same return: all it can remember was in those registers and on that stack.
 * Functions between the base and the start may have returned meanwhile; their frames come back with the
 * copy.  No setjmp is involved, so neither compiler needs to know (nor to get returns_twice right).
 *
 * -fcf-protection=none: a shadow stack would not agree to return twice. */
#include "runtime.h"

#if STMI_VIEWS

_Static_assert(offsetof(struct stmi_thread, control) == 0, "the assembly below stores there");

#define COPY(T)                                                                                              \
    for (; i + 2 * sizeof(T) <= n; i += 2 * sizeof(T)) {                                                     \
        T a = *(const T *)(from + i), b = *(const T *)(from + i + sizeof(T));                                \
        *(T *)(to + i) = a, *(T *)(to + i + sizeof(T)) = b;                                                  \
    }
typedef long long two __attribute__((vector_size(16), aligned(8), may_alias));
typedef long long four __attribute__((vector_size(32), aligned(8), may_alias));

__attribute__((no_sanitize_address, target("avx"))) static size_t copy_avx(char *to, const char *from,
                                                                           size_t i, size_t n)
{
    COPY(four)
    return i;
}

__attribute__((no_sanitize_address)) static size_t copy_sse(char *to, const char *from, size_t i, size_t n)
{
    COPY(two)
    return i;
}

/* A short stack is copied in less time than `rep movsb` takes to start; its newest words one by one, as they
 * were pushed: a wider load would wait until they have left the store buffer. */
static inline void copy_stack(char *to, const char *from, size_t n)
{
    static size_t (*wide)(char *, const char *, size_t, size_t);
    if (n > 4096 || n % 8) {
        stmi_copy(to, from, n);
        return;
    }
    if (stm_unlikely(!wide))
        wide = __builtin_cpu_supports("avx") ? copy_avx : copy_sse;
    size_t i = stmi_copy_words(to, from, 0, n < 128 ? n : 128);
    if (n - i >= 64)
        i = wide(to, from, i, n);
    stmi_copy_words(to, from, i, n);
}

/* The live stack is [sp, base).  Called from the assembly below. */
__attribute__((used, visibility("hidden"), no_sanitize_address)) void stmi_context_save(struct stmi_thread *t,
                                                                                        char *sp)
{
    size_t n = sp < t->base ? (size_t)(t->base - sp) : 0;
    t->snapshot_sp = sp;
    if (stm_unlikely(n > t->snapshot_cap)) {
        free(t->snapshot);
        t->snapshot_cap = n * 2 + 4096;
        t->snapshot = stmi_calloc(1, t->snapshot_cap);
    }
    copy_stack(t->snapshot, sp, n);
    t->snapshot_n = n;
}

__attribute__((used, visibility("hidden"), no_sanitize_address)) void
stmi_context_restore(struct stmi_thread *t)
{
    stmi_copy(t->snapshot_sp, t->snapshot, t->snapshot_n);
}

__asm__(".text\n"
        ".p2align 4\n"
        ".hidden stmi_context_start\n"
        ".globl stmi_context_start\n"
        ".type stmi_context_start, @function\n"
        "stmi_context_start:\n"
        "    .cfi_startproc\n"
        "    push %rbp\n    .cfi_adjust_cfa_offset 8\n    .cfi_rel_offset %rbp, 0\n"
        "    push %rbx\n    .cfi_adjust_cfa_offset 8\n    .cfi_rel_offset %rbx, 0\n"
        "    push %r12\n    .cfi_adjust_cfa_offset 8\n    .cfi_rel_offset %r12, 0\n"
        "    push %r13\n    .cfi_adjust_cfa_offset 8\n    .cfi_rel_offset %r13, 0\n"
        "    push %r14\n    .cfi_adjust_cfa_offset 8\n    .cfi_rel_offset %r14, 0\n"
        "    push %r15\n    .cfi_adjust_cfa_offset 8\n    .cfi_rel_offset %r15, 0\n"
        "    sub $8, %rsp\n    .cfi_adjust_cfa_offset 8\n"
        "    stmxcsr (%rdi)\n"
        "    fnstcw 4(%rdi)\n"
        "    fnstsw 6(%rdi)\n"
        "    mov %rsp, %rsi\n"
        "    call stmi_context_save\n" /* which has kept all these registers */
        "    xor %eax, %eax\n"
        "    add $56, %rsp\n    .cfi_remember_state\n    .cfi_adjust_cfa_offset -56\n"
        "    ret\n"
        "    .cfi_restore_state\n"
        ".Lstmi_context_return:\n"
        "    add $8, %rsp\n    .cfi_adjust_cfa_offset -8\n"
        "    pop %r15\n    .cfi_adjust_cfa_offset -8\n"
        "    pop %r14\n    .cfi_adjust_cfa_offset -8\n"
        "    pop %r13\n    .cfi_adjust_cfa_offset -8\n"
        "    pop %r12\n    .cfi_adjust_cfa_offset -8\n"
        "    pop %rbx\n    .cfi_adjust_cfa_offset -8\n"
        "    pop %rbp\n    .cfi_adjust_cfa_offset -8\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size stmi_context_start, .-stmi_context_start\n"
        ".p2align 4\n"
        ".hidden stmi_context_resume\n"
        ".globl stmi_context_resume\n"
        ".type stmi_context_resume, @function\n"
        "stmi_context_resume:\n" /* t, snapshot_sp, top of the alternate stack (16-aligned) */
        "    mov %rdx, %rsp\n"
        "    mov %rsi, %rbx\n"
        "    ldmxcsr (%rdi)\n"
        "    sub $32, %rsp\n" /* x87's flags of exceptions are in its environment only */
        "    fnstenv (%rsp)\n"
        "    movzwl 6(%rdi), %eax\n"
        "    and $0x3f, %eax\n"
        "    andw $0x7f40, 4(%rsp)\n"
        "    or %ax, 4(%rsp)\n"
        "    fldenv (%rsp)\n"
        "    add $32, %rsp\n"
        "    fldcw 4(%rdi)\n"
        "    call stmi_context_restore\n"
        "    mov %rbx, %rsp\n"
        "    mov $1, %eax\n"
        "    jmp .Lstmi_context_return\n"
        ".size stmi_context_resume, .-stmi_context_resume\n");

#endif

__asm__(".text\n"
        ".p2align 4\n"
        ".hidden stmi_with_registers\n"
        ".globl stmi_with_registers\n"
        ".type stmi_with_registers, @function\n"
        "stmi_with_registers:\n" /* fn, t, arg */
        "    .cfi_startproc\n"
        "    push %rbp\n    .cfi_adjust_cfa_offset 8\n    .cfi_rel_offset %rbp, 0\n"
        "    push %rbx\n    .cfi_adjust_cfa_offset 8\n    .cfi_rel_offset %rbx, 0\n"
        "    push %r12\n    .cfi_adjust_cfa_offset 8\n    .cfi_rel_offset %r12, 0\n"
        "    push %r13\n    .cfi_adjust_cfa_offset 8\n    .cfi_rel_offset %r13, 0\n"
        "    push %r14\n    .cfi_adjust_cfa_offset 8\n    .cfi_rel_offset %r14, 0\n"
        "    push %r15\n    .cfi_adjust_cfa_offset 8\n    .cfi_rel_offset %r15, 0\n"
        "    sub $8, %rsp\n    .cfi_adjust_cfa_offset 8\n"
        "    mov %rdi, %rax\n"
        "    mov %rsi, %rdi\n"
        "    mov %rdx, %rsi\n"
        "    mov %rsp, %rdx\n"
        "    call *%rax\n"
        "    add $8, %rsp\n    .cfi_adjust_cfa_offset -8\n"
        "    pop %r15\n    .cfi_adjust_cfa_offset -8\n"
        "    pop %r14\n    .cfi_adjust_cfa_offset -8\n"
        "    pop %r13\n    .cfi_adjust_cfa_offset -8\n"
        "    pop %r12\n    .cfi_adjust_cfa_offset -8\n"
        "    pop %rbx\n    .cfi_adjust_cfa_offset -8\n"
        "    pop %rbp\n    .cfi_adjust_cfa_offset -8\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size stmi_with_registers, .-stmi_with_registers\n"
        ".section .note.GNU-stack,\"\",@progbits\n"
        ".text\n");
