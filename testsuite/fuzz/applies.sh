#!/usr/bin/env bash
# The edits of unmend.txt fit the source as it is; ./dev unmend tries what finds them.
exec "$(dirname "$0")/unmend.bash" -a
