"""Compare stability analysis with the twin on 1,000 random conflicts: about a minute.

    python verification/stability.py

Half are in option form, with ties, patterns, one-way options and states unknown to some; half have
any moves, some of them joint. Every verdict of every party and coalition is compared.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from conflicts import differences, in_option_form, with_deals

CONFLICTS = 500


def main() -> int:
    """Print what was compared; status 1 if anything differs."""
    failed = False
    for make in (in_option_form, with_deals):
        wrong = {seed: found for seed in range(CONFLICTS) if (found := differences(*make(seed)))}
        name = make.__name__.replace("_", " ")
        print(f"{CONFLICTS} conflicts {name}: {len(wrong)} differ {wrong or ''}")  # noqa: T201
        failed |= bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
