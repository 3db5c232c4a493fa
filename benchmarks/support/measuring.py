"""Figures out of repeated measurements."""

from collections.abc import Iterator, Sequence
from statistics import median


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of the values do not exceed.

    Raises
    ------
    ValueError
        Without values.
    """
    if not values:
        raise ValueError("there is no quantile of nothing")
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def ratio(own: Sequence[float], peers: Sequence[float]) -> float:
    """Return the median of the ratios to a peer that was measured in the same rounds."""
    return median(one / peer for one, peer in zip(own, peers, strict=True))


def in_turns[T](cases: Sequence[T], rounds: int) -> Iterator[tuple[int, T]]:
    """Yield every case in each round, beginning with another one each time, so that none is always the first."""
    for number in range(rounds):
        start = number % len(cases)
        for case in (*cases[start:], *cases[:start]):
            yield number, case
