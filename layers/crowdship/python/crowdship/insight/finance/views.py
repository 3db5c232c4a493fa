"""Views of finance's mails, as the API takes and answers them."""

from collections.abc import Iterable
from typing import Self

from pydantic import Field

from crowdship.insight.finance.model import MailKind, MailPlans, MailRun, MailSettings, RunState, TestRequest
from crowdship.insight.finance.schedule import name_of, next_due
from crowdship.kernel.clock import Clock, Moment
from crowdship.kernel.events import Value


class FinanceMailsRequest(Value):
    """The plans of all mails, and perhaps a test of one of them."""

    plans: MailPlans
    test: TestRequest | None = Field(
        default=None, description="A mail that is sent at once to one of its recipients; no plan has to change for it"
    )


class MailRunView(Value):
    """One mail about one period.

    Parameters
    ----------
    period : str
        ``2026-11-29``, ``2026-W48``, ``2026-11``, or the quarter of an hour whose exceptions were told at once.
    late_by : int
        Minutes after the due moment at which it was sent.
    error : str or None
        Code of the provider's last refusal.
    """

    mail: MailKind
    period: str
    state: RunState
    due_at: Moment
    sent_at: Moment | None
    late_by: int
    recipients: tuple[str, ...]
    exceptions: int
    attempts: int
    error: str | None

    @classmethod
    def of(cls, run: MailRun) -> Self:
        """Return the view of a run."""
        task = run.task
        return cls(
            mail=task.kind,
            period=task.slot or name_of(task.kind, task.first),
            state=run.state,
            due_at=task.due_at,
            sent_at=run.sent_at,
            late_by=run.late_by,
            recipients=run.recipients,
            exceptions=run.exceptions,
            attempts=run.attempts,
            error=run.error,
        )


class NextMail(Value):
    """The moment at which a mail is due about the period that is not over yet."""

    mail: MailKind
    due_at: Moment


class FinanceMails(Value):
    """The plans, who changed them last, what is due next, and what was sent."""

    plans: MailPlans
    changed_by: str | None
    changed_at: Moment | None
    next: tuple[NextMail, ...]
    runs: tuple[MailRunView, ...]

    @classmethod
    def of(cls, settings: MailSettings, runs: Iterable[MailRun], clock: Clock) -> Self:
        """Return the view of settings and runs."""
        return cls(
            plans=settings.plans,
            changed_by=settings.changed_by,
            changed_at=settings.changed_at,
            next=tuple(
                NextMail(mail=kind, due_at=next_due(kind, settings.plans, clock.now())) for kind in settings.since
            ),
            runs=tuple(MailRunView.of(run) for run in runs),
        )
