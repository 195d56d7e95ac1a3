#!/usr/bin/env bash
# The checking build: silent about programs that the translator has right; stops where it has not.
# timeout: 300
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

# Each barrier of the sample dropped in turn.
if "$here/mutate.bash" "$here/programs/sample.c" >"$work/mutate" 2>&1; then
    pass
else
    fail "a dropped barrier goes unnoticed:"
    grep -v '^caught' "$work/mutate"
fi
tail -n 1 "$work/mutate"

build() { # NAME FILE FLAGS...
    "$cc" --check "${@:3}" "$2" -o "$work/$1" -pthread -lm 2>"$work/err" || {
        fail "$2 does not compile"
        cat "$work/err"
    }
}

# Correct programs: the same output as the plain build, whatever the safepoints do.
for file in "$here"/../e2e/*.c "$here"/programs/sample.c; do
    name=$(basename "$file" .c)
    cc -w -DUNGIL_PLAIN_MALLOC -I"$UNGIL_STAGE/include" "$file" -o "$work/plain" -pthread -lm
    "$work/plain" one two >"$work/expected" 2>&1 </dev/null || true
    ways=(-O0:1 -O2:7)
    if [[ $name =~ aliases|bounds ]]; then # whole programs know more, rightly or not
        ways+=("-O1 --whole-program:1" "-O2 --real=gcc:7")
    fi
    for how in "${ways[@]}"; do
        # shellcheck disable=SC2086 # words
        build "$name" "$file" ${how%:*} -Wall -Wextra -Werror
        [ ! -s "$work/err" ] || { fail "$name ${how%:*}: not silent"; cat "$work/err"; }
        STM_BREAK=${how#*:} STM_NURSERY=4096 STM_MAJOR=4096 "$work/$name" one two \
            >"$work/out" 2>&1 </dev/null || true
        if cmp -s "$work/out" "$work/expected"; then
            pass
        else
            fail "$name ${how%:*}, STM_BREAK=${how#*:}: not as the plain build"
            diff "$work/expected" "$work/out" | head -n 5
        fi
    done
done

stops() { # NAME TEXT
    local status=0
    (ulimit -c 0; STM_BREAK=1 exec "$work/$1") >"$work/out" 2>&1 || status=$?
    if [ $status -eq 134 ] && grep -q "^ungil: $2" "$work/out"; then
        pass
    else
        fail "$1: exit status $status, not: $2" && head -n 3 "$work/out"
    fi
} 2>/dev/null

# A store to what was declared immutable is a warning at first, since a single file cannot know.
build immutable "$here/programs/immutable.c" -O0
old='store to an immutable field of an object that is not fresh'
stops immutable "$old: .*immutable.c:18:5: node.id, in main: object of type struct node at 0x3.*; written"

# And to what was taken for immutable, by facts that are wrong.
sed 's/STM_IMMUTABLE//' "$here/programs/immutable.c" >"$work/i.c"
"$UNGIL_STAGE/bin/ungil" summarize "$work/i.c" -o "$work/i.sum"
"$UNGIL_STAGE/bin/ungil" link "$work/i.sum" -o "$work/i.facts"
echo 'immutable node.id "{node}" 0 0 0 8' >>"$work/i.facts"
build inferred "$work/i.c" -O0 -Xungil --facts -Xungil "$work/i.facts"
stops inferred "$old: .*i.c:18:5: node.id, in main: object of type struct node at 0x3.*; written"
sed -i 's/STM_NEW(struct node)/__builtin_malloc(16)/' "$work/i.c" # which is read only later
sed -i 's/n->value = n->id/n->value = 1/' "$work/i.c"
"$UNGIL_STAGE/bin/ungil" summarize "$work/i.c" -o "$work/i.sum"
"$UNGIL_STAGE/bin/ungil" link "$work/i.sum" -o "$work/i.facts"
echo 'immutable node.id "{node}" 0 0 0 8' >>"$work/i.facts"
build inferred_raw "$work/i.c" -O0 -Xungil --facts -Xungil "$work/i.facts"
stops inferred_raw "$old: .*i.c:18:5: node.id, in main: object of type malloc at 0x3.*; written"

# Which accesses a run has looked at.
cat >"$work/seen.c" <<'END'
#include <ungil.h>
struct STM_OBJECT node { long x, y; };
static long get(struct node *p, int c) { return c ? p->x : p->y; }
int main(int argc, char **argv)
{
    (void)argv;
    struct node *p = STM_NEW(struct node);
    STM_SAFEPOINT();
    p->x = get(p, argc);
    return (int)p->x;
}
END
"$cc" --check -O0 -w "$work/seen.c" -o "$work/seen" -pthread
(cd "$work" && STM_SEEN=seen.txt ./seen)
sed -i 's|.*seen.c:|seen.c:|' "$work/seen.txt"
cat >"$work/want" <<'END'
seen.c:3:53: read of node.x, in get: checked
seen.c:3:60: read of node.y, in get: never
seen.c:9:5: write of node.x, in main: checked
seen.c:10:17: read of node.x, in main: checked
END
if cmp -s "$work/want" "$work/seen.txt"; then pass; else fail "seen"; diff "$work/want" "$work/seen.txt"; fi

# Whatever the store is called: it is the bytes that count, in functions that are not translated too.
for case in 0 1 2 3 4 5 6 7 8 9 10; do
    build bytes$case "$here/programs/bytes.c" -O1 -w -DCASE=$case
done
if STM_BREAK=1 "$work/bytes0" >/dev/null; then pass; else fail "bytes0: stopped"; fi
store='store to immutable bytes of an object that is not fresh: .*'
write='write to an immutable field of an object that is not fresh: .*'
object='object of type struct node at 0x3'
for case in 1:15 2:40 3:41 6:44 8:20 9:47; do
    stops bytes${case%%:*} "${store}bytes.c:${case#*:}:.*$object.*; written"
done
stops bytes10 "${store}bytes.c:15:.*object of type fixed"
stops bytes4 "${write}bytes.c:42:13: memcpy: head.id, $object"
stops bytes5 "${write}bytes.c:43:13: sscanf: head.id, $object"
stops bytes7 "${write}bytes.c:45:13: memset: head.id, $object"

# What was taken for immutable is known by what is read without a barrier.
sed 's/STM_IMMUTABLE//' "$here/programs/bytes.c" >"$work/b.c"
"$UNGIL_STAGE/bin/ungil" summarize "$work/b.c" -o "$work/b.sum" -- -DCASE=2
"$UNGIL_STAGE/bin/ungil" link "$work/b.sum" -o "$work/b.facts"
echo 'immutable head.id "{node}" 0 0 0 8' >>"$work/b.facts"
build inferred_bytes "$work/b.c" -O0 -w -DCASE=2 -Xungil --facts -Xungil "$work/b.facts"
stops inferred_bytes "${store}b.c:40:.*$object.*; written"

# What was inferred is believed of memory that was made as one type, not of what looks like it.
as_plain() { # NAME FILES...: silent, and the same output
    cc -w -DUNGIL_PLAIN_MALLOC -I"$UNGIL_STAGE/include" -DCASE=0 "${@:2}" -o "$work/plain"
    "$work/plain" >"$work/expected"
    for settings in STM_BREAK=1 "STM_BREAK=5 STM_NURSERY=4096 STM_MAJOR=4096"; do
        # shellcheck disable=SC2086 # words
        if (env $settings "$work/$1") >"$work/out" 2>&1 && cmp -s "$work/out" "$work/expected"; then
            pass
        else
            fail "$1, $settings: not as the plain build"
            head -n 3 "$work/out"
        fi
    done
}
for case in 0 20 21 22 23 24 30 31 32 33; do
    "$cc" --check --whole-program -w -O1 -DCASE=$case -c "$here/programs/claims.c" -o "$work/claims$case.o"
    build claims$case "$work/claims$case.o" --whole-program
done
as_plain claims0 "$here/programs/claims.c"
for case in 20:malloc {21,24,31}:'struct lent' {22,32}:'struct named' {23,33}:lone; do
    stops claims${case%%:*} "${store}claims.c:39:5: in sneak: object of type ${case#*:} at .*; written"
done
late='read as immutable of bytes stored to when their object was not fresh: .*'
stops claims30 "${late}claims.c:32:[0-9]*: sub.c, in read_sub: object of type malloc at .*; read"

# Memory from malloc has no type, but what is declared holds there too.
for case in {0..12} {21..32}; do
    build raw$case "$here/programs/raw.c" -O1 -w -DCASE=$case
done
as_plain raw0 "$here/programs/raw.c"
field='store to an immutable field of an object that is not fresh: .*'
line() { # TEXT: of raw.c
    grep -n "$1" "$here/programs/raw.c" | head -n 1 | cut -d : -f 1
}
for case in 3 4 7 8; do
    at=$(line "case $case:") && [ $case = 8 ] && at=$(line 'void set')
    stops raw$case "${store}raw.c:$at:.*object of type malloc"
    stops raw$((case + 20)) "${late}raw.c:.*object of type malloc at .*; read"
done
for case in 5 6 25 26; do
    stops raw$case "${field}raw.c:$(line "case $((case % 20)):"):.*object of type malloc"
done
for case in 1 2 9 10 11 12 21 22 29; do
    stops raw$case "${write}raw.c:$(line "case $((case % 20)):"):.*object of type malloc"
done
for case in 30 31 32; do
    stops raw$case "${late}raw.c:.*object of type malloc at .*; read"
done

# It holds of the field's bytes, not of others at like places, or in a struct of the same name.
for case in {0..6}; do
    "$cc" --check -w -O1 -DSECOND -c "$here/programs/declared.c" -o "$work/second.o"
    build declared$case "$here/programs/declared.c" -O1 -w -DCASE=$case "$work/second.o"
done
cc -w -DUNGIL_PLAIN_MALLOC -I"$UNGIL_STAGE/include" -DSECOND -c "$here/programs/declared.c" \
    -o "$work/second.o"
as_plain declared0 "$here/programs/declared.c" "$work/second.o"
for case in {1,2}:big 3:malloc 4:malloc 5:fixed 6:node; do
    stops declared${case%%:*} "${store}declared.c:.*in set: object of type.* ${case#*:} at"
done

# Pointers to private stacks that are none.
for case in 0 1 2 3 4; do
    build private$case "$here/programs/private.c" -O1 -DCASE=$case
done
stops private1 'not in a private stack: .*private.c:13:6: frame: 0x3[0-9a-f]*, in the heap'
stops private2 'not in a private stack: .*private.c:13:6: frame: 0x[0-9a-f]*, raw memory'
stops private3 'not in a private stack whose top this is: .*private.c:17:10: other: 0x[0-9a-f]*, raw memory'
for case in 0 4; do
    if STM_BREAK=1 "$work/private$case"; then pass; else fail "private$case"; fi
done

# Pointers to raw memory that are none: what is stored in them, and what is read from them.
for case in {0..12}; do
    build raw_pointers$case "$here/programs/raw_pointers.c" -O1 -Wall -DCASE=$case
done
if STM_BREAK=1 "$work/raw_pointers0"; then pass; else fail "raw_pointers0"; fi
raw='a reference, which STM_RAW says it never is'
for case in 1:kept 2:text 3:parts 4:here 5:list 6:p 7:own 8:many 9:p 10:text 11:p 12:many; do
    at=$(grep -n "CASE != ${case%:*})" "$here/programs/raw_pointers.c" | cut -d : -f 1)
    if [ "${case%:*}" -ge 10 ]; then # it is found where it is read
        at=$(grep -n "+= .*[*].*${case#*:}.*;" "$here/programs/raw_pointers.c" | tail -n 1 | cut -d : -f 1)
    fi
    stops raw_pointers${case%:*} "$raw: .*raw_pointers.c:$at:[0-9]*: ${case#*:}: 0x3"
done
