"""Close of a month: who locked it when, its totals, and the hash of its balances."""

import hashlib
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate, Value
from crowdship.settlement.balances.model import GroupTotal
from crowdship.settlement.sums import Sheet

_MONTH = re.compile(r"2[0-9]{3}-(0[1-9]|1[0-2])")


def _a_month(text: str) -> str:
    if not _MONTH.fullmatch(text):
        raise ValueError("a month is a year from 2000 on and a number of 01 to 12, for example 2026-03")
    return text


Month = Annotated[str, AfterValidator(_a_month)]
"""A month of UTC days, written 2026-03."""


def days_of(month: str) -> list[date]:
    """Return the days of a month.

    Examples
    --------
    >>> len(days_of("2028-02")), days_of("2026-12")[-1]
    (29, datetime.date(2026, 12, 31))
    """
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return [first + timedelta(days=number) for number in range((following - first).days)]


class DayHash(Value):
    """A day and the hash of its balances."""

    day: date
    hash: str


def hash_of(days: Iterable[DayHash]) -> str:
    """Return the SHA-256 over the hashes of a month's days, in their order.

    Examples
    --------
    >>> one, other = DayHash(day=date(2026, 3, 1), hash="a"), DayHash(day=date(2026, 3, 2), hash="b")
    >>> hash_of([one, other]) == hash_of([other, one]), hash_of([one]) == hash_of([one, other])
    (True, False)
    """
    lines = sorted(f"{one.day} {one.hash}\n" for one in days)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


class MonthClose(Aggregate):
    """A month that is closed for good; it is written once and never changed.

    Parameters
    ----------
    postings : int
        How many its days have.
    groups : tuple of GroupTotal
        What its days booked on each kind of account, per currency.
    hash : str
        Over the stored balances of all its days; the same as long as nobody changed one.
    """

    month: Month
    closed_at: Moment
    closed_by: str
    postings: int
    groups: tuple[GroupTotal, ...]
    hash: str = Field(description="SHA-256 over the hashes of its days' balances")

    @classmethod
    def of(cls, month: str, by: str, now: datetime, postings: int, groups: Sheet, days: Iterable[DayHash]) -> Self:
        """Return the close of a month, with its event.

        Raises
        ------
        Conflict
            ``month_not_over`` until its last day is over.
        """
        if now.date() <= (last := days_of(month)[-1]):
            detail = f"{month} ends with {last}; it can be closed from {last + timedelta(days=1)}T00:00:00Z on."
            raise Conflict("month_not_over", detail)
        closed = cls(
            id=f"MONTH#{month}",
            month=month,
            closed_at=now,
            closed_by=by,
            postings=postings,
            groups=tuple(GroupTotal.of(key, columns) for key, columns in sorted(groups.items())),
            hash=hash_of(days),
        )
        told = closed.model_dump(mode="json", include={"month", "closed_at", "postings", "hash"})
        return closed.emitting("month.closed", now, told)
