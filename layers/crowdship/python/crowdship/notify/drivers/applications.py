"""Letters to applicants: before and after a decision because of a report, and the end of an application.

Both letters about a report have a copy of it and the rights, as the Fair Credit Reporting Act demands (15 U.S.C.
1681b(b)(3) and 1681m). They are due however late they are.
"""

from datetime import date, datetime
from typing import Any, Self

from crowdship.kernel.clock import written
from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Facts, Notice, always
from crowdship.onboarding.application import Application, ApplicationRefusal
from crowdship.onboarding.check import CheckState
from crowdship.onboarding.report import ReportView
from crowdship.vault.applicants import ReportedRecord


class ApplicationFacts(Facts):
    """Fields of a letter about an application.

    Parameters
    ----------
    records : tuple of ReportedRecord
        The copy of the report.
    decide_on : date or None
        The first day on which may be decided.
    assessment : str or None
        How the record was assessed, in the words of the person who did.
    """

    provider: str | None = None
    records: tuple[ReportedRecord, ...] = ()
    decide_on: date | None = None
    assessment: str | None = None
    reason: str | None = None

    @classmethod
    def of(cls, event: DomainEvent, report: ReportView | None) -> Self:
        """Return the fields of an event, with the report that stands against the applicant."""
        moment = event.data["decide_from"]
        reason = event.data["reason"]
        return cls(
            provider=report and report.provider,
            records=report.records if report else (),
            decide_on=datetime.fromisoformat(moment).date() if moment else None,
            assessment=report and report.assessment,
            reason=reason.replace("_", " ") if reason else None,
        )


def is_noticed(event: DomainEvent, application: Application, now: datetime) -> bool:
    """Return whether the wait of a notice still runs: a dispute or a decision has come first otherwise.

    A notice before a dispute that was upheld names a day on which nothing may be decided any more.
    """
    check = application.check
    if check.state not in (CheckState.NOTICED, CheckState.DUE) or check.decide_from is None:
        return False
    return bool(event.data["decide_from"] == written(check.decide_from))


def _adverse(event: DomainEvent) -> bool:
    return bool(event.data["reason"] == ApplicationRefusal.BACKGROUND_CHECK)


def _other(event: DomainEvent) -> bool:
    return not _adverse(event)


def _letter(name: str, event: str, concerns: Any = always, due: Any = always) -> Notice[Application]:
    return Notice(
        name=name,
        event=event,
        audience=Audience.DRIVER,
        channels=(Channel.EMAIL, Channel.SMS),
        concerns=concerns,
        is_due=due,
    )


PRE_ADVERSE = _letter("pre_adverse", "application.pre_adverse", due=is_noticed)
ADVERSE = _letter("adverse", "application.refused", _adverse)
REFUSED = _letter("application_refused", "application.refused", _other)
APPROVED = _letter("application_approved", "application.approved")

LETTERS = (PRE_ADVERSE, ADVERSE, REFUSED, APPROVED)
"""All of them."""
