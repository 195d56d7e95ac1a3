#!/usr/bin/env bash
# -D_FORTIFY_SOURCE: what the C library's headers make of the plain names (__printf_chk, inline functions that
# call __strcpy_chk) does what the plain names do; and the checker knows it for the library's.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

cat >a.c <<'C'
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <ungil.h>
struct STM_OBJECT node { char a[40], b[40]; int k; };
static int print(struct node *n, const char *format, ...)
{
    va_list a, b;
    va_start(a, format);
    va_copy(b, a);
    int k = vsnprintf(n->a, sizeof n->a, format, a);
    STM_SAFEPOINT();
    k += vprintf(format, b);
    va_end(b);
    va_end(a);
    return k;
}
int main(int argc, char **argv)
{
    struct node *n = STM_NEW(struct node);
    int k = argc * 4;
    STM_SAFEPOINT();
    strcpy(n->a, argv[0] ? "abc" : "d");
    STM_SAFEPOINT();
    strcat(n->a, "de");
    strncpy(n->b, n->a, k);
    STM_SAFEPOINT();
    memcpy(n->b + 8, n->a, k);
    memset(n->b + 20, 'x', k);
    STM_SAFEPOINT();
    printf("%s %s\n", n->a, n->b + 8);
    STM_SAFEPOINT();
    snprintf(n->a, k * 4, "%s|%d%n", n->b, k, &n->k);
    STM_SAFEPOINT();
    sprintf(n->b, "%s!", n->a);
    STM_SAFEPOINT();
    fprintf(stdout, "%s %d\n", n->b, n->k);
    printf("%d\n", print(n, "%s %d\n", n->b, k));
    STM_SAFEPOINT();
    puts(n->a);
    return 0;
}
C
cc -w -O1 -DUNGIL_PLAIN_MALLOC -I"$UNGIL_STAGE/include" a.c -o plain
./plain >expected
for real in gcc clang-19; do
    for flags in "-O1 -D_FORTIFY_SOURCE=2" "-O2 -D_FORTIFY_SOURCE=3" \
        "-O2 -D_FORTIFY_SOURCE=2 --runtime=gil"; do
        # shellcheck disable=SC2086 # words
        UNGIL_CC=$real ok ungil-cc -w $flags a.c -o a
        ok ./a
        diff expected out || failed "$real $flags"
    done
done
ok ungil-cc -w --verify -O2 -D_FORTIFY_SOURCE=2 a.c -o a.verify

# What headers make of names by macros, and declare only where the compiler optimises.
cat >b.c <<'C'
#include <stdio.h>
#include <sys/select.h>
#include <syslog.h>
#include <wchar.h>
#include <ungil.h>
struct STM_OBJECT node { wchar_t text[20]; fd_set set; };
int main(int argc, char **argv)
{
    struct node *n = STM_NEW(struct node);
    (void)argv;
    FD_ZERO(&n->set);
    FD_SET(argc, &n->set);
    STM_SAFEPOINT();
    int k = swprintf(n->text, 20, L"%d %ls", argc, L"wide");
    syslog(LOG_DEBUG, "%d", k);
    STM_SAFEPOINT();
    return k != 6 || n->text[5] != L'e' || !FD_ISSET(argc, &n->set);
}
C
for real in gcc clang-19; do
    UNGIL_CC=$real ok ungil-cc -w -O2 -D_FORTIFY_SOURCE=2 b.c -o b
    ok ./b
done
