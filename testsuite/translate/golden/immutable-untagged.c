/* STM_IMMUTABLE in members of types without a tag. */
#include "ungil.h"

struct STM_OBJECT cell {
    int k;
    struct {
        int a STM_IMMUTABLE, b;
        union {
            long c STM_IMMUTABLE;
            double d STM_IMMUTABLE;
        };
    };
    struct {
        int a STM_IMMUTABLE, b;
    } pairs[3];
    struct {
        struct {
            long z STM_IMMUTABLE;
        } in;
        long y;
    } rest[];
};
long all(struct cell *c, int i)
{
    long sum = c->a + c->c + c->pairs[2].a;
    return sum + c->pairs[i + 1].a + c->rest[i].in.z + c->b;
}
