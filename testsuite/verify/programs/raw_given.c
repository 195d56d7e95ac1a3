/* Variables outside of transactional memory that are copied to, or given to a function that writes there. */
#include "common.h"
CLAIMS("object object\nexternal snprintf\nexternal sscanf\nexternal strtol\nexternal bzero\nexternal puts\n"
       "external wait\nexternal fread\ninev fread\n")

int snprintf(char *, unsigned long, const char *, ...);
int sscanf(const char *, const char *, ...);
long strtol(const char *, char **, int);
void bzero(void *, unsigned long);
int puts(const char *);
int wait(int *);
unsigned long fread(void *, unsigned long, unsigned long, void *);
int stm_printf(const char *, ...);
int stm_vsnprintf(char *, unsigned long, const char *, __builtin_va_list);
struct large {
    long v[6];
};
struct object {
    struct object *next;
    struct large l;
};

static struct large large, table[5];
static char text[100], *end;
static __thread struct large own;
static __thread char word[10];
extern char other[100] __attribute__((__alias__("text")));
static int status;
struct large make(long);

void copied(struct object *p, long i, long n)
{
    struct large here = {{n}};
    *(struct large *)stm_raw_wr(&large, 48) = STM_AT(stm_rd(p), struct object)->l;
    __builtin_memset(stm_raw_wr(text, n), 0, n);
    stm_memcpy(text, &here, 48);
    here = table[i];
    large = here;                                /* FOUND: raw start */
    large = STM_AT(stm_rd(p), struct object)->l; /* FOUND: raw start */
    table[i] = here;                             /* FOUND: raw start */
    table[2] = table[i];                         /* FOUND: raw start */
    own = here;                                  /* FOUND: raw start */
    large = make(i);                             /* FOUND: raw call */
    table[i] = (struct large){{n}};              /* FOUND: raw call */
}
void filled(long n, int c)
{
    __builtin_memset(text, 0, 100); /* FOUND: raw start */
    __builtin_memset(text + n, 0, 0);
    __builtin_memset(&text[n], c, n);                         /* FOUND: raw start */
    __builtin_memcpy(other, "abc", 4);                        /* FOUND: raw start */
    __builtin_memmove(&table[n].v[1], &large, n);             /* FOUND: raw start */
    __builtin_memcpy(c ? text : word, "abc", 4);              /* FOUND: raw start */
    (c ? text : word)[1] = 1;                                 /* FOUND: raw start */
    *(c ? &table[1].v[0] : (long *)stm_raw_wr(&own, 48)) = 1; /* FOUND: raw start */
}
void given(const char *s, long n)
{
    char *at = (char *)s;
    snprintf(stm_x_wr(text), 100, "%ld", n);
    sscanf(s, "%9s%ld", stm_x_wr(word), (long *)stm_x_wr(&large.v[n]));
    puts(text);
    snprintf(text, 100, "%ld", n);                      /* FOUND: raw start */
    snprintf(other + n, 50, "%ld", n);                  /* FOUND: raw start */
    snprintf(stm_x_wr(text), 100, "%ld%n", n, &status); /* FOUND: raw start */
    snprintf(stm_x_wr(text), 100, "%p%s", &status, word);
    sscanf(s, "%9s", word);                                /* FOUND: raw start */
    sscanf(s, "%ld%ld", stm_x_wr(&large), &table[n].v[1]); /* FOUND: raw start */
    bzero(&table[n], 8);                                   /* FOUND: raw start */
}
void given_to_the_runtime(__builtin_va_list v)
{
    stm_printf("%s%n", text, (int *)stm_x_wr(&status));
    stm_vsnprintf(stm_x_wr(text), 100, "%d", v);
    stm_printf("%s%n", text, &status); /* FOUND: raw start */
    stm_vsnprintf(text, 100, "%d", v); /* FOUND: raw start */
    stm_nested_readv(0, text, 1);
}
void read_from_a_file(void *file)
{
    stm_inevitable("fread");
    fread(text, 1, 100, file);
}
void outside(void)
{
    int block __attribute__((__cleanup__(stm_blocking_leave))) = stm_blocking_enter();
    (void)block;
    wait(&status);
    sscanf(word, "%d", &status);
}
