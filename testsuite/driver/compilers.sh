#!/usr/bin/env bash
# gcc 12, clang 14 and clang 19 behind ungil-cc, at -O0, -O2 and -O3, in all variants, without a warning.
# timeout: 300
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

cat >a.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ungil.h"

struct STM_OBJECT node {
    struct node *next;
    int value;
    char name[40];
};

static struct node *push(struct node *list, int value)
{
    struct node *n = STM_NEW(struct node);
    n->next = list;
    n->value = value;
    for (unsigned i = 0; i < sizeof n->name; i++)
        n->name[i] = 0;
    for (int i = 0; i < value && i < 39; i++)
        n->name[i] = (char)('a' + i);
    return n;
}

int main(void)
{
    struct node *list = NULL;
    int sum = 0;
    for (int i = 0; i < 10; i++)
        list = push(list, i);
    for (struct node *n = list; n; n = n->next) {
        sum += n->value;
        printf("%c", n->name[0] ? n->name[0] : '-');
    }
    printf(" %d\n", sum);
    return 0;
}
END
for cc in gcc clang-14 clang-19; do
    if ! command -v $cc >/dev/null; then
        echo "no $cc: not tried"
        continue
    fi
    for runtime in segment gil plainview; do
        for level in -O0 -O2 -O3; do
            rm -f prog
            UNGIL_CC=$cc ok ungil-cc --runtime=$runtime $level -std=gnu17 -Wall -Wextra -Werror a.c -o prog
            if [ -s err ]; then
                failed "$cc $runtime $level: not silent"
                head -n 10 err
            fi
            prints 'aaaaaaaaa- 45' ./prog
        done
    done
    UNGIL_CC=$cc ok ungil-cc --verify -O2 a.c -o prog # clang's bitcode all the same
done
# other dialects
for std in -std=c99 -std=c11 -std=gnu11 -std=c17; do
    ok ungil-cc $std -Wall -Wextra -Werror a.c -o prog
    prints 'aaaaaaaaa- 45' ./prog
done
# a macro that only a system header wants, and one of the program's
mkdir -p sys
printf '#ifndef WIDTH_WANTED\n#error WIDTH_WANTED\n#endif\ntypedef char width_t[WIDTH_WANTED];\n' >sys/width.h
cat >w.c <<'END'
#include <width.h>
#include <stdio.h>
int main(void) { printf("%d %d\n", (int)sizeof(width_t), SIZE); return 0; }
END
ok ungil-cc -isystem sys -DWIDTH_WANTED=8 -DSIZE=9 w.c -o prog
prints '8 9' ./prog
# comments that silence a warning are gone when the real compiler sees the text
cat >fall.c <<'END'
int f(int x);
int f(int x)
{
    switch (x) {
    case 1:
        x++;
        /* fall through */
    default:
        return x;
    }
}
END
for cc in gcc clang-19; do
    UNGIL_CC=$cc ok ungil-cc -Wall -Wextra -Werror -c fall.c
    [ ! -s err ] || failed "fall through: $(cat err)"
done
UNGIL_CC=gcc ok ungil-cc -Wimplicit-fallthrough -c fall.c
has err 'fall through'

# An attribute that compilers ignore is not ours to refuse.
cat >ignored.c <<'END'
#include <ungil.h>
struct STM_OBJECT node { void (*call)(void) __attribute__((cold)); };
int ignored(struct node *n) { return n->call != 0; }
END
for cc in gcc clang-19; do
    UNGIL_CC=$cc ok ungil-cc -Wno-ignored-attributes -Wno-attributes -c ignored.c
done
