/* compilers: clang-19 */
/* _Atomic and the atomic built-ins; volatile. */
#include <stdio.h>
#include <stdatomic.h>
#include <stdlib.h>
static atomic_int n = 1;
static _Atomic long l;
static int plain, *heap;
static volatile int vol;
static atomic_flag flag = ATOMIC_FLAG_INIT;
struct s {
    int refs;
    long bits;
    unsigned char b;
} st;
static int inc(int *p)
{
    return __sync_fetch_and_add(p, 1);
}
static int get(struct s *s)
{
    return __atomic_load_n(&s->refs, __ATOMIC_ACQUIRE);
}
int main(void)
{
    n++;
    atomic_fetch_add(&n, 5);
    l = n + 2;
    atomic_store(&l, l + 1);
    printf("%d %ld\n", n, (long)l);
    printf("%d\n", atomic_exchange(&n, 9));
    int expected = 9;
    printf("%d\n", atomic_compare_exchange_strong(&n, &expected, 10));
    printf("%d\n", atomic_load(&n));
    printf("%d\n", atomic_flag_test_and_set(&flag));
    __sync_fetch_and_add(&plain, 3);
    printf("%d\n", __sync_bool_compare_and_swap(&plain, 3, 4));
    printf("%d\n", inc(&plain));
    printf("%d\n", plain);
    heap = calloc(2, sizeof *heap);
    inc(heap);
    inc(&heap[1]);
    inc(heap + 1);
    printf("%d %d\n", heap[0], heap[1]);
    __atomic_store_n(&st.refs, 7, __ATOMIC_RELEASE);
    st.bits = 1;
    __atomic_or_fetch(&st.bits, 6, __ATOMIC_SEQ_CST);
    int v = 5, w;
    __atomic_store(&st.refs, &v, __ATOMIC_SEQ_CST);
    __atomic_load(&st.refs, &w, __ATOMIC_SEQ_CST);
    printf("%d %ld %d\n", get(&st), st.bits, w);
    int local = 0;
    __atomic_fetch_add(&local, 2, __ATOMIC_RELAXED);
    printf("%d\n", local);
    vol = 3;
    vol += vol;
    printf("%d\n", vol++);
    for (volatile int i = 0; i < 3; i++)
        plain += i;
    printf("%d\n", plain);
    __sync_synchronize();
    atomic_thread_fence(memory_order_seq_cst);
    free(heap);
}
