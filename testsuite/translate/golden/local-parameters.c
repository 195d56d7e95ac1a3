/* Parameters that always point into the C stack are plain C; where one caller passes something else they
 * are not. */
#include "ungil.h"
struct reader { const char *at; int line; };
struct STM_OBJECT cell { int value; };
static int peek(struct reader *r) { return *r->at; }
static void skip(struct reader *r) { while (peek(r) == ' ') { r->at++; r->line += peek(r) == '\n'; } }
static int *first(int *v) { return v; }
static void both(int *out, int *in) { *out = *in; *first(out) += 1; }
static void even(int *p, int n) { if (n) even(p + 1, n - 1); *p = n; }
int parse(const char *s, int *shared) {
    struct reader r = {s, 1};
    int a, b[4];
    skip(&r);
    both(&a, shared);
    even(b, 3);
    return r.line + a + b[1];
}
static void callback(int *p) { *p = 1; }
static void (*hook)(int *) = callback;
int use(void) { int x; callback(&x); hook(&x); return x; }
static struct reader *hidden;
static void keep(struct reader *r) { r->line = 2; }
void expose(void) { struct reader r = {"", 0}; hidden = &r; keep(hidden); keep(&r); hidden = 0; }
/* The second read through p meets another cell. */
static struct holder { struct cell *c; } *known;
int hidden_write(struct cell *a, struct cell *b) {
    struct holder x = {a}, *p = known = &x;
    p = known;
    int s = p->c->value;
    x.c = b;
    s += p->c->value;
    known = 0;
    return s;
}
