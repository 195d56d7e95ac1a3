#include "ungil.h"
/* What transactions write is moved to a section of their own. */
struct entry { const char *name; long v; };
static struct entry moved __attribute__((section("entries"), used)) = {"one", 1};
static struct entry stays STM_RAW __attribute__((section("entries"), used)) = {"two", 2};
static const struct entry constant [[gnu::section("constants")]] [[gnu::used]] = {"three", 3};
struct STM_OBJECT node { long x; };
struct node prebuilt __attribute__((__section__("nodes")));
long f(void)
{
    static long count __attribute__((section("counts")));
    moved.v++;
    stays.v++;
    return count++ + constant.v;
}
static struct entry only_read __attribute__((section("entries"), used)) = {"four", 4};
long stm_rd_(long stm_self) { return stm_self; }
