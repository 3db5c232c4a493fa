"""Automatic removals and broken notices in 100,000 random lives of drivers. Goal: none of either.

python -m benchmarks.lives
"""

import sys
import time

from tests.unit.standing.lives import NEVER, lives

LIVES = 100_000


def main() -> None:
    """Play the lives and print what happened; fail if anything did that must never happen."""
    began = time.perf_counter()
    seen = lives(LIVES, seed=16)
    print(f"{LIVES} lives in {time.perf_counter() - began:.0f} s")
    for name, count in sorted(seen.items() | {(name, seen[name]) for name in NEVER}):
        print(f"  {count:>10,}  {name}{'   (never)' if name in NEVER else ''}")
    sys.exit(any(seen[name] for name in NEVER))


if __name__ == "__main__":
    main()
