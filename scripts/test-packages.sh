#!/bin/sh
# test-packages.sh PACKAGE...: the Debian packages the tests use are installed, where that is ours to do.
# Elsewhere it says loudly what is missing; the tests that need it are skipped and say so again.
missing=''
for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
        command -v "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing for the tests:$missing"
    # shellcheck disable=SC2086  # one word per package is meant
    (apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing) >/dev/null && exit 0
fi
echo "NOT INSTALLED:$missing. Tests that need it will be SKIPPED (Debian, Ubuntu: apt install$missing)." >&2
