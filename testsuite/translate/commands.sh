#!/usr/bin/env bash
# What ungil prints besides translations: the tree, the IR, statistics, help.
. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

expect() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@" >/dev/null; then pass; else fail "$what"; fi
}

cat >"$work/s.c" <<'END'
#include "ungil.h"
typedef struct node { struct node *next; int value; } node STM_OBJECT;
int g(node *n);
int f(node *n) { int s = 0; for (; n; n = n->next) s += n->value; return s + g(n); }
END
cd "$work"

# The tree: a line for each node, its kind first; all kinds that the golden programs have.
"$ungil" ast s.c >tree
for line in '^function f$' '^  block ' '^      var s ' 'for ' 'member next : ' 'compound-assign' 'return' \
    'call g'; do
    expect "ast: no $line" grep -e "$line" tree
done
expect 'ast: absent parts of for' grep -x ' *-' tree
for file in "$here"/golden/*.c; do
    "$ungil" ast "$file" -- $(note flags "$file") >>trees 2>/dev/null || fail "ast: $file"
done
for kind in ref subscript deref addrof incdec unary binary assign logical cond comma cast paren literal \
    string initlist compound-literal stmt-expr unevaluated if while do switch case default label goto; do
    expect "ast: no $kind" grep "^ *$kind\\b" trees
done

# The IR is what ungil-ir reads: printed again it is the same.
for file in "$here"/golden/*.c; do
    "$ungil" ir "$file" -- $(note flags "$file") >ir 2>err || continue # golden.sh knows what translates
    expect "ir: ${file##*/} reads as another" diff ir <("$UNGIL_STAGE/bin/ungil-ir" -p none ir)
done
"$ungil" ir -d '*' s.c >ir 2>dumps
expect 'ir -d: not after each pass' test "$(grep -c '^; after ' dumps)" -ge 10

# Statistics: as text and as JSON they say the same, and passes take barriers away.
"$ungil" translate --stats s.c >text
"$ungil" translate --stats=json s.c >json
expect 'stats: lines' grep -q '^s.c: 4 lines, 1 annotated$' text
expect 'stats: json' grep -q '"lines":4,"annotated_lines":1,"accesses":{"read":2,"write":0}' json
expect 'stats: naive' grep -qE '^  barriers placed naively +2 +0$' text
expect 'stats: naive, json' grep -q '"naive":{"read":2,"write":0}' json
expect 'stats: left' grep -qE '^  barriers left +1 +0$' text
expect 'stats: left, json' grep -q '"final":{"read":1,"write":0}}' json
expect 'stats: passes' test "$(grep -o '"name"' json | wc -l)" -ge 10
expect 'stats alone write nothing' test ! -e s.stm.c

# Macros and headers of the command line reach both readings of the file.
printf 'int limit = LIMIT + MORE + EXTRA;\n' >d.c
printf '#define EXTRA 4\n' >extra.h
"$ungil" translate d.c -o out -- -DLIMIT=1 -D MORE=2 -UNONE -U OTHER -include extra.h -Wall -c
expect 'macros' grep -q 'limit .*= 1 + 2 + 4;' out

"$ungil" --help >help
expect 'help' grep -q '^usage: ungil COMMAND' help
"$UNGIL_STAGE/bin/ungil-cc" --help >help
expect 'ungil-cc --help' grep -q -- '--whole-program' help
"$UNGIL_STAGE/bin/ungil-cc" --version >version
expect 'ungil-cc --version' grep -q '^ungil-cc [0-9]' version
