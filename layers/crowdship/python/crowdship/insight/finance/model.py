"""Settings of finance's mails, and a run: one mail about one period. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.hours import LocalTime, TimeZone, Weekday
from crowdship.kernel.ids import derived_id
from crowdship.kernel.language import Language
from crowdship.vault.model import Email

MOST_RECIPIENTS = 20

SETTINGS_ID = "finance_mails"


class MailKind(StrEnum):
    """The mails that finance can have."""

    FLASH = "flash"
    """Each day: how the last day went."""

    WEEKLY = "weekly"
    """Each week: what merchants owe, drivers earned and was paid."""

    MONTH = "month"
    """Each month: the trial balance, compared with the month before."""

    EXCEPTIONS = "exceptions"
    """Things that need somebody; nothing is sent if nothing does."""


class MailPlan(Value):
    """Recipients and time of one mail.

    Parameters
    ----------
    time, time_zone : time, str
        Time on the wall at which it is sent. A time that a change of the clocks leaves out is read with the offset
        before the change; one that comes twice counts at its first passing.
    weekday : Weekday
        Of the weekly mail; the others don't use it.
    day_of_month : int
        Of the mail about a month; the others don't use it.
    at_once : bool
        Whether exceptions are told within a quarter of an hour too, and not only at the time; the others don't use it.
    """

    enabled: bool = True
    recipients: tuple[Email, ...] = Field(default=(), max_length=MOST_RECIPIENTS)
    time: LocalTime = Field(examples=["07:00"])
    time_zone: TimeZone = Field(examples=["America/Chicago"])
    weekday: Weekday = Weekday.MONDAY
    day_of_month: int = Field(default=2, ge=1, le=28)
    language: Language = Language.ENGLISH
    at_once: bool = True

    @model_validator(mode="after")
    def _sent_to_somebody(self) -> Self:
        if self.enabled and not self.recipients:
            raise ValueError("an enabled mail needs a recipient; add one, or disable it")
        if len({address.lower() for address in self.recipients}) < len(self.recipients):
            raise ValueError("a recipient is named twice; name each once")
        return self


class MailPlans(Value):
    """The plan of each mail."""

    flash: MailPlan
    weekly: MailPlan
    month: MailPlan
    exceptions: MailPlan

    def of(self, kind: MailKind) -> MailPlan:
        """Return the plan of a mail."""
        plan: MailPlan = getattr(self, kind.value)
        return plan

    @classmethod
    def usual(cls, recipient: str) -> Self:
        """Return plans by which one recipient gets every mail at seven (UTC)."""
        plan = MailPlan.model_validate({"recipients": [recipient], "time": "07:00", "time_zone": "UTC"})
        return cls(flash=plan, weekly=plan, month=plan, exceptions=plan)


class MailSettings(Aggregate):
    """The plans, with the moments since which the mails are enabled: nothing that was due earlier is sent.

    Parameters
    ----------
    since : dict
        By mail; a disabled one has none.
    changed_by : str or None
        Sign-in name of the person who changed the plans last.
    """

    plans: MailPlans
    since: dict[MailKind, Moment]
    changed_by: str | None = None
    changed_at: Moment | None = None

    @classmethod
    def first(cls, recipient: str, now: datetime) -> Self:
        """Return the settings that hold until somebody changes them."""
        return cls(id=SETTINGS_ID, plans=MailPlans.usual(recipient), since=dict.fromkeys(MailKind, now))

    def changed(self, plans: MailPlans, by: str, now: datetime) -> Self:
        """Return the settings with other plans; a mail that was enabled before is enabled since then."""
        enabled = [kind for kind in MailKind if plans.of(kind).enabled]
        since = {kind: self.since.get(kind, now) for kind in enabled}
        return self.with_changes(plans=plans, since=since, changed_by=by, changed_at=now)


class RunState(StrEnum):
    """States of a run."""

    WAITING = "waiting"
    SENT = "sent"
    NOTHING = "nothing"
    """There was nothing to tell."""


LEASE = timedelta(minutes=10)
"""Wall time for which a sender holds a run: longer than the function may take."""

ASKED_AGAIN = timedelta(minutes=60)
"""Time after which a run that was neither sent nor given up is queued again."""


class MailTask(Value):
    """A message on the queue: a mail to be written and sent.

    Parameters
    ----------
    first, last : date
        Days (UTC) that it is about.
    slot : str or None
        The quarter of an hour whose exceptions are told at once.
    test_to : str or None
        The recipient of a test, which changes no run.
    """

    kind: MailKind
    first: Day
    last: Day
    due_at: Moment
    slot: str | None = None
    test_to: Email | None = None

    @property
    def run_id(self) -> str:
        """Id of the run: one for a mail and its period, however often it is planned."""
        return derived_id("mlr", self.kind, self.first.isoformat(), self.slot or "")


class MailRun(Aggregate):
    """One mail about one period.

    Parameters
    ----------
    asked_at : datetime
        When it was put on the queue last.
    held_until : datetime or None
        Until when a sender holds it.
    attempts : int
        Senders that held it.
    late_by : int
        Minutes after the due moment at which it was sent.
    error : str or None
        Code of the last refusal.
    """

    task: MailTask
    state: RunState = RunState.WAITING
    asked_at: Moment
    held_until: Moment | None = None
    attempts: int = 0
    sent_at: Moment | None = None
    late_by: int = 0
    recipients: tuple[str, ...] = ()
    exceptions: int = 0
    error: str | None = None

    @classmethod
    def of(cls, task: MailTask, now: datetime) -> Self:
        """Return the run of a task that is queued now."""
        return cls(id=task.run_id, task=task, asked_at=now)

    @property
    def due_at(self) -> datetime:
        """The due moment."""
        return self.task.due_at

    def is_forgotten(self, now: datetime) -> bool:
        """Return whether it waits although it was queued long ago."""
        return self.state is RunState.WAITING and now - self.asked_at >= ASKED_AGAIN

    def held(self, now: datetime) -> Self | None:
        """Return the run as one sender holds it from now on; None if it is done, or another one holds it."""
        if self.state is not RunState.WAITING or (self.held_until and now < self.held_until):
            return None
        return self.with_changes(held_until=now + LEASE, attempts=self.attempts + 1)

    def done(self, recipients: tuple[str, ...], exceptions: int, now: datetime) -> Self:
        """Return the run after it was sent, or after it turned out that there is nothing to tell."""
        return self.with_changes(
            state=RunState.SENT if recipients else RunState.NOTHING,
            sent_at=now,
            late_by=max(0, int((now - self.due_at).total_seconds() // 60)),
            recipients=recipients,
            exceptions=exceptions,
            held_until=None,
            error=None,
        )

    def refused(self, error: str) -> Self:
        """Return the run after the provider did not accept it: the next sender may hold it at once."""
        return self.with_changes(held_until=None, error=error)


class TestRequest(Value):
    """A mail that is sent at once as a test, about the last period that is over.

    Parameters
    ----------
    to : str
        One of the mail's recipients: a test opens nobody a new way to these figures.
    """

    __test__ = False  # no test of pytest

    mail: MailKind
    to: Email


def span_days(first: date, last: date) -> tuple[date, ...]:
    """Return the days from one to another.

    Examples
    --------
    >>> [day.day for day in span_days(date(2026, 2, 27), date(2026, 3, 1))]
    [27, 28, 1]
    """
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))
