#include "ungil.h"
#include <pthread.h>
#include <string.h>
#include <unistd.h>
typedef int v4 __attribute__((vector_size(16)));
struct s { int x; int a[3]; } *global;
pthread_mutex_t lock;
v4 shuffle(v4 a) { return a; }
void locks(void) { pthread_mutex_lock(&lock); pthread_mutex_unlock(&lock); }
char *tokens(char *s) { return strtok(s, " "); }
int forks(void) { return vfork(); }
void assembly(struct s *p) { __asm__ volatile("" : "+m"(p->x)); __asm__("" : : "r"(p)); }
int *choice(struct s *p, int c) { return &_Generic(c, int: p->x, default: p->a[0]); }
struct wide { v4 v; };
void element(struct wide *p) { v4 l = p->v; __asm__("" : "+r"(l[1])); __asm__("" : "+r"(p->v[1])); }
void choose(struct s *p, int c) { _Generic(c, int: *p).x = c; __builtin_choose_expr(1, *p, *p).a[1]++; }
int *decays(struct s *p, int c) { return _Generic(c, int: *p).a; }
struct STM_OBJECT guarded { pthread_mutex_t own; } *guard;
int guards(struct guarded *g) { return pthread_mutex_init(&g->own, 0) || pthread_mutex_destroy(&guard->own); }
#include <pwd.h>
#include <stdarg.h>
#include <syslog.h>
struct STM_OBJECT user { struct passwd p; char text[100]; };
int lookup(struct user *u, struct passwd **p) { return getpwnam_r("root", &u->p, u->text, 100, p); }
void report(const char *format, ...) { va_list ap; va_start(ap, format); vsyslog(3, format, ap); va_end(ap); }
typedef float x4 __attribute__((ext_vector_type(4)));
struct STM_OBJECT colour { x4 v; };
float component(struct colour *c) { c->v.xz = c->v.wy; return c->v[1]; }
int main(int, char **);
int again(int c) { return main(c, 0); }
int (*const entry)(int, char **) = main;
int (*entry_of(void))(int, char **) { return main; }
void run(char **env) { execle("/bin/sh", "sh", (char *)0, env); }
#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
char identity[20];
void log_as(const char *s) { strcpy(identity, s); openlog(identity, 0, 0); openlog("fixed", 0, 0); }
int parse(unsigned char *m, int n, ns_msg *h) { return ns_initparse(m, n, h); }
int next(ns_msg *h, ns_rr *r) { return ns_parserr(h, ns_s_an, 0, r); }
#include <stdlib.h>
extern char **environ;
void surroundings(char **given) { environ = given; char **mine = malloc(16); mine[0] = 0; environ = mine; }
#include <pthread.h>
void any_time(void) { int old; pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old); }
static double _Complex halves;
void assembly_in_words(struct user *n)
{ asm("incq %0" : "+m"((n->text[0]))); asm("" : "+m"(__extension__ n->text[1]));
  asm("" : "+m"(__real__ halves)); asm("" : "+m"((__imag__ (halves)))); }
static long counter, row[4];
void assembly_behind(struct user *n, int k)
{ asm("" : "+m"(_Generic(k, int: counter)), "+m"(__builtin_choose_expr(1, counter, 0)), "+m"(row));
  asm("" : "+m"(*(long *)(unsigned long)&counter)); asm("" : : "r"((long)&counter), "r"((long)n & ~1l));
  asm("" : "+m"(*(char (*)[8])n)); asm("" : : "r"(({ (long)n; })), "r"(_Generic(k, int: (long)n))); }
int assembly_of_values(int k)
{ long own[4] = {0}; asm("" : "+m"(own), "+m"((own[1])) : "r"(-counter), "r"(row[1] != k)); return k; }
int chosen(struct s *p, int k, int c)
{ return _Generic(c, int: p->a)[k] + *__builtin_choose_expr(1, p->a, 0) + k[(_Generic(c, int: p->a))]; }
