#!/usr/bin/env bash
# CC=ungil-cc for a project with a configure-style probe and a Makefile, one with CMake, and PIE or not.
# timeout: 300
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

mkdir 'my project' && cd 'my project'
cat >configure <<'END'
#!/bin/sh
# The questions that autoconf asks.
: "${CC:=cc}"
fail() { echo "configure: $*" >&2; exit 1; }
$CC --version >/dev/null 2>&1 || fail "--version"
$CC -v >/dev/null 2>&1 || fail "-v"
echo 'int main(void) { return 0; }' >conftest.c
$CC conftest.c || fail "cannot create executables"
[ -f a.out ] && ./a.out || fail "a.out"
rm -f a.out
$CC -c conftest.c && [ -f conftest.o ] || fail "object suffix"
probe() { # NAME TEXT FLAGS: compiles and links?
    printf '%s\n' "$2" >conftest.c
    rm -f conftest
    if $CC $3 -o conftest conftest.c $4 >/dev/null 2>&1 && [ -f conftest ]; then
        echo "#define $1 1"
    else
        echo "/* no $1 */"
    fi
}
{
    probe HAVE_SNPRINTF '#include <stdio.h>
int main(void) { char s[4]; return snprintf(s, 4, "x") != 1; }'
    probe HAVE_NO_SUCH_FUNCTION 'char no_such_function(void); int main(void) { return no_such_function(); }'
    probe HAVE_NO_SUCH_H '#include <no_such_header.h>
int main(void) { return 0; }'
    probe HAVE_WERROR_FLAG 'int main(void) { return 0; }' '-Werror -Wno-unused'
    probe HAVE_BAD_FLAG 'int main(void) { return 0; }' '-fno-such-flag-at-all'
    probe HAVE_LIBM '#include <math.h>
int main(int c, char **v) { (void)v; return sin(c) > 1; }' '' -lm
    # the size of a type, found without running anything
    for size in 2 4 8; do
        printf 'int check[sizeof(long) == %d ? 1 : -1]; int main(void) { return 0; }\n' $size >conftest.c
        if $CC -c conftest.c >/dev/null 2>&1; then echo "#define SIZEOF_LONG $size"; fi
    done
    echo '#include <stdio.h>' >conftest.c
    if $CC -E conftest.c >/dev/null 2>&1; then echo '#define CPP_WORKS 1'; fi
    echo '#include <no_such_header.h>' >conftest.c
    if $CC -E conftest.c >/dev/null 2>&1; then echo '#define CPP_ACCEPTS_ANYTHING 1'; fi
} >config.h
rm -f conftest*
END
cat >Makefile <<'END'
CFLAGS = -O2 -Wall -Wextra -Werror -g
OBJS = main.o lib.o
prog: libmine.a main.o
	$(CC) $(CFLAGS) -o $@ main.o -L. -lmine -lm
libmine.a: lib.o
	$(AR) rcs $@ $^
%.o: %.c config.h
	$(CC) $(CFLAGS) -DHAVE_CONFIG_H -I. -c -o $@ $<
END
cat >main.c <<'END'
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include <stdio.h>
int lib(int);
int main(int argc, char **argv)
{
#if defined HAVE_SNPRINTF && SIZEOF_LONG == 8
    printf("%d %d %s\n", lib(argc), argc, argc > 1 ? argv[1] : "-");
#endif
    return 3;
}
END
printf '#include <math.h>\nint lib(int);\nint lib(int x) { return (int)sqrt(x + 80.0); }\n' >lib.c
chmod +x configure

for runtime in segment gil; do
    rm -f ./*.o ./*.a prog config.h
    CC="ungil-cc --runtime=$runtime" ok ./configure
    cat >expected <<'END'
#define HAVE_SNPRINTF 1
/* no HAVE_NO_SUCH_FUNCTION */
/* no HAVE_NO_SUCH_H */
#define HAVE_WERROR_FLAG 1
/* no HAVE_BAD_FLAG */
#define HAVE_LIBM 1
#define SIZEOF_LONG 8
#define CPP_WORKS 1
END
    diff expected config.h || failed "configure found other things ($runtime)"
    ok make CC="ungil-cc --runtime=$runtime"
    expect_status 3 ./prog hello
    [ "$(cat ../out)" = '9 2 hello' ] || failed "prog printed $(cat ../out)"
done

# position-independent or not, static, with unused sections collected, with lld
for flags in '-fPIE -pie' '-fno-pie -no-pie' '-static' \
    '-ffunction-sections -fdata-sections -Wl,--gc-sections' \
    '-O2 -flto' '-fuse-ld=lld'; do
    if [ "$flags" = '-fuse-ld=lld' ] && ! command -v ld.lld >/dev/null; then continue; fi
    # shellcheck disable=SC2086 # words
    ok ungil-cc $flags -DHAVE_CONFIG_H -I. main.c lib.c -o linked -lm
    expect_status 3 ./linked hello
    [ "$(cat ../out)" = '9 2 hello' ] || failed "$flags: printed $(cat ../out)"
done
# a shared library and a relocatable object go without libungil
ok ungil-cc -shared -fPIC lib.c -o libmine.so
ok ungil-cc -r lib.o -o part.o
there libmine.so part.o
for flags in -shared -r -nostdlib; do
    ok ungil-cc '-###' $flags lib.o
    lacks ../err libungil
done

# CMake, with ungil-cc as the compiler and with ungil_enable
cat >CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.25)
project(mine C)
add_executable(whole main.c lib.c)
target_link_libraries(whole m)
if(ENABLE)
    include($UNGIL_STAGE/share/ungil/Ungil.cmake)
    ungil_enable(whole RUNTIME gil)
endif()
target_compile_definitions(whole PRIVATE HAVE_CONFIG_H)
target_include_directories(whole PRIVATE .)
END
ok cmake -G Ninja -S . -B build1 -DCMAKE_C_COMPILER="$UNGIL_STAGE/bin/ungil-cc"
ok cmake --build build1
expect_status 3 build1/whole
ok cmake -G Ninja -S . -B build2 -DENABLE=ON
ok cmake --build build2 -- -v
has ../out 'ungil-cc --runtime=gil --launch'
expect_status 3 build2/whole
