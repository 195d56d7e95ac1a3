#!/usr/bin/env bash
# memory.sh BUILD [MILLIONS] - memory over some million transactions (10), for each case of
# testsuite/runtime/bounded.c.  Prints a table, and writes the curves as doc/memory.svg.
set -euo pipefail

build=$1
millions=${2:-10}
program=$build/tests/rt_bounded_segment
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cases=(two wraps idle reads counts waits big)
printf '%-8s %13s %12s %12s %12s %12s  %s\n' case transactions 'MB, 1st 10%' 'MB, highest' 'log KB, mean' \
    'log KB, max' ''
for name in "${cases[@]}"; do
    n=$((millions * 1000000))
    [ "$name" != big ] || n=$((millions * 10000)) # a thousand times as large
    "$program" "$name" $n >"$work/$name"
    awk -v name="$name" -v n=$n '
        /^#/ { what = substr($0, 3); next }
        { k++; rss[k] = $2 / 1024; log_kb[k] = $3; sum += $3; if (rss[k] > most) most = rss[k];
            if ($3 > top) top = $3 }
        END {
            for (i = 1; i <= k / 10; i++) if (rss[i] > early) early = rss[i]
            printf "%-8s %13d %12.1f %12.1f %12.0f %12.0f  %s\n", name, n, early, most, sum / k, top, what
        }' "$work/$name"
done

# Two panels: resident memory and log, over the part of the run that is done.
(cd "$work" && awk -v names="${cases[*]}" -v millions="$millions" '
    function line(panel, name,    i, p) {
        p = ""
        for (i = 1; i <= count[name]; i++)
            p = p sprintf("%s%.1f,%.1f ", i == 1 ? "M" : "L", 60 + 360 * x[name, i] / last[name],
                          panel * 230 + 200 - 170 * y[panel, name, i] / scale[panel])
        return p
    }
    FNR == 1 { next }
    {
        i = ++count[FILENAME]; x[FILENAME, i] = $1; last[FILENAME] = $1
        y[0, FILENAME, i] = $2 / 1024; y[1, FILENAME, i] = $3 / 1024
        for (k = 0; k < 2; k++) if (y[k, FILENAME, i] > top[k]) top[k] = y[k, FILENAME, i]
    }
    END {
        n = split(names, name, " "); 
        split("#1b6ca8 #d1495b #2e8b57 #8e44ad #c77d0a #555555 #0a9396", colour, " ")
        title[0] = "resident memory, MB"; title[1] = "commit log, MB"
        printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"560\" height=\"480\""
        print " font-family=\"sans-serif\" font-size=\"11\">"
        print "<rect width=\"560\" height=\"480\" fill=\"white\"/>"
        for (k = 0; k < 2; k++) {
            step = 1; while (top[k] / step > 6) step *= (step ~ /^1/ ? 2 : step ~ /^2/ ? 2.5 : 2)
            scale[k] = (int(top[k] / step) + 1) * step
            for (v = 0; v <= scale[k]; v += step) {
                at = k * 230 + 200 - 170 * v / scale[k]
                printf "<path d=\"M60,%.1fH420\" stroke=\"#ddd\"/>", at
                printf "<text x=\"54\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n", at + 4, v
            }
            printf "<text x=\"60\" y=\"%d\">%s</text>\n", k * 230 + 20, title[k]
            for (i = 1; i <= n; i++)
                printf "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.3\"/>\n", 
                    line(k, name[i]), colour[i]
        }
        for (i = 1; i <= n; i++)
            printf "<text x=\"440\" y=\"%d\" fill=\"%s\">%s</text>\n", 40 + i * 18, colour[i], name[i]
        printf "<text x=\"240\" y=\"470\" text-anchor=\"middle\">"
        printf "transactions done, of %d million (big: %d thousand)</text>\n</svg>\n", millions, millions * 10
    }' "${cases[@]}") >"$source/doc/memory.svg"
