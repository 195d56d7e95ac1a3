/* A pointer never changes its representation: only accesses are translated. */
#include "ungil.h"
typedef struct head { int kind; } head STM_OBJECT;
typedef struct str { head h; int len; char text[]; } str STM_OBJECT;
head *upcast(str *s) { return &s->h; }
str *downcast(head *h) { return h->kind == 1 ? (str *)h : 0; }
int kind(str *s) { return s->h.kind; }
char *interior(str *s, int i) { return &s->text[i] + 1; }
char *keep;
void store(str *s) { keep = s->text; }
int same(str *a, str *b) { return a == b && a->text != keep && !b; }
long distance(str *s, char *p) { return p - s->text; }
int through(str *s) { char *p = s->text; p[1] = 'x'; return *p++; }
unsigned long number(str *s) { return (unsigned long)s | 1; }
