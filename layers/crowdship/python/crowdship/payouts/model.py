"""Payout of a driver: its states, what it is made of, and what each change of it books."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.payouts.provider import Accepted, NewsState, PayoutInstruction, Speed
from crowdship.vault.applicants import bank_account_token


class Withheld(Value):
    """Tax that is kept from a payout.

    Parameters
    ----------
    deposit : str
        Period of the deposit that clears it, for example ``2026-11``.
    """

    amount: Money
    deposit: str


class PayoutState(StrEnum):
    """States of a payout."""

    PENDING = "pending"
    HELD = "held"
    INSTRUCTED = "instructed"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"
    CANCELED = "canceled"


FOLLOWING: Mapping[PayoutState, frozenset[PayoutState]] = {
    PayoutState.PENDING: frozenset({PayoutState.HELD, PayoutState.INSTRUCTED, PayoutState.CANCELED}),
    PayoutState.HELD: frozenset({PayoutState.PENDING, PayoutState.CANCELED}),
    PayoutState.INSTRUCTED: frozenset(
        {PayoutState.IN_TRANSIT, PayoutState.PAID, PayoutState.FAILED, PayoutState.CANCELED}
    ),
    PayoutState.IN_TRANSIT: frozenset({PayoutState.PAID, PayoutState.FAILED, PayoutState.CANCELED}),
    PayoutState.PAID: frozenset({PayoutState.RETURNED}),
    PayoutState.FAILED: frozenset(),
    PayoutState.RETURNED: frozenset(),
    PayoutState.CANCELED: frozenset(),
}
"""The states that may follow each."""

OPEN = frozenset({PayoutState.PENDING, PayoutState.HELD, PayoutState.INSTRUCTED})
"""States in which a run, a person or a repeated call has something to do."""

ON_THE_WAY = frozenset({PayoutState.INSTRUCTED, PayoutState.IN_TRANSIT})
"""States in which the money has left the driver's account in the books and no bank has confirmed it."""

BACK = frozenset({PayoutState.FAILED, PayoutState.RETURNED, PayoutState.CANCELED})
"""Last states of a payout that did not stay paid: the driver is due the money again."""

MOST_CHANGES = 60
"""Changes that a payout's history holds; one that is held again and again keeps the newest."""


class StatementPart(Value):
    """A statement that a payout settles, with what it says is due."""

    statement_id: str
    period: Day
    amount: Money


class PayoutChange(Value):
    """A change of a payout: its state, who or what made it, and why."""

    state: PayoutState
    at: Moment
    by: str
    code: str | None = None
    reason: str | None = None


RUN = "run"
PROVIDER = "provider"
BANK = "bank"


def payout_id_for(driver_id: str, period: date, currency: str, number: int = 0) -> str:
    """Return the id of a driver's payout in the run of a period; it is also the provider's idempotency key."""
    return derived_id("pay", period.isoformat(), driver_id, currency, *([number] if number else []))


def reference_of(payout_id: str) -> str:
    """Return the 15 characters by which bank files name a payout.

    Examples
    --------
    >>> reference_of("pay_nwnxqrdakdqc3rndw7b99x0z")
    'NWNXQRDAKDQC3RN'
    """
    return payout_id.removeprefix("pay_")[:15].upper()


class Payout(Aggregate):
    """Money on its way to a driver.

    Parameters
    ----------
    period : date
        Day whose run made it; the day of the order for an instant payout.
    amount : Money
        What it takes from the driver's account, with fee and withheld tax.
    fee : Money
        Fee of an instant payout.
    withheld : Money
        Tax that is kept from it; decided when it is instructed.
    deposit : str or None
        Period of the deposit of that tax.
    settles : tuple of StatementPart
        Statements that it settles. An instant payout of another amount than theirs takes the rest from the open day.
    period_open : date or None
        The open day that the rest of an instant payout is taken from.
    filed_for : date or None
        Period of the one run whose bank file it goes into; None for providers that take no files.
    hold_code : str or None
        Why it is held.
    held_until : date or None
        First day on which a run looks at it again; None until a person releases it.
    release_asked_by : str or None
        The first of two people who release it.
    released_at : datetime or None
        When people released it: no hold that was placed before, and no change of the account before, keeps it any more.
    corrections : tuple of str
        PayoutChange codes by which its bank corrected the account.
    """

    driver_id: str
    period: Day
    amount: Money
    fee: Money
    withheld: Money
    deposit: str | None = None
    settles: tuple[StatementPart, ...] = ()
    speed: Speed = Speed.STANDARD
    period_open: Day | None = None
    state: PayoutState = PayoutState.PENDING
    made_at: Moment
    effective_on: Day | None = None
    filed_for: Day | None = None
    instructed_at: Moment | None = None
    sent_at: Moment | None = None
    decided_at: Moment | None = None
    transfer_id: str | None = None
    degraded_by: str | None = None
    code: str | None = None
    reason: str | None = None
    hold_code: str | None = None
    held_until: Day | None = None
    release_asked_by: str | None = None
    released_at: Moment | None = None
    corrections: tuple[str, ...] = ()
    history: tuple[PayoutChange, ...] = ()

    @classmethod
    def due(
        cls, payout_id: str, driver_id: str, period: date, settles: tuple[StatementPart, ...], now: datetime
    ) -> Self:
        """Return a scheduled payout of some statements of one currency, as it is made."""
        currency = settles[0].amount.currency
        nothing = Money.zero(currency)
        return cls(
            id=payout_id,
            driver_id=driver_id,
            period=period,
            amount=Money.total((part.amount for part in settles), currency),
            fee=nothing,
            withheld=nothing,
            settles=settles,
            made_at=now,
            history=(PayoutChange(state=PayoutState.PENDING, at=now, by=RUN),),
        )

    @property
    def net(self) -> Money:
        """The amount that the bank is told to pay: less fee and withheld tax."""
        return self.amount - self.fee - self.withheld

    @property
    def settled(self) -> Money:
        """The sum of the statements that it settles."""
        return Money.total((part.amount for part in self.settles), self.amount.currency)

    @property
    def from_open_day(self) -> Money:
        """The part that it takes from the open day; below zero if the statements had more than was asked for."""
        return self.amount - self.settled

    @property
    def fee_kept(self) -> Money:
        """The fee, or nothing if the provider made an instant payout a standard one."""
        return Money.zero(self.fee.currency) if self.degraded_by else self.fee

    @property
    def is_open(self) -> bool:
        """True while a run, a person or a repeated call has something to do."""
        return self.state in OPEN

    @property
    def instruction(self) -> PayoutInstruction:
        """The instruction to the provider; the same on every try.

        Raises
        ------
        ValueError
            If it was not instructed.
        """
        if self.effective_on is None:
            raise ValueError(f"{self.id} is {self.state}; only an instructed payout has an instruction")
        return PayoutInstruction(
            payout_id=self.id,
            driver_id=self.driver_id,
            reference=reference_of(self.id),
            amount=self.net,
            account=bank_account_token(self.driver_id),
            effective_on=self.effective_on,
            speed=self.speed,
            statement_text=f"Pay {self.period}",
        )

    def held(self, code: str, until: date | None, by: str, now: datetime) -> Self:
        """Return it held; the same hold again changes nothing. Who releases it from one reason asks for no other.

        Raises
        ------
        Conflict
            If it was instructed before.
        """
        if self.state is PayoutState.HELD:
            if (self.hold_code, self.held_until) == (code, until):
                return self
            asked_by = self.release_asked_by if self.hold_code == code else None
            return self.with_changes(hold_code=code, held_until=until, release_asked_by=asked_by)
        changed = self._changed(PayoutState.HELD, now, by, code=code)
        return changed.with_changes(hold_code=code, held_until=until, release_asked_by=None)._told("held", now)

    def unheld(self, by: str, now: datetime, *, released: bool = False) -> Self:
        """Return it free of its hold; ``released`` if people decided that now.

        Raises
        ------
        Conflict
            If it is not held.
        """
        changed = self._changed(PayoutState.PENDING, now, by)
        return changed.with_changes(
            hold_code=None,
            held_until=None,
            code=None,
            release_asked_by=None,
            released_at=now if released else self.released_at,
        )

    def instructed(
        self, effective_on: date, withheld: Withheld | None, by: str, now: datetime, filed_for: date | None = None
    ) -> Self:
        """Return it as it is booked out of the driver's account, before the provider is told.

        Parameters
        ----------
        withheld : Withheld or None
            Tax that is kept from it.
        filed_for : date or None
            Period of the run whose bank file it goes into.

        Raises
        ------
        Conflict
            If it is not pending.
        """
        changed = self._changed(PayoutState.INSTRUCTED, now, by)
        kept = {"withheld": withheld.amount, "deposit": withheld.deposit} if withheld else {}
        return changed.with_changes(effective_on=effective_on, instructed_at=now, filed_for=filed_for, **kept)

    def accepted(self, answer: Accepted, now: datetime) -> Self:
        """Return it as the provider took it, with its events.

        Raises
        ------
        Conflict
            If it was decided before.
        """
        sent = self._changed(PayoutState.IN_TRANSIT, now, PROVIDER).with_changes(
            transfer_id=answer.transfer_id, sent_at=now, degraded_by=degraded_by(self, answer)
        )
        sent = sent._told("sent", now)
        return sent.paid(now) if answer.state is NewsState.PAID else sent

    def paid(self, now: datetime, by: str = PROVIDER) -> Self:
        """Return it as the money arrived, with its event.

        Raises
        ------
        Conflict
            If it was not on the way.
        """
        changed = self._changed(PayoutState.PAID, now, by)
        return changed.with_changes(decided_at=now)._told("paid", now)

    def back(self, state: PayoutState, now: datetime, by: str, code: str | None, reason: str | None) -> Self:
        """Return it as it failed, came back or was canceled, with its event.

        Raises
        ------
        Conflict
            If that can't follow its state.
        """
        changed = self._changed(state, now, by, code=code, reason=reason)
        changed = changed.with_changes(decided_at=now, code=code, reason=reason, hold_code=None, held_until=None)
        return changed._told(str(state), now)

    def canceled(self, by: str, reason: str, now: datetime) -> Self:
        """Return it canceled by staff before the provider was told, with its event.

        Raises
        ------
        Conflict
            If it was instructed before: only the provider can cancel it then.
        """
        if self.state in ON_THE_WAY:
            detail = f"Payout {self.id} is {self.state}: the provider was told; it can be retried, not canceled."
            raise Conflict("payout_instructed", detail, "/decision")
        return self.back(PayoutState.CANCELED, now, by, "staff", reason)

    def corrected(self, code: str, now: datetime) -> Self:
        """Return it after its bank corrected the account, with its event; the same code again changes nothing."""
        if code in self.corrections:
            return self
        told = {"payout_id": self.id, "driver_id": self.driver_id, "code": code}
        return self.with_changes(corrections=(*self.corrections, code)).emitting("payout.account_corrected", now, told)

    def release_asked(self, by: str) -> Self:
        """Return it with the first of two people who release it."""
        return self.with_changes(release_asked_by=by)

    def _changed(
        self, state: PayoutState, now: datetime, by: str, code: str | None = None, reason: str | None = None
    ) -> Self:
        if state not in FOLLOWING[self.state]:
            raise Conflict(
                "payout_decided", f"Payout {self.id} is {self.state}; it can't be {state} from there.", "/decision"
            )
        change = PayoutChange(state=state, at=now, by=by, code=code, reason=reason)
        return self.with_changes(state=state, history=(*self.history, change)[-MOST_CHANGES:])

    def _told(self, what: str, now: datetime) -> Self:
        told: dict[str, Any] = {
            "payout_id": self.id,
            "speed": self.speed,
            "code": self.hold_code if what == "held" else self.code,
            **self.model_dump(mode="json", include={"driver_id", "period", "amount", "reason"}),
            "net": self.net.model_dump(mode="json"),
        }
        return self.emitting(f"payout.{what}", now, told)


def degraded_by(payout: Payout, answer: Accepted) -> str | None:
    """Return the code of the reason why the provider made an instant payout a standard one, or None."""
    if payout.speed is Speed.STANDARD or answer.speed is Speed.INSTANT:
        return None
    return answer.degraded_by or "not_instant"
