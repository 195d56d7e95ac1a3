#!/usr/bin/env bash
# timeout: 600
# Which body runs when a function is called by its name: programs of two files in which it is another one than
# a file alone would think, file by file and whole, against plain cc; and those that the link must refuse.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

cat >p.h <<'EOF'
#include <ungil.h>
#include <stdio.h>
struct STM_OBJECT node { long x, y; struct node *next; };
#define NOINLINE __attribute__((noinline))
extern struct node *head;
EOF
cat >main.h <<'EOF'
#include "p.h"
long f(struct node *p);
struct node *head;
int main(void)
{
    head = STM_NEW(struct node);
    head->x = 3; head->y = 4;
    for (int i = 0; i < 3; i++) { STM_SAFEPOINT(); printf("%ld\n", f(head)); }
    STM_SAFEPOINT();
    printf("%ld %ld\n", head->x, head->y);
    return 0;
}
EOF

flags=() link=()
# build HOW...: a.c and b.c, if there is one, into ./p
build() {
    local file objects=()
    for file in a.c b.c; do
        [ -e $file ] || continue
        ungil-cc --check "$@" -w "${flags[@]}" -c $file -o ${file%.c}.o || return
        objects+=(${file%.c}.o)
    done
    ungil-cc --check "$@" -w "${objects[@]}" "${link[@]}" -o p -pthread
}
# same NAME: the program in a.c and b.c does as with plain cc, in all builds.
same() {
    local how
    local files=(a.c)
    [ ! -e b.c ] || files+=(b.c)
    cc -w -DUNGIL_PLAIN_MALLOC -I"$UNGIL_STAGE/include" "${flags[@]}" "${files[@]}" "${link[@]}" -o plain \
        -pthread
    ./plain >expected
    for how in "-O1" "-O2 --whole-program" "-O2 --real=gcc" "-O1 --real=gcc --whole-program"; do
        # shellcheck disable=SC2086
        if ! build $how >log 2>&1; then
            failed "$1 ($how): not built"
            head -n 5 log
            continue
        fi
        STM_BREAK=1 ./p >got 2>&1 || true
        cmp -s got expected || failed "$1 ($how): $(head -n 4 got | tr '\n' ' ') not $(tr '\n' ' ' <expected)"
    done
    rm -f ./*.o ./*.o.* b.c
    flags=() link=()
}
# refused NAME PATTERN: not built, and the error says why.
refused() {
    local how
    for how in "-O1" "-O1 --whole-program" "-O1 --real=gcc"; do
        # shellcheck disable=SC2086
        if build $how >log 2>&1; then
            failed "$1 ($how): built"
        elif ! grep -q "$2" log; then
            failed "$1 ($how): error lacks '$2'"
            head -n 5 log
        fi
    done
    rm -f ./*.o ./*.o.* b.c
    flags=() link=()
}

# ---- weak
weak_caller='long f(struct node *p) { hook(p); p->y++; return p->x; }'
strong='#include "p.h"
void hook(struct node *p) { STM_SAFEPOINT(); p->x += 2; STM_SAFEPOINT(); }'
for how in 'NOINLINE __attribute__((weak)) void hook(struct node *p) { p->x++; }' \
    'void hook(struct node *p) __attribute__((__weak__)); NOINLINE void hook(struct node *p) { p->x++; }' \
    'void hook(struct node *p) __attribute__((weak)); void hook(struct node *);
NOINLINE void hook(struct node *p) { p->x++; }' \
    '#pragma weak hook
NOINLINE void hook(struct node *p) { p->x++; }' \
    '#define WEAK(f) _Pragma("weak hook")
WEAK(hook) NOINLINE void hook(struct node *p) { p->x++; }'; do
    { echo '#include "main.h"'; echo "$how"; echo "$weak_caller"; } >a.c
    echo "$strong" >b.c
    same "weak: $how"
done
{
    echo '#include "main.h"'
    echo 'NOINLINE __attribute__((weak)) void hook(struct node *p) { p->x++; }'
    echo "$weak_caller"
} >a.c
same "weak, and no other"
for how in 'void hook(struct node *p) __attribute__((weak, alias("impl")));' '#pragma weak hook = impl'; do
    {
        echo '#include "main.h"'
        echo 'NOINLINE void impl(struct node *p) { p->x++; }'
        echo "$how"
        echo 'void hook(struct node *p);'
        echo "$weak_caller"
    } >a.c
    echo "$strong" >b.c
    same "weak alias: $how"
done

# A weak body, and a strong definition that is no body.
for how in 'void impl(struct node *p) { STM_SAFEPOINT(); p->x += 2; STM_SAFEPOINT(); }
void hook(struct node *p) __attribute__((alias("impl")));' \
    'static void impl(struct node *p) { STM_SAFEPOINT(); p->x += 2; STM_SAFEPOINT(); }
static void *choose(void) { return impl; }
void hook(struct node *p) __attribute__((ifunc("choose")));' \
    'void impl(struct node *p) { STM_SAFEPOINT(); p->x += 2; STM_SAFEPOINT(); }
__asm__(".globl hook\n.set hook, impl");'; do
    {
        echo '#include "main.h"'
        echo '__attribute__((weak, noinline)) void hook(struct node *p) { p->x++; }'
        echo "$weak_caller"
    } >a.c
    { echo '#include "p.h"'; echo "$how"; } >b.c
    same "weak, and strong by: $how"
done

# A static function by whose name another is called.
{
    echo '#include "main.h"'
    echo 'void hook(struct node *p) __asm__("own"); static void own(struct node *p) { p->x++; }'
    echo 'long f(struct node *p) { p->y++; long v = p->x; hook(p); p->y++; return p->x + v; }'
    echo 'void use(struct node *p) { own(p); }'
} >a.c
flags=(-O2 -fno-inline)
same "a static function, and an asm label with its name"

# ---- variables: an alias that is another's, and a variable that is; other names
for how in 'static long too __attribute__((weakref("one"))); extern long one;' \
    'static long too __attribute__((weakref, alias("one"))); extern long one;' \
    'extern long one; extern long too __asm__("one");'; do
    for here in 0 1; do
        {
            echo '#include "main.h"'
            [ $here = 0 ] || echo 'long one = 5;'
            echo "$how"
            echo 'NOINLINE long by_other(void) { STM_SAFEPOINT(); too += 2; return one; }'
            echo 'NOINLINE long by_one(void) { STM_SAFEPOINT(); one += 2; return too; }'
            echo 'long f(struct node *p) { p->x += by_other(); p->y += by_one(); return one + too; }'
        } >a.c
        [ $here = 1 ] || echo '#include "p.h"
long one = 5;' >b.c
        same "variables: $how $here"
    done
done
for how in 'long one = 1; extern long other __attribute__((weak, alias("one")));' \
    '#pragma weak other = one
long one = 1; extern long other;' \
    'long one = 1; extern __typeof(one) other __attribute__((__alias__("one"), __weak__));' \
    'long other __attribute__((weak)) = 1; extern long one __attribute__((alias("other")));'; do
    {
        echo '#include "main.h"'
        echo "$how"
        echo 'NOINLINE long by_other(void) { STM_SAFEPOINT(); other += 2; return one; }'
        echo 'NOINLINE long by_one(void) { STM_SAFEPOINT(); one += 2; return other; }'
        echo 'long f(struct node *p) { p->x += by_other(); p->y += by_one(); return one + other; }'
    } >a.c
    echo '#include "p.h"
long other = 1000;' >b.c
    same "variables: $how"
done

# ---- several names
cat >a.c <<'EOF'
#include "main.h"
static NOINLINE void impl(struct node *p) { p->y++; }
void api(struct node *p) __attribute__((alias("impl")));
long f(struct node *p) { p->x++; impl(p); STM_SAFEPOINT(); api(p); return p->x + p->y; }
EOF
same "alias"
cat >a.c <<'EOF'
#include "main.h"
void work(struct node *p); void other(struct node *p);
long f(struct node *p) { p->x++; work(p); STM_SAFEPOINT(); other(p); return p->x + p->y; }
EOF
cp a.c callers.c
for how in 'void work2(struct node *p) __asm__("work");' \
    'static void work2(struct node *p) __attribute__((weakref("work")));' \
    'extern void work2(struct node *p); 
#pragma redefine_extname work2 work' \
    'static void work2(struct node *p) __attribute__((weakref, alias("work")));'; do
    cp callers.c a.c
    { echo '#include "p.h"'; echo 'NOINLINE void work(struct node *p) { p->y++; }'; echo "$how"
        echo 'void other(struct node *p) { STM_SAFEPOINT(); work2(p); STM_SAFEPOINT(); }'; } >b.c
    same "$how"
done
cat >a.c <<'EOF'
#include "main.h"
void work(struct node *p) __asm__("really");
NOINLINE void work(struct node *p) { STM_SAFEPOINT(); p->y++; STM_SAFEPOINT(); }
void really(struct node *p);
long f(struct node *p) { p->x++; really(p); p->x++; return p->x + p->y; }
EOF
cat >b.c <<'EOF'
#include "p.h"
void work(struct node *p) { p->x += 5; }
EOF
same "a label on a definition, another function of that name in C"
cat >a.c <<'EOF'
#include "main.h"
static struct node *cur;
extern struct node *cur2 __attribute__((alias("cur")));
long one = 1, three = 3;
extern long two __asm__("one");
NOINLINE long f(struct node *p)
{
    struct node *q = STM_NEW(struct node);
    long a;
    q->y = 9; q->x = 8; cur = p; STM_SAFEPOINT();
    a = cur->x; cur2 = q; STM_SAFEPOINT();
    a += cur->x; cur2 = p; a += cur->y;
    one = a; two++; a += one; two = 7; STM_SAFEPOINT(); one++;
    return a + two;
}
EOF
flags=(-fno-strict-aliasing -O0)
link=(-O0)
for how in -O0 "-O0 --whole-program"; do
    cc -w -O0 -DUNGIL_PLAIN_MALLOC -I"$UNGIL_STAGE/include" a.c -o plain && ./plain >expected
    # shellcheck disable=SC2086
    build $how && STM_BREAK=1 ./p >got 2>&1 || true
    cmp -s got expected || failed "aliases of variables ($how): $(tr "\n" " " <got)"
done
flags=() link=()
cat >a.c <<'EOF'
#include "main.h"
static NOINLINE void slow(struct node *p) { STM_SAFEPOINT(); p->y += 2; STM_SAFEPOINT(); }
static void (*choose(void))(struct node *) { return slow; }
void work(struct node *p) __attribute__((ifunc("choose")));
long f(struct node *p) { p->x++; work(p); p->x++; return p->x + p->y; }
EOF
same "ifunc"
cat >a.c <<'EOF'
#include "main.h"
static NOINLINE void step(struct node *p) { p->y += 2; }
void (*entry)(struct node *);
__asm__(".pushsection .data\n.type entry2,@object\n.globl entry2\n.align 8\n"
        "entry2: .quad step\n.popsection");
extern void (*entry2)(struct node *);
long f(struct node *p) { p->y++; step(p); STM_SAFEPOINT(); entry2(p); return p->x + p->y; }
static void use(void) __attribute__((used));
static void use(void) { step(head); }
EOF
same "a static function that assembly names"

# ---- inline definitions
cat >a.c <<'EOF'
#include "main.h"
inline void work(struct node *p) { p->y++; }
long f(struct node *p) { p->x++; work(p); p->x++; return p->x; }
EOF
cat >b.c <<'EOF'
#include "p.h"
void work(struct node *p) { STM_SAFEPOINT(); p->y++; STM_SAFEPOINT(); }
EOF
flags=(-O0)
same "C99 inline"
cat >a.c <<'EOF'
#include "main.h"
extern inline __attribute__((gnu_inline)) void work(struct node *p) { p->y++; }
long f(struct node *p) { p->x++; work(p); p->x++; return p->x; }
EOF
cat >b.c <<'EOF'
#include "p.h"
void work(struct node *p) { STM_SAFEPOINT(); p->y++; STM_SAFEPOINT(); }
EOF
flags=(-O0)
same "gnu_inline"

# ---- entered otherwise
cat >a.c <<'EOF'
#include "main.h"
static struct node *first;
__attribute__((constructor)) static void start(void);
NOINLINE static void start(void) { if (head) head->y++; }
long f(struct node *p) { p->y++; start(); return p->y; }
EOF
same "constructor"

# ---- names of the C library
cat >a.c <<'EOF'
#include "main.h"
long clock(void); long access(struct node *p, int k);
void time(struct node *p, long v); int index(const char *s, struct node *p);
long y0(struct node *p, long k); long strsep(struct node *p, int n);
long f(struct node *p)
{
    long a = p->x;
    a += clock(); a += p->y; a += access(p, 1); p->x++;
    time(p, 3); p->y++;
    a += index("a", p) + y0(p, 3) + strsep(p, 2);
    long (*g)(struct node *, int) = access;
    return a + g(p, 2) + p->x;
}
EOF
cat >b.c <<'EOF'
#include "p.h"
long clock(void) { STM_SAFEPOINT(); return 1; }
long access(struct node *p, int k) { STM_SAFEPOINT(); p->y++; STM_SAFEPOINT(); return p->y + k; }
void time(struct node *p, long v) { STM_SAFEPOINT(); p->x += v; STM_SAFEPOINT(); }
int index(const char *s, struct node *p) { STM_SAFEPOINT(); p->x += *s; return p->y; }
long y0(struct node *p, long k) { STM_SAFEPOINT(); p->x += k; return p->y; }
long strsep(struct node *p, int n) { STM_SAFEPOINT(); p->x += n; return p->y; }
EOF
same "own functions with the names of the library's"
cat >a.c <<'EOF'
#include "main.h"
#include <time.h>
#include <string.h>
clock_t clock(void) { STM_SAFEPOINT(); head->y++; STM_SAFEPOINT(); return 1; }
int remove(const char *name) { STM_SAFEPOINT(); head->x++; return *name; }
long f(struct node *p) { p->x++; long a = clock(); p->x++; a += remove("b"); return a + p->x + p->y; }
EOF
same "defined in the file that includes the library's header"
cat >a.c <<'EOF'
#include "main.h"
char *getenv(const char *); int rand(void); unsigned long strlen(const char *s);
int puts(); void *malloc(unsigned long);
struct box { char name[8]; };
long f(struct node *p)
{
    struct box *b = malloc(sizeof *b);
    b->name[0] = 'x'; b->name[1] = 0;
    long a = strlen(b->name) + (getenv("SURELY_NOT_SET") != 0) + (rand() < 0);
    unsigned long (*g)(const char *) = strlen;
    puts("hello");
    return a + g(b->name) + p->x;
}
EOF
same "the library's functions declared by hand"
# What the table does not have: pointers are resolved, and nothing is done twice.
cat >a.c <<'EOF'
#include "main.h"
extern int pipe(int *), dup(int);
static int ends[2], first;
long f(struct node *p)
{
    extern int close(int);
    int r = pipe(ends);
    if (!first) first = dup(1);
    for (int i = 0; i < 20; i++) { p->x++; close(dup(ends[1])); p->y++; STM_SAFEPOINT(); }
    int last = dup(1);
    r += ends[0] < 3 || ends[1] != ends[0] + 1;
    close(ends[0]), close(ends[1]), close(last);
    return r * 1000 + last - first + p->x - p->y;
}
EOF
same "functions of the library that the table does not have, declared by hand"
for how in 'long dprintf_l(int, ...);' 'int error(const char *format, ...);' 'int psignal();'; do
    name=$(sed 's/(.*//; s/.* //' <<<"$how")
    cat >a.c <<EOF
#include "main.h"
$how
long f(struct node *p) { p->x++; p->y += $name(0, 0); return p->x; }
EOF
    if [ "$name" = dprintf_l ]; then # no library has it
        cat >b.c <<EOF
#include "p.h"
long $name(int n, ...) { STM_SAFEPOINT(); head->y++; STM_SAFEPOINT(); return n; }
EOF
        same "a function of the program: $name"
        continue
    fi
    refused "no stand-in, and no definition: $name" "'$name' is taken for a function of the program"
    cat >a.c <<EOF
#include "main.h"
$how
long f(struct node *p) { p->x++; p->y += $name(0, 0); return p->x; }
EOF
    body=' { STM_SAFEPOINT(); head->x += 2; STM_SAFEPOINT(); return 1; }'
    {
        echo '#include "p.h"'
        sed "s/()/(int a, int b)/; s/, \.\.\.//; s/;\$/$body/" <<<"$how"
    } >b.c
    same "no stand-in: $name"
done
cat >a.c <<'EOF'
#include "main.h"
#include <unistd.h>
#include <stdlib.h>
long other(void);
long f(struct node *p)
{
    int a = dup(1);
    long b = other();
    close(a);
    return p->x + b + (getenv("NOWHERE") != 0);
}
EOF
cat >b.c <<'EOF'
#include "p.h"
extern int dup(int), close(int);
char *getenv(const char *);
long other(void) { int a = dup(1), b = close(a); return b + (getenv("NOWHERE") != 0) + (a < 3); }
EOF
same "by the header in one file, by hand in the other"
cat >a.c <<'EOF'
#include "p.h"
char *strcpy();
extern char *copy(char *, const char *) __asm__("strcpy");
extern int twin(int) __asm__("dup"), dup(int), close(int);
static char a[8], b[8];
struct node *head;
int main(void)
{
    strcpy(a, "abc"), copy(b, "abd");
    STM_SAFEPOINT();
    printf("%s %s %d %d\n", a, b, close(dup(1)), close(twin(1)));
    return 0;
}
EOF
same "one of the library's by two names"
cat >a.c <<'EOF'
#include "main.h"
char dup(void), surely_nowhere();
long f(struct node *p) { return sizeof dup() + sizeof surely_nowhere() + p->x; }
EOF
same "as configure scripts declare what they look for"
cat >a.c <<'EOF'
#include "main.h"
#include <time.h>
long f(struct node *p) { p->x++; long a = clock(); return p->x + a; }
EOF
cat >b.c <<'EOF'
#include "p.h"
long clock(void) { STM_SAFEPOINT(); return 1; }
EOF
refused "the library's, by its header, and the program's" "'clock' is defined by the program"
for how in 'long clock(void) __attribute__((alias("impl")));' '#pragma weak clock = impl' \
    'static void *choose(void) { return impl; } long clock(void) __attribute__((ifunc("choose")));'; do
    { echo '#include "p.h"'; echo 'long impl(void) { STM_SAFEPOINT(); return 1; }'; echo "$how"; } >b.c
    refused "the library's, by its header, and: $how" "'clock' is defined by the program"
done
cat >a.c <<'EOF'
#include "main.h"
long f(struct node *p) { char b[8]; __builtin_strcpy(b, "ab"); return b[0] + p->x; }
EOF
cat >b.c <<'EOF'
#include "p.h"
char *strcpy(char *to, const char *from) { *to = *from; STM_SAFEPOINT(); return to; }
EOF
refused "the library's, by a built-in function, and the program's" "'strcpy' is defined by the program"
cat >a.c <<'EOF'
#include "main.h"
long strsep(struct node *p, int n);
long f(struct node *p) { return strsep(p, 1); }
EOF
refused "declared as the library's cannot be, and not defined" \
    "'strsep' is taken for a function of the program"

# ---- headers that -isystem leads to
mkdir -p inc
cat >inc/vm.h <<'EOF'
struct box { long x, y; };
void step(void);
void poke(struct box *b, long v);
EOF
cat >a.c <<'EOF'
#include "main.h"
#include <stdlib.h>
#include <vm.h>
static struct box *box;
long f(struct node *p)
{
    if (!box) box = calloc(1, sizeof *box);
    p->x++; step(); p->y++; poke(box, 5);
    return p->x + p->y + box->x + box->y;
}
EOF
cat >b.c <<'EOF'
#include "p.h"
#include <vm.h>
void step(void) { STM_SAFEPOINT(); }
void poke(struct box *b, long v) { b->x += v; STM_SAFEPOINT(); b->y += v; }
EOF
cp b.c own.c
flags=(-isystem inc)
same "the program's own header by -isystem"
sed 's/<vm.h>/"inc\/vm.h"/' own.c >b.c
flags=(-isystem inc)
refused "a header by -isystem in one file, not in the other" "'step' is defined by the program"
gcc -w -shared -fPIC -o libbox.so -x c - <<'EOF'
struct box { long x, y; };
void step(void) { }
void poke(struct box *b, long v) { b->x += v; b->y += v; }
EOF
flags=(-isystem inc) link=(-L. -lbox -Wl,-rpath,"$PWD")
same "a library's header by -isystem"
