#!/bin/sh
# make-venv.sh PYTHON VENV: VENV exists and belongs to PYTHON; one plain line when that cannot be.
# The mark VENV/.python is written only when the Python changed, so that make redoes only then.
set -eu
python=$1
venv=$2

stop() {
    echo "$1" >&2
    exit 1
}

[ -n "$python" ] || stop 'This needs Python 3.11 or newer and found none: install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=path/to/python3 ...'
"$python" -c '' 2>/dev/null || stop "$python does not run: name a Python 3.11 or newer with make PYTHON=path/to/python3 ..."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "This needs Python 3.11 or newer, and $python is $("$python" -c 'import platform; print(platform.python_version())'): install a newer one, or name it: make PYTHON=path/to/python3 ..."
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    stop "$python cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python3-venv) and run make again."

which_python='import sys; print(sys.version.split()[0], sys.base_prefix)'
wanted=$("$python" -c "$which_python")
found=$("$venv/bin/python" -c "$which_python" 2>/dev/null || true)
if [ "$found" != "$wanted" ]; then
    echo "making $venv with Python ${wanted%% *}"
    "$python" -m venv --clear "$venv" || stop "Python's venv module failed with the words above."
fi
[ "$(cat "$venv/.python" 2>/dev/null)" = "$wanted" ] || echo "$wanted" > "$venv/.python"
