/* Declarations in every shape, at file scope and in blocks. */
#include <stdio.h>
#include <wchar.h>
#include <string.h>
typedef struct list list;
struct list {
    list *next;
    int v;
};
int tentative;
int tentative;
extern int tentative;
int tentative = 4;
static int later;
static int use_later(void)
{
    return later;
}
static int later = 8;
int a = 1, *b = &a, c[3] = {1, [2] = 3}, (*d)[3] = &c, e(int), (*f)(int) = e, *const g = &a, h;
long add_to(long), added = 3;
long added_first = 4, add_first(long);
int e(int x)
{
    return x + 1;
}
const int k1 = 1, k2 = 2;
const char *s1 = "one", *const s2 = "two", s3[] = "three";
volatile int v1 = 5;
static volatile unsigned v2;
static list l3 = {0, 3}, l2 = {&l3, 2}, l1 = {&l2, 1}, *head = &l1;
struct anon {
    int x;
} an1 = {1}, an2 = {2}, *anp = &an1;
struct {
    int q;
    struct {
        int r;
    } s;
} un = {3, {4}}, una[2] = {{1, {2}}, {3, {4}}};
enum color { RED, GREEN = 5, BLUE } color = BLUE;
union u {
    int i;
    char c[4];
} un2 = {.c = {1, 2, 3, 4}};
typedef int (*op)(int, int);
static int add(int x, int y)
{
    return x + y;
}
static int mul(int x, int y)
{
    return x * y;
}
static op ops[] = {add, mul, [3] = add};
static op choose(int i)
{
    return ops[i];
}
static int (*pick(int i))(int, int)
{
    return ops[i];
}
int static odd = 7;
long unsigned int long const oddl = 9;
int const static volatile oddv = 3;
wchar_t wide[] = L"w\u00efde"
                 L"r";
char multi[] = "one"
               "two"
               "three";
_Alignas(64) static char aligned[3];
static _Thread_local int tls = 11;
_Atomic int at = 3;
static _Atomic(long) at2;
int unused __attribute__((unused)), packed_ __attribute__((aligned(32))) = 5;
struct __attribute__((packed)) pk {
    char c;
    int i;
    short s;
} pk = {1, 0x01020304, 5};
static int matrix[2][3][4];
static const int cm[2][2] = {{1, 2}, {3, 4}};
static int (*mp)[3][4] = matrix;
double dd[] = {1e3, 0x1p4, .5, 1.};
char esc[] = "\a\b\"\\\x7f\101\?";
int chars[] = {'a', '\'', '\\', '\0', L'x', 'ab' & 0x7f};
int oct = 0777, hex = 0xFFu, bin = 0b101;
long long ll = 1LL << 40;
static int shadow = 1;
typedef int T;
static int scopes(int T)
{
    int shadow = T;
    {
        int shadow = 2;
        {
            extern int a;
            a++;
        }
        shadow++;
        T += shadow;
    }
    struct list {
        char c[3];
    } l;
    enum { RED = 50 };
    T += sizeof l + RED;
    {
        typedef char T;
        T t = 'a';
        shadow += t + sizeof(T);
    }
    return shadow + T;
}
static int inits(int n)
{
    int x[] = {n, n + 1, [5] = n * 2}, y = x[5], *p = (int[]){n, 2, 3};
    struct list l = {.v = n, .next = &(struct list){0, 9}}, m[] = {l, {&l, 2}};
    struct {
        int a[2];
        struct {
            int b, c;
        };
    } z = {{1, n}, .c = 5, .b = y};
    char s[10] = {"abc"}, t[] = {'x', n};
    return y + p[0] + l.next->v + m[1].next->v + z.a[1] + z.b + z.c + s[3] + t[1] +
           (int)(sizeof x / sizeof *x);
}
static void write_all(void)
{
    h++;
    c[1] = 9;
    an1.x++;
    un.s.r++;
    una[1].q = 8;
    un2.c[0] = 7;
    v1++;
    v2 += 3;
    ops[2] = mul;
    odd++;
    wide[0] = L'W';
    multi[0] = 'O';
    aligned[1] = 1;
    tls++;
    at++;
    at2 += 5;
    unused++;
    packed_++;
    pk.i++;
    pk.s = -1;
    matrix[1][2][3] = 42;
    dd[1]++;
    color = RED;
    f = e;
    tentative++;
    s1 = "uno";
}
static inline int inl(int x)
{
    return x * 3;
}
extern inline __attribute__((gnu_inline)) int ginl(int x)
{
    return x;
}
int ginl(int x)
{
    return x + 1;
}
long add_to(long x)
{
    return added += x;
}
long add_first(long x)
{
    return added_first += x;
}
int params(int a[static 2], const char *const *restrict p, int (*cb)(const void *, int), struct anon s, ...)
{
    return a[1] + p[0][0] + cb(p, 1) + s.x;
}
static int cb(const void *p, int x)
{
    (void)p;
    return x;
}
int main()
{
    write_all();
    printf("%d %d %d %d %d %d\n", tentative, use_later(), a, *b, (*d)[1], f(1));
    printf("%d %d %s %s %s\n", *g, h, s1, s2, s3);
    for (list *l = head; l; l = l->next)
        printf("%d ", l->v);
    head->next->v = 20;
    printf("%d %d %d %d %d\n", l2.v, anp->x, un.s.r, una[1].q, un2.c[0]);
    printf("%d %d %d %d %u\n", choose(0)(2, 3), pick(2)(4, 5), ops[3](1, 1), odd, v2);
    printf("%ls %s %d %zu\n", L"x", multi, wide[0], wcslen(wide));
    printf("%d %d %d %ld\n", aligned[1], tls, at, (long)at2);
    printf("%d %d %d %x %d\n", packed_, unused, (int)sizeof pk, pk.i, pk.s);
    printf("%d %d %d\n", mp[1][2][3], matrix[1][2][3], cm[1][0]);
    printf("%g %g %d %d %d %d %lld\n", dd[1], dd[3], chars[1], oct, hex, bin, ll);
    printf("%ld %ld\n", add_to(5), add_first(6));
    printf("%d %d %d\n", scopes(5), inits(7), shadow);
    printf("%d %d\n", inl(4), ginl(4));
    int pa[2] = {1, 2};
    const char *ps[] = {"A"};
    printf("%d\n", params(pa, ps, cb, an2));
    printf("%d %d\n", k1 + k2 + (int)oddl + oddv, (int)strlen(esc));
    return tentative;
}
