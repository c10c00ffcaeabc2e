#!/bin/sh
# Prints the newest Python here that runs, is 3.11 or newer and can make a virtual environment.
# Failing that, one that lacks only venv; failing that, nothing. Each is started, not just found:
# a version switcher leaves commands on the PATH that only say "not installed".
candidates='python3.14 python3.13 python3.12 python3.11 python3 python'

first_that_can() {
    for name in $candidates; do
        if "$name" -c "$1" >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
first_that_can "import venv, ensurepip; $new_enough" || first_that_can "$new_enough" || true
