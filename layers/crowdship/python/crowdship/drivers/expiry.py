"""Expiry of what a driver has shown: the days on which a driver is told of it, and on which work is paused. Pure.

A document counts to the end of its last day where the driver works. Its milestones are the days on which something is
due: a reminder 30, 7 and 1 days before the last day, and the day after it.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from crowdship.drivers.compliance import REQUIRED_DOCUMENTS, Document
from crowdship.drivers.credentials import Credential
from crowdship.shipment.vehicles import VehicleKind

REMIND_BEFORE = (30, 7, 1)
"""Days before the last day on which a driver is reminded."""


class Paper(NamedTuple):
    """A document or credential by name, and its last day."""

    name: str
    valid_until: date

    @property
    def milestones(self) -> tuple[date, ...]:
        """The days on which something is due, the earliest first."""
        before = (self.valid_until - timedelta(days=days) for days in REMIND_BEFORE)
        return (*before, self.valid_until + timedelta(days=1))

    def is_over(self, on: date) -> bool:
        """Return whether it counts no longer on a day."""
        return self.valid_until < on


class Due(NamedTuple):
    """Papers of a driver to tell of: those that will run out, and those that have."""

    expiring: tuple[Paper, ...]
    expired: tuple[Paper, ...]


def papers_of(documents: Iterable[Document], credentials: Iterable[Credential], vehicle: VehicleKind) -> list[Paper]:
    """Return what can run out: the documents that a vehicle needs, and the credentials that have a last day."""
    needed = REQUIRED_DOCUMENTS[vehicle]
    shown = [Paper(str(one.kind), one.valid_until) for one in documents if one.kind in needed]
    return shown + [Paper(one.name, one.valid_until) for one in credentials if one.valid_until]


def next_due(papers: Iterable[Paper], seen_on: date) -> date | None:
    """Return the next day on which something is due for a driver, None if nothing runs out any more.

    Parameters
    ----------
    seen_on : date
        The last day for which everything that was due is done.

    Examples
    --------
    >>> next_due([Paper("insurance", date(2026, 6, 30))], date(2026, 6, 1))
    datetime.date(2026, 6, 23)
    """
    return min((day for paper in papers for day in paper.milestones if day > seen_on), default=None)


def due_between(papers: Iterable[Paper], seen_on: date, today: date) -> Due:
    """Return the papers with a milestone after ``seen_on`` and up to ``today``; each is told of once, by its state now.

    Examples
    --------
    >>> paper = Paper("insurance", date(2026, 6, 30))
    >>> due_between([paper], date(2026, 5, 1), date(2026, 6, 24)).expiring == (paper,)
    True
    >>> due_between([paper], date(2026, 6, 24), date(2026, 6, 28)).expiring
    ()
    """
    touched = sorted(paper for paper in papers if any(seen_on < day <= today for day in paper.milestones))
    return Due(
        expiring=tuple(paper for paper in touched if not paper.is_over(today)),
        expired=tuple(paper for paper in touched if paper.is_over(today)),
    )
