/* common.h - translated code by hand, for ungil verify.  A comment FOUND: says what is to be found at its
 * line. */
#include "ungil_abi.h"

#define CLAIMS(text)                                                                                         \
    static const char stm_claims[] __attribute__((__section__("ungil_claims"), __used__)) = text;

struct node {
    struct node *next;
    long value, more;
    long items[];
};
static struct stm_type type_node;
#define AT(p) STM_AT(p, struct node)
#define NEW() ((struct node *)stm_new(sizeof(struct node), &type_node))
