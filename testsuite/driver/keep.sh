#!/usr/bin/env bash
# --keep, -save-temps, -v, -###, --ungil-verbose
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

printf '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n' >a.c

ok ungil-cc -c a.c
only a.c a.o
ok ungil-cc --keep -c a.c
only a.c a.o a.i a.stm.c
has a.stm.c puts
rm -f a.i a.stm.c
ok ungil-cc --keep=kept a.c -o prog
only a.c a.o prog
there kept/a.i kept/a.stm.c
ok ungil-cc -save-temps -c a.c
only a.c a.o prog a.i a.stm.c a.s
rm -f a.i a.stm.c a.s a.o

ok ungil-cc '-###' -c a.c
has err translate
absent a.o
ok ungil-cc --ungil-verbose -c a.c
[ "$(grep -c . err)" -eq 3 ] || failed "--ungil-verbose: not three commands"

# No name of a temporary directory gets into objects: two compilations give the same bytes.
ok ungil-cc -g -O2 -c a.c -o 1.o
ok ungil-cc -g -O2 -c a.c -o 2.o
cmp 1.o 2.o || failed "objects differ from run to run"
