# coverage.bash BUILD OUTPUT - which lines and branches of tool/, passes/ and runtime/ the tests run: clang's
# source-based coverage, from a build with -fprofile-instr-generate -fcoverage-mapping.  Prints a row for each
# room and writes OUTPUT/uncovered.txt (regions that nothing ran, by file and line) and OUTPUT/lines.info
# (lcov).  Called by ./dev coverage.
#
# Translated programs are linked by any compiler, which knows nothing of profiles: so the runtime's libraries
# get the profile runtime, and the linker script asks for it.
set -euo pipefail
build=$(realpath "$1")
output=$(realpath -m "$2") # tests change their folder
source=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
llvm=${UNGIL_LLVM_PREFIX:-/usr/lib/llvm-19}
profiles=$output/profiles
rm -rf "$output"
mkdir -p "$profiles"

rt=$("$llvm/bin/clang-19" -print-file-name=libclang_rt.profile-x86_64.a)
[ -e "$rt" ] || rt=$("$llvm/bin/clang-19" -print-runtime-dir)/libclang_rt.profile.a
for library in "$build"/stage/lib/libungil_*.a; do
    ar t "$library" | grep -q InstrProfilingFile ||
        printf 'open %s\naddlib %s\nsave\nend\n' "$library" "$rt" | ar -M
done
script=$build/stage/share/ungil/ungil.ld
grep -q __llvm_profile_runtime "$script" || echo 'EXTERN(__llvm_profile_runtime)' >>"$script"

# A file for each process: programs of the same size would spoil each other's, and say so on stderr.  Tests
# that fail here, for being slow say, have run all the same: they are named, and nothing else.
export LLVM_PROFILE_FILE=$profiles/%b-%p-%1m.profraw
nice ctest --test-dir "$build" --timeout 600 --parallel "${JOBS:-$(nproc)}" \
    -E "${COVERAGE_WITHOUT:-^house_}" >"$output/ctest.log" 2>&1 || true
unset LLVM_PROFILE_FILE
sed -n '/tests passed/p; /The following tests FAILED/,/^Errors/p' "$output/ctest.log" >&2

find "$profiles" -name '*.profraw' >"$output/profiles.txt"
[ -s "$output/profiles.txt" ] || { echo "coverage.bash: no test wrote a profile" >&2; exit 2; }
"$llvm/bin/llvm-profdata" merge --failure-mode=warn -o "$output/all.profdata" -f "$output/profiles.txt" \
    2>"$output/merge.log"
rm -rf "$profiles"
objects=("$build/stage/bin/ungil")
for object in "$build"/stage/bin/ungil-* "$build"/tests/{pass,rt}_* "$build"/stage/lib/libungil_c*.a; do
    objects+=(-object "$object")
done
"$llvm/bin/llvm-cov" export --format=lcov --instr-profile="$output/all.profdata" "${objects[@]}" \
    "$source/tool" "$source/passes" "$source/runtime" >"$output/lines.info" 2>"$output/export.log"

# lcov: SF file, DA line,count, BRDA line,block,branch,taken.  A header's line is its own room's.
awk -v root="$source/" -v uncovered="$output/uncovered.txt" '
    function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
    function row(name, l, h, b, t) {
        return sprintf("%-16s %6d lines %6.1f %%   %6d branches %6.1f %%", name, l, l ? 100 * h / l : 100,
            b, b ? 100 * t / b : 100)
    }
    function flush_range() {
        if (first) print file ":" first (last > first ? "-" last : "") >uncovered
        first = 0
    }
    /^SF:/ { file = substr($0, 4); sub(root, "", file); room = folder(file); first = 0; next }
    /^DA:/ {
        split(substr($0, 4), part, ",")
        lines[room]++
        if (part[2] > 0) { hit[room]++; flush_range() }
        else if (first && part[1] <= last + 2) last = part[1]
        else { flush_range(); first = last = part[1] }
    }
    /^BRDA:/ {
        split(substr($0, 6), part, ",")
        branches[room]++
        if (part[4] != "-" && part[4] > 0) taken[room]++
    }
    /^end_of_record/ { flush_range() }
    END {
        for (room in lines) {
            print row(room, lines[room], hit[room], branches[room], taken[room]) | "sort"
            l += lines[room]; h += hit[room]; b += branches[room]; t += taken[room]
        }
        close("sort")
        print row("all", l, h, b, t)
    }' "$output/lines.info"
echo "uncovered: $output/uncovered.txt" >&2
