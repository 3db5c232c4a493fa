"""List the scenarios, or play them: ``python -m local.scenarios list | run NAME | run all``."""

from __future__ import annotations

import sys
import time

from rich.console import Console

from local.city.api import RefusedError
from local.city.results.books import wait_until_quiet
from local.running import NotRunningError, RunningStack
from local.scenarios import names, run, story

LONGEST_FAREWELL_S = 5.0


def play(name: str, stack: RunningStack, console: Console) -> bool:
    """Play one scenario, print the result, and return whether all its checks passed."""
    console.print(f"\n[bold]{name}[/]: {story(name)}")
    began = time.monotonic()
    try:
        run(name, stack, lambda text: console.print(f"  {text}", markup=False))
    except (AssertionError, RefusedError) as failure:
        console.print(f"  [red]a check failed:[/] {failure}")
        return False
    console.print(f"  [green]all checks passed[/] ({time.monotonic() - began:.1f} s)")
    return True


def main(arguments: list[str]) -> int:
    """Run the command of the command line; return the exit status."""
    console = Console(highlight=False, soft_wrap=True)
    match arguments:
        case ["list"] | ["run"] | []:
            width = max(len(name) for name in names())
            for name in names():
                console.print(f"  [cyan]{name:{width}}[/]  {story(name)}")
            console.print("\n  play one with `make scenario NAME=first-delivery`, or all with NAME=all")
            return 0
        case ["run", *wanted]:
            try:
                stack = RunningStack.load()
                chosen = names() if wanted == ["all"] else wanted
                outcomes = [play(name, stack, console) for name in chosen]
                # Webhooks still under way would find no endpoint once this process has ended.
                wait_until_quiet(stack, "Notices", "Webhooks", longest_s=LONGEST_FAREWELL_S)
                return 0 if all(outcomes) else 1
            except (NotRunningError, LookupError) as error:
                console.print(f"[red]scenarios:[/] {error}")
                return 1
        case _:
            console.print(__doc__)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
