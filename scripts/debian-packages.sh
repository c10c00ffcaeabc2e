#!/bin/sh
# debian-packages.sh PURPOSE WITHOUT PACKAGE...: what pip cannot bring is installed, where that is ours to do.
# Elsewhere it says loudly what is missing, and what comes of it.
purpose=$1 without=$2
shift 2
missing=''
for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
        command -v "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing for $purpose:$missing"
    # shellcheck disable=SC2086  # one word per package is meant
    (apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing) >/dev/null && exit 0
fi
echo "NOT INSTALLED:$missing. $without (Debian, Ubuntu: apt install$missing)." >&2
