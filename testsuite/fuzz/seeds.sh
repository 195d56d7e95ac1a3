#!/usr/bin/env bash
# A few seeds of the random programs; ./dev fuzz SECONDS tries more.
# timeout: 300
exec "$(dirname "$0")/fuzz.bash" -q -s 3 -n 3
