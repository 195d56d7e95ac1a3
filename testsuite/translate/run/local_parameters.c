/* Parameters that point into the caller's stack, or only seem to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const char *at;
    int line;
    char word[16];
    struct reader *up;
};

static int next(struct reader *r)
{
    return *r->at ? *r->at++ : 0;
}

static int word(struct reader *r)
{
    int n = 0, c;
    while ((c = next(r)) && c != ' ')
        if (n < (int)sizeof r->word - 1)
            r->word[n++] = (char)c;
    r->word[n] = 0;
    r->line += n > 0;
    return n;
}

/* The copy's address goes on through memory, where nothing is known of it. */
static int depth(struct reader *r)
{
    struct reader inner = *r;
    inner.up = r;
    if (inner.line++ < 5)
        return depth(&inner);
    int n = 0;
    for (struct reader *p = &inner; p; p = p->up) {
        p->line += 100;
        n++;
    }
    return n;
}

static void fill(int *v, int n)
{
    if (!n)
        return;
    *v = n;
    fill(v + 1, n - 1);
}

static void swap(int *a, int *b)
{
    int t = *a;
    *a = *b;
    *b = t;
}

static int total(const int *v, int n)
{
    int s = 0;
    while (n--)
        s += *v++;
    return s;
}

static void set(int *p, int v)
{
    *p = v;
}

int main(void)
{
    struct reader r = {.at = "some words of a text", .line = 0};
    while (word(&r))
        printf("%s %d\n", r.word, r.line);
    r.line = 0;
    int n = depth(&r);
    printf("%d %d\n", n, r.line);
    int v[8], *heap = malloc(sizeof v);
    fill(v, 8);
    memset(heap, 0, sizeof v);
    swap(&v[0], &v[7]); /* both ways: so swap's parameters are no locals, */
    swap(&v[1], &heap[1]);
    set(&v[2], 50); /* and these are */
    printf("%d %d %d\n", total(v, 8), total(heap, 8), v[7]);
    free(heap);
    return 0;
}
