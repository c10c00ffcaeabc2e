#!/bin/sh
# The lock of each neural backend, audited on the platform its workers are proved on. A finding fails; an index that
# cannot be asked does not, but it is said aloud, for it is no pass.
bin=$1
worst=0
for lock in packages/avatar/src/avatar/neural/*/requirements.txt; do
    pythons=3.11-3.13
    "$bin/preflight" audit --quiet -r "$lock" --python "$pythons" --platform linux-x86_64 --fail-on red
    code=$?
    case $code in
    0) echo "audit-neural: $lock: nothing RED on $pythons x Linux" ;;
    3) echo "audit-neural: $lock: NOT CHECKED, the index could not be asked or did not tell enough. This is no pass." >&2 ;;
    *) echo "audit-neural: $lock: see the findings above (exit code $code)" >&2 && worst=1 ;;
    esac
done
exit $worst
