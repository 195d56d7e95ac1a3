# sanitizers.bash - for scripts that run programs under a sanitizer; to be sourced after lib.bash, in $work.
# shellcheck shell=bash

# needs OPTION: sets `compilers` to those that come with the sanitizer of that option, and whose programs
# start with it; skips the test if there is none.
needs() {
    local cc
    compilers=()
    echo 'int main(void) { return 0; }' >able.c
    for cc in clang-19 gcc; do
        if "$cc" "$1" able.c -o able 2>err && ./able 2>err; then
            compilers+=("$cc")
        else
            echo "$cc: no $1: $(head -n 1 err)"
        fi
    done
    [ ${#compilers[@]} -gt 0 ] || exit 77
}
