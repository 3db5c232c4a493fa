"""Filtering of a phone's readings.

Each reading is checked on its own. Of readings that exclude each other the group with more weight is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from pydantic import WrapValidator

from crowdship.kernel.devices import LONGEST_OFFLINE, DeviceClock, newest_of, number_of, place_of, time_of
from crowdship.kernel.geo import distance_m
from crowdship.tracking.model import MAX_ACCURACY_M, MAX_BEHIND, MAX_SPEED_MPS, Fix, Position, Rival, TimeOff

ANCHOR_WEIGHT = 2
"""Weight of the last known position, in readings; a larger group of readings that agree replaces it."""

SAID_WEIGHT = 0.5
"""Weight of the place where a driver says they begin a duty: it decides only between groups of equal size."""

SAID_REACH_M = MAX_SPEED_MPS * MAX_BEHIND.total_seconds()
"""A first reading may be this far, in metres, from the stated place, as the device's clock is not known yet."""

MAX_SPEED_STATED_MPS = 200.0
"""A stated speed above this is ignored."""

DEFAULT_ACCURACY_M = 10.0
"""The accuracy, in metres, of a reading that states none."""


class Unusable(NamedTuple):
    """A reading that can't be used, and why."""

    reason: str


def read(value: Any) -> Fix | Unusable:
    """Return one reading of a phone, or why it can't be used; it never raises, so that other readings still count.

    A speed below 0 or above ``MAX_SPEED_STATED_MPS`` is left out; phones send -1 for an unknown speed. A reading with
    an accuracy below 0 is unusable, as phones send that for an unknown place. Unknown fields are ignored.
    """
    if isinstance(value, Fix):
        return value
    if not isinstance(value, Mapping):
        return Unusable("invalid")
    point = place_of(value.get("point"))
    if point is None:
        return Unusable("no_place")
    device_at = time_of(value.get("device_at"))
    if device_at is None:
        return Unusable("no_time")
    accuracy_m = number_of(value.get("accuracy_m"))
    if accuracy_m is None:
        accuracy_m = DEFAULT_ACCURACY_M
    if not 0 <= accuracy_m <= MAX_ACCURACY_M:
        return Unusable("too_vague")
    speed_mps = number_of(value.get("speed_mps"))
    if speed_mps is not None and not 0 <= speed_mps <= MAX_SPEED_STATED_MPS:
        speed_mps = None
    return Fix(point=point, device_at=device_at, accuracy_m=accuracy_m, speed_mps=speed_mps)


Reading = Annotated[Fix | Unusable, WrapValidator(lambda value, _: read(value), json_schema_input_type=Fix)]
"""One reading of a batch, as the API takes it."""


class FilteredBatch(NamedTuple):
    """The result of filtering a batch.

    Parameters
    ----------
    kept : tuple of Fix
        The readings that are kept, in order; their times are by our clock.
    device_at : datetime or None
        The device's own time of the newest reading that is kept.
    dropped : dict
        Number of readings that are not kept, by reason.
    jumped : bool
        True if the last position gave way to readings that agree with each other somewhere else.
    """

    kept: tuple[Fix, ...]
    device_at: datetime | None
    dropped: dict[str, int]
    clock: DeviceClock
    rival: Rival | None
    jumped: bool


class Anchor(NamedTuple):
    """A node of a chain of readings, such as a position from which the chain may begin.

    Parameters
    ----------
    weight : float
        Number of readings that it counts for.
    is_last : bool
        True for the last known position.
    is_ordered : bool
        False if its time can't be compared with the device's.
    """

    fix: Fix
    weight: float
    is_last: bool = False
    is_ordered: bool = True


def filter_batch(
    readings: Iterable[Fix | Unusable], known: Position | None, now: datetime, time_off: TimeOff | None = None
) -> FilteredBatch:
    """Return the readings of a batch that add to a driver's last position.

    The function leaves out readings that can't be read, that are too vague, too old, late, duplicate or in the future,
    that were made off duty, and jumps that no vehicle can make. Of two places that exclude each other, the place on
    which more readings agree is kept. One wrong last position thus does not block all that follow.
    """
    dropped: dict[str, int] = {}

    def drop(reason: str) -> None:
        dropped[reason] = dropped.get(reason, 0) + 1

    fixes: list[Fix] = []
    for reading in readings:
        if isinstance(reading, Unusable):
            drop(reading.reason)
        else:
            fixes.append(reading)
    before = known.clock if known else DeviceClock()
    last_at = known.device_at if known else None
    newest = newest_of((fix.device_at for fix in fixes), before, now)
    clock = before.hearing(newest, now, last_at) if newest else before
    last_at = _compared(last_at, before, clock)
    usable: list[Fix] = []
    for fix in sorted(fixes, key=lambda fix: fix.device_at):
        at = clock.ours(fix.device_at)
        previous = usable[-1].device_at if usable else last_at
        if newest and fix.device_at > newest:
            drop("in_the_future")
        elif fix.accuracy_m > MAX_ACCURACY_M:
            drop("too_vague")
        elif time_off and time_off.holds(at):
            drop("off_duty")
        elif previous and fix.device_at <= previous:
            drop("late_or_duplicate")
        elif at < now - LONGEST_OFFLINE:
            drop("too_old")
        else:
            usable.append(fix)
    rival = known.rival if known and not clock.was_changed_since(before) else None
    anchors = _anchors(known, last_at, rival)
    chain = agreeing(anchors, usable)
    if jumps := len(usable) - len(chain.kept):
        dropped["impossible_jump"] = jumps
    return FilteredBatch(
        kept=tuple(fix.model_copy(update={"device_at": clock.ours(fix.device_at)}) for fix in chain.kept),
        device_at=chain.kept[-1].device_at if chain.kept else None,
        dropped=dropped,
        clock=clock,
        rival=chain.rival if usable else rival,
        jumped=bool(chain.kept) and any(anchor.is_last for anchor in anchors) and not chain.goes_on,
    )


def _compared(last_at: datetime | None, before: DeviceClock, clock: DeviceClock) -> datetime | None:
    """Return the device's time of its last position, converted to its present clock if that was set meanwhile."""
    if last_at is None or not clock.was_changed_since(before):
        return last_at
    try:
        return clock.theirs(before.ours(last_at))
    except OverflowError:
        return None


def _anchors(known: Position | None, last_at: datetime | None, rival: Rival | None) -> list[Anchor]:
    if known is None:
        return []
    found = []
    if known.is_said or last_at is None:
        said = known.fix.model_copy(update={"accuracy_m": SAID_REACH_M})
        found.append(Anchor(said, SAID_WEIGHT, is_ordered=False))
    else:
        found.append(Anchor(known.fix.model_copy(update={"device_at": last_at}), ANCHOR_WEIGHT, is_last=True))
    if rival:
        found.append(Anchor(rival.fix, rival.agreed))
    return found


class Chain(NamedTuple):
    """A chain of readings, each of which can be reached from the one before.

    Parameters
    ----------
    rival : Rival or None
        The last reading of the heaviest chain among those left out; that chain may win with a later batch.
    goes_on : bool
        True if the chain begins at the last known position.
    """

    kept: tuple[Fix, ...]
    rival: Rival | None
    goes_on: bool


def agreeing(anchors: Sequence[Anchor], fixes: Sequence[Fix]) -> Chain:
    """Return the heaviest chain of readings; it may begin at an anchor.

    The chain is the longest path through the readings in their order, each of which counts 1. The time is O(n) without
    jumps, and O(n²) with them.
    """
    nodes = [*anchors, *(Anchor(fix, 1.0) for fix in fixes)]
    first, weights, came_from = len(anchors), [node.weight for node in nodes], [-1] * len(nodes)
    goes_on = [node.is_last for node in nodes]
    most = max(weights, default=0.0)
    for number in range(first, len(nodes)):
        for earlier in range(number - 1, -1, -1):
            if weights[earlier] + 1 <= weights[number]:
                continue
            if _reaches(nodes[earlier], nodes[number]):
                weights[number], came_from[number] = weights[earlier] + 1, earlier
                goes_on[number] = goes_on[earlier]
            if weights[number] > most:
                break  # no earlier reading can make it heavier
        most = max(most, weights[number])
    if not nodes:
        return Chain((), None, goes_on=False)
    end = max(range(len(nodes)), key=lambda number: (weights[number], goes_on[number], number))
    on = goes_on[end]
    kept = set()
    while end >= first:
        kept.add(end)
        end = came_from[end]
    left = [number for number in range(first, len(nodes)) if number not in kept]
    rival = None
    if left:
        best = max(left, key=lambda number: (weights[number], number))
        rival = Rival(fix=nodes[best].fix, agreed=min(ANCHOR_WEIGHT, int(weights[best])))
    return Chain(tuple(nodes[number].fix for number in sorted(kept)), rival, on)


def _reaches(before: Anchor, after: Anchor) -> bool:
    """Return whether a vehicle can get from one reading to another in the time between them."""
    elapsed = (after.fix.device_at - before.fix.device_at).total_seconds()
    if before.is_ordered and elapsed <= 0:
        return False
    reach_m = MAX_SPEED_MPS * max(elapsed, 0.0) + after.fix.accuracy_m + before.fix.accuracy_m
    return distance_m(before.fix.point, after.fix.point) <= reach_m
