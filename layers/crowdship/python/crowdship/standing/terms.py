"""Terms of a decision by law: days of notice, reasons, time to appeal and to answer. Pure.

A law that says nothing leaves the terms that crowdship keeps everywhere.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from crowdship.kernel.events import Value
from crowdship.law.book import LAW, Book

OUR_NOTICE_DAYS = 3
"""Days before a suspension or deactivation takes effect where no law says more."""

OUR_APPEAL_DAYS = 30
"""Days in which a driver may appeal."""

OUR_ANSWER_DAYS = 14
"""Days in which an appeal is answered where no law says less."""

REVIEW_DAYS = 5
"""Days in which a person reviews an emergency suspension; else it lifts."""


class Term(Value):
    """A number of days, with the jurisdiction and source that ask for it; both None if it is crowdship's own."""

    days: int
    jurisdiction: str | None = None
    source: str | None = None


class Terms(Value):
    """Terms of a decision.

    Parameters
    ----------
    notice : Term
        Days between serving and effect of what bars the driver.
    policy : Term
        Days for which a policy has to have been published.
    answer : Term
        Days in which an appeal is answered.
    jurisdictions : tuple of str
        Where the driver is at home, the widest first.
    """

    notice: Term
    policy: Term
    answer: Term
    appeal_days: int = OUR_APPEAL_DAYS
    jurisdictions: tuple[str, ...] = ()


def terms_in(jurisdictions: Sequence[str], at: datetime, law: Book = LAW) -> Terms:
    """Return the terms of a decision that is made at a moment about a driver who is at home in some jurisdictions."""
    return Terms(
        notice=_term("deactivation_notice_days", jurisdictions, at, law, OUR_NOTICE_DAYS, least=True),
        policy=_term("deactivation_policy_days", jurisdictions, at, law, 0, least=True),
        answer=_term("review_days", jurisdictions, at, law, OUR_ANSWER_DAYS, least=False),
        jurisdictions=tuple(jurisdictions),
    )


def _term(rule: str, where: Sequence[str], at: datetime, law: Book, ours: int, *, least: bool) -> Term:
    """Return the days of a rule, or ours if these are kinder to the driver or no law says any."""
    found = law.strictest(rule, where, at)
    if found is None or (found.number < ours if least else found.number > ours):
        return Term(days=ours)
    return Term(days=found.number, jurisdiction=found.jurisdiction, source=found.source)


LAST_TO_BEGIN = timezone(timedelta(hours=-12))
FIRST_TO_BEGIN = timezone(timedelta(hours=14))
"""Offsets of the places where a day begins last and first: a driver's day is that of where they work."""


def effective_on(served_at: datetime, days: int) -> date:
    """Return the first day that begins nowhere before so many whole days have passed since a notice was served.

    Examples
    --------
    >>> str(effective_on(datetime(2026, 12, 2, 10, 0, tzinfo=UTC), 14))
    '2026-12-17'
    >>> str(effective_on(datetime(2026, 12, 2, 10, 1, tzinfo=UTC), 14))
    '2026-12-18'
    """
    ends = (served_at + timedelta(days=days)).astimezone(FIRST_TO_BEGIN)
    midnight = ends.replace(hour=0, minute=0, second=0, microsecond=0)
    return (ends if midnight == ends else ends + timedelta(days=1)).date()


def begun_everywhere(now: datetime) -> date:
    """Return a day that has begun everywhere, for what counts at once."""
    return now.astimezone(LAST_TO_BEGIN).date()


def begins(day: date, time_zone: str) -> datetime:
    """Return the moment at which a day begins in a time zone.

    Examples
    --------
    >>> begins(date(2026, 6, 16), "America/Los_Angeles").isoformat()
    '2026-06-16T07:00:00+00:00'
    """
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def day_of(moment: datetime, time_zone: str) -> date:
    """Return the day that a moment is in in a time zone."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
