#!/usr/bin/env bash
# timeout: 180
# What `ungil conflicts` says of a run whose conflicts are known; of files that are cut, damaged, or no logs.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../translate/lib.bash"

cc=$UNGIL_STAGE/bin/ungil-cc
cd "$work"
cp "$here/meet.c" .
write=$(grep -n 'THE WRITE' meet.c | cut -d: -f1)
output=$(grep -n 'THE OUTPUT' meet.c | cut -d: -f1)

expect() {
    local what=$1
    shift
    if "$@"; then pass; else fail "$what"; fi
}
# shows LOG PATTERN...: each pattern is in the report
shows() {
    local log=$1 pattern
    shift
    "$ungil" conflicts "$log" >report 2>notes || { fail "ungil conflicts $log: status $?"; cat notes; }
    for pattern; do
        if grep -q -- "$pattern" report; then pass; else fail "$log: no '$pattern' in:"; cat report; fi
    done
}
status() {
    local wanted=$1 pattern=$2 got=0
    shift 2
    "$ungil" conflicts "$@" >out 2>err || got=$?
    if [ $got -eq "$wanted" ] && grep -q -- "$pattern" err; then pass;
        else fail "$* gave $got, not $wanted with '$pattern'"; cat err; fi
}

export STM_SEGMENTS=2 STM_RETRIES=1000
"$cc" -g -O1 meet.c -o meet || { fail "meet.c does not compile"; exit 1; }

# places in C: the user's file and line, not the translation's
expect 'it runs' env STM_LOG=c.log ./meet
shows c.log 'struct counter.of\[\].misses' "written at  meet.c:$write in count" \
    'c->of\[1\].misses++; /\* THE WRITE' 'always the same object\|nearly every' \
    "at          meet.c:$output in stm_user_main" 'thread creation' 'stops of the world'
expect 'both wrote' grep -q 'another committed a write to what was written' report

# the interpreter's own places
expect 'it runs' env STM_LOG=hook.log ./meet hook
shows hook.log "written at  script.x:7 in count  \[meet.c:$write in count\]" "and at      script.x:7 in count"

# every abort that was counted is there
"$ungil" conflicts --json hook.log >json
number() { sed -n "s/^ \"$1\": \([0-9]*\),*$/\1/p" json; }
expect 'aborts are all there' test "$(number aborts)" -ge 20
expect 'none more, none less' test "$(number aborts)" = "$(number recorded_aborts)"
for key in '"reason": "WRITE"' '"location": "struct counter.of\[\].misses"' '"line": 7' "\"line\": $write" \
    '"ended": true' '"both_wrote": true' '"times_us"' '"working"'; do
    expect "JSON: $key" grep -q -- "$key" json
done
expect 'records as they are' test "$("$ungil" conflicts --raw hook.log | grep -c ' ABORT ')" = \
    "$(number aborts)"

# killed: what was recorded until then is there
env STM_LOG=killed.log ./meet hook killed >/dev/null 2>&1 || true
shows killed.log 'did not come to its exit' 'script.x:7 in count'

# without a symbolizer: function unknown, but the offset
shows_plain=$(UNGIL_ADDR2LINE=/nonexistent "$ungil" conflicts c.log)
expect 'offsets without addr2line' grep -q 'written at  meet+0x' <<<"$shows_plain"

# cut in the middle, damaged, no log, no file
head -c 7000 hook.log >cut.log
status 0 'cut.log: note: the file is cut' cut.log
expect 'its first records are shown' grep -q 'script.x\|threads' out
head -c 2000 hook.log >head.log
status 0 'is cut' head.log
head -c 20 hook.log >tiny.log
status 1 'not a conflict log' tiny.log
{ head -c 4096 hook.log; printf '\377\377\377\377\377\377\377\377'; tail -c +4105 hook.log; } >bad.log
status 1 'bad.log: byte [0-9]*: error: ' bad.log
expect 'the rest is shown' grep -q 'aborts, by what they lost' out
head -c 4096 hook.log | sed 's/^UngilLog\x01/UngilLog\x63/' >version.log
status 1 'another version' version.log
status 1 'not a conflict log' meet.c
: >empty.log
status 1 'not a conflict log' empty.log
status 2 'cannot read none.log: No such file' none.log
status 2 'cannot read .: Is a directory' .
status 2 'needs a number' --top 0 hook.log
status 2 "option '--nonsense'" --nonsense hook.log
status 2 'usage: ungil conflicts'
"$ungil" conflicts --top 1 hook.log >one
expect '--top' grep -q 'more (--all)' one
expect '--help' grep -q STM_LOG= <("$ungil" conflicts --help)
expect 'ungil --help names it' grep -q '^  conflicts ' <("$ungil" --help)

# random damage never kills the reader
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    cp hook.log random.log
    printf '%b' "\\x$(printf %x $((i * 37 % 256)))\\xff\\x01" |
        dd of=random.log bs=1 seek=$((4096 + i * 211)) conv=notrunc 2>/dev/null
    got=0
    "$ungil" conflicts random.log >out 2>err || got=$?
    expect "damage at $((4096 + i * 211)): status $got" test $got -le 1
done

# where no log can be made the program runs all the same
expect 'unwritable' env STM_LOG=/nonexistent/x.log ./meet 2>err
expect 'says so' grep -q 'STM_LOG: /nonexistent/x.log: No such file' err
expect 'no regular file' env STM_LOG=/dev/null ./meet 2>err
expect 'says so' grep -q 'not a regular file' err
