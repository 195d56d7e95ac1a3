#!/usr/bin/env bash
# timeout: 180
# Programs of the gil build under ThreadSanitizer: right output, and no report but of what is wrong in the
# program.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../translate/lib.bash"
# shellcheck source=testsuite/debugging/sanitizers.bash
. "$(dirname "$0")/sanitizers.bash"

cd "$work"
build() { "$UNGIL_STAGE/bin/ungil-cc" --real="$cc" --runtime=gil -g -O1 -fsanitize=thread "$@" -o prog \
    -pthread || fail "$cc: $*"; }
check() {
    rc=0
    timeout 80 ./prog >out 2>err || rc=$?
}

# A compiler may come without it, and where addresses are randomised in more bits than it knows it does not
# start: not our doing.
needs -fsanitize=thread

# two threads touch raw memory outside of the zone, one of them without asking anybody
cat >wrong.c <<'END'
#include "ungil.h"
#include <pthread.h>
#include <stdio.h>
struct STM_OBJECT cell { struct cell *next; };
static struct cell *list;
static STM_RAW long racy, locked;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;
static void *work(void *arg)
{
    for (int i = 0; i < 2000; i++) {
        struct cell *c = STM_NEW(struct cell);
        c->next = i % 100 ? list : NULL;
        list = c;
        STM_SAFEPOINT();
    }
    STM_BLOCKING {
        pthread_barrier_wait(&both);
        pthread_mutex_lock(&lock);
        locked++;
        pthread_mutex_unlock(&lock);
#ifdef RACE
        pthread_barrier_wait(&both);
        racy++;
#endif
    }
    return arg;
}
int main(void)
{
    pthread_t t[2];
    pthread_barrier_init(&both, NULL, 2);
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, work, NULL);
    STM_BLOCKING {
        for (int i = 0; i < 2; i++)
            pthread_join(t[i], NULL);
    }
    printf("%ld %ld\n", locked, racy);
    return 0;
}
END
for cc in "${compilers[@]}"; do
    for program in list threads exclusive; do
        "$cc" -DUNGIL_PLAIN_MALLOC -I"$UNGIL_STAGE/include" "$here/../e2e/$program.c" -o plain -pthread
        ./plain >expect
        build "$here/../e2e/$program.c"
        check
        if [ $rc = 0 ] && [ ! -s err ] && cmp -s expect out; then pass;
            else fail "$cc: $program.c: status $rc"; head -n 30 err; fi
    done
    build wrong.c
    check
    if [ $rc = 0 ] && [ ! -s err ] && [ "$(cat out)" = "2 0" ]; then pass;
        else fail "$cc: no race: status $rc"; head -n 30 err; fi
    build -DRACE wrong.c
    check
    if [ $rc = 66 ] && grep -q 'data race.* in work' err && ! grep SUMMARY err | grep -qv 'in work'; then
        pass
    else
        fail "$cc: a race on raw memory is not reported: status $rc"
        head -n 30 err
    fi
done

# only there
if "$UNGIL_STAGE/bin/ungil-cc" -fsanitize=thread wrong.c -o prog -pthread 2>err ||
    ! grep -q 'with --runtime=gil only' err; then
    fail "-fsanitize=thread with segments: $(cat err)"
else
    pass
fi
