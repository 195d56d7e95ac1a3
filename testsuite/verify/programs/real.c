/* Real addresses: where they may be used, and where they may go. */
#include "common.h"
CLAIMS("object node\nobject large\nexternal strlen\nexternal strcpy\nexternal puts\n"
       "external snprintf\nexternal swprintf\n")

unsigned long strlen(const char *s);
char *strcpy(char *to, const char *from);
int puts(const char *s);
int snprintf(char *, unsigned long, const char *, ...);
int swprintf(int *, unsigned long, const int *, ...);
long translated(long *p);
static struct node *shared __attribute__((__section__("ungil_data")));
long *kept;

long right(struct node *p, char *s)
{
    *(long *)stm_any_wr(&p->value, 8) = 1;
    return *(long *)stm_any(&p->value) + (long)strlen(stm_x_rd(s));
}
long late(long *p)
{
    long *r = stm_any_rd(p);
    stm_safepoint();
    return *r; /* FOUND: late end */
}
long on_one_path(long *p, int c)
{
    long *r = stm_any_rd(p);
    if (c)
        stm_safepoint();
    return *r; /* FOUND: late end */
}
long turned(long *p)
{
    long *r = stm_any(p);
    stm_safepoint();
    stm_inevitable("x");
    return *r; /* FOUND: late end */
}
long unmarked(long *p)
{
    return *(long *)stm_any(p); /* FOUND: read start */
}
void only_read(long *p)
{
    *(long *)stm_any_rd(p) = 1; /* FOUND: write start */
}
void stores(long *p)
{
    *(void **)stm_raw_wr(&kept, 8) = stm_any_rd(p); /* FOUND: stored */
}
void *returns(long *p)
{
    void *r = stm_any_rd(p);
    return r; /* FOUND: returned */
}
long gives(long *p)
{
    return translated(stm_any_rd(p)); /* FOUND: given */
}
void to_read(char *a, char *b)
{
    strcpy(stm_x_wr(a), stm_x_rd(b));
}
void to_write(char *a, char *b)
{
    strcpy(stm_x_rd(a), stm_x_rd(b)); /* FOUND: write start */
}
void references(void)
{
    char *s = stm_malloc(10);
    puts(stm_x_rd(s));
    puts(s);               /* FOUND: reference */
    puts((char *)&shared); /* FOUND: reference */
}
/* What a format only shows. */
void shown(const char *format, long n)
{
    char *s = stm_malloc(10), text[50];
    int wide[50];
    snprintf(text, 50, "%%%-*.*hhd%5p %ld", 1, 2, 3, (void *)s, n);
    swprintf(wide, 50, L"%ld%p", n, (void *)s);
    snprintf(text, 50, "%%p%s", s);         /* FOUND: reference */
    snprintf(text, 50, "%*p%n", 1, s, s);   /* FOUND: reference */
    swprintf(wide, 50, L"%p%ls", &wide, s); /* FOUND: reference */
    snprintf(text, 50, format, s);          /* FOUND: reference */
    snprintf(s, 50, "%p", s);               /* FOUND: reference */
}
struct wide {
    long v[4];
};
void copies(struct wide *p, struct wide *q, struct wide *r)
{
    *(struct wide *)stm_any_wr_range(p, 32) = *(struct wide *)stm_any_rd_range(q, 32);
    *(struct wide *)stm_any_wr_range(r, 24) =
        *(struct wide *)stm_any_rd_range(q, 32); /* FOUND: write start */
}

/* The address on the left is resolved before there is a barrier, which stands on the right. */
struct large {
    struct large *next;
    long v[12];
};
#define LARGE(p) (*(struct large *)stm_real(p))
#define NEXT(p) STM_AT(p, struct large)->next
void next(struct large *p)
{
    LARGE(p) = LARGE(stm_rd(NEXT(stm_wr(p, 104))));
}
void itself(struct large *p)
{
    LARGE(NEXT(stm_rd(p))) = LARGE(stm_wr(NEXT(p), 104));
}
void rounds(struct large *p, int n)
{
    (void)stm_rd(p);
    for (; n--; p = NEXT(p))
        LARGE(p) = LARGE(stm_rd(NEXT(stm_wr(p, 104))));
}
void only_read_next(struct large *p)
{
    LARGE(p) = LARGE(stm_rd(NEXT(stm_rd(p)))); /* FOUND: write start */
}
void next_is_larger(struct large *p)
{
    struct larger {
        struct large *next;
        long v[16];
    };
    *(struct larger *)stm_real(p) =
        *(struct larger *)stm_rd_range(NEXT(stm_wr(p, 104)), 136); /* FOUND: write start */
}
void another_next(struct large *p, struct large *q)
{
    LARGE(q) = LARGE(stm_rd(NEXT(stm_wr(p, 104)))); /* FOUND: write start */
}
void moved_on(struct large *p)
{
    (void)stm_rd(p);
    struct large *to = stm_real(p);
    p = NEXT(p);
    *to = LARGE(stm_wr(p, 104)); /* FOUND: write start */
}
void moved_on_in_a_loop(struct large *p, int n)
{
    struct large *to = stm_real(p);
    (void)stm_rd(p);
    while (n--) {
        (void)stm_wr(p, 104);
        *to = LARGE(p); /* FOUND: write start */
        to = stm_real(p);
        p = NEXT(p);
    }
}
void late_next(struct large *p)
{
    struct large *to = stm_real(p);
    stm_safepoint();
    *to = LARGE(stm_wr(p, 104)); /* FOUND: late end */
}
void on_one_way(struct large *p, int c)
{
    struct large *to = stm_real(p);
    if (c)
        (void)stm_wr(p, 104);
    *to = (struct large){0}; /* FOUND: write start */
}
