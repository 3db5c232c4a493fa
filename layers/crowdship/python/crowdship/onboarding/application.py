"""A person's application to drive."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from crowdship.kernel.clock import Moment, written
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate, Value
from crowdship.onboarding.check import REPORT_WITHIN, UNDECIDED, BackgroundCheck, CheckState, Result

CONSENT_VERSION = "2026-11"
"""The version of the disclosure and the authorisation that applicants are shown."""


class ApplicationState(StrEnum):
    """States of an application."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


class ApplicationStage(StrEnum):
    """Lists of staff: who has to act about an open application, and those that are over."""

    FOR_STAFF = "for_staff"
    WITH_APPLICANT = "with_applicant"
    WITH_PROVIDER = "with_provider"
    APPROVED = "approved"
    REFUSED = "refused"


class ApplicationRefusal(StrEnum):
    """Reasons for which a person refuses an application.

    ``background_check`` comes of a decision about the report; the others are chosen.
    """

    BACKGROUND_CHECK = "background_check"
    DOCUMENTS_NOT_GENUINE = "documents_not_genuine"
    NOT_ELIGIBLE = "not_eligible"
    DUPLICATE = "duplicate"
    NO_ANSWER = "no_answer"


class ChosenReason(StrEnum):
    """Reasons of a refusal that is not about the background check."""

    DOCUMENTS_NOT_GENUINE = ApplicationRefusal.DOCUMENTS_NOT_GENUINE
    NOT_ELIGIBLE = ApplicationRefusal.NOT_ELIGIBLE
    DUPLICATE = ApplicationRefusal.DUPLICATE
    NO_ANSWER = ApplicationRefusal.NO_ANSWER


class Consent(Value):
    """The applicant's consent, and its moment."""

    version: str
    at: Moment


class Act(StrEnum):
    """Acts of the workflow.

    ``nothing``: a person or the provider is next, and their act starts the workflow again.
    """

    ORDER = "order"
    REMIND = "remind"
    NOTICE = "notice"
    END_WAIT = "end_wait"
    WAIT = "wait"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Next:
    """The next act of the workflow, and for ``wait`` until when."""

    act: Act
    until: datetime | None = None


class Application(Aggregate):
    """An application; what it says of the person is in the vault.

    Parameters
    ----------
    addresses : tuple of str
        Digests of the e-mail address and the phone number, to be forgotten with the person.
    shares_phone : bool
        Whether somebody else applied with the same phone number, which staff look at.
    identified_at, vehicle_at, tax_form_at, bank_account_at : datetime or None
        When the applicant gave these last.
    refusal : ApplicationRefusal or None
        Why it was refused.
    decided_by : str or None
        The person who approved or refused it.
    """

    driver_id: str
    zone_id: str
    submitted_at: Moment
    addresses: tuple[str, ...] = ()
    shares_phone: bool = False
    state: ApplicationState = ApplicationState.OPEN
    consent: Consent | None = None
    identified_at: Moment | None = None
    vehicle_at: Moment | None = None
    tax_form_at: Moment | None = None
    bank_account_at: Moment | None = None
    check: BackgroundCheck = BackgroundCheck()
    refusal: ApplicationRefusal | None = None
    decided_by: str | None = None
    decided_at: Moment | None = None

    @classmethod
    def submit(
        cls,
        id: str,
        driver_id: str,
        zone_id: str,
        now: datetime,
        *,
        addresses: tuple[str, ...] = (),
        shares_phone: bool = False,
    ) -> Self:
        """Return a new application."""
        new = cls(
            id=id,
            driver_id=driver_id,
            zone_id=zone_id,
            submitted_at=now,
            addresses=addresses,
            shares_phone=shares_phone,
        )
        return new._telling("submitted", now)

    def _telling(self, what: str, now: datetime) -> Self:
        data: dict[str, Any] = {
            "application_id": self.id,
            "driver_id": self.driver_id,
            "zone_id": self.zone_id,
            "check": self.check.state,
            "reason": self.refusal,
            "decide_from": self.check.decide_from and written(self.check.decide_from),
        }
        return self.emitting(f"application.{what}", now, data)

    def _checked(self, check: BackgroundCheck, what: str, now: datetime) -> Self:
        return self if check is self.check else self.with_changes(check=check)._telling(what, now)

    def _must_be_open(self) -> None:
        if self.state is not ApplicationState.OPEN:
            who = f" by {self.decided_by} at {self.decided_at}" if self.decided_by else ""
            raise Conflict("already_decided", f"The application was {self.state}{who}; nothing is changed any more.")

    def agree(self, version: str, now: datetime) -> Self:
        """Keep the consent to the background check; the first one counts.

        Raises
        ------
        Conflict
            If the text that was agreed to is not the present one.
        """
        self._must_be_open()
        if version != CONSENT_VERSION:
            detail = f"You agreed to version {version}; the present one is {CONSENT_VERSION}, read that."
            raise Conflict("text_changed", detail, "/version")
        return self if self.consent else self.with_changes(consent=Consent(version=version, at=now))

    def identify(self, now: datetime) -> Self:
        """Note that the applicant gave name, address and date of birth.

        Raises
        ------
        Conflict
            If the background check was ordered with them.
        """
        self._must_be_open()
        if self.check.number:
            detail = "The background check was ordered with what you gave; write to us if it is wrong."
            raise Conflict("identity_used", detail)
        return self.with_changes(identified_at=now)

    def give_vehicle(self, now: datetime) -> Self:
        """Note that the applicant described their vehicle."""
        self._must_be_open()
        return self.with_changes(vehicle_at=now)

    def give_tax_form(self, now: datetime) -> Self:
        """Note that the applicant certified their tax form; drivers may do so anew."""
        return self.with_changes(tax_form_at=now)

    def give_bank_account(self, now: datetime) -> Self:
        """Note that the applicant gave a bank account; drivers may change theirs."""
        return self.with_changes(bank_account_at=now)

    @property
    def may_be_checked(self) -> bool:
        """True if the applicant has agreed to a background check and said who they are."""
        return self.consent is not None and self.identified_at is not None

    def order_check(self, now: datetime) -> Self:
        """Order the background check; what is ordered and not taken by the provider yet is ordered as it is.

        Raises
        ------
        Conflict
            If the applicant has not agreed, or has not said who they are.
        """
        self._must_be_open()
        if not self.may_be_checked:
            raise Conflict("not_ready", "The applicant has to agree to the check and to say who they are first.")
        if self._is_under_way_to_the_provider:
            return self
        return self._checked(self.check.order(now), "check_ordered", now)

    def taken_by_provider(self, number: int, provider_id: str) -> Self:
        """Keep the provider's id of an order; itself if it is known, or another order took its place."""
        if number != self.check.number or self.check.provider_id is not None:
            return self
        return self.with_changes(check=self.check.model_copy(update={"provider_id": provider_id}))

    @property
    def reference(self) -> str:
        """Our name of the present order at the provider."""
        return f"{self.id}.{self.check.number}"

    def call_overdue(self, now: datetime, *, refused: bool = False) -> Self:
        """Tell staff that the provider has not reported in time, or that it refused the order."""
        check = self.check
        late = check.ordered_at is not None and now >= check.ordered_at + REPORT_WITHIN
        if check.state is not CheckState.ORDERED or check.overdue or not (late or refused):
            return self
        return self._checked(check.model_copy(update={"overdue": True}), "check_overdue", now)

    def report(self, number: int, provider_id: str, result: Result, now: datetime, message: str | None = None) -> Self:
        """Take in what the provider reports; a report that comes again, or after a decision, changes nothing.

        Raises
        ------
        Conflict
            If it is about another check, or contradicts an earlier one.
        """
        if self.state is not ApplicationState.OPEN:
            return self
        check = self.check.report(number, provider_id, result, now, message)
        return self._checked(check, "check_cleared" if check.state is CheckState.CLEAR else "check_flagged", now)

    def notice(self, now: datetime, business_days: int) -> Self:
        """Tell the applicant of a report that stands against them; the wait begins."""
        return self._checked(self.check.notice(now, business_days), "pre_adverse", now)

    def end_wait(self, now: datetime) -> Self:
        """Ask for a person's decision, once the wait is over."""
        return self._checked(self.check.end_wait(now), "decision_due", now)

    def dispute(self, now: datetime) -> Self:
        """Stop the wait, as the applicant disputes the report."""
        self._must_be_open()
        return self._checked(self.check.dispute(now), "disputed", now)

    def uphold(self, now: datetime) -> Self:
        """Go on with a report that was disputed: the applicant is told anew, and has the whole wait again."""
        self._must_be_open()
        return self._checked(self.check.uphold(), "check_flagged", now)

    def go_on(self, by: str, now: datetime) -> Self:
        """Clear the check by a person's decision, in spite of a report."""
        self._must_be_open()
        return self._checked(self.check.go_on(by, now), "check_cleared", now)

    def decide_against(self, by: str, now: datetime) -> Self:
        """Refuse the application because of the report, by a person's decision after notice and wait."""
        self._must_be_open()
        check = self.check.refuse(by, now)
        return self.with_changes(check=check)._refused(ApplicationRefusal.BACKGROUND_CHECK, by, now)

    def refuse(self, reason: ChosenReason, by: str, now: datetime) -> Self:
        """Refuse the application for another reason than the report.

        Raises
        ------
        Conflict
            If a report stands against the applicant that nobody has decided about: notice and wait come first.
        """
        self._must_be_open()
        if self.check.state in UNDECIDED:
            detail = "A report stands against the applicant; decide about it first, after notice and wait."
            raise Conflict("report_undecided", detail)
        return self._refused(ApplicationRefusal(reason), by, now)

    def _refused(self, reason: ApplicationRefusal, by: str, now: datetime) -> Self:
        decided = {"state": ApplicationState.REFUSED, "refusal": reason, "decided_by": by, "decided_at": now}
        return self.with_changes(**decided)._telling("refused", now)

    def approve(self, by: str, now: datetime) -> Self:
        """Approve the application; the caller has checked that no step is missing.

        Raises
        ------
        Conflict
            If the background check is not clear.
        """
        self._must_be_open()
        if self.check.state is not CheckState.CLEAR:
            raise Conflict("steps_missing", f"The background check is {self.check.state}.")
        decided = {"state": ApplicationState.APPROVED, "decided_by": by, "decided_at": now}
        return self.with_changes(**decided)._telling("approved", now)

    @property
    def stage(self) -> ApplicationStage:
        """The list of staff that it is in."""
        if self.state is not ApplicationState.OPEN:
            return ApplicationStage(self.state)
        if self.check.overdue or self.check.state in (CheckState.DISPUTED, CheckState.DUE):
            return ApplicationStage.FOR_STAFF
        return (
            ApplicationStage.WITH_APPLICANT
            if self.check.state is not CheckState.ORDERED
            else ApplicationStage.WITH_PROVIDER
        )

    def next_act(self, now: datetime) -> Next:
        """Return what the workflow does next."""
        due = self.due_at
        if due is None:
            return Next(Act.NOTHING)
        if due > now:
            return Next(Act.WAIT, due)
        return Next(Act.ORDER if self.is_to_be_ordered else ACTS[self.check.state])

    @property
    def is_to_be_ordered(self) -> bool:
        """True if the workflow has to order the background check, or to give an order to the provider again."""
        check = self.check
        if self.state is not ApplicationState.OPEN:
            return False
        awaited = check.state is CheckState.AWAITED and self.may_be_checked
        return awaited or self._is_under_way_to_the_provider

    @property
    def _is_under_way_to_the_provider(self) -> bool:
        check = self.check
        return check.state is CheckState.ORDERED and check.provider_id is None and not check.overdue

    @property
    def due_at(self) -> datetime | None:
        """The moment from which the workflow has something to do; None if a person or the provider is next."""
        check = self.check
        if self.state is not ApplicationState.OPEN:
            return None
        if self.is_to_be_ordered:
            return check.ordered_at or self.identified_at
        if check.state is CheckState.ORDERED and check.ordered_at and not check.overdue:
            return check.ordered_at + REPORT_WITHIN
        if check.state is CheckState.FLAGGED:
            return check.reported_at
        return check.decide_from if check.state is CheckState.NOTICED else None


ACTS = {CheckState.ORDERED: Act.REMIND, CheckState.FLAGGED: Act.NOTICE, CheckState.NOTICED: Act.END_WAIT}
"""The act of the workflow in each state in which it has something to do at a moment."""
