"""Hours on duty, and the limit that some laws set to them within 24 hours. Pure.

Examples
--------
>>> from datetime import UTC
>>> eight = datetime(2026, 6, 1, 8, tzinfo=UTC)
>>> limit = DrivingLimit(hours=12, rest_hours=6)
>>> str(may_drive_until((), eight, limit))
'2026-06-01 20:00:00+00:00'
>>> morning = Spell(since=datetime(2026, 6, 1, tzinfo=UTC), until=datetime(2026, 6, 1, 5, tzinfo=UTC))
>>> str(may_drive_until((morning,), eight, limit))
'2026-06-01 15:00:00+00:00'
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value

DAY = timedelta(hours=24)
"""The span in which hours are counted."""

MOST_SPELLS = 48
"""The most spells that are kept; of more, the two oldest count as one with the time between them."""


class Spell(Value):
    """A time for which a driver was on duty."""

    since: Moment
    until: Moment


class DrivingLimit(Value):
    """The most hours on duty within 24 hours, counted anew after an uninterrupted rest."""

    hours: int
    rest_hours: int


def with_spell(spells: Iterable[Spell], spell: Spell) -> tuple[Spell, ...]:
    """Return the spells that may still count, with one that just ended."""
    kept = [*(one for one in spells if one.until > spell.until - DAY), spell]
    if len(kept) > MOST_SPELLS:
        kept[:2] = [Spell(since=kept[0].since, until=kept[1].until)]
    return tuple(kept)


def may_drive_until(spells: Sequence[Spell], since: datetime, limit: DrivingLimit) -> datetime:
    """Return the moment at which a driver who stays on duty reaches the limit; ``since`` if it is reached already.

    Parameters
    ----------
    spells : sequence of Spell
        Earlier times on duty, the oldest first.
    since : datetime
        When the present duty began.
    """
    counted = _since_rest(spells, since, timedelta(hours=limit.rest_hours))
    left = timedelta(hours=limit.hours) - sum((_within(one, since - DAY) for one in counted), timedelta())
    if left <= timedelta():
        return since
    now = since
    for spell in counted:
        leaves = max(now, spell.since + DAY)
        if left <= leaves - now:
            break
        left -= leaves - now
        # While it leaves the last 24 hours, as much goes as comes, and nothing of the limit is used up.
        now = max(leaves, spell.until + DAY)
    return now + left


def rested_at(spells: Sequence[Spell], limit: DrivingLimit) -> datetime | None:
    """Return when the rest after the last spell is over, from which hours are counted anew; None without a spell."""
    return spells[-1].until + timedelta(hours=limit.rest_hours) if spells else None


def _since_rest(spells: Sequence[Spell], since: datetime, rest: timedelta) -> list[Spell]:
    """Return the spells after the last rest before a moment."""
    counted: list[Spell] = []
    begins = since
    for spell in reversed(spells):
        if begins - spell.until >= rest:
            break
        counted.insert(0, spell)
        begins = spell.since
    return counted


def _within(spell: Spell, beginning: datetime) -> timedelta:
    return max(timedelta(), spell.until - max(spell.since, beginning))
