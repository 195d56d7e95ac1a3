#!/usr/bin/env bash
# timeout: 600
# A function that translated code takes for translated code of another file, and an object defines that is not
# translated: the link of a program says so, and makes none.
# shellcheck source-path=SCRIPTDIR disable=SC2086
. "$(dirname "$0")/lib.bash"

cat >f.h <<'END'
#ifdef MARK
#include <ungil.h>
#else
#define MARK
#endif
long f(long *p) MARK;
END
cat >main.c <<'END'
#include <ungil.h>
#include <stdio.h>
#include <stdlib.h>
struct STM_OBJECT node { long x; };
int main(void)
{
    long *p = malloc(sizeof *p);
    struct node *n = STM_NEW(struct node);
    STM_SAFEPOINT();
    *p = 2;
    n->x = f(POINTER);
    printf("%ld %ld\n", n->x, *p);
    return 0;
}
END
mkdir sys plain other
cp f.h sys/s.h
printf '#include "f.h"\nlong f(long *p) { return p ? ++*p : 7; }\n' >f.c
printf '#include "f.h"
__attribute__((weak)) long f(long *p) { return p ? *p += 10 : 70; }\n' >weak.c
printf 'long unneeded;\n#include "f.h"\nlong f(long *p) { return p ? *p += 100 : 700; }\n' >unneeded.c
printf '.globl f\nf: incq (%%rdi)\n movq (%%rdi), %%rax\n ret
 .section .note.GNU-stack,"",@progbits\n' >asm.s
printf '#define NAME f\n .globl NAME\n .type NAME, @function\nNAME: incq (%%rdi)\n movq (%%rdi), %%rax\n ret\n
 .section .note.GNU-stack,"",@progbits\n' >asm.S
printf 'extern "C" long f(long *p) { return p ? ++*p : 7; }\n' >cxx.cc
clang-19 -c f.c -o plain/f.o
clang-19 -c weak.c -o plain/weak.o
clang-19 -c unneeded.c -o plain/unneeded.o
clang-19 -c asm.s -o plain/asm.o
ar rcs plain/libf.a plain/f.o
(cd plain && ar rcsT thin.a f.o)
clang-19 -shared -fPIC f.c -o plain/libshared.so
echo 'INPUT(libf.a)' >plain/libscript.a

cat >names.c <<'END'
static long zero(long *p) { return 0 * *p; }
typedef long function(long *);
static function *resolve(void) { return zero; }
long base(long *p) { return zero(p); }
long alias(long *p) __attribute__((alias("base")));
long alias_of_static(long *p) __attribute__((weak, alias("zero")));
long resolved(long *p) __attribute__((ifunc("resolve")));
inline long in_line(long *p) { return *p - 1; }
extern inline long in_line(long *p);
inline __attribute__((gnu_inline)) long gnu(long *p) { return *p - 1; }
__attribute__((visibility("hidden"))) long hidden(long *p) { return *p - 1; }
long weak_by_pragma(long *p) { return *p - 1; }
#pragma weak weak_by_pragma
#pragma weak pragma_alias = base
__asm__(".globl set\n.set set, base");
END
cat >calls_names.c <<'END'
long alias(long *), alias_of_static(long *), resolved(long *), in_line(long *), gnu(long *), hidden(long *),
    weak_by_pragma(long *), pragma_alias(long *), set(long *);
int main(void)
{
    long x = 1;
    return alias(&x) + alias_of_static(&x) + resolved(&x) + in_line(&x) + gnu(&x) + hidden(&x) +
           weak_by_pragma(&x) + pragma_alias(&x) + set(&x);
}
END

raw="-DPOINTER=p" none="-DPOINTER=0" user="-include ./f.h"
# refused OBJECTS...: with what $name says of it
refused() {
    local why=$1
    shift
    rm -f prog
    expect_status 1 $cc "$@" -o prog
    absent prog
    has err "^ungil-cc: error: 'f' is called by $why"
    [ "$(grep -c 'error:' err)" -eq 1 ] || failed "not one error: $(cat err)"
    has err '-isystem'
    [ ! -e prog ] || rm prog
}
# accepted OUTPUT ARGS...
accepted() {
    local wanted=$1
    shift
    rm -f prog
    ok $cc "$@" -o prog
    prints "$wanted" ./prog
}

for cc in ungil-cc "ungil-cc --whole-program" "ungil-cc --real=gcc" "ungil-cc --runtime=gil" \
    "ungil-cc --whole-program --check"; do
    ok $cc $raw $user -c main.c -o main.o
    ok $cc $none $user -c main.c -o none.o
    ok $cc -c f.c -o f.o
    ok $cc -c weak.c -o weak.o
    ok $cc -c unneeded.c -o unneeded.o
    rm -f libours.a libcaller.a
    ar rcs libours.a f.o
    # the kinds of plain objects
    refused 'main.o as translated code, but what plain/f.o defines' main.o plain/f.o
    refused 'main.c as .* plain/f.o' $raw $user main.c plain/f.o
    refused 'main.o as .* plain/libf.a(f.o) ' main.o plain/libf.a
    refused 'main.o as .* plain/thin.a(f.o) ' main.o plain/thin.a
    refused 'main.o as .* plain/libf.a(f.o) ' main.o -Lplain -lf
    refused 'main.o as .* plain/libf.a(f.o) ' main.o -l f -L plain
    refused 'main.o as .* plain/libf.a(f.o) ' main.o -Lplain -l:libf.a
    refused 'main.o as .* plain/libf.a(f.o) ' main.o -Wl,--whole-archive,plain/libf.a,--no-whole-archive
    refused 'main.o as .* plain/f.o ' main.o -Xlinker plain/f.o
    echo 'main.o plain/f.o' >args
    refused 'main.o as .* plain/f.o ' @args
    refused 'main.o as .* plain/asm.o ' main.o plain/asm.o
    refused 'main.o as .* asm.s ' main.o asm.s
    refused 'main.o as .* asm.S ' main.o asm.S
    refused 'main.o as .* plain/weak.o ' main.o plain/weak.o
    refused 'main.o as .* plain/f.o ' main.o weak.o plain/f.o
    refused 'main.o as .* plain/f.o ' main.o plain/f.o libours.a
    refused 'main.o as .* plain/libf.a(f.o) ' main.o plain/libf.a libours.a
    if $cc -c cxx.cc -o cxx.o 2>/dev/null; then # there may be no C++ compiler
        refused 'main.o as .* cxx.cc ' main.o cxx.cc
        refused 'main.o as .* cxx.o ' main.o cxx.o
    fi
    # joined with translated code; assembly of a translated file
    ld -r main.o plain/f.o -o joined.o
    refused 'joined.o as .* joined.o ' joined.o
    ld -r main.o f.o -o joined.o
    accepted '3 3' joined.o
    printf '#include "f.h"
__asm__(".text\\n.globl f\\nf: incq (%%rdi)\\n movq (%%rdi), %%rax\\n ret");\n' >inside.c
    refused 'main.o as .* inside.c ' main.o inside.c
    # a caller in an archive; one that takes the address; one with a weak default of its own; a cleanup
    printf '#include "f.h"\nlong g(long *p) { return f(p); }\n' >caller.c
    ok $cc -c caller.c
    ar rcs libcaller.a caller.o
    printf 'long g(long *); int main(void) { return g(0) != 7; }\n' >calls_g.c
    refused 'libcaller.a(caller.o) as .* plain/f.o ' calls_g.c libcaller.a plain/f.o
    printf '#include "f.h"\nint main(void) { long (*volatile h)(long *) = f; return h(0) != 7; }\n' >address.c
    refused 'address.c as .* plain/f.o ' address.c plain/f.o
    printf '#include "f.h"\n__attribute__((weak)) long f(long *p) { return *p; }
int main(void) { return (int)f(0); }\n' >default.c
    refused 'default.c as .* plain/f.o ' default.c plain/f.o
    printf '#include "f.h"\nint main(void) { __attribute__((cleanup(f))) long x = 0; return x; }\n' >cleanup.c
    refused 'cleanup.c as .* plain/f.o ' cleanup.c plain/f.o
    printf 'extern long f(long *) __attribute__((weak));
int main(void) { return f && f(0) != 7; }\n' >absent.c
    refused 'absent.c as .* plain/f.o ' absent.c plain/f.o
    printf 'extern long other(long *) __asm__("f"); int main(void) { return other(0) != 7; }\n' >label.c
    refused 'label.c as .* plain/f.o ' label.c plain/f.o

    # told what it is
    for object in plain/f.o "plain/libf.a -lm" "-Lplain -lf"; do
        accepted '3 3' $raw -isystem sys -include s.h main.c $object
        for mark in STM_IRREVERSIBLE STM_TRANSACTION_SAFE STM_TRANSACTION_PURE; do
                accepted '7 2' $none $user -DMARK=$mark main.c $object
        done
    done
    # translated, whatever else there is
    accepted '3 3' main.o f.o
    accepted '3 3' main.o libours.a
    accepted '3 3' $raw $user main.c f.c
    accepted '3 3' main.o f.o plain/libf.a
    accepted '3 3' main.o libours.a plain/libf.a
    accepted '3 3' main.o f.o plain/weak.o
    accepted '12 12' main.o weak.o plain/libf.a
    accepted '' names.c calls_names.c
    accepted '' -O2 names.c calls_names.c
    # nowhere, or in a shared library
    accepted '7 2' $none $user main.c -Lplain -lshared -Wl,-rpath,"$work/plain"
    accepted '7 2' none.o plain/libshared.so -Wl,-rpath,"$work/plain"
    printf 'long f(long *); int main(void) { return sizeof f(0) != 8; }\n' >declared.c
    accepted '' declared.c plain/f.o
    accepted '' absent.c
    accepted '' absent.c -lm
    printf 'char f(void); int main(void) { return f() == 99; }\n' >probe.c
    printf 'char f(); int main(void) { return f() == 99; }\n' >probe_old.c
    printf 'void g(void); int main(void) { g(); return 0; }\n' >nothing.c
    ok $cc probe.c plain/f.o -o prog
    ok $cc probe_old.c plain/libf.a -o prog
    expect_status 1 $cc nothing.c plain/libf.a -o prog # the linker says so
    lacks err 'as translated code'
    # no program
    ok $cc -fPIC $none $user -c main.c -o pic.o
    ok $cc -shared pic.o plain/libshared.so -o libmain.so
    ok $cc -shared -fPIC f.c -o libtranslated.so
    ok $cc main.o libtranslated.so -o prog
    ok $cc main.o -L. -ltranslated -o prog
    ok $cc -r main.o plain/f.o -o joined.o
    refused 'joined.o as .* joined.o ' joined.o
    # bound otherwise
    printf '#include "f.h"\nlong __wrap_f(long *p) { return *p += 5; }\n' >wrap.c
    accepted '7 7' main.o wrap.c plain/f.o -Wl,--wrap=f
    accepted '7 7' main.o wrap.c -Wl,--defsym=f=__wrap_f
    clang-19 -c wrap.c -o plain/wrap.o
    expect_status 1 $cc main.o f.o plain/wrap.o -Wl,--wrap=f -o prog
    has err "'__wrap_f' is called by main.o as .* plain/wrap.o"
done

# No link changes for the notes: they are in no program, and every linker takes them.
for cc in "ungil-cc --real=gcc" "ungil-cc"; do
    for how in -flto -static "-Wl,--gc-sections -ffunction-sections" "-pie -fPIE" -static-pie -g -O2; do
        accepted '3 3' $how $raw $user main.c f.c
        readelf -SW prog >log
        lacks log ungil.names
    done
done
accepted '3 3' -fuse-ld=lld $raw $user main.c f.c
readelf -SW prog >log
lacks log ungil.names
