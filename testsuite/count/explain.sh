#!/usr/bin/env bash
# What `ungil explain` and -Rstm say of explain/*.c, word for word: NAME.text, NAME.remarks, NAME.json.  UNGIL_UPDATE=1
# rewrites them.  And the page is whole, and has the counts.
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

# remarks through ungil-cc; the translation is the same with and without them, and with explain's way of running the passes
"$cc" -Rstm -c reasons.c -o "$work/r.o" 2>"$work/remarks" && diff "$work/remarks" reasons.remarks >/dev/null && pass || fail "ungil-cc -Rstm"
"$ungil" translate reasons.c -o "$work/a.c" && "$ungil" translate -Rstm reasons.c -o "$work/b.c" 2>/dev/null
cmp -s "$work/a.c" "$work/b.c" && pass || fail "-Rstm changes the translation"

# counts: the page and the text have them
cd "$here/programs"
"$cc" --count -O1 loop.c -o "$work/loop"
STM_COUNT=$work/counts "$work/loop"
"$ungil" explain --counts "$work/counts" loop.c | grep -q "c->value: .*(executed 10 times)" && pass || fail "counts in the text"
"$ungil" explain --counts "$work/counts" --html "$work/page.html" loop.c
if grep -q '10&times;' "$work/page.html" && [ "$(tail -n 1 "$work/page.html")" = '</html>' ] && ! grep -qE '(src|href)="?http' "$work/page.html"; then
    pass
else
    fail "page"
fi
[ "$(grep -c '<div class="a' "$work/page.html")" -ge 1 ] && pass || fail "no accesses in the page"

# what cannot be read is said in one line
status=0
"$ungil" explain --counts /nonexistent loop.c >"$work/out" 2>"$work/err" || status=$?
[ $status -eq 2 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && pass || fail "missing counts: status $status"
