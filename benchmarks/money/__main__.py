"""Lives of money in worlds by seed: random acts, faults and kills, and the invariants that must hold after them.

python -m benchmarks.money --lives 1000000 [--workers 2] [--first 1] [--size 300]
python -m benchmarks.money --seed 23 --verbose        # one world again, with its log
"""

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import benchmarks.money.quiet  # noqa: F401 # isort: skip - before what reads the environment
from benchmarks.money.play import LIVES_OF_A_WORLD, Played, played, told, world_of
from benchmarks.support.report import Finding, conclude, console, show

TOLD_EVERY_S = 60


def one_world(seed: int, size: int, verbose: bool) -> int:
    """Play one world, print its log and violations, and return how many there are."""
    world, found = world_of(seed, size, verbose)
    for line in world.log:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{told(seed, size, found) if found else f'seed {seed}: no violation'}\n  hash {world.hash}\n")
    return len(found)


def _all(seeds: range, size: int, workers: int) -> Iterator[Played]:
    if workers == 1:
        yield from map(partial(played, size=size), seeds)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(partial(played, size=size), seeds, chunksize=4)


def many(lives: int, first: int, size: int, workers: int) -> Played:
    """Play worlds until so many lives are lived, and print how far it is."""
    whole, begun, last = Played(), time.monotonic(), time.monotonic()
    for one in _all(range(first, first + -(-lives // size)), size, workers):
        whole.add(one)
        for seed, found in one.violated.items():
            console.print(told(seed, size, found), markup=False)
        if time.monotonic() - last > TOLD_EVERY_S:
            last = time.monotonic()
            rate = whole.lives / (last - begun)
            wrong = f"{len(whole.violated)} worlds with violations"
            console.print(f"{whole.lives:,} lives, {rate:,.0f} a second, {wrong}", markup=False)
    return whole


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.money", description=str(__doc__).splitlines()[0])
    parser.add_argument("--lives", type=int, default=30_000)
    parser.add_argument("--first", type=int, default=1, help="first seed")
    parser.add_argument("--size", type=int, default=LIVES_OF_A_WORLD, help="lives of a world")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, help="play this world alone")
    parser.add_argument("--verbose", action="store_true", help="print the log of the world")
    asked = parser.parse_args()
    if asked.seed is not None:
        return int(bool(one_world(asked.seed, asked.size, asked.verbose)))
    begun = time.monotonic()
    whole = many(asked.lives, asked.first, asked.size, asked.workers)
    show("acts", ("act", "number"), whole.acts.most_common())
    show("faults and refusals", ("fault", "number"), whole.faults.most_common())
    seconds = time.monotonic() - begun
    findings = [
        Finding("worlds whose invariants do not hold", f"{len(whole.violated):,}", "0", not whole.violated),
        Finding("lives, in worlds", f"{whole.lives:,} in {whole.worlds:,}"),
        Finding("days closed and paid; postings; calls", f"{whole.days:,}; {whole.postings:,}; {whole.calls:,}"),
        Finding("faults and kills put in", f"{whole.faults.total():,}"),
        Finding("lives a second here; processor milliseconds a life", _speed(whole, seconds)),
    ]
    conclude("money", findings, {"acts": whole.acts, "faults": whole.faults, "violated": whole.violated})
    return int(bool(whole.violated))


def _speed(whole: Played, seconds: float) -> str:
    return f"{whole.lives / seconds:,.0f}; {whole.seconds / whole.lives * 1000:.1f}"


if __name__ == "__main__":
    sys.exit(main())
