/* Functions outside translated code: pointer arguments are resolved for the call, results mapped back,
 * effects made inevitable. */
#include "ungil.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <search.h>
#include <limits.h>
typedef struct str { int len; char text[16]; char *more; } str STM_OBJECT;
unsigned long length(str *s) { return strlen(s->text) + strlen(s->more); }
unsigned long literal(void) { char b[4] = "ab"; return strlen("abc") + strlen(b); }
char *find(str *s, int c) { return strchr(s->text, c); }
int compare(str *a, const char *b) { return strcmp(a->text, b) || memcmp(a->more, b, 3); }
void copy(str *a, str *b) { memcpy(a->text, b->text, 16); memset(a->more, 0, 4); strcpy(a->text, b->more); }
void print(str *s) { printf("%s %d\n", s->text, s->len); fputs(s->more, stdout); }
void format(str *s, char *out) { snprintf(out, 16, "%s", s->more); sprintf(s->text, "%d", s->len); }
void scan(str *s) { sscanf(s->text, "%d %15s", &s->len, s->text); }
char *own(str *s) { free(s->more); return s->more = strdup(s->text); }
void *memory(int n) { return realloc(malloc(n), calloc(n, 2) ? 1 : 2); }
double pure(double x) { return sqrt(x) + fabs(x); }
int classes(int c) { return isalpha(c) + toupper(c); }
long number(str *s) { char *e; return strtol(s->text, &e, 10) + (*e == 0); }
void unknown(str *s, const char *t) { hcreate(10); realpath(t, s->text); }
void blocking(str *s) { usleep(s->len); sleep(1); }
void leave(str *s) { if (s->len) exit(s->len); abort(); }
static STM_RAW char shared[16];
static STM_RAW char *rest;
int raw(int x) { char own[16]; snprintf(own, 16, "%d", x); return sprintf(shared, "%s%n", own, (int *)rest); }
long raw_end(void) { return strtol(shared, &rest, 10) + sscanf(shared, "%15s", shared); }
