#!/usr/bin/env bash
# Bad input: exit statuses, messages, and no output file.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

echo 'int main(void) { return 0; }' >good.c
printf 'int f(void)\n{\n    return 1 +;\n}\n' >bad.c
printf '#include "missing.h"\nint x;\n' >include.c
echo 'int main(void) { return undefined_function(); }' >undefined.c

# the user's errors: clang's own words, exit 1, nothing written
expect_status 1 ungil-cc -c bad.c
has err 'bad.c:3:.*error'
absent bad.o
expect_status 1 ungil-cc bad.c good.c -o prog
absent prog
expect_status 1 ungil-cc -c include.c
has err 'missing.h'
absent include.o
expect_status 1 ungil-cc -E include.c -o include.i
absent include.i
# one bad file does not keep the others from being compiled, as with cc
expect_status 1 ungil-cc -c bad.c good.c
there good.o
absent bad.o
# an output from before stays what it was
echo before >bad.o
expect_status 1 ungil-cc -c bad.c
[ "$(cat bad.o)" = before ] || failed "a failed compilation changed its output"
# errors in linking
echo 'extern int nowhere; int main(void) { return nowhere; }' >link.c
expect_status 1 ungil-cc link.c -o prog
has err nowhere
absent prog

# objects for different runtimes
expect_status 0 ungil-cc --runtime=gil -c good.c -o good_gil.o
expect_status 1 ungil-cc good_gil.o -o prog
has err 'stm_compiled_for_runtime_gil'
absent prog
expect_status 0 ungil-cc --runtime=gil good_gil.o -o prog
rm prog

# missing things: one line, exit 2
expect_status 2 ungil-cc -c nothing.c
one_line_error
expect_status 2 ungil-cc good.o nothing.o -o prog
one_line_error
expect_status 2 ungil-cc
one_line_error
expect_status 2 ungil-cc -c good.c -o
one_line_error
for option in -finstrument-functions -fopenmp -fopenmp=libgomp -fblocks -ftree-parallelize-loops=2 \
    -fpack-struct -fpack-struct=1 -fcommon -femulated-tls -mrtd; do
    expect_status 2 ungil-cc $option -c good.c
    one_line_error
done
expect_status 0 ungil-cc -fopenmp-simd -c good.c
expect_status 2 ungil-cc --runtime=none -c good.c
one_line_error
expect_status 2 env UNGIL_RUNTIME=none ungil-cc -c good.c
one_line_error
expect_status 2 env UNGIL_CLANG=/no/such/clang ungil-cc -c good.c
one_line_error
expect_status 2 env UNGIL_CC=/no/such/cc ungil-cc -c good.c
one_line_error
expect_status 2 env UNGIL_CC=/no/such/cc ungil-cc good.o -o prog
one_line_error
expect_status 2 ungil-cc -c good.c -o missing_directory/good.o
one_line_error
expect_status 2 env TMPDIR=/no/such/directory ungil-cc -c good.c
one_line_error
expect_status 2 ungil-cc -fuse-ld=gold good.o -o prog
one_line_error

# -Werror means the user's warnings
printf 'int f(void);\nint f(void) { int unused = 0; return 1; }\n' >warn.c
ok ungil-cc -Wall -c warn.c
has err 'unused'
rm -f warn.o
expect_status 1 ungil-cc -Wall -Werror -c warn.c
has err 'unused'
absent warn.o
expect_status 1 ungil-cc -Werror=unused-variable -Wall -c warn.c
ok ungil-cc -Wall -Werror -Wno-error=unused-variable -c warn.c
rm -f warn.o
expect_status 1 env UNGIL_CC=gcc ungil-cc -Wall -Werror -c warn.c
absent warn.o

# but not warnings in inserted code: here a compiler that finds one in every translated file
cat >noisy-gcc <<'END'
#!/bin/bash
case $* in *.stm.c*) set -- "$@" -include "$NOISY" ;; esac
exec gcc "$@"
END
chmod +x noisy-gcc
export NOISY=$work/noisy.h
echo 'static int noisy;' >noisy.h
ok env UNGIL_CC="$work/noisy-gcc" ungil-cc -Wall -Werror -c good.c
has err 'note: good.c: -Werror not applied'
expect_status 1 env UNGIL_CC="$work/noisy-gcc" ungil-cc -Wall -Werror -c warn.c
cat >named.c <<'END'
#include <stdlib.h>
int cmp(const void *a, const void *b);
int work(int *v, int n);
int work(int *v, int n)
{
    qsort(v, n, sizeof *v, cmp);
    switch (v[0]) {
    case 1:
        v[1]++;
        /* fall through */
    default:
        v[2]++;
    }
    return 0;
}
END
for option in -pedantic-errors -Werror=pedantic -Werror=implicit-fallthrough -Werror=redundant-decls \
    -Werror=declaration-after-statement; do
    ok env UNGIL_CC=gcc ungil-cc -Wall $option -c named.c
    expect_status 1 env UNGIL_CC=gcc ungil-cc -Wall $option -Werror=unused-variable -c warn.c
done
