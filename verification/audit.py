"""Are weaknesses known of what is installed? `make audit`.

    python -m verification.audit LOCK...

Asks pip-audit about every pin of the locks. What it could not look up is counted and said, since
a machine may reach no advisory database; only a weakness that it knows of is a failure.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

COMMAND = ("-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off")

PATIENCE = 120.0  # seconds; where an address swallows what it is sent, each pin takes its time


def main(locks: Sequence[str]) -> int:
    """Audit the locks one by one; 1 if a weakness is known of any pin."""
    return max([_audit(lock) for lock in locks], default=2)


def _audit(lock: str) -> int:
    command = [sys.executable, *COMMAND, "-f", "json", "-r", lock]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        print(f"{lock}: not looked up from here within {PATIENCE:.0f} s")
        return 0
    try:
        found = json.loads(ran.stdout)
    except json.JSONDecodeError:
        print(f"{lock}: pip-audit gave no answer\n{ran.stderr[-2000:]}")
        return 1
    status, lines = judge(found)
    print("\n".join(f"{lock}: {line}" for line in lines))
    return status


def judge(found: dict[str, Any]) -> tuple[int, list[str]]:
    """The status and the lines for what pip-audit said of one lock.

    >>> judge({"dependencies": [{"name": "a", "skip_reason": "not found"}]})
    (0, ['0 pins without a known weakness, 1 that could not be looked up from here'])
    >>> weak = {"id": "CVE-1", "fix_versions": ["2"]}
    >>> judge({"dependencies": [{"name": "a", "version": "1", "vulns": [weak]}]})[0]
    1
    """
    pins = found["dependencies"]
    skipped = [pin for pin in pins if "skip_reason" in pin]
    weak = [pin for pin in pins if pin.get("vulns")]
    lines = [
        f"{pin['name']} {pin['version']}: {one['id']}, mended in {', '.join(one['fix_versions'])}"
        for pin in weak
        for one in pin["vulns"]
    ]
    sound = len(pins) - len(skipped) - len(weak)
    line = f"{sound} pins without a known weakness"
    if skipped:
        line += f", {len(skipped)} that could not be looked up from here"
    return int(bool(weak) or not pins), [*lines, line]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
