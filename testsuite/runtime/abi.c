/* Every name that the translator may emit, used once: ungil_abi.def and ungil_abi.h agree.  Then they are
 * run. */
#include "check.h"

struct s {
    long a, b;
    struct s *next;
};
static struct stm_type s_type IN_SECTION(ungil_types) = {0, 0, 3, 0, (const unsigned long[]){4}, "s", NULL};

static long use_RD(struct s *p)
{
    return STM_AT(stm_rd(p), struct s)->a;
}
static void use_WR(struct s *p)
{
    STM_AT(stm_wr(p, 8), struct s)->a = 3;
}
static long use_RD_RANGE(struct s *p)
{
    return ((struct s *)stm_rd_range(p, sizeof *p))->a;
}
static void use_WR_RANGE(struct s *p)
{
    ((struct s *)stm_wr_range(p, sizeof *p))->b = 4;
}
static long use_REAL(struct s *p)
{
    return ((struct s *)stm_real(p))->b;
}
static long use_ANY(const void *p)
{
    return *(long *)stm_any(p);
}
static long use_ANY_RD(const void *p)
{
    return *(long *)stm_any_rd(p);
}
static void use_ANY_WR(void *p)
{
    *(long *)stm_any_wr(p, 8) = 5;
}
static long use_ANY_RD_RANGE(const void *p)
{
    return *(long *)stm_any_rd_range(p, 8);
}
static void use_ANY_WR_RANGE(void *p)
{
    *(long *)stm_any_wr_range(p, 8) = 6;
}
static void use_ROUNDS(struct s *p)
{
    for (int i = 0; i < 1; i++) {
        STM_ROUNDS(i, 1, -1, 1, 1);
        STM_ANY_RD_SPAN(p + i, p + stm_next, p + stm_last, sizeof *p);
    }
}
#define SPAN(kind)                                                                                           \
    for (int i = 0; i < 1; i++) {                                                                            \
        STM_ROUNDS(i, 1, -1, 1, 1);                                                                          \
        STM_##kind##_SPAN(p + i, p + stm_next, p + stm_last, sizeof *p);                                     \
    }
static void use_RD_SPAN(struct s *p)
{
    SPAN(RD)
}
static void use_WR_SPAN(struct s *p)
{
    SPAN(WR)
}
static void use_ANY_RD_SPAN(struct s *p)
{
    SPAN(ANY_RD)
}
static void use_ANY_WR_SPAN(struct s *p)
{
    SPAN(ANY_WR)
}
static void use_RAW_WR(long *p)
{
    *(long *)stm_raw_wr(p, 8) = 7;
}
static long use_AT(struct s *p)
{
    return STM_AT(p, struct s)->a;
}
static struct s *use_NEW(void)
{
    return stm_new(sizeof(struct s), &s_type);
}
static void *use_NEW_ANY(void)
{
    return stm_new_any(30);
}
static void *use_RENEW(void *p)
{
    return stm_renew(p, 300);
}
static void *use_MALLOC(void)
{
    return stm_malloc(10);
}
static void *use_CALLOC(void)
{
    return stm_calloc(3, 10);
}
static void *use_REALLOC(void *p)
{
    return stm_realloc(p, 100);
}
static void *use_REALLOCARRAY(void *p)
{
    return stm_reallocarray(p, 10, 100);
}
static size_t use_USABLE_SIZE(void *p)
{
    return stm_malloc_usable_size(p);
}
static void use_FREE(void *p)
{
    stm_free(p);
}
static char *use_STRDUP(const char *p)
{
    return stm_strdup(p);
}
static char *use_STRNDUP(const char *p)
{
    return stm_strndup(p, 2);
}
static void use_SAFEPOINT(void)
{
    stm_safepoint();
}
static int use_ATOMIC_ENTER(void)
{
    return stm_atomic_enter();
}
static int use_EXCLUSIVE_ENTER(void)
{
    return stm_exclusive_enter();
}
static void use_ATOMIC_LEAVE(int *b)
{
    stm_atomic_leave(b);
}
static int use_HOLD_ENTER(void)
{
    return stm_hold_enter();
}
static void use_HOLD_LEAVE(int *b)
{
    stm_hold_leave(b);
}
static int use_BLOCKING_ENTER(void)
{
    return stm_blocking_enter();
}
static void use_BLOCKING_LEAVE(int *b)
{
    stm_blocking_leave(b);
}
static void use_NOTES(void)
{
    STM_NOTES(1)
    stm_notes[0] = 0;
}
static int use_SETJMP(void)
{
    STM_NOTES(2)
    static jmp_buf env;
    volatile int block = 0;
    int n = STM_SETJMP(1, setjmp(env));
    if (n < 3) {
        block = stm_atomic_enter();
        longjmp(env, n + 1);
    }
    return n + 10 * stm_is_atomic() + 0 * block;
}
static void use_INEVITABLE(void)
{
    stm_inevitable("abi test");
}
static void *use_X_RD(const void *p)
{
    return stm_x_rd(p);
}
static void *use_OUTSIDE(void *p)
{
    return stm_outside(p, "read");
}
static void *use_X_WR(void *p)
{
    return stm_x_wr(p);
}
static char *use_X_BACK(char *p)
{
    return stm_x_back(p);
}
static void *use_MEMCPY(void *d, const void *s)
{
    return stm_memcpy(d, s, 8);
}
static void *use_MEMMOVE(void *d, const void *s)
{
    return stm_memmove(d, s, 8);
}
static void *use_MEMSET(void *d)
{
    return stm_memset(d, 0, 8);
}
static int use_THREAD_CREATE(pthread_t *t, void *(*fn)(void *))
{
    return stm_thread_create(t, NULL, fn, NULL);
}
static void use_EXIT(void)
{
    stm_exit(0);
}
static void use_REGISTER_TAG(void)
{
    stm_register_tag(~7ul, 1);
}

/* A name in the table without a use above does not compile. */
static const struct {
    const char *name;
    void *use;
} uses[] = {
#define STM_ABI(id, name, may_safepoint, what) {name, (void *)use_##id},
#include "../../runtime/include/ungil_abi.def"
#undef STM_ABI
};

static void *nothing(void *arg)
{
    return arg;
}

static void all(void **state)
{
    (void)state;
    stm_thread_enter();
    struct s *p = use_NEW();
    for (int round = 0; round < 2; round++) {
        use_WR(p);
        use_ROUNDS(p);
        use_RD_SPAN(p);
        use_WR_SPAN(p);
        use_ANY_RD_SPAN(p);
        use_ANY_WR_SPAN(p);
        use_WR_RANGE(p);
        assert_int_equal(use_RD(p) + use_RD_RANGE(p) + use_REAL(p) + use_AT(p), 3 + 3 + 4 + 3);
        long local = 1;
        use_ANY_WR(p);
        use_ANY_WR(&local);
        assert_int_equal(use_ANY(p) + use_ANY_RD(p) + use_ANY_RD_RANGE(&local) + use_ANY_RD_RANGE(p), 20);
        use_ANY_WR_RANGE(p);
        use_ANY_WR_RANGE(&local);
        assert_int_equal(use_ANY_RD(p) + use_ANY(&local), 12);
        use_RAW_WR(&local);
        assert_int_equal(local, 7);
        stm_hint_commit_soon();
        use_SAFEPOINT();
    }
    assert_non_null(use_RENEW(use_NEW_ANY()));
    use_FREE(use_REALLOC(use_MALLOC()));
    void *array = use_REALLOCARRAY(use_MALLOC());
    assert_true(use_USABLE_SIZE(array) >= 1000);
    use_FREE(array);
    use_FREE(use_CALLOC());
    char *d = use_STRDUP("abc"), *e = use_STRNDUP(d);
    assert_string_equal((char *)use_X_RD(e), "ab");
    char local;
    assert_ptr_equal(use_OUTSIDE(&local), &local);
    *(char *)use_X_WR(e) = 'x';
    assert_string_equal((char *)use_X_RD(e), "xb");
    assert_ptr_equal(use_X_BACK(strchr(use_X_RD(e), 'b')), e + 1);
    assert_ptr_equal(use_X_BACK((char *)"raw"), (char *)"raw");
    long eight = 8;
    assert_ptr_equal(use_MEMCPY(p, &eight), p);
    assert_ptr_equal(use_MEMMOVE(&eight, p), &eight);
    assert_int_equal(use_RD(p), 8);
    (void)use_MEMSET(p);
    assert_int_equal(use_RD(p), 0);
    assert_null(use_X_RD(NULL));
    (void)stm_rd(NULL); /* barriers accept null */
    (void)stm_wr(NULL, 8);
    (void)stm_wr_range(NULL, 100);
    (void)stm_rd_range((uptr)50, 100);
    int b = use_ATOMIC_ENTER();
    use_ATOMIC_LEAVE(&b);
    b = use_HOLD_ENTER();
    assert_true(stm_is_atomic());
    use_HOLD_LEAVE(&b);
    assert_true(!stm_is_atomic());
    b = use_EXCLUSIVE_ENTER();
    assert_true(stm_is_atomic() && stm_self.inevitable);
    use_ATOMIC_LEAVE(&b);
    assert_int_equal(use_SETJMP(), 3);
    use_INEVITABLE();
    pthread_t t;
    assert_int_equal(use_THREAD_CREATE(&t, nothing), 0);
    b = use_BLOCKING_ENTER();
    pthread_join(t, NULL);
    use_BLOCKING_LEAVE(&b);
    use_REGISTER_TAG();
    assert_true(stm_segments() >= 1);
    stm_thread_leave();
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
        assert_non_null(uses[i].use);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
