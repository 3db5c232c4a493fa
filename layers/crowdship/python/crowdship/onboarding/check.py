"""The background check of an applicant: who has to act, and when something may be decided against them.

The law lets nobody be refused because of a report before they were told of it with a copy, and had time to dispute it
(Fair Credit Reporting Act, 15 U.S.C. 1681b(b)(3)). A machine decides nothing here: it orders, tells and waits.
"""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Value
from crowdship.kernel.workdays import business_days_after

MOST_HEARD = 20
"""Messages of a provider that are recognised when they come again."""

REPORT_WITHIN = timedelta(days=7)
"""Time after which staff are told that a provider has not reported."""

END_OF_DAY = time(12, tzinfo=UTC)
"""Noon in UTC of the next day: by then the day has ended everywhere in the United States, also in Hawaii."""


class CheckState(StrEnum):
    """States of a background check.

    ``awaited``: not ordered yet. ``ordered``: the provider works. ``clear``: nothing stands against the applicant.
    ``flagged``: the provider reported something, and the applicant is to be told. ``noticed``: they were told, and the
    wait runs. ``disputed``: they dispute the report, and nothing runs. ``due``: a person decides. ``adverse``: a person
    decided against them.
    """

    AWAITED = "awaited"
    ORDERED = "ordered"
    CLEAR = "clear"
    FLAGGED = "flagged"
    NOTICED = "noticed"
    DISPUTED = "disputed"
    DUE = "due"
    ADVERSE = "adverse"


class Result(StrEnum):
    """Results that a provider reports."""

    CLEAR = "clear"
    CONSIDER = "consider"


UNDECIDED = frozenset({CheckState.FLAGGED, CheckState.NOTICED, CheckState.DISPUTED, CheckState.DUE})
"""States in which a report stands against the applicant and nobody has decided."""

DISPUTABLE = frozenset({CheckState.NOTICED, CheckState.DUE})
ENDED = frozenset({CheckState.CLEAR, CheckState.ADVERSE})


def decision_from(noticed_at: datetime, business_days: int) -> datetime:
    """Return the earliest moment of a decision against somebody who was told at a moment.

    The day of the notice does not count. The last day has to end first, wherever in the United States they live.

    Parameters
    ----------
    business_days : int
        The wait that the law of their place demands.

    Examples
    --------
    >>> from crowdship.kernel.clock import written
    >>> written(decision_from(datetime(2026, 11, 30, 18, tzinfo=UTC), 5))
    '2026-12-08T12:00:00Z'
    """
    last = business_days_after(noticed_at.astimezone(UTC).date(), business_days)
    return datetime.combine(last + timedelta(days=1), END_OF_DAY)


class BackgroundCheck(Value):
    """A background check.

    Parameters
    ----------
    number : int
        Which order at the provider this is; 0 before the first.
    provider_id : str or None
        The provider's id of it; None until the provider has answered the order.
    overdue : bool
        Whether staff were told that the provider has not reported.
    decide_from : datetime or None
        The earliest moment of a decision against the applicant.
    heard : tuple of str
        The latest messages that brought a report; a provider sends one again until it hears our answer.
    by : str or None
        The person who decided; None if the provider's report alone cleared it.
    """

    state: CheckState = CheckState.AWAITED
    number: int = 0
    ordered_at: Moment | None = None
    provider_id: str | None = None
    overdue: bool = False
    reported_at: Moment | None = None
    heard: tuple[str, ...] = ()
    noticed_at: Moment | None = None
    decide_from: Moment | None = None
    disputed_at: Moment | None = None
    by: str | None = None
    decided_at: Moment | None = None

    def _with(self, **changes: object) -> Self:
        return self.model_copy(update=changes)

    def order(self, now: datetime) -> Self:
        """Return it as ordered anew.

        Raises
        ------
        Conflict
            If a report is in already.
        """
        if self.state not in (CheckState.AWAITED, CheckState.ORDERED):
            raise Conflict("reported_already", f"The check is {self.state}; only one without a report is ordered anew.")
        return self._with(
            state=CheckState.ORDERED, number=self.number + 1, ordered_at=now, provider_id=None, overdue=False
        )

    def report(self, number: int, provider_id: str, result: Result, now: datetime, message: str | None = None) -> Self:
        """Return it with a report; itself if the same report came before.

        A message that was heard before says nothing new: it came before the applicant disputed the report, and must
        not end the dispute.

        Raises
        ------
        Conflict
            If the report is about another check, or contradicts one that came before.
        """
        if number != self.number or self.provider_id not in (None, provider_id):
            detail = (
                f"The report is about order {number} with id {provider_id}; order {self.number} is the present one."
            )
            raise Conflict("another_check", detail)
        if self.state is CheckState.DISPUTED and message is not None and message in self.heard:
            return self
        if self.state in (CheckState.ORDERED, CheckState.DISPUTED):
            state = CheckState.CLEAR if result is Result.CLEAR else CheckState.FLAGGED
            heard = (*self.heard, message)[-MOST_HEARD:] if message else self.heard
            return self._with(state=state, reported_at=now, provider_id=provider_id, decide_from=None, heard=heard)
        said = Result.CLEAR if self.state is CheckState.CLEAR and self.by is None else Result.CONSIDER
        if result is not said:
            detail = f"A report said {said} before; send another one only while the applicant disputes it."
            raise Conflict("reported_already", detail)
        return self

    def notice(self, now: datetime, business_days: int) -> Self:
        """Return it after the applicant was told; itself if there is nothing to tell."""
        if self.state is not CheckState.FLAGGED:
            return self
        decide_from = decision_from(now, business_days)
        return self._with(state=CheckState.NOTICED, noticed_at=now, decide_from=decide_from)

    def end_wait(self, now: datetime) -> Self:
        """Return it as waiting for a person, once the wait is over."""
        over = self.state is CheckState.NOTICED and self.decide_from is not None and now >= self.decide_from
        return self._with(state=CheckState.DUE) if over else self

    def dispute(self, now: datetime) -> Self:
        """Return it as disputed, with which the wait stops; itself if it is disputed already.

        Raises
        ------
        Conflict
            If there is no report to dispute, or a person has decided.
        """
        if self.state is CheckState.DISPUTED:
            return self
        if self.state not in DISPUTABLE:
            raise Conflict("nothing_to_dispute", f"The check is {self.state}; only a report that you were told of is.")
        return self._with(state=CheckState.DISPUTED, disputed_at=now, decide_from=None)

    def uphold(self) -> Self:
        """Return it after a dispute that changed nothing: the applicant is told anew, and has the whole wait again.

        Raises
        ------
        Conflict
            If nothing is disputed.
        """
        if self.state is not CheckState.DISPUTED:
            raise Conflict("not_disputed", f"The check is {self.state}; nothing is disputed.")
        return self._with(state=CheckState.FLAGGED)

    def go_on(self, by: str, now: datetime) -> Self:
        """Return it cleared by a person, in spite of a report.

        Raises
        ------
        Conflict
            If there is no report to decide about, or somebody decided before.
        """
        self._must_be_undecided()
        return self._with(state=CheckState.CLEAR, by=by, decided_at=now)

    def refuse(self, by: str, now: datetime) -> Self:
        """Return it decided by a person against the applicant.

        Raises
        ------
        Conflict
            If there is no report to decide about, somebody decided before, or the wait after the notice is not over.
        """
        self._must_be_undecided()
        ended = self.end_wait(now)
        if ended.state is not CheckState.DUE:
            until = f"from {self.decide_from:%Y-%m-%d %H:%M} UTC on" if self.decide_from else "after notice and wait"
            raise Conflict("wait_not_over", f"The check is {self.state}; it may be decided against them {until}.")
        return ended._with(state=CheckState.ADVERSE, by=by, decided_at=now)

    def _must_be_undecided(self) -> None:
        if self.state in ENDED:
            who = f"{self.by} decided at {self.decided_at}" if self.by else "the report found nothing"
            raise Conflict("already_decided", f"The check is {self.state}: {who}.")
        if self.state not in UNDECIDED:
            raise Conflict("nothing_reported", f"The check is {self.state}; there is no report to decide about.")
