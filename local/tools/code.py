"""Codes of the authenticator apps of the staff on this machine, a line for each: ``make -s code``."""

from __future__ import annotations

import sys

from local.running import NotRunningError, RunningStack
from local.staff import people


def main() -> int:
    """Print the codes."""
    try:
        stack = RunningStack.load()
    except NotRunningError as error:
        print(error, file=sys.stderr)
        return 1
    for one in people(stack):
        print(f"{one.code}  {one.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
