/* What functions write to that a format, or the list of arguments, is about; what the runtime's write to. */
#include "common.h"
CLAIMS("object object\nexternal sscanf\nexternal swscanf\nexternal snprintf\nexternal frexp\n"
       "external strtol\nexternal pthread_create\n")

int sscanf(const char *, const char *, ...);
int __isoc99_sscanf(const char *, const char *, ...);
int swscanf(const int *, const int *, ...);
int snprintf(char *, unsigned long, const char *, ...);
int stm_printf(const char *, ...);
int stm_fprintf(void *, const char *, ...);
double frexp(double, int *);
struct object {
    struct object *next;
    long v;
    int n;
    char *save, text[8];
};

int right(struct object *p, const char *s)
{
    sscanf(stm_x_rd(s), "%ld%7s", stm_x_wr(&p->v), stm_x_wr(p->text));
    stm_printf("%ld%s%n%p", 1l, stm_x_rd(p->text), stm_x_wr(&p->n), p);
    stm_nested_strtok_r((char *)s, stm_x_rd(s), stm_x_wr(&p->save));
    return frexp(1, stm_x_wr(&p->n)) == 1;
}
void scanned(struct object *p, const char *s)
{
    sscanf(stm_x_rd(s), "%ld%7s", stm_x_rd(&p->v), s); /* FOUND: write start */
}
void scanned_by_another_name(struct object *p, const char *s)
{
    __isoc99_sscanf(stm_x_rd(s), "%*d%ld", stm_x_rd(&p->v)); /* FOUND: write start */
}
void scanned_wide(struct object *p)
{
    swscanf(L"1", L"%ld", stm_x_rd(&p->v)); /* FOUND: write start */
}
void counted(struct object *p, char *s, int k)
{
    snprintf(stm_x_wr(s), 9, "%-*d%%%hhn", 3, 4, stm_x_rd(&p->text)); /* FOUND: write start */
}
void counted_by_number(struct object *p, char *s)
{
    snprintf(stm_x_wr(s), 9, "%2$s%1$n", stm_x_rd(&p->n), stm_x_rd(s)); /* FOUND: write start */
}
void counted_by_width(struct object *p, char *s)
{
    snprintf(stm_x_wr(s), 9, "%3$*1$ld%2$n", 1, stm_x_rd(&p->n), 3l); /* FOUND: write start */
    snprintf(stm_x_wr(s), 9, "%3$*1$ld%4$n", 1, stm_x_rd(&p->n), 3l, stm_x_wr(&p->v));
}
void counted_on_one_way(struct object *p, char *s, int k)
{
    snprintf(stm_x_wr(s), 9, k ? "%n" : "%s", stm_x_rd(&p->n)); /* FOUND: write start */
}
void counted_by_the_runtime(struct object *p, void *f)
{
    stm_fprintf(f, "%s%n", stm_x_rd(p->text), stm_x_rd(&p->n)); /* FOUND: write start */
}
void token(struct object *p, char *s)
{
    stm_nested_strtok_r(s, " ", stm_x_rd(&p->save)); /* FOUND: write start */
}
int late(struct object *p)
{
    char *r = stm_x_rd(p->text);
    stm_safepoint();
    return stm_printf("%s", r); /* FOUND: late end */
}
void reference(void)
{
    char *s = stm_malloc(10);
    stm_printf("%s", s); /* FOUND: reference */
    stm_printf("%p", s);
    stm_nested_strtok_r(s, " ", 0);
}
