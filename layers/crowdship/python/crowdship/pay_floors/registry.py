"""Schemes: the places whose law sets a floor for earnings, each with its pay periods and its reckoning.

A new one is a module with ``CODE``, ``counted`` and ``reckon``, and an entry here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from crowdship.law.book import Book
from crowdship.pay_floors import nyc, prop22, seattle
from crowdship.pay_floors.periods import Calendar, Period
from crowdship.pay_floors.steps import Reckoning
from crowdship.pay_floors.work import Span, Work, union


@dataclass(frozen=True)
class Scheme:
    """A floor for earnings.

    Parameters
    ----------
    title : str
        Name for people.
    calendar : Calendar
        Its pay periods.
    counted : callable
        Returns the work that it covers.
    reckon : callable
        Returns what a driver earns at least by their work of a period, without the moments that count in an earlier
        one; None if nothing counts.
    counts_on_call : bool
        Whether all drivers together are compared as well, with the time in which they waited for work.
    """

    title: str
    calendar: Calendar
    counted: Callable[[Iterable[Work]], list[Work]]
    reckon: Callable[[Iterable[Work], Period, Calendar, Book, Sequence[Span]], Reckoning | None]
    counts_on_call: bool = False

    @property
    def jurisdiction(self) -> str:
        """Code of the place."""
        return self.calendar.jurisdiction

    def taken_before(self, works: Iterable[Work], period: Period) -> list[Span]:
        """Return the moments that count in earlier periods, because covered work that has them ended there.

        Deliveries of one trip may end in two periods; no minute of it counts in both.
        """
        earlier = self.counted(work for work in works if work.until < period.begins)
        return union(span for work in earlier for span in work.spans_in(self.jurisdiction))


SCHEMES: Mapping[str, Scheme] = {
    scheme.jurisdiction: scheme
    for scheme in (
        Scheme(
            "Proposition 22",
            # Uber's periods begin on Mondays at 4 a.m.; the law leaves their length to the platform.
            Calendar(prop22.CODE, "America/Los_Angeles", at=time(4)),
            prop22.counted,
            prop22.reckon,
        ),
        Scheme(
            "New York City minimum pay",
            Calendar(nyc.CODE, "America/New_York"),
            nyc.counted,
            nyc.reckon,
            counts_on_call=True,
        ),
        Scheme(
            "Seattle minimum pay",
            Calendar(seattle.CODE, "America/Los_Angeles"),
            seattle.counted,
            seattle.reckon,
        ),
    )
}
"""All schemes by jurisdiction."""


def schemes_of(works: Iterable[Work]) -> list[Scheme]:
    """Return the schemes that cover some of a driver's work."""
    listed = list(works)
    return [scheme for scheme in SCHEMES.values() if scheme.counted(listed)]


def schemes_in(jurisdictions: Iterable[str]) -> list[Scheme]:
    """Return the schemes of some jurisdictions."""
    return [SCHEMES[code] for code in dict.fromkeys(jurisdictions) if code in SCHEMES]
