"""Playing a world by its seed, and what is told of it."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.money import lives
from benchmarks.money.invariants import violations
from benchmarks.money.world import World

LIVES_OF_A_WORLD = 300

Look = Callable[[World], list[str]]


@dataclass
class Played:
    """Results of some worlds.

    Attributes
    ----------
    violated : dict of int to list of str
        Violations by seed; empty if all invariants hold everywhere.
    """

    worlds: int = 0
    lives: int = 0
    days: int = 0
    calls: int = 0
    postings: int = 0
    seconds: float = 0.0
    acts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    violated: dict[int, list[str]] = field(default_factory=dict)

    def add(self, other: "Played") -> None:
        """Add what came of other worlds."""
        for name in ("worlds", "lives", "days", "calls", "postings", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.acts.update(other.acts)
        self.faults.update(other.faults)
        self.violated.update(other.violated)


def world_of(
    seed: int, size: int = LIVES_OF_A_WORLD, verbose: bool = False, *, look: Look = violations
) -> tuple[World, list[str]]:
    """Return a world that was lived to its end, and its violations."""
    world = World(seed, size, verbose)
    return world, world.play(lives.begin, look)


def played(seed: int, size: int = LIVES_OF_A_WORLD) -> Played:
    """Return what came of one world."""
    begun = time.process_time()
    world, found = world_of(seed, size)
    postings = sum(key.startswith("POSTING#") for key in world.sort_keys("settlement"))
    return Played(
        worlds=1,
        lives=size,
        days=len(world.days),
        calls=world.tables.calls.total(),
        postings=postings,
        seconds=time.process_time() - begun,
        acts=world.acts,
        faults=world.faults,
        violated={seed: found} if found else {},
    )


def told(seed: int, size: int, found: list[str]) -> str:
    """Return what is told of a world with violations, with the command that plays it again."""
    lines = [f"seed {seed}: {len(found)} violations", *(f"  {one}" for one in found[:10])]
    return "\n".join([*lines, f"  again: python -m benchmarks.money --seed {seed} --size {size} --verbose"])
