# arrows.awk - are the arrows between files as rooms.txt and circles.txt have them?
#
#   awk -v word=includes -f arrows.awk rooms.txt circles.txt ARROWS
#
# ARROWS has `FROM TO NAME...`, files of the tree and what the one takes from the other.  Prints each fault
# on a line; exit status 1 if there are any.  Without circles.txt no circle is meant.

# ---- the tables
FNR == 1 { file++ }
FILENAME ~ /rooms\.txt$/ && /^ *$/ { group++ }
/^ *(#|$)/ { next }
FILENAME ~ /rooms\.txt$/ {
    level[$1] = ++levels
    of_group[$1] = group
    for (i = 2; i <= NF; i++) {
        also[$1, $i] = 1
        if (word == "calls") # what a header declares is defined beside it
            also[$1, folder($i)] = 1
    }
    next
}
FILENAME ~ /circles\.txt$/ && $1 == "circle" { room = $2; ncircles++; why[ncircles] = 0; next }
FILENAME ~ /circles\.txt$/ && $1 == "files" {
    for (i = 2; i <= NF; i++)
        meant[room "/" $i] = ncircles
    next
}
FILENAME ~ /circles\.txt$/ && $1 == "why" { why[ncircles] = NF > 1; next }
FILENAME ~ /circles\.txt$/ { bad(FILENAME ":" FNR ": neither circle, files nor why"); next }

# ---- the arrows
function bad(text) { print text; faults++ }
function folder(path) { sub(/\/[^\/]*$/, "", path); return path }

{
    from = $1; to = $2; names = $3
    for (i = 4; i <= NF && i < 7; i++)
        names = names ", " $i
    if (!(from in id)) { id[from] = ++n; name[n] = from }
    if (!(to in id)) { id[to] = ++n; name[n] = to }
    out[id[from], ++nout[id[from]]] = id[to]
    taken[id[from], id[to]] = names
    a = folder(from); b = folder(to)
    if (!(a in level))
        bad(from ": its folder is in no line of rooms.txt")
    else if (a == b || (a, to) in also || (a, b) in also)
        next
    else if (!(b in level) || of_group[a] != of_group[b])
        bad(from " " word " " to ", which rooms.txt does not let it: " names)
    else if (level[b] > level[a])
        bad(from " " word " " to ", from the room above it: " names)
}

# All that start reaches, itself only if in a circle.
function reach(start,    stack, top, v, w, i) {
    top = 0; stack[++top] = start
    while (top) {
        v = stack[top--]
        for (i = 1; i <= nout[v]; i++) {
            w = out[v, i]
            if (!((start, w) in reached)) { reached[start, w] = 1; stack[++top] = w }
        }
    }
}

END {
    for (v = 1; v <= n; v++)
        reach(v)
    for (v = 1; v <= n; v++) {
        if (!((v, v) in reached))
            continue
        stem = name[v]; sub(/\.c$/, "", stem)
        in_circle[stem] = 1
        for (i = 1; i <= nout[v]; i++) {
            w = out[v, i]
            other = name[w]; sub(/\.c$/, "", other)
            if ((w, v) in reached && (!(stem in meant) || meant[stem] != meant[other]))
                bad("circle: " name[v] " " word " " name[w] ": " taken[v, w])
        }
    }
    for (stem in meant)
        if (!(stem in in_circle))
            bad("circles.txt: " stem " is in no circle any more")
    for (c = 1; c <= ncircles; c++)
        if (!why[c])
            bad("circles.txt: circle " c " does not say why")
    exit faults > 0
}
