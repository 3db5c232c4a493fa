"""Scenarios: stories that are played on the running platform, each with checks of its result.

``run(name, stack)`` plays one through the platform's public APIs only, at any speed of its clock.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from local.imitations.receivers import Receivers
from local.running import RunningStack
from local.scenarios.scene import Scene

NOT_STORIES = frozenset({"scene", "actors", "__main__"})

_receivers: list[Receivers] = []


def names() -> list[str]:
    """Return the names of all scenarios."""
    modules = (module.name for module in iter_modules(__path__))
    return sorted(name.replace("_", "-") for name in modules if name not in NOT_STORIES)


def _module(name: str) -> ModuleType:
    if name not in names():
        raise LookupError(f"there is no scenario {name!r}; there are {', '.join(names())}")
    return import_module(f"{__name__}.{name.replace('-', '_')}")


def story(name: str) -> str:
    """Return the summary of a scenario, in one line."""
    return str(_module(name).__doc__).splitlines()[0]


def jumps_ahead(name: str) -> bool:
    """Return whether a scenario sets the platform's clock forward, so that others can't be played meanwhile."""
    return bool(getattr(_module(name), "JUMPS_AHEAD", False))


def closes_books(name: str) -> bool:
    """Return whether a scenario settles today, whose books others look into, so that they can't be played meanwhile."""
    return bool(getattr(_module(name), "CLOSES_BOOKS", False))


def run(name: str, stack: RunningStack, tell: Callable[[str], None] = print) -> None:
    """Play a scenario.

    Parameters
    ----------
    tell : callable
        Called with each sentence of the story as it happens.

    Raises
    ------
    AssertionError
        If a check of the story fails; the message says what is different.
    LookupError
        If there is no such scenario.
    """
    module = _module(name)
    with Scene(name, stack, shared_receivers(), tell) as scene:
        module.play(scene)


def shared_receivers() -> Receivers:
    """Return the endpoints and the bank of this process; they answer until the process ends."""
    if not _receivers:
        _receivers.append(Receivers().__enter__())
    return _receivers[0]
