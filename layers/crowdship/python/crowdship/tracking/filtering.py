"""Which of a phone's readings count: each is read on its own, and those that agree with each other win."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from pydantic import WrapValidator

from crowdship.kernel.devices import LONGEST_OFFLINE, DeviceClock, newest_of, number_of, place_of, time_of
from crowdship.kernel.geo import distance_m
from crowdship.tracking.model import MAX_ACCURACY_M, MAX_BEHIND, MAX_SPEED_MPS, Fix, Position, Rival, TimeOff

ANCHOR_WEIGHT = 2
"""The last position counts for as many readings as this; more of them that agree with each other win against it."""

SAID_WEIGHT = 0.5
"""The place where a driver says they begin a duty decides only between readings that are equally many."""

SAID_REACH_M = MAX_SPEED_MPS * MAX_BEHIND.total_seconds()
"""A first reading may be this far from that place: the device's clock is not known yet."""

MAX_SPEED_STATED_MPS = 200.0
"""A stated speed above this is none."""

DEFAULT_ACCURACY_M = 10.0
"""The accuracy of a reading that states none."""


class Unusable(NamedTuple):
    """A reading that can't be used, and why."""

    reason: str


def read(value: Any) -> Fix | Unusable:
    """Return one reading of a phone; what is wrong in it costs nothing but itself.

    A speed that can't be is left out, as -1 means that it is not known. An accuracy below 0 means that the place is
    not known, so the reading tells nothing. Fields that nobody described are ignored.
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


class Sifted(NamedTuple):
    """The rest of a batch once unusable readings are left out.

    Parameters
    ----------
    kept : tuple of Fix
        In order, by our clock.
    device_at : datetime or None
        The device's own time of the newest that is kept.
    dropped : dict
        How many others there were, by reason.
    jumped : bool
        Whether the last position gave way to readings that agree with each other somewhere else.
    """

    kept: tuple[Fix, ...]
    device_at: datetime | None
    dropped: dict[str, int]
    clock: DeviceClock
    rival: Rival | None
    jumped: bool


class Anchor(NamedTuple):
    """The possible beginning of a chain of readings."""

    fix: Fix
    weight: float
    is_last: bool = False
    is_ordered: bool = True


def sift(
    readings: Iterable[Fix | Unusable], known: Position | None, now: datetime, time_off: TimeOff | None = None
) -> Sifted:
    """Return what a batch adds to a driver's last position.

    Left out are readings that can't be read, late and duplicate ones, those of off duty, vague ones, and jumps that no
    vehicle makes. Of two places that exclude each other the one counts on which more readings agree, so that one wrong
    position, however it came to be the last, does not refuse all that follow.
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
    return Sifted(
        kept=tuple(fix.model_copy(update={"device_at": clock.ours(fix.device_at)}) for fix in chain.kept),
        device_at=chain.kept[-1].device_at if chain.kept else None,
        dropped=dropped,
        clock=clock,
        rival=chain.rival if usable else rival,
        jumped=bool(chain.kept) and any(anchor.is_last for anchor in anchors) and not chain.goes_on,
    )


def _compared(last_at: datetime | None, before: DeviceClock, clock: DeviceClock) -> datetime | None:
    """Return the device's time of its last position, as the device would tell it now if its clock was set meanwhile."""
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
    """Readings of which each can be reached from the one before.

    Parameters
    ----------
    rival : Rival or None
        The newest of the heaviest chain among what is left out, which may win later.
    goes_on : bool
        Whether it goes on from the last position.
    """

    kept: tuple[Fix, ...]
    rival: Rival | None
    goes_on: bool


def agreeing(anchors: Sequence[Anchor], fixes: Sequence[Fix]) -> Chain:
    """Return the heaviest chain of readings, with or without an anchor to begin with.

    The longest path through the readings in their order, each of which counts 1: O(n²) where there are jumps, O(n)
    where there are none.
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
                break  # nothing before can make it heavier
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
