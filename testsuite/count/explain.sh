#!/usr/bin/env bash
# What `ungil explain` and -Rstm say of explain/*.c, word for word: NAME.text, NAME.remarks, NAME.json.
# UNGIL_UPDATE=1 rewrites them.  And the page is whole, and has the counts.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

golden() { # FILE: compares standard input
    cat >"$work/now"
    if [ -n "${UNGIL_UPDATE:-}" ]; then cp "$work/now" "$1"; fi
    if diff -u "$1" "$work/now" >"$work/diff" 2>&1; then pass; else fail "$1" && head -n 40 "$work/diff"; fi
}

cd "$here/explain"
for f in *.c; do
    f=${f%.c}
    golden "$f.text" < <("$ungil" explain "$f.c")
    golden "$f.remarks" < <("$ungil" translate -Rstm "$f.c" -o /dev/null 2>&1)
    golden "$f.json" < <("$ungil" explain --json "$f.c")
done

# remarks through ungil-cc; the translation is the same with and without them, and with explain's way of
# running the passes
"$cc" -Rstm -c reasons.c -o "$work/r.o" 2>"$work/remarks"
expect "ungil-cc -Rstm" cmp -s "$work/remarks" reasons.remarks
"$ungil" translate reasons.c -o "$work/a.c"
"$ungil" translate -Rstm reasons.c -o "$work/b.c" 2>/dev/null
expect "-Rstm changes the translation" cmp -s "$work/a.c" "$work/b.c"

# counts: the page and the text have them
cd "$here/programs"
"$cc" --count -O1 loop.c -o "$work/loop"
STM_COUNT=$work/counts "$work/loop"
"$ungil" explain --counts "$work/counts" loop.c >"$work/text"
expect "counts in the text" grep -q "c->value: .*(executed 10 times)" "$work/text"
cat >"$work/chain.c" <<'C'
#include "ungil.h"
struct STM_OBJECT link { struct link *next; long n; };
static struct link *kept;
__attribute__((noinline)) static long get(struct link *p) { return p->next->next->n; }
int main(void)
{
    kept = STM_NEW(struct link);
    kept->next = kept;
    for (int i = 0; i < 10; i++) {
        STM_SAFEPOINT();
        get(kept);
    }
    return 0;
}
C
"$cc" --count -O1 "$work/chain.c" -o "$work/chain"
STM_COUNT=$work/chain.counts "$work/chain"
"$ungil" explain --counts "$work/chain.counts" "$work/chain.c" >"$work/text"
expect "counts of accesses that begin at one place" \
    [ "$(grep -c 'R p->next.*(executed 10 times)' "$work/text")" -eq 3 ]
"$ungil" explain --counts "$work/counts" --html "$work/page.html" loop.c
expect "counts in the page" grep -q '10&times;' "$work/page.html"
expect "accesses in the page" grep -q '<div class="a' "$work/page.html"
expect "the page's end" [ "$(tail -n 1 "$work/page.html")" = '</html>' ]
expect "the page needs nothing else" [ "$(grep -cE '(src|href)="?http' "$work/page.html")" -eq 0 ]

# what cannot be read is said in one line
status=0
"$ungil" explain --counts /nonexistent loop.c >"$work/out" 2>"$work/err" || status=$?
expect "missing counts: status $status" [ "$status:$(wc -l <"$work/err")" = 2:1 ]
