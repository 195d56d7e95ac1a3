/* Arguments for parameters that are transparent unions: those of the socket functions, as glibc declares
 * them, in objects and variables; and functions of the program. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "ungil.h"

struct STM_OBJECT peer {
    struct sockaddr_in addr, other;
    socklen_t n;
    char text[8];
};
static struct sockaddr_in here;
static socklen_t size;
#define ADDR(p) ((struct sockaddr *)(p))
#define NOINLINE static __attribute__((noinline))

static void datagrams(void)
{
    struct peer *p = STM_NEW(struct peer);
    int to = socket(AF_INET, SOCK_DGRAM, 0), from = socket(AF_INET, SOCK_DGRAM, 0);
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    p->addr = here;
    STM_SAFEPOINT();
    printf("%d %d\n", bind(to, ADDR(&here), sizeof here), bind(from, ADDR(&p->addr), sizeof p->addr));
    size = p->n = sizeof here;
    int a = getsockname(to, ADDR(&here), &size), b = getsockname(from, ADDR(&p->addr), &p->n);
    STM_SAFEPOINT();
    printf("%d %d %d %u %d %u %d\n", a, b, here.sin_family, size, p->addr.sin_family, p->n,
           here.sin_port != p->addr.sin_port);
    long n = sendto(from, "abcd", 4, 0, ADDR(&here), size);
    STM_SAFEPOINT();
    p->n = sizeof p->other;
    long got = recvfrom(to, p->text, sizeof p->text, 0, ADDR(&p->other), &p->n);
    STM_SAFEPOINT();
    printf("%ld %ld %.4s %d\n", n, got, p->text, memcmp(&p->other, &p->addr, sizeof p->addr));
    printf("%d\n", connect(from, ADDR(&here), sizeof here));
    got = getpeername(from, ADDR(&p->other), &p->n);
    STM_SAFEPOINT();
    printf("%ld %d\n", got, p->other.sin_port == here.sin_port);
    close(to), close(from);
}

struct STM_OBJECT node {
    long x, y;
    struct node *next;
};
struct STM_OBJECT twin {
    long a, b;
    struct twin *next;
};
typedef union {
    struct node *node;
    struct twin *twin;
    const void *any;
} either __attribute__((__transparent_union__));

NOINLINE long sum(either e)
{
    STM_SAFEPOINT();
    return e.node->x + e.twin->b;
}
NOINLINE void put(either e, long v)
{
    e.twin->a = v;
    STM_SAFEPOINT();
    e.node->y += v;
}
static struct node *head;
NOINLINE long around(struct node *n)
{
    long was = n->x + n->y;
    put(n, 5);
    return was * 100 + n->x + n->y;
}

int main(void)
{
    datagrams();
    struct twin *t = STM_NEW(struct twin);
    struct node *n = head = STM_NEW(struct node);
    n->next = STM_NEW(struct node);
    either e = {.twin = t};
    STM_SAFEPOINT();
    put(n, 10), put(t, 20), put(e, 7), put((either){n->next}, 1), put(head->next, 2), put((void *)t, 4);
    printf("%ld %ld %ld %ld %ld\n", sum(n), sum(e), sum((const void *)head->next), sum(t->next ? t->next : t),
           around(head));
    return 0;
}
