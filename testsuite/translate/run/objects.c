/* An annotated program that uses objects in every way. */
#include "ungil.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
typedef struct node node STM_OBJECT;
struct node {
    int kind;
    node *next;
    union {
        long num;
        double real;
        char small[8];
        node *ref;
        struct {
            unsigned lo : 12, hi : 20;
        };
    };
    STM_DROP int mark;
    struct {
        short x, y;
    } pt[3];
    int (*op)(node *);
};
typedef struct vec {
    int n, cap;
    node *items[];
} vec STM_OBJECT;
typedef struct str {
    node head;
    int len;
    char text[];
} str STM_OBJECT;
typedef struct big {
    long v[40];
    struct {
        char name[16];
        int id;
    } rows[20];
    node *tail;
} big STM_OBJECT;
static node nil = {7, &nil, {.num = 42}, 0, {{1, 2}}, 0};
static const node fixed = {8, &nil, {.num = 43}, 0, {{3, 4}}, 0};
static node *root = &nil;
static int counter, table[50], grid[3][4];
static char buffer[64];
static vec *vecs[3];
STM_DROP static int bytes;
STM_DROP static void account(int n)
{
    bytes += n;
}
STM_ALLOC_FN(n) static void *allocate(size_t n)
{
    account(1);
    return calloc(1, n);
}
static int sp(int x)
{
    STM_SAFEPOINT();
    return x;
}
static node *spn(node *n)
{
    STM_SAFEPOINT();
    counter++;
    return n;
}
static node *cons(int kind, node *next)
{
    node *n = STM_NEW(node);
    account(sizeof *n);
    n->kind = kind;
    n->next = next;
    n->mark = 1;
    return n;
}
static vec *grow(vec *v)
{
    vec *w = STM_NEW_FLEX(vec, items, v->cap * 2);
    *w = *v;
    w->cap *= 2;
    for (int i = 0; i < v->n; i++)
        w->items[i] = v->items[i];
    return w;
}
static vec *push(vec *v, node *n)
{
    if (v->n == v->cap)
        v = grow(v);
    v->items[v->n++] = n;
    return v;
}
static str *string(const char *s)
{
    str *r = STM_NEW_FLEX(str, text, (int)strlen(s) + 1);
    r->len = (int)strlen(s);
    strcpy(r->text, s);
    r->head.kind = 's';
    return r;
}
static int add(node *n)
{
    return (int)n->num + 1;
}
static int sum(node *n)
{
    int t = 0;
    for (; n != &nil; n = n->next)
        t += n->kind;
    return t;
}
static int sums(int n, int a[], int b[][4])
{
    int t = 0;
    while (n--)
        t += a[n] + b[n % 3][n & 3];
    return t;
}
static void lists(void)
{
    node *l = &nil;
    for (int i = 0; i < 100; i++) {
        l = cons(i, l);
        if (i % 7 == 0)
            STM_SAFEPOINT();
    }
    printf("%d %d\n", sum(l), l->next->next->kind);
    root = l;
    l->kind = sp(5);
    l->kind += sp(6) + l->next->kind;
    spn(l)->next->kind = sp(l->kind);
    printf("%d %d %d\n", l->kind, l->next->kind, counter);
    l->op = add;
    l->num = sp(9);
    printf("%d %d\n", l->op(l), (spn(l)->op)(spn(l)));
    l->real = 2.5;
    printf("%g %d\n", l->real, l->small[7] != 0);
    l->num = 0;
    l->lo = 5;
    l->hi = sp(77);
    l->lo += 4100;
    printf("%u %u %lx\n", l->lo, l->hi, (unsigned long)l->num);
    l->pt[1] = nil.pt[0];
    l->pt[sp(2)].y = l->pt[1].x++ + l->pt[1].y--;
    printf("%d %d %d\n", l->pt[1].x, l->pt[1].y, l->pt[2].y);
    *l = fixed;
    printf("%d %ld\n", l->kind, l->num);
    node copy = *l;
    copy.kind++;
    *l->next = copy;
    nil = copy;
    printf("%d %d\n", l->next->kind, nil.kind);
    nil.kind = 7;
    nil.next = &nil;
}
static void vectors(void)
{
    vec *v = STM_NEW_FLEX(vec, items, 2);
    v->cap = 2;
    for (int i = 0; i < 30; i++)
        v = push(v, cons(i, &nil));
    vecs[1] = v;
    int t = 0;
    for (int i = 0; i < v->n; i++)
        t += v->items[i]->kind * (i + 1);
    node **p = v->items, **end = p + v->n;
    while (p < end)
        t += (*p++)->kind;
    node **q = &v->items[3];
    *q = cons(1000, 0);
    q[1]->kind = 2000;
    printf("%d %d %d %d\n", t, vecs[1]->items[3]->kind, (*(v->items + 4))->kind, (int)(end - q));
    big *b = STM_NEW(big), *c = STM_NEW(big);
    for (int i = 0; i < 40; i++)
        b->v[i] = i * i;
    for (int i = 0; i < 20; i++) {
        snprintf(b->rows[i].name, 16, "row%d", i);
        b->rows[i].id = i;
    }
    b->tail = cons(3, &nil);
    *c = *b;
    b->v[39] = 0;
    c->rows[5] = b->rows[sp(6)];
    printf("%ld %s %d %d %d\n", c->v[39], c->rows[5].name, c->rows[5].id, c->tail->kind,
           strcmp(c->rows[19].name, "row19"));
    memmove(&b->rows[1], &b->rows[0], sizeof b->rows[0] * 19);
    memset(b->v, 0xff, 8);
    printf("%s %ld %d\n", b->rows[19].name, b->v[0], memcmp(b, c, 8) > 0);
}
static void strings(void)
{
    str *s = string("12 apples, 34 pears");
    char *e;
    long a = strtol(s->text, &e, 10);
    printf("%ld %d [%s]\n", a, (int)(e - s->text), e);
    char *p = strchr(e, ',');
    *p++ = ';';
    while (*p == ' ')
        p++;
    printf("%ld %s %c\n", strtol(p, NULL, 10), p, toupper(s->text[3]));
    node *h = &s->head;
    printf("%c %d\n", h->kind, ((str *)h)->len);
    strcat(strcpy(buffer, s->text), "!");
    buffer[0] = '9';
    printf("%s %zu %.3s\n", buffer, strlen(buffer), strstr(buffer, "pe"));
    char local[32];
    memcpy(local, s->text, 20);
    for (char *c = local; *c; c++)
        if (isalpha((unsigned char)*c))
            *c = (char)toupper(*c);
    puts(local);
    int x = 0, y = 0;
    sscanf(s->text, "%d %*s %d", &x, &y);
    sscanf("5 6", "%d %d", &table[1], &table[2]);
    printf("%d %d %d %d\n", x, y, table[1], table[2]);
    char *d = strdup(s->text);
    d[0]++;
    printf("%s\n", d);
    free(d);
    printf("%s|%10.4s|%-5s|%%|%*d\n", s->text, s->text + 3, buffer + 15, 4, counter > 0);
}
static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}
static void rest(void)
{
    for (int i = 0; i < 50; i++) {
        table[i] = (i * 37) % 50;
        grid[i % 3][i % 4] += i;
    }
    printf("%d\n", sums(10, table, grid));
    qsort(table, 50, sizeof *table, compare);
    printf("%d %d %d\n", table[0], table[25], table[49]);
    int *f = bsearch(&(int){17}, table, 50, sizeof *table, compare);
    printf("%d\n", f ? *f : -1);
    int k;
    STM_ATOMIC
    {
        counter += sp(1);
        STM_ATOMIC counter++;
        k = counter;
    }
    STM_BLOCKING
    {
        usleep(1);
        k++;
    }
    printf("%d\n", k - counter);
    for (int i = 0; i < 5; i++) {
        STM_ATOMIC
        {
            if (i == 3)
                goto out;
            counter--;
        }
    }
out:
    usleep(sp(1));
    int *m = allocate(40), *z = malloc(16), *y = calloc(3, 4);
    m[3] = 4;
    z[1] = m[3];
    y[2] = z[1] + sp(z[1]);
    z = realloc(z, 400);
    printf("%d %d %d\n", y[2], z[1], m[9]);
    free(z);
    free(y);
    struct pair {
        int a;
        node *n;
    } pairs[2] = {{1, cons(2, 0)}, {sp(3), cons(sp(4), root)}}, *pp = pairs;
    pp[1].a += pp->n->kind + pairs[1].n->kind;
    printf("%d\n", pairs[1].a);
    node *arr[] = {root, spn(root), cons(1, 0)};
    printf("%d %d\n", arr[0] == arr[1], arr[2]->kind);
    int r = root->kind ?: 3;
    r += sp(root->kind) ? root->kind : -1;
    printf("%d\n", r);
}
int main(void)
{
    lists();
    vectors();
    strings();
    for (int i = 0; i < 3; i++) {
        char *junk = 0;
        for (int j = 0; j < 2000; j++) {
            node *n = cons(j, &nil);
            if (j % 100 == 0)
                junk = (char *)n;
            STM_SAFEPOINT();
        }
        printf("%d\n", junk != 0);
    }
    vectors();
    rest();
    printf("%d %d\n", nil.kind, fixed.kind);
}
