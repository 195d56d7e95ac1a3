/* Addresses in what a function outside was given, which it returns or stores. */
#include "common.h"
CLAIMS("object object\nexternal strchr\nexternal strcpy\nexternal strtol\nexternal strlen\nexternal getenv\n"
       "external unlisted\ninev unlisted\nexternal bsearch\n")

char *strchr(const char *, int);
char *strcpy(char *, const char *);
unsigned long strlen(const char *);
long strtol(const char *, char **, int);
char *getenv(const char *);
void *unlisted(const void *);
int translated(const char *);
struct object {
    struct object *next;
    char text[40], *end;
};
#define OBJECT(p) STM_AT(p, struct object)
static char *last __attribute__((__section__("ungil_data")));
static char *kept;

char *right(struct object *p, const char *s)
{
    OBJECT(stm_wr(p, 56))->end = stm_x_back(strchr(stm_x_rd(s), 'c'));
    if (strchr(stm_x_rd(s), 'd'))
        strcpy(stm_x_wr(stm_x_back(strcpy(stm_x_wr(p->text), "x"))), "y");
    kept = strchr("abc", 'b') /* FOUND: raw start */;
    translated(getenv("a"));
    return stm_x_back(strchr(stm_x_rd(s), 'e'));
}
void in_object(struct object *p)
{
    OBJECT(stm_wr(p, 56))->end = strchr(stm_x_rd(p->text), '/'); /* FOUND: stored */
}
void in_variable(struct object *p)
{
    *STM_AT(stm_wr(&last, 8), char *) = strchr(stm_x_rd(p->text), '/') + 1; /* FOUND: stored */
}
void as_number(struct object *p)
{
    *STM_AT(stm_wr(&last, 8), long) = (long)strchr(stm_x_rd(p->text), '/'); /* FOUND: stored */
}
void as_number_with_a_tag(struct object *p, long tag)
{
    *STM_AT(stm_wr(&last, 8), long) = ((long)strchr(stm_x_rd(p->text), '/') & -8) | tag; /* FOUND: stored */
}
long distance(const char *s)
{
    return stm_x_back(strchr(stm_x_rd(s), '/')) - s;
}
char *returned(const char *s)
{
    return strchr(stm_x_rd(s), 'c') + 1; /* FOUND: returned */
}
void *returned_by_any(const char *s, int k)
{
    stm_inevitable("unlisted");
    return unlisted(k ? stm_x_rd(s) : 0); /* FOUND: returned */
}
int passed(const char *s)
{
    return translated(strchr(stm_x_rd(s), 'c')); /* FOUND: given */
}
int later(const char *s)
{
    const char *p = strchr(stm_x_rd(s), 'c');
    stm_safepoint();
    return *(const char *)stm_any_rd(p); /* FOUND: taken */
}
void written(char *s)
{
    *(char *)stm_any_wr(strchr(stm_x_rd(s), 'c'), 1) = 0; /* FOUND: taken */
}
long compared(const char *s)
{
    return strchr(stm_x_rd(s), '/') == s; /* FOUND: taken */
}
long subtracted(const char *s)
{
    char *p = stm_x_rd(s);
    return (strchr(p, '/') ? strchr(p, '/') - p : 0) + (strchr(p, '/') - s); /* FOUND: taken */
}
void kept_for_later(char *s)
{
    stm_setspecific(1, stm_x_rd(s)); /* FOUND: taken */
}
unsigned long late(const char *s)
{
    const char *p = strchr(stm_x_rd(s), 'c');
    stm_safepoint();
    return strlen(p); /* FOUND: late end */
}

long end(struct object *p, char *s)
{
    char *e, **t = &e, **to = stm_x_wr(&p->end);
    long v = strtol(stm_x_rd(p->text), t, 10);
    if (t)
        *t = stm_x_back(*t);
    OBJECT(stm_wr(p, 56))->end = e;
    v += strtol(stm_x_rd(s), 0, 10);
    v += strtol(stm_x_rd(s), to, 10);
    if (to)
        *to = stm_x_back(*to);
    return v;
}
long end_stored(struct object *p)
{
    char *e;
    long v = strtol(stm_x_rd(p->text), &e, 10); /* FOUND: end */
    OBJECT(stm_wr(p, 56))->end = e;
    return v;
}
long end_late(struct object *p)
{
    char *e;
    long v = strtol(stm_x_rd(p->text), &e, 10); /* FOUND: end */
    stm_safepoint();
    e = stm_x_back(e);
    return v;
}
long end_on_one_way(struct object *p, int k)
{
    char *e;
    long v = strtol(stm_x_rd(p->text), &e, 10); /* FOUND: end */
    if (k)
        e = stm_x_back(e);
    return v;
}
long end_in_object(struct object *p)
{
    return strtol(stm_x_rd(p->text), stm_x_wr(&p->end), 10); /* FOUND: end */
}
long end_only_read(struct object *p)
{
    char **to = stm_x_rd(&p->end);
    long v = strtol(stm_x_rd(p->text), to, 10); /* FOUND: write start */
    *to = stm_x_back(*to);                      /* FOUND: write start */
    return v;
}
