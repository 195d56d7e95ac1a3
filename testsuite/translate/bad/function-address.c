#include <stdio.h>
#include <string.h>
#include <math.h>
#include <stdlib.h>
double (*fine)(double) = sqrt;
void *(*alloc)(size_t);
unsigned long (*length)(const char *);
int compare(int (*f)(const char *, const char *));
int f(void) { alloc = malloc; alloc = &malloc; fine = sin; length = strlen; length = &strlen; return compare(fine ? strcmp : 0); }
