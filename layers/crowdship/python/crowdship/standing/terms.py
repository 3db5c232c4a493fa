"""Terms of a decision by law: notice, reasons, time to appeal and to answer. Pure.

A law that says nothing leaves the terms that crowdship keeps everywhere.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from crowdship.kernel.clock import Moment
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


def effective_on(served_at: datetime, days: int) -> date:
    """Return the first UTC day that begins when so many whole days have passed since a notice was served.

    Examples
    --------
    >>> str(effective_on(datetime(2026, 12, 2, 1, 0, tzinfo=UTC), 14))
    '2026-12-17'
    >>> str(effective_on(datetime(2026, 12, 2, tzinfo=UTC), 14))
    '2026-12-16'
    """
    ends = served_at.astimezone(UTC) + timedelta(days=days)
    midnight = ends.replace(hour=0, minute=0, second=0, microsecond=0)
    return (ends if midnight == ends else ends + timedelta(days=1)).date()


def begins(day: date) -> Moment:
    """Return the moment at which a UTC day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
