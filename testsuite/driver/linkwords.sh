#!/usr/bin/env bash
# timeout: 300
# What a link takes for true: an object's summary is its own, other code may call what the linker exports,
# and a name is bound as the objects say. And links at one time that share an object.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

cat >p.h <<'EOF'
#include <ungil.h>
#include <stdio.h>
struct STM_OBJECT node { long x, y; };
void hook(struct node *p);
long f(struct node *p);
EOF
cat >a.c <<'EOF'
#include "p.h"
long f(struct node *p) { p->x++; hook(p); p->x++; return p->x + p->y; }
int main(void)
{
    struct node *p = STM_NEW(struct node);
    STM_SAFEPOINT();
    printf("%ld\n", f(p));
    return 0;
}
EOF
printf '#include "p.h"\nvoid hook(struct node *p) { p->y++; }\n' >b.c
printf '#include "p.h"
void hook(struct node *p) { STM_SAFEPOINT(); p->y++; STM_SAFEPOINT(); }\n' >slow.c
printf '#include "p.h"
void __wrap_hook(struct node *p) { STM_SAFEPOINT(); p->y++; STM_SAFEPOINT(); }\n' >wrap.c
whole="ungil-cc --whole-program --check -O1"
for file in a b slow wrap; do ok $whole -c $file.c -o $file.o; done
run() { STM_BREAK=1 ./p 2>&1; }

ok $whole a.o b.o -o p
prints 3 run

# Another object under the name of one that has a summary.
cp b.o keep.o
ungil-cc --check -O1 -c slow.c -o b.o
ok $whole a.o b.o -o p
has err 'b.o is not the object that b.o.sum is about'
prints 3 run
cp slow.o b.o
ok $whole a.o b.o -o p
prints 3 run
cp keep.o b.o
ok $whole a.o b.o -o p
[ ! -s err ] || failed "not silent: $(cat err)"

# Bound otherwise.
for how in -Wl,--wrap=hook -Wl,--wrap,hook "-Xlinker --wrap=hook" "-Xlinker --wrap -Xlinker hook" \
    -Wl,-wrap=hook; do
    # shellcheck disable=SC2086
    ok $whole a.o b.o wrap.o $how -o p
    prints 3 run
done
printf '#include "p.h"
void other(struct node *p) { STM_SAFEPOINT(); p->y++; STM_SAFEPOINT(); }\n' >other.c
ok $whole -c other.c -o other.o
ok $whole a.o b.o other.o -Wl,--defsym=hook=other -o p
prints 3 run
for how in -Wl,-z,muldefs -Wl,--allow-multiple-definition "-z muldefs" "-Xlinker -zmuldefs"; do
    # shellcheck disable=SC2086
    expect_status 2 $whole a.o b.o $how -o p
done

# However it is spelt.
echo '--wrap=hook' >words
for how in -Wl,@words "-Xlinker @words" -Wl,--wra=hook @words; do
    [ "$how" != @words ] || echo '-Wl,--wrap=hook' >words
    ok $whole a.o b.o wrap.o $how -o p
    prints 3 run
done
expect_status 2 $whole a.o b.o -Wl,--allow-mult -o p

# File by file: what a file knows of a function of its own, or of a library's, is not to be redirected.  Of
# another file's function it knows nothing.
sed '1a __attribute__((noinline)) void hook(struct node *p) { p->y++; }' a.c >own.c
printf '#include "p.h"
#include <ctype.h>
void hook(struct node *p) { p->y += (toupper)(1); }\n' >lib.c
printf '#include <ungil.h>
int __wrap_toupper(int c) { STM_SAFEPOINT(); return c; }
int other_toupper(int c) { return c; }\n' >wraplib.c
echo 'hook = other; /* in = a comment */ . = 5;' >script.ld
echo 'PROVIDE(toupper = other_toupper);' >provide.ld
alone="ungil-cc --check -O1"
mkdir -p alone
for file in a b own lib wraplib wrap other; do ok $alone -c $file.c -o alone/$file.o; done
cd alone
redirected() { # PATTERN ARGUMENT...
    local pattern=$1
    shift
    expect_status 1 $alone "$@" -o ../p
    has "$work/err" "$pattern"
}
for how in -Wl,--defsym=hook=other "-Xlinker --defsym=hook=other" -Wl,--defs=hook=other ../script.ld; do
    # shellcheck disable=SC2086
    redirected "'hook' is given another address.*knows what it does" own.o other.o $how
done
redirected "'toupper' is given another address.*takes it for the library's" a.o lib.o wraplib.o \
    -Wl,--defsym=toupper=other_toupper
redirected "'toupper' is given another address.*takes it for the library's" a.o lib.o wraplib.o ../provide.ld
redirected "wrap=toupper: a translated file takes 'toupper' for the library's" a.o lib.o wraplib.o \
    -Wl,--wrap=toupper
expect_status 2 $alone own.o b.o -Wl,-z,muldefs -o ../p
for how in "b.o wrap.o -Wl,--wrap=hook" "b.o wrap.o -Wl,@../wrapwords" "other.o -Wl,--defsym=hook=other" \
    "own.o -Wl,--wrap=nowhere"; do
    echo '--wrap=hook' >../wrapwords
    main=a.o
    [ "${how%% *}" != own.o ] || main=
    # shellcheck disable=SC2086
    ok $alone $main $how -o ../p
    cd ..
    prints 3 run
    cd alone
done
cd ..

# Every spelling of open.
opens() { grep -q -e ' --open ' "$1"; }
for how in -Wl,-E -rdynamic -Wl,--export-dynamic -Wl,-export-dynamic "-Xlinker -E" -shared \
    -Wl,-shared -Wl,--dynamic-list=list -Wl,--export-dynamic-symbol=f "-T script" \
    -Wl,--some-new-option @args "-L. -lmore" ./libmore.a; do
    echo '{ f; };' >list; echo '' >script; echo '-Wl,-E' >args; ar rc libmore.a other.o
    # shellcheck disable=SC2086
    $whole --ungil-verbose a.o b.o $how -o p >log 2>&1 || true
    opens log || failed "$how: not open"
done
for how in "" -Wl,--as-needed,-O1 "-Wl,-z,relro -z now" -pie -lm "-Wl,-rpath,/x -Wl,--build-id=sha1"; do
    # shellcheck disable=SC2086
    $whole --ungil-verbose a.o b.o $how -o p >log 2>&1 || failed "$how: $(head -n 3 log)"
    opens log && failed "$how: open"
done

# Two at a time.
for i in 1 2 3; do
    $whole a.o b.o -o fast &
    $whole a.o slow.o -o slow &
    $whole a.o b.o wrap.o -Wl,--wrap=hook -o wrapped &
    wait
    for p in fast slow wrapped; do
        got=$(STM_BREAK=1 ./$p 2>&1) || true
        [ "$got" = 3 ] || failed "round $i: $p printed $got"
    done
done
