#!/usr/bin/env bash
# A few seeds of the random programs, without features that are not right everywhere yet; ./dev fuzz SECONDS
# tries more.
# timeout: 300
exec "$(dirname "$0")/fuzz.bash" -q -s 3 -n 3 -W '*'
