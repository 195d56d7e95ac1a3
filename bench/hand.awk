# hand.awk - what placement by hand would have executed: the placements of hand.txt with the site counts of
# a counting run (STM_COUNT=FILE).
#
#   awk -f hand.awk hand.txt COUNTS.json
#
# Prints {"read": N, "write": N}; fails if a site has no placement, or a placement no site.
function field(name,    s) {
    if (!match($0, "\"" name "\": (\"[^\"]*\"|[a-z0-9]+)")) return ""
    s = substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 4)
    gsub(/"/, "", s)
    return s
}
function wrong(what) { print "hand.txt: " what >"/dev/stderr"; failed = 1 }
FNR == NR {
    if ($0 ~ /^#/ || !NF) next
    if (NF < 5 || $5 !~ /^[RW-]$/) wrong("line " FNR ": not FUNCTION FIELD KIND N BARRIER")
    key = $1 " " $2 " " $3 " " $4
    if (key in placed) wrong(key ": placed twice")
    placed[key] = $5
    next
}
/^\{"file": / && !/"moved": true/ {
    name = field("field")
    if (name == "null") name = "-"
    function_name = field("function")
    sub(/__stm[0-9]+$/, "", function_name) # a copy: by hand there is one
    what = function_name " " name " " field("kind")
    at = what " " field("file") ":" field("line") ":" field("col")
    if (!(at in number)) number[at] = ++of[what]
    key = what " " number[at]
    if (!(key in placed)) key = "* " name " " field("kind") " 0"
    if (!(key in placed)) {
        wrong(what " " number[at] " (" field("file") ":" field("line") ") has no placement")
        next
    }
    used[key] = 1
    if (placed[key] == "R") read += field("executed")
    if (placed[key] == "W") write += field("executed")
    sites++
}
END {
    for (key in placed) if (!(key in used)) wrong(key ": no such access")
    if (!sites) wrong("no sites in " FILENAME)
    if (failed) exit 1
    printf "{\"read\": %d, \"write\": %d}", read, write
}
