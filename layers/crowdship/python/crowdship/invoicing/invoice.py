"""An invoice or a credit note: its sums by day, its tax, payments, reminders, and its end. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from crowdship.invoicing.entities import InvoiceKind
from crowdship.invoicing.lines import DayLine
from crowdship.invoicing.minimum import MonthlyMinimum
from crowdship.invoicing.spans import Span
from crowdship.kernel.clock import Day, Moment, written
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.merchants.billing import Billing, Tax

REMINDED_AFTER = (3, 14, 30)
"""Days after the due day on which a merchant is reminded; after the last one the account is flagged."""


class InvoiceState(StrEnum):
    """States of a document. A numbered one has no files yet; the last three are final unless a payment comes back."""

    NUMBERED = "numbered"
    ISSUED = "issued"
    PARTLY_PAID = "partly_paid"
    OVERDUE = "overdue"
    PAID = "paid"
    WRITTEN_OFF = "written_off"
    CREDITED = "credited"


class PaymentState(StrEnum):
    """States of a payment."""

    IN_FLIGHT = "in_flight"
    SETTLED = "settled"
    RETURNED = "returned"
    CHARGED_BACK = "charged_back"


class InvoicePayment(Value):
    """A payment of a merchant.

    Parameters
    ----------
    applied : Money
        The part that paid this invoice; the rest is the merchant's credit.
    """

    id: str
    reference: str
    amount: Money
    applied: Money
    state: PaymentState
    at: Moment
    by: str

    @property
    def counts(self) -> bool:
        """True unless it came back."""
        return self.state in (PaymentState.IN_FLIGHT, PaymentState.SETTLED)


class WriteOff(Value):
    """A write-off that somebody proposed; it counts once another person confirms it."""

    amount: Money
    proposed_by: str
    proposed_at: Moment
    confirmed_by: str | None = None
    confirmed_at: Moment | None = None


class Invoice(Aggregate):
    """An invoice or a credit note of a merchant for a span in one currency. Its lines and sums never change.

    Parameters
    ----------
    number : str
        From the entity's sequence without gaps.
    name, billing : str, Billing
        The merchant's name and terms when it was made.
    net : Money
        Sum of its days, exactly the merchant's receivable lines of the span, and of the minimum. Below zero on a credit
        note.
    minimum : MonthlyMinimum or None
        What a month that ended in the span was short of the minimum of the merchant's contracts.
    tax_amount : Money
        Tax on charges and the minimum, not on tips and compensation.
    applied_credit : Money
        Credit of the merchant that paid a part; below zero if a credit was used up before a payment came back.
    """

    kind: InvoiceKind
    number: str
    entity_id: str
    merchant_id: str
    name: str
    billing: Billing
    span: Span
    currency: str
    days: tuple[DayLine, ...]
    minimum: MonthlyMinimum | None = None
    net: Money
    tax: Tax | None = None
    tax_amount: Money
    made_at: Moment
    issued_at: Moment | None = None
    due_on: Day | None = None
    mailed_at: Moment | None = None
    applied_credit: Money
    payments: tuple[InvoicePayment, ...] = ()
    reminders: tuple[Moment, ...] = ()
    write_off: WriteOff | None = None
    pdf_key: str | None = None
    csv_key: str | None = None

    @classmethod
    def made(
        cls,
        kind: InvoiceKind,
        number: str,
        entity_id: str,
        merchant_id: str,
        name: str,
        billing: Billing,
        span: Span,
        currency: str,
        days: Iterable[DayLine],
        now: datetime,
        minimum: MonthlyMinimum | None = None,
    ) -> Self:
        """Return a numbered document of a merchant's lines."""
        every = tuple(sorted(days, key=lambda line: line.day))
        nothing = Money.zero(currency)
        lifted = minimum.amount if minimum else nothing
        net = Money.total((line.total for line in every), currency) + lifted
        taxable = Money.total((line.charges for line in every), currency) + lifted
        return cls(
            id=invoice_id_for(merchant_id, span, currency, kind),
            kind=kind,
            number=number,
            entity_id=entity_id,
            merchant_id=merchant_id,
            name=name,
            billing=billing,
            span=span,
            currency=currency,
            days=every,
            minimum=minimum,
            net=net,
            tax=billing.tax,
            tax_amount=billing.tax.on(taxable) if billing.tax else nothing,
            made_at=now,
            applied_credit=nothing,
        )

    # -- what it is

    @property
    def total(self) -> Money:
        """Net and tax."""
        return self.net + self.tax_amount

    @property
    def paid(self) -> Money:
        """The part of it that payments which count have paid."""
        return Money.total((one.applied for one in self.payments if one.counts), self.currency)

    @property
    def open(self) -> Money:
        """The amount still to be paid; nothing for a credit note and before it is issued."""
        if self.issued_at is None or self.kind is InvoiceKind.CREDIT_NOTE:
            return Money.zero(self.currency)
        gone = self.write_off.amount if self.write_off and self.write_off.confirmed_at else Money.zero(self.currency)
        return self.total - self.applied_credit - self.paid - gone

    @property
    def state(self) -> InvoiceState:
        """The state, by what was paid and reminded of."""
        if self.issued_at is None:
            return InvoiceState.NUMBERED
        if self.kind is InvoiceKind.CREDIT_NOTE:
            return InvoiceState.CREDITED
        if self.open.amount <= 0:
            written_off = self.write_off is not None and self.write_off.confirmed_at is not None
            return InvoiceState.WRITTEN_OFF if written_off else InvoiceState.PAID
        if self.reminders:
            return InvoiceState.OVERDUE
        return InvoiceState.PARTLY_PAID if self.paid.amount or self.applied_credit.amount else InvoiceState.ISSUED

    @property
    def is_flagged(self) -> bool:
        """True if it is open after the last reminder: finance talks to the merchant, or writes it off."""
        return self.open.amount > 0 and len(self.reminders) >= len(REMINDED_AFTER)

    @property
    def due_at(self) -> datetime | None:
        """The next moment at which the merchant is to be reminded; None if there is none."""
        if self.due_on is None or self.open.amount <= 0 or len(self.reminders) >= len(REMINDED_AFTER):
            return None
        day = self.due_on + timedelta(days=REMINDED_AFTER[len(self.reminders)])
        return datetime(day.year, day.month, day.day, tzinfo=UTC)

    # -- what happens to it

    def issued(self, pdf_key: str, csv_key: str, credit: Money, now: datetime) -> tuple[Self, Money]:
        """Return it issued, with its files, and the merchant's credit after it; an issued one stays.

        Credit of the merchant pays it as far as it reaches. A credit note adds to the credit.
        """
        if self.issued_at:
            return self, credit
        due = now.date() + timedelta(days=self.billing.terms_days)
        noted = {"issued_at": now, "due_on": due, "pdf_key": pdf_key, "csv_key": csv_key}
        nothing = Money.zero(self.currency)
        if self.kind is InvoiceKind.CREDIT_NOTE or self.total.amount <= 0:
            applied = nothing if self.kind is InvoiceKind.CREDIT_NOTE else self.total
            left = credit - self.total
        else:
            applied = Money(amount=min(credit.amount, self.total.amount), currency=self.currency)
            left = credit - applied
        changed = self.with_changes(applied_credit=applied, **noted)
        data = {
            **changed._names(),
            "document": str(self.kind),
            "number": self.number,
            "first": self.span.first.isoformat(),
            "last": self.span.last.isoformat(),
            "net": self.net.model_dump(),
            "tax": self.tax_amount.model_dump(),
            "total": self.total.model_dump(),
            "open": changed.open.model_dump(),
            "due_on": due.isoformat(),
        }
        if self.minimum:
            data["minimum"] = self.minimum.model_dump()
        return changed.emitting("invoice.issued", now, data), left

    def mailed(self, now: datetime) -> Self:
        """Return it with the note that it was mailed."""
        return self.with_changes(mailed_at=now)

    def with_payment(
        self, reference: str, amount: Money, in_flight: bool, by: str, now: datetime
    ) -> tuple[Self, Money]:
        """Return it with a payment, and what the payment adds to the merchant's credit; the same reference is once.

        Raises
        ------
        Conflict
            If it is not issued, or the reference was another payment.
        Unprocessable
            If it is a credit note, or the currency is another one.
        """
        self._must_be_payable(amount)
        payment_id = derived_id("ipm", self.id, reference)
        nothing = Money.zero(self.currency)
        if known := self._payment(reference):
            if known.amount != amount:
                detail = f"{reference} was a payment of {known.amount} already; give this one its own reference."
                raise Conflict("reference_used", detail, "/reference")
            return self, nothing
        applied = Money(amount=min(amount.amount, max(0, self.open.amount)), currency=self.currency)
        payment = InvoicePayment(
            id=payment_id,
            reference=reference,
            amount=amount,
            applied=applied,
            state=PaymentState.IN_FLIGHT if in_flight else PaymentState.SETTLED,
            at=now,
            by=by,
        )
        changed = self.with_changes(payments=(*self.payments, payment))
        return changed._told_payment("invoice.payment_recorded", payment, now), amount - applied

    def with_payment_settled(self, reference: str, now: datetime) -> Self:
        """Return it with a payment that was in flight and reached the bank; one that is there already stays."""
        payment = self._must_have(reference)
        if payment.state is PaymentState.SETTLED:
            return self
        if not payment.counts:
            raise Conflict("payment_returned", f"The payment {reference} came back: it is {payment.state}.")
        settled = payment.model_copy(update={"state": PaymentState.SETTLED})
        return self._replacing(settled)._told_payment("invoice.payment_settled", settled, now)

    def with_payment_returned(self, reference: str, state: PaymentState, now: datetime) -> tuple[Self, Money]:
        """Return it with a payment that came back, and what that takes from the merchant's credit.

        Parameters
        ----------
        state : PaymentState
            ``returned`` by the bank, or ``charged_back`` by the card's holder.
        """
        payment = self._must_have(reference)
        if not payment.counts:
            return self, Money.zero(self.currency)
        was_in_flight = payment.state is PaymentState.IN_FLIGHT
        back = payment.model_copy(update={"state": state})
        changed = self._replacing(back)
        return (
            changed._told_payment("invoice.payment_returned", back, now, was_in_flight=was_in_flight),
            payment.applied - payment.amount,
        )

    def reminded(self, now: datetime) -> Self:
        """Return it with the reminder that is due, if one is; one for a sweep that came late."""
        if self.due_at is None or now < self.due_at:
            return self
        step = sum(now.date() >= (self.due_on or now.date()) + timedelta(days=days) for days in REMINDED_AFTER)
        reminders = (*self.reminders, *(now for _ in range(step - len(self.reminders))))
        changed = self.with_changes(reminders=reminders)
        data = {**changed._names(), "number": self.number, "step": step, "flagged": changed.is_flagged}
        told = {"open": changed.open.model_dump(), "due_on": self.due_on.isoformat() if self.due_on else None}
        return changed.emitting("invoice.overdue", now, {**data, **told})

    def written_off_by(self, by: str, now: datetime) -> Self:
        """Return it after one of two persons gave up what is open; the second one makes it count.

        Raises
        ------
        Conflict
            If nothing is open, it is written off, or the same person proposed it.
        """
        proposal = self.write_off
        if proposal and proposal.confirmed_at:
            raise Conflict("written_off_already", f"It was written off at {written(proposal.confirmed_at)}.")
        if self.open.amount <= 0:
            raise Conflict("nothing_open", f"Nothing is open on {self.number}, so nothing can be written off.")
        if proposal is None or proposal.amount != self.open:
            return self.with_changes(write_off=WriteOff(amount=self.open, proposed_by=by, proposed_at=now))
        if by.casefold() == proposal.proposed_by.casefold():
            detail = f"{proposal.proposed_by} asked to write it off, so another person must confirm it."
            raise Conflict("second_person_needed", detail)
        done = proposal.model_copy(update={"confirmed_by": by, "confirmed_at": now})
        changed = self.with_changes(write_off=done)
        data = {**changed._names(), "number": self.number, "amount": proposal.amount.model_dump()}
        return changed.emitting("invoice.written_off", now, data)

    def _must_be_payable(self, amount: Money) -> None:
        if self.issued_at is None:
            raise Conflict("not_issued", f"{self.number} is not issued yet.")
        if self.kind is InvoiceKind.CREDIT_NOTE:
            raise Unprocessable("credit_note", f"{self.number} is a credit note; pay an invoice.", "/invoice_id")
        if amount.currency != self.currency:
            detail = f"{self.number} is in {self.currency}, the payment in {amount.currency}."
            raise Unprocessable("other_currency", detail, "/amount/currency")

    def _payment(self, reference: str) -> InvoicePayment | None:
        return next((one for one in self.payments if one.reference == reference), None)

    def _must_have(self, reference: str) -> InvoicePayment:
        payment = self._payment(reference)
        if payment is None:
            raise Conflict("no_such_payment", f"{self.number} has no payment {reference}.", "/reference")
        return payment

    def _replacing(self, payment: InvoicePayment) -> Self:
        changed = tuple(payment if one.id == payment.id else one for one in self.payments)
        return self.with_changes(payments=changed)

    def _told_payment(self, type: str, payment: InvoicePayment, now: datetime, **more: Any) -> Self:
        data = {
            **self._names(),
            "number": self.number,
            "payment_id": payment.id,
            "amount": payment.amount.model_dump(),
            "state": str(payment.state),
            "open": self.open.model_dump(),
        }
        return self.emitting(type, now, {**data, **more})

    def _names(self) -> dict[str, Any]:
        return {"invoice_id": self.id, "merchant_id": self.merchant_id}


def invoice_id_for(merchant_id: str, span: Span, currency: str, kind: InvoiceKind) -> str:
    """Return the id of the one document of a merchant's span, currency and kind."""
    return derived_id("inv", merchant_id, str(span.first), str(span.last), currency, kind)
