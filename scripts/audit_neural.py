"""The lock of each neural backend, audited by preflight on the platform its workers are proved on.

    python scripts/audit_neural.py PREFLIGHT

A RED finding fails, but for those that are carried with open eyes, which are said each time; one that is carried and
found no longer fails too. An index that cannot be asked does not fail, but it is said aloud, for it is no pass.
"""

import json
import subprocess
import sys
from pathlib import Path

LOCKS = sorted(Path("packages/avatar/src/avatar/neural").glob("*/requirements.txt"))
# The locks are installed as they stand, so they are audited so: an override is then a finding, and no dead end.
CELLS = ("--no-deps", "--python", "3.11-3.13", "--platform", "linux-x86_64")
UNKNOWN = 3
CARRIED = {
    ("qwen3", "PF110", "sox"): "qwen-tts imports it with a tokenizer of sound that is not used here; plain Python",
}


def main(preflight: str) -> int:
    """Audit each lock; 1 when one has a RED finding that nobody carries, or none where one is carried."""
    return max(_audited(preflight, lock) for lock in LOCKS)


def _audited(preflight: str, lock: Path) -> int:
    command = [preflight, "audit", "--quiet", "-r", str(lock), *CELLS, "--format", "json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    name = lock.parent.name
    try:
        report = json.loads(done.stdout)
    except ValueError:
        print(f"audit-neural: {name}: NOT CHECKED, preflight ended with {done.returncode}. This is no pass.")
        return int(done.returncode != UNKNOWN)
    red = {(name, each["id"], each["package"]): each for each in report["findings"] if each["severity"] == "red"}
    expected = {key for key in CARRIED if key[0] == name}
    for key, finding in red.items():
        print(f"audit-neural: {name}: RED {finding['id']} {finding['message']}")
        if key in CARRIED:
            print(f"    carried: {CARRIED[key]}")
    for key in expected - set(red):
        print(f"audit-neural: {name}: {key[1]} {key[2]} is carried and was not found: take it off the list")
    yellow = sum(each["severity"] == "yellow" for each in report["findings"])
    print(f"audit-neural: {name}: {len(set(red) - expected)} RED that nobody carries, {yellow} YELLOW")
    return int(set(red) != expected)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
