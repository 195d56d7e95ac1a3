/* Mutable globals, static objects, arrays, structs by value, function-local statics, function pointers. */
#include <stdio.h>
#include <string.h>
#include "ungil.h"

struct STM_OBJECT cell {
    int value;
    const char *name;
    struct cell *link;
};
struct point {
    int x, y;
};

static struct cell nil = {0, "nil", NULL};
static struct cell first = {1, "first", &nil};
static struct cell *head = &first;
static int counter;
static long table[16] = {1, 2, 3};
static struct point origin = {3, 4};
static const char *const names[] = {"zero", "one", "two"};
char buffer[32] = "global";

static int next(void)
{
    static int calls = 40;
    return ++calls + counter++;
}

static struct point moved(struct point p, int dx)
{
    p.x += dx;
    return p;
}

static int add(int a, int b)
{
    return a + b;
}
static int mul(int a, int b)
{
    return a * b;
}
static int (*operation)(int, int) = add;

/* Nobody defines it: it has no place. */
static int maybe __attribute__((weakref("defined_by_nobody")));

int main(void)
{
    printf("%d\n", &maybe != 0);
    for (struct cell *c = head; c; c = c->link)
        printf("%s=%d ", c->name, c->value);
    nil.value = 7;
    head->value += 10;
    struct cell *new_cell = STM_NEW(struct cell);
    *new_cell = *head;
    new_cell->name = names[2];
    new_cell->link = head;
    head = new_cell;
    for (struct cell *c = head; c; c = c->link)
        printf("%s=%d ", c->name, c->value);
    int once = next(), twice = next();
    printf("\n%d %d %d\n", once, twice, counter);
    for (int i = 3; i < 16; i++)
        table[i] = table[i - 1] + table[i - 2] * table[i - 3];
    printf("%ld %ld\n", table[9], table[15]);
    struct point q = moved(origin, 5);
    origin = moved(q, 1);
    printf("%d %d %d %d\n", q.x, q.y, origin.x, origin.y);
    printf("%d ", operation(6, 7));
    operation = mul;
    printf("%d\n", operation(6, 7));
    strcat(buffer, " text");
    memmove(buffer + 2, buffer, 5);
    buffer[0]++;
    printf("%s %zu %d\n", buffer, strlen(buffer), memcmp(buffer, "h", 1) == 0);
    return head->value + nil.value;
}
