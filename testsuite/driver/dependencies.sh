#!/usr/bin/env bash
# -MD -MMD -MF -MT -MQ -MP -M -MM and -Wp,-MD: the rules are those of cc.
# shellcheck source-path=SCRIPTDIR disable=SC2016
. "$(dirname "$0")/lib.bash"

mkdir -p src obj
echo 'int f(int);' >src/f.h
printf '#include <stddef.h>\n#include "f.h"\nint f(int x) { return x; }\n' >src/f.c

# The words of a rule, one a line.
words() { tr -s ' \\\n' '\n' <"$1" | grep . | sort -u; }
same_rule() { # FILE: as clang's for the same options (in ./expected), but for our own header
    diff <(words expected | grep -v 'lib/clang') <(words "$1" | grep -v 'lib/clang') ||
        failed "$1 differs from clang's rule"
}

ok ungil-cc -MMD -c src/f.c -o obj/f.o
clang-19 -MMD -MF expected -c src/f.c -o obj/f.o
same_rule obj/f.d

ok ungil-cc -MD -c src/f.c
there f.d f.o
clang-19 -MD -MF expected -c src/f.c
same_rule f.d
has f.d stddef.h
rm f.d f.o

ok ungil-cc -MMD -MP -MF obj/x.dep -MT 'the target' -MQ 'a$b' -c src/f.c -o obj/f.o
clang-19 -MMD -MP -MF expected -MT 'the target' -MQ 'a$b' -c src/f.c -o obj/f.o
same_rule obj/x.dep

ok ungil-cc -Wp,-MMD,obj/wp.d -c src/f.c -o obj/f.o
clang-19 -MMD -MF expected -c src/f.c -o obj/f.o
same_rule obj/wp.d

ok ungil-cc -MMD -MF /dev/null -c src/f.c -o obj/f.o
[ -c /dev/null ] || failed "/dev/null was replaced"

clang-19 -MM src/f.c >expected
ok ungil-cc -MM src/f.c
same_rule out
ok ungil-cc -MM -MF obj/mm.d src/f.c
same_rule obj/mm.d
ok ungil-cc -M src/f.c
has out stddef.h
ok ungil-cc -MM -MT other.o src/f.c -o obj/mo.d
has obj/mo.d '^other.o:'

# with -E and with linking
ok ungil-cc -E -MMD src/f.c -o obj/e.i
has obj/e.d 'src/f.h'
echo 'int main(void) { return 0; }' >m.c
ok ungil-cc -MMD m.c src/f.c -o obj/linked
there obj/m.d obj/f.d obj/linked

# make builds again when a header changes
cat >Makefile <<'END'
CC = ungil-cc
prog: main.o
	$(CC) -o $@ $^
%.o: %.c
	$(CC) -MMD -MP -c -o $@ $<
-include main.d
END
echo '#define VALUE 1' >value.h
printf '#include <stdio.h>\n#include "value.h"\nint main(void) { printf("%%d\\n", VALUE); return 0; }\n' \
    >main.c
ok make
prints 1 ./prog
sleep 1
echo '#define VALUE 2' >value.h
ok make
prints 2 ./prog
