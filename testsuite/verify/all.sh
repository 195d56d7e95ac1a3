#!/usr/bin/env bash
# ungil verify proves all programs of the tree, and some random ones.
# timeout: 900
set -euo pipefail
exec "$(dirname "$0")/all.bash" 10
