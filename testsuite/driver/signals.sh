#!/usr/bin/env bash
# Interrupted: temporaries and half-written outputs go, the exit status says the signal, the child is ended.
# serial
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

echo 'int x;' >a.c
# A compiler that takes its time, has a child, and leaves a file behind.
cat >slow-gcc <<'END'
#!/bin/bash
while [ $# -gt 0 ]; do [ "$1" != -o ] || { echo half >"$2"; }; shift; done
echo left >"$TMPDIR/left-behind"
sleep 30 &
echo $! >"$SLOW_PID.child"
echo $$ >"$SLOW_PID"
wait
END
chmod +x slow-gcc
export SLOW_PID=$work/slow.pid UNGIL_CC=$work/slow-gcc

# One that has ended may wait for its parent to notice.
runs() { [ -e "/proc/$1" ] && ! grep -q '^State:.*zombie' "/proc/$1/status" 2>/dev/null; }

for signal in TERM INT HUP; do
    rm -f "$SLOW_PID"
    # A background job of a script ignores SIGINT, unless told otherwise.
    env --default-signal=INT,HUP,TERM ungil-cc -c a.c -o a.o </dev/null >out 2>err &
    job=$!
    for ((i = 0; i < 200; i++)); do
        [ ! -s "$SLOW_PID" ] || break
        sleep 0.05
    done
    sleep 0.2
    [ -n "$(ls -A "$TMPDIR")" ] || failed "the test itself: no temporaries to remove"
    kill -"$signal" $job
    status=0
    wait $job 2>/dev/null || status=$?
    number=$(kill -l "$signal")
    [ $status -eq $((128 + number)) ] || failed "SIG$signal: exit status $status, not $((128 + number))"
    absent a.o
    [ -z "$(ls -A "$TMPDIR")" ] || failed "SIG$signal: temporaries left"
    [ -z "$(find . -maxdepth 1 -name '.ungil-*')" ] || failed "SIG$signal: half an output left"
    ! runs "$(cat "$SLOW_PID")" || failed "SIG$signal: the compiler still runs"
    ! runs "$(cat "$SLOW_PID.child")" || failed "SIG$signal: the compiler's child still runs"
done

# a compiler that dies of a signal
printf '#!/bin/bash\nkill -SEGV $$\n' >crashcc
chmod +x crashcc
expect_status 139 env UNGIL_CC="$work/crashcc" ungil-cc -c a.c
one_line_error
absent a.o
