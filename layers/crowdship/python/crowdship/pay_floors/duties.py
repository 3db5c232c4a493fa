"""Time on duty, read from the events by which drivers go on and off duty. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import DomainEvent, Value
from crowdship.pay_floors.work import Span

LONGEST_DUTY = timedelta(days=2)
"""A duty that began longer ago than this is not looked for."""


class DutyChange(Value):
    """A driver went on duty, or off duty.

    Parameters
    ----------
    jurisdictions : tuple of str
        Codes of the schemes that count time on duty in the zone.
    """

    driver_id: str
    zone_id: str
    at: Moment
    sequence: int
    is_on: bool
    jurisdictions: tuple[str, ...]

    @classmethod
    def of(cls, event: DomainEvent, jurisdictions: Iterable[str]) -> "DutyChange":
        """Return the change that a ``driver.on_duty`` or ``driver.off_duty`` tells."""
        return cls(
            driver_id=event.data["driver_id"],
            zone_id=event.data["zone_id"],
            at=event.time,
            sequence=event.sequence,
            is_on=event.type == "driver.on_duty",
            jurisdictions=tuple(jurisdictions),
        )


def duties_in(changes: Iterable[DutyChange], jurisdiction: str, ends: datetime) -> list[Span]:
    """Return the spans on duty where a jurisdiction counts them; one that is not over goes on until ``ends``.

    Parameters
    ----------
    changes : iterable of DutyChange
        Of one driver, in any order.
    """
    spans: list[Span] = []
    since: datetime | None = None
    for change in sorted(changes, key=lambda one: one.sequence):
        if since is not None:
            spans.append(Span(since, max(since, change.at)))
            since = None
        if change.is_on and jurisdiction in change.jurisdictions:
            since = change.at
    if since is not None and since < ends:
        spans.append(Span(since, ends))
    return spans
