# lint.bash BUILD [FILE...] - clang-tidy (.clang-tidy) over the C files of tool/, passes/, runtime/ and
# verify/, or those named.  Prints what it finds; exit status 1 if there is anything.  Called by ./dev lint.
set -euo pipefail
build=$1
shift
files=("$@")
[ ${#files[@]} -gt 0 ] || mapfile -t files < <(find tool passes runtime verify -name '*.c' | sort)
tidy=$(command -v clang-tidy-14 || command -v clang-tidy) || {
    echo "lint: no clang-tidy: ./dev setup" >&2
    exit 2
}
# Each file once: the runtime's in the variant that has most of them.
commands=$(mktemp -d)
trap 'rm -rf "$commands"' EXIT
awk 'BEGIN { RS = "}"; printf "[" }
    /-o (tool|passes|verify|runtime)\/CMakeFiles/ && !/CMakeFiles\/ungil_(gil|gil_tsan|plainview)\.dir/ &&
        (!/CMakeFiles\/ungil_(count|check)\.dir/ || /\.dir\/(count|check)\.c\.o/) {
        sub(/^[^{]*/, "")
        printf "%s%s}", n++ ? "," : "", $0
    }
    END { print "]" }' "$build/compile_commands.json" >"$commands/compile_commands.json"
said() { grep -v 'warnings generated\|Suppressed\|Use -header-filter\|^$' >&2 || true; }
printf '%s\0' "${files[@]}" |
    xargs -0 -n 4 -P "${JOBS:-$(nproc)}" \
        "$tidy" -p "$commands" --quiet ${LINT_CHECKS:+"--checks=$LINT_CHECKS"} 2> >(said)
