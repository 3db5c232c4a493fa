"""The payee: a driver as the tax agency knows them, through forms, checks and notices. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP
from typing import Any, Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.events import Aggregate
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.tax.figures import CURRENCY, OFFICE, month_of, notice_years, rate_on, tax_day
from crowdship.tax.model import (
    PROOFS,
    FormState,
    Match,
    NoticeKind,
    NoticeProof,
    NumberNotice,
    OnFile,
    TinMatchCode,
    Withholding,
    WithholdingReason,
)

ASK_AGAIN = timedelta(hours=24)
"""Time after which the agency takes the same question again."""

POLL = timedelta(minutes=15)
"""Time between two looks for the agency's answer."""


class Payee(Aggregate):
    """A driver as a payee; the id is the driver's.

    Parameters
    ----------
    form : OnFile or None
        The certified W-9; its number is in the vault.
    foreign_since : datetime or None
        The driver said that they are no person of the United States; a person has to take another form.
    match : Match or None
        The newest question about the number.
    look_at : datetime or None
        The next moment at which the agency is asked, or asked for its answer.
    notices : tuple of NumberNotice
        The earliest first.
    told : WithholdingReason or None
        The reason of withholding that the driver was last told of.
    checked_on : date or None
        The day of the last look at what is withheld.
    """

    form: OnFile | None = None
    foreign_since: Moment | None = None
    match: Match | None = None
    look_at: Moment | None = None
    notices: tuple[NumberNotice, ...] = ()
    told: WithholdingReason | None = None
    checked_on: Day | None = None

    # What holds on a day

    @property
    def open_notice(self) -> NumberNotice | None:
        """The newest notice that nobody answered."""
        return next((one for one in reversed(self.notices) if one.open), None)

    @property
    def unwritten(self) -> NumberNotice | None:
        """The open notice whose letter is not there yet."""
        notice = self.open_notice
        return notice if notice and not notice.written else None

    @property
    def form_state(self) -> FormState:
        """State of the form and its number."""
        if self.form is None:
            return FormState.FOREIGN if self.foreign_since else FormState.NONE
        notice = self.open_notice
        if notice and tax_day(self.form.certified_at) <= notice.received_on:
            return FormState.EXPIRED
        if self.match is None:
            return FormState.GIVEN
        if self.match.code is None or self.match.code.asks_again:
            return FormState.PENDING
        return FormState.MATCHED if self.match.code.matches(self.form.tin_kind) else FormState.MISMATCHED

    def reason_on(self, day: date) -> WithholdingReason | None:
        """Return why tax is withheld of a payment on a day of the payer; None if it is not."""
        if self.form is None:
            return WithholdingReason.FOREIGN if self.foreign_since else WithholdingReason.NUMBER_MISSING
        if self.form.exempt:
            return None
        if self.form.told_by_agency:
            return WithholdingReason.TOLD_BY_AGENCY
        if any(notice.withholds_on(day) for notice in self.notices):
            return WithholdingReason.NOTICE
        return None

    def withholding(self, day: date, gross: Money) -> Withholding | None:
        """Return what is withheld of a payment, half a cent rounded up; None if nothing is."""
        reason = self.reason_on(day)
        if reason is None or gross.currency != CURRENCY or gross.amount <= 0:
            return None
        rate = rate_on(day)
        amount = gross.times(rate, ROUND_HALF_UP)
        if not amount.amount:
            return None
        return Withholding(amount=amount, rate=rate, reason=reason, deposit=month_of(day))

    @property
    def due_at(self) -> datetime | None:
        """The next moment at which time changes something, or the agency is asked."""
        moments = [self.look_at] if self.look_at else []
        if self.unwritten:
            moments.append(_start(self.unwritten.received_on))
        for notice in self.notices:
            days = [notice.withhold_from, *([notice.stops_on] if notice.stops_on else [])]
            moments += [_start(day) for day in days if self.checked_on is None or day > self.checked_on]
        return min(moments, default=None)

    @property
    def waits_for(self) -> str:
        """The list of staff that the payee is on."""
        notice = self.open_notice
        if notice and notice.sent_on is None:
            return "notice_due"
        return "withheld" if self.told else str(self.form_state)

    # What happens

    def certify(self, form: OnFile, now: datetime) -> Self:
        """Return the payee after the driver certified a W-9; it answers a first notice, and its number is checked."""
        day = tax_day(now)
        return self.with_changes(
            form=form,
            foreign_since=None,
            match=Match(number=self.match.number + 1 if self.match else 1),
            look_at=now,
            notices=tuple(self._answered(notice, day, NoticeProof.W9) for notice in self.notices),
        )._told_on(day, now)

    def foreign(self, now: datetime) -> Self:
        """Return the payee after the driver said that they are no person of the United States."""
        if self.foreign_since and self.form is None:
            return self
        return self.with_changes(form=None, match=None, look_at=None, foreign_since=now)._told_on(tax_day(now), now)

    def asked(self, now: datetime) -> Self:
        """Return the payee after the agency took the question."""
        if self.match is None:
            return self
        return self.with_changes(match=self.match.model_copy(update={"asked_at": now}), look_at=now + POLL)

    def wait(self, now: datetime) -> Self:
        """Return the payee whose answer is not there yet."""
        return self.with_changes(look_at=now + POLL)

    def answered(self, number: int, code: TinMatchCode, now: datetime) -> Self:
        """Return the payee after the agency's answer to a question; the first answer to the newest question counts.

        An answer to an earlier question is about a form that was replaced, and a second answer to the same one changes
        nothing.
        """
        if self.match is None or self.form is None or number != self.match.number or self.match.code is not None:
            return self
        if code.asks_again:
            later = Match(number=number + 1)
            return self.with_changes(match=later, look_at=now + ASK_AGAIN)
        match = self.match.model_copy(update={"code": code, "answered_at": now})
        changed = self.with_changes(match=match, look_at=None)
        if code.matches(self.form.tin_kind):
            day = tax_day(now)
            confirmed = tuple(notice.confirmed(day) for notice in self.notices)
            return changed.with_changes(notices=confirmed)._told_on(day, now)
        return changed._emit("tax.number_mismatched", now, code=int(code), last_four=self.form.last_four)

    def list(self, received_on: date, by: str, now: datetime) -> Self:
        """Return the payee after the agency listed their number (CP2100, CP2100A).

        A list of a calendar year in which the payee was listed already changes nothing (26 CFR 31.3406(d)-5(g)).

        Raises
        ------
        Conflict
            If the list is older than the newest one, or there is no form whose number it could be about.
        """
        if self.form is None:
            raise Conflict("no_form", f"Driver {self.id} has no tax form; tax is withheld already.")
        if any(notice.received_on.year == received_on.year for notice in self.notices):
            return self
        newest = self.notices[-1] if self.notices else None
        if newest and newest.received_on > received_on:
            raise Conflict("list_too_old", f"Driver {self.id} was listed on {newest.received_on}, which is later.")
        years = notice_years(received_on)
        again = any(notice.received_on.year > received_on.year - years for notice in self.notices)
        kind = NoticeKind.SECOND if again else NoticeKind.FIRST
        notice = NumberNotice.listed(derived_id("tno", self.id, received_on.isoformat()), kind, received_on, by)
        days = notice.model_dump(mode="json", include={"kind", "received_on", "send_by", "withhold_from"})
        listed = self.with_changes(notices=(*self.notices, notice))
        return listed._emit("tax.number_refused", now, **days)._told_on(tax_day(now), now)

    def written(self, notice_id: str) -> Self:
        """Return the payee after the letter about a notice was written."""
        notice = next((one for one in self.notices if one.id == notice_id), None)
        return self._with(notice.model_copy(update={"written": True})) if notice else self

    def sent(self, day: date) -> Self:
        """Return the payee after the letter about the open notice was mailed; a second mailing changes nothing.

        Raises
        ------
        Conflict
            If no notice is open.
        Unprocessable
            If the day is before the agency's list.
        """
        notice = self._must_be_noticed()
        if notice.sent_on:
            return self
        if day < notice.received_on:
            raise Unprocessable(
                "sent_too_early", f"The agency's list is of {notice.received_on}; give a day from then."
            )
        return self._with(notice.model_copy(update={"sent_on": day}))

    def prove(self, day: date, proof: NoticeProof, now: datetime) -> Self:
        """Return the payee after a paper came that answers the open notice.

        Raises
        ------
        Conflict
            If no notice is open.
        Unprocessable
            If the paper does not answer this kind of notice, or came before the agency's list.
        """
        notice = self._must_be_noticed()
        if proof not in PROOFS[notice.kind]:
            wanted = " or ".join(sorted(PROOFS[notice.kind]))
            raise Unprocessable("proof", f"A {notice.kind} notice is answered with {wanted}, not with {proof}.")
        if day < notice.received_on:
            raise Unprocessable(
                "proof_too_early", f"The agency's list is of {notice.received_on}; give a day from then."
            )
        return self._with(notice.certified(day, proof))._told_on(tax_day(now), now)

    def checked(self, now: datetime) -> Self:
        """Return the payee after time passed; the driver is told when withholding begins or ends."""
        return self._told_on(tax_day(now), now)

    def _answered(self, notice: NumberNotice, day: date, proof: NoticeProof) -> NumberNotice:
        if not notice.open or proof not in PROOFS[notice.kind] or day < notice.received_on:
            return notice
        return notice.certified(day, proof)

    def _must_be_noticed(self) -> NumberNotice:
        notice = self.open_notice
        if notice is None:
            raise Conflict("no_open_notice", f"Driver {self.id} has no notice that waits for an answer.")
        return notice

    def _with(self, notice: NumberNotice) -> Self:
        return self.with_changes(notices=tuple(notice if one.id == notice.id else one for one in self.notices))

    def _told_on(self, day: date, now: datetime) -> Self:
        reason, looked = self.reason_on(day), max(day, self.checked_on or day)
        changed = self.with_changes(checked_on=looked)
        if reason is self.told:
            return changed
        if reason is None:
            return changed.with_changes(told=None)._emit("tax.withholding_ended", now, reason=self.told)
        return changed.with_changes(told=reason)._emit("tax.withholding_began", now, reason=reason)

    def _emit(self, type: str, now: datetime, **data: Any) -> Self:
        return self.emitting(type, now, {"driver_id": self.id, **data})


def _start(day: date) -> datetime:
    """Return the moment at which a day of the payer begins."""
    return datetime.combine(day, time(), OFFICE).astimezone(UTC)
