#include <stdio.h>
#include <string.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>
double (*fine)(double) = sqrt;
void *(*alloc)(size_t);
unsigned long (*length)(const char *);
int (*format)(char *, const char *, ...);
int say(int (*f)(const char *, ...));
unsigned (*wait_a_while)(unsigned);
int f(void) { alloc = malloc; length = strlen; fine = sin; format = sprintf; format = &sprintf;
    wait_a_while = sleep; return say(fine ? printf : 0); }
