#!/usr/bin/env bash
# -c -S -E -fsyntax-only, default names, several inputs, standard input, .i, .s and .o inputs.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

cat >a.c <<'END'
#include <stdio.h>
int twice(int x);
#ifndef WHAT
#define WHAT 21
#endif
int main(void)
{
    printf("%d %s\n", twice(WHAT), __FILE__);
    return 0;
}
END
cat >b.c <<'END'
int twice(int x);
int twice(int x) { return 2 * x; }
END

# compile and link in one, default name
ok ungil-cc a.c b.c
prints '42 a.c' ./a.out
only a.c b.c a.out

# separately; default and given names
ok ungil-cc -c a.c
mkdir -p sub
ok ungil-cc -c b.c -o sub/b.obj.o
ok ungil-cc a.o sub/b.obj.o -o prog
prints '42 a.c' ./prog
rm -f a.out prog

# several inputs with -c; with -o that is an error, as with cc
rm -f a.o
ok ungil-cc -c a.c b.c
there a.o b.o
expect_status 2 ungil-cc -c a.c b.c -o x.o
one_line_error
absent x.o

# a mixture of sources, objects, assembly and an archive, with spaces in a path
ok ungil-cc -S -O1 b.c
has b.s twice
rm b.o
cp a.c 'dir with spaces/a b.c'
ok ungil-cc 'dir with spaces/a b.c' b.s -o 'dir with spaces/prog'
prints '42 dir with spaces/a b.c' 'dir with spaces/prog'
ok ungil-cc -c b.s
ar rcs libb.a b.o
ok ungil-cc a.c -L. -lb -o prog
prints '42 a.c' ./prog
# shellcheck disable=SC2016
printf '.globl one\none: movl $1, %%eax\n ret\n.section .note.GNU-stack,"",@progbits\n' >one.S
ok ungil-cc -c one.S
there one.o
cp one.S one.text
rm one.o
ok ungil-cc -c -x assembler-with-cpp one.text
there one.o
ok ungil-cc a.c -x assembler one.text -x none b.c -o prog
prints '42 a.c' ./prog

# -E and -D; the text says what the translated compile sees
ok ungil-cc -E -DWHAT=5 a.c
has out 'twice(5)'
ok ungil-cc -E -P a.c -o a.txt
lacks a.txt '^#'
ok ungil-cc -DWHAT=5 a.c b.c -o prog
prints '10 a.c' ./prog
ok ungil-cc -D WHAT=6 -U WHAT -include stdlib.h a.c b.c -o prog
prints '42 a.c' ./prog

# preprocessed input
ok ungil-cc -E -P b.c -o c.i
ok ungil-cc -c c.i
there c.o
ok ungil-cc a.c c.o -o prog
prints '42 a.c' ./prog

# standard input
ungil-cc -x c -c - -o stdin.o <b.c || failed "standard input"
ok ungil-cc a.o stdin.o -o prog
prints '42 a.c' ./prog
ungil-cc -E - <b.c | grep -q twice || failed "-E from standard input"
expect_status 2 ungil-cc -c -
one_line_error

# -x for a file of another name
cp b.c b.data
ok ungil-cc -x c b.data -x none a.o -o prog
prints '42 a.c' ./prog

ok ungil-cc -fsyntax-only a.c
ok ungil-cc -S -emit-llvm b.c
has b.ll 'define.*twice'
# a device is written to, not replaced
ok ungil-cc -c a.c -o /dev/null
[ -c /dev/null ] || { failed "/dev/null was replaced"; mknod -m 666 /dev/null c 1 3; }

# response files, also nested, with quotes
echo '-DWHAT=7 "dir with spaces/a b.c"' >inner.rsp
echo '@inner.rsp b.c -o "dir with spaces/prog"' >outer.rsp
ok ungil-cc @outer.rsp
prints '14 dir with spaces/a b.c' 'dir with spaces/prog'

# which compiler
ok ungil-cc --real=gcc -S b.c -o by.s
has by.s GCC
ok ungil-cc --launch gcc -S b.c -o by.s
has by.s GCC
ok ungil-cc --real=clang-19 --launch gcc -S b.c -o by.s
has by.s clang

# questions that the real compiler answers
prints "$(clang-19 -dumpmachine)" ungil-cc -dumpmachine
prints "$(clang-19 -print-prog-name=ld)" ungil-cc -print-prog-name=ld
ok ungil-cc -v
has err 'clang version'
ok ungil-cc --version
head -n 1 out | grep -q '^ungil-cc [0-9]' || failed "--version: $(head -n 1 out)"
ok ungil-cc --help
has out UNGIL_CC

# the next standard, in which () says that there are no parameters: of built-in functions, too
for program in builtins atomics; do
    run=$here/../translate/run/$program.c
    ok ungil-cc --real=clang-19 -std=gnu17 -w "$run" -o seventeen
    ok ungil-cc --real=clang-19 -std=gnu2x -w "$run" -o twenty
    prints "$(./seventeen)" ./twenty
done
