/* Every kind of statement. */
#include <stdio.h>
#include <setjmp.h>
static int count, table[16];
static int f(int x)
{
    count++;
    return x;
}
static int sw(int x)
{
    int r = 0;
    switch (f(x)) {
        int unreached;
    case 1:
        r = 1;
    case 2:
        r += 2;
        break;
    case 3 ... 5: {
        r = 35;
        break;
    }
    default:
        r = 9;
        if (x > 8)
        case 7:
            r = 7;
    }
    return r;
}
static int duff(int n)
{
    int k = 0, i = (n + 3) / 4;
    switch (n % 4) {
    case 0:
        do {
            k++;
        case 3:
            k++;
        case 2:
            k++;
        case 1:
            k++;
        } while (--i > 0);
    }
    return k;
}
static int computed(const char *s)
{
    static void *const ops[] = {&&inc, &&dec, &&dbl, &&end};
    int a = 0;
    goto *ops[*s++ - '0'];
inc:
    a++;
    goto *ops[*s++ - '0'];
dec:
    a--;
    goto *ops[*s++ - '0'];
dbl:
    a *= 2;
    goto *ops[*s++ - '0'];
end:
    return a;
}
static int into(int n)
{
    int t = 0;
    if (n)
        goto in;
    for (n = 0; n < 5; n++) {
        t += 10;
    in:
        t++;
    }
    return t;
}
static int loops(void)
{
    int t = 0;
    for (;;) {
        if (t > 5)
            break;
        t++;
    }
    for (int i = 0, j = 10; i < j; i++, j--) {
        if (i == 2)
            continue;
        t += j;
    }
    while (t > 30)
        t -= 7;
    do
        t++;
    while (t % 5);
    do {
        if (t)
            continue;
        t = 99;
    } while (0);
    for (; t < 40;)
        t += 3;
    ;
    {
    }
    return t;
}
static int nested(void)
{
    int t = 0;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
            switch (table[i] + j) {
            case 2:
                continue;
            case 5:
                goto out;
            default:
                break;
            }
            t = t * 2 + 1;
        }
out:
    return t;
}
static void dangling(int a, int b)
{
    if (a)
        if (b)
            puts("ab");
        else
            puts("a");
    else
        puts("none");
}
static jmp_buf jb;
static void thrower(int x)
{
    if (x)
        longjmp(jb, x);
}
static int jump(void)
{
    volatile int n = 0;
    int r = setjmp(jb);
    if (r < 3) {
        n += r + 1;
        thrower(r + 1);
    }
    return n * 10 + r;
}
static int old(a, b, c)
int a;
char *b;
double c;
{
    return a + b[0] + (int)c;
}
static int vla(int n, int a[n][n])
{
    int v[n], (*p)[n] = a, t = 0;
    for (int i = 0; i < n; i++)
        v[i] = p[i][i];
    for (int i = 0; i < n; i++)
        t += v[i];
    return t + (int)sizeof v + (int)sizeof(int[n + table[1]]) + (int)sizeof *p;
}
static int vladef(void)
{
    typedef int row[table[2]];
    row r;
    int i = 0;
    int s = sizeof(int[++i]);
    return (int)sizeof r + i + s + (int)sizeof(char[table[3]]);
}
static int tail(int n, int acc)
{
    return n ? tail(n - 1, acc + n) : acc;
}
static inline int asm_add(int a, int b)
{
    __asm__("addl %1, %0" : "+r"(a) : "r"(b) : "cc");
    return a;
}
static int asm_mem(void)
{
    int x = 3;
    __asm__ volatile("incl %0" : "+m"(x));
    __asm__ volatile("" ::: "memory");
    return x;
}
static int locals(void)
{
    static int calls = 5, *const p = &calls;
    extern int late;
    {
        extern int table2[];
        late += table2[1];
    }
    int late2 = late;
    _Thread_local static int tls = 3;
    return ++*p + calls++ + late2 + tls++;
}
int late = 100, table2[3] = {1, 2, 3};
static int cleaned;
static void clean(int *p)
{
    cleaned += *p;
}
static int cleanup(void)
{
    for (int i = 0; i < 3; i++) {
        int c __attribute__((cleanup(clean))) = i;
        if (i == 1)
            continue;
    }
    return cleaned;
}
static int labels(void)
{
    __label__ a;
    int n = 0;
a:
    n++;
    if (n < 3)
        goto a;
    return n;
}
static unsigned char bytes(void)
{
    unsigned char c = 250;
    c += 10;
    c++;
    char d = 127;
    d++;
    return c + (unsigned char)d;
}
_Static_assert(sizeof(int) == 4, "int");
int main(void)
{
    table[1] = 1;
    table[2] = 2;
    table[3] = 3;
    for (int i = 0; i < 10; i++)
        printf("%d ", sw(i));
    printf("%d\n", count);
    for (int i = 1; i < 10; i++)
        printf("%d ", duff(i));
    puts("");
    printf("%d %d %d\n", computed("0002013"), into(1), into(0));
    printf("%d %d\n", loops(), nested());
    dangling(1, 0);
    dangling(0, 0);
    dangling(1, 1);
    printf("%d\n", jump());
    printf("%d\n", old(1, "A", 2.5));
    int a[3][3] = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    printf("%d %d\n", vla(3, a), vladef());
    printf("%d %d %d %d\n", tail(100, 0), asm_add(2, 3), asm_mem(), locals() + locals());
    printf("%d %d %d\n", cleanup(), labels(), bytes());
    _Static_assert(1, "x");
    if (count > 1000)
        return 1;
}
