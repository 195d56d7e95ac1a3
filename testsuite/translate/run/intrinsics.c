/* compilers: clang-19 */
/* Functions of the target that get pointers into objects and transactional variables: some are macros around
 * built-in functions, some are inline functions of the header. */
#include <stdio.h>
#include <immintrin.h>
#include "ungil.h"
typedef struct STM_OBJECT node {
    int arr[16];
    double d[8];
    long l[8];
    char text[64];
    float f[16];
} node;
static int global[16];
static node *volatile where;

static __attribute__((target("avx2,bmi2"), noinline)) void use(node *n)
{
    for (int i = 0; i < 16; i++) {
        global[i] = n->arr[i] = i * 3;
        n->f[i] = (float)i;
        n->text[i] = (char)('a' + i);
    }
    for (int i = 0; i < 8; i++)
        n->d[i] = n->l[i] = i;
    STM_SAFEPOINT();
    __m128i at = _mm_set_epi32(1, 3, 5, 7), mask = _mm_set_epi32(-1, 0, -1, -1);
    __m128i a = _mm_i32gather_epi32(n->arr, at, 4), b = _mm_i32gather_epi32(global, at, 4);
    __m256d c = _mm256_i32gather_pd(n->d, at, 8);
    __m128i d = _mm_mask_i32gather_epi32(a, n->arr + 1, at, mask, 4);
    printf("%d %d %g %d\n", _mm_cvtsi128_si32(a), _mm_extract_epi32(b, 1), c[2], _mm_extract_epi32(d, 3));
    STM_SAFEPOINT();
    __m128i e = _mm_loadu_si128((const __m128i *)n->arr), f = _mm_stream_load_si128((__m128i *)n->arr);
    __m256 g = _mm256_maskload_ps(n->f, _mm256_set1_epi32(-1));
    __m256i h = _mm256_lddqu_si256((const __m256i *)n->arr);
    printf("%d %d %g %d\n", _mm_extract_epi32(e, 1), _mm_extract_epi32(f, 2), g[3],
           _mm256_extract_epi32(h, 4));
    STM_SAFEPOINT();
    _mm_storeu_si128((__m128i *)n->text, a);
    _mm_maskmoveu_si128(a, _mm_set1_epi8(-1), n->text + 17);
    _mm256_maskstore_ps(n->f + 1, _mm256_set1_epi32(-1), g);
    STM_SAFEPOINT();
    _mm_stream_si32(&n->arr[2], 77);
    _mm_stream_si64((long long *)&n->l[2], 78);
    _mm_storeh_pd(&n->d[1], _mm256_castpd256_pd128(c));
    unsigned long long high = 1;
    n->l[3] = (long)_mulx_u64(3, 1ull << 63, &high);
    unsigned char carry = _addcarry_u64(0, 1, 2, (unsigned long long *)&n->l[4]);
    _mm_prefetch((const char *)n->text, _MM_HINT_T0);
    _mm_clflush(n->text);
    STM_SAFEPOINT();
    printf("%d %ld %g %ld %llu %d %ld %d %d %g\n", n->arr[2], n->l[2], n->d[1], n->l[3], high, carry, n->l[4],
           n->text[0], n->text[17], (double)n->f[3]);
}

int main(void)
{
    where = STM_NEW(node);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
        use(where);
    return 0;
}
