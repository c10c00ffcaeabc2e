#!/bin/sh
# Sets pic up in a repository straight from this checkout, with no install: scripts/pic-init.sh [REPOSITORY]
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
python=$(sh "$here/scripts/find-python.sh")
cd -- "${1:-.}"
PYTHONPATH="$here/packages/pic/src" exec "$python" -m pic init
