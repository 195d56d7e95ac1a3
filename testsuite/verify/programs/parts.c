/* What an intrinsic function of LLVM's does: of a vector, some elements are stored or loaded. */
#include "common.h"
#include <immintrin.h>
CLAIMS("object node\n")

static long raw[8];
#define WITH_MASKS __attribute__((__target__("avx512f")))
WITH_MASKS void right(struct node *p, __m512i v, __mmask8 m)
{
    _mm512_mask_storeu_epi64(stm_x_wr(p->items), m, v);
    stm_inevitable("raw");
    _mm512_mask_storeu_epi64(raw, m, v);
}
WITH_MASKS void only_read(struct node *p, __m512i v, __mmask8 m)
{
    _mm512_mask_storeu_epi64(stm_x_rd(p->items), m, v); /* FOUND: write start */
}
WITH_MASKS void untold(__m512i v, __mmask8 m)
{
    _mm512_mask_storeu_epi64(raw, m, v); /* FOUND: raw start */
}
WITH_MASKS __m512i loaded(struct node *p, __m512i v, __mmask8 m)
{
    return _mm512_mask_loadu_epi64(v, m, stm_any(p->items)); /* FOUND: read start */
}
