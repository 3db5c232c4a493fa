"""Values of a claim: states, what a person decides, the award and its shares. Pure."""

from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from crowdship.claims.facts import Booked
from crowdship.claims.matrix import Cell
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money

SYSTEM = "system"
"""The actor of what the matrix or time decides."""

REPRESENTED_DAYS = 45
"""Days in which a bank answers a represented chargeback; card schemes give it 30 to 45."""


class ClaimState(StrEnum):
    """States of a claim; the last three are final."""

    AWAITING_ANSWER = "awaiting_answer"
    TO_DECIDE = "to_decide"
    TO_CONFIRM = "to_confirm"
    REPRESENTED = "represented"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


FINAL = frozenset({ClaimState.GRANTED, ClaimState.REFUSED, ClaimState.WITHDRAWN})


class ClaimVerdict(StrEnum):
    """Verdicts of a person on a claim.

    ``confirm`` and ``return`` are a second person's, about a decision above the limit; ``represent`` contests a
    chargeback with the bank.
    """

    GRANT = "grant"
    REFUSE = "refuse"
    CONFIRM = "confirm"
    RETURN = "return"
    REPRESENT = "represent"


class ProofKind(StrEnum):
    """Kinds of things that a claim's evidence refers to."""

    PROOF = "proof"
    EVENT = "event"
    MESSAGE = "message"
    EXTERNAL = "external"


class ClaimEvidence(Value):
    """A thing that a claim refers to, by its id here or at the one who claims."""

    kind: ProofKind
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$")]


class Award(Value):
    """Amounts that a decision grants, in one currency; none is below zero.

    Parameters
    ----------
    goods : Money
        Paid to the merchant for the goods.
    charge, tip : Money
        Given back to the merchant of what was charged. The driver keeps the tip.
    from_driver : Money
        Taken from the driver's pay; the platform bears the rest.
    to_driver : Money
        Paid to the driver, whose pay was wrong.
    """

    goods: Money
    charge: Money
    tip: Money
    from_driver: Money
    to_driver: Money

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len({amount.currency for _, amount in self}) > 1:
            raise ValueError("all amounts of an award have one currency")
        if any(amount.amount < 0 for _, amount in self):
            raise ValueError("no amount of an award is below zero")
        if self.from_driver.amount > self.goods.amount + self.charge.amount:
            raise ValueError("a driver bears no more than the merchant gets for goods and charge")
        return self

    @classmethod
    def none(cls, currency: str) -> Self:
        """Return the award of nothing."""
        return cls(**dict.fromkeys(cls.model_fields, Money.zero(currency)))

    @property
    def refund(self) -> Money:
        """The part of charge and tip that is given back."""
        return self.charge + self.tip

    @property
    def total(self) -> Money:
        """The amount that leaves the platform; limits count it."""
        return self.refund + self.goods + self.to_driver

    @property
    def is_nothing(self) -> bool:
        """True if no money moves."""
        return not self.total.amount and not self.from_driver.amount


class Given(Value):
    """Minor units that earlier claims gave and that count against the matrix's shares.

    Parameters
    ----------
    charge, tip : int
        By claims of the same kind: what the matrix gives back for a kind, it gives back once for a delivery.
    pay : int
        Laid on the driver by claims of the same kind, which bounds a person as well.
    goods : int
        By claims of any kind, where the goods' worth is not known.
    """

    charge: int = 0
    tip: int = 0
    pay: int = 0
    goods: int = 0


class Left(Value):
    """Amounts that may still be granted on a delivery, after earlier claims: no more is refunded than was charged.

    Parameters
    ----------
    charge, tip, pay : Money
        Charge and tip that were not refunded, and pay that was not laid on the driver.
    goods : Money or None
        The rest of the goods' worth; None if it is not known.
    given : Given
        What bounds the matrix besides; of it only ``pay`` bounds a person.
    unnamed : Money or None
        The most that time alone grants for goods whose worth is not known, as nobody has looked at what was claimed.
    """

    charge: Money
    tip: Money
    pay: Money
    goods: Money | None = None
    given: Given = Given()
    unnamed: Money | None = None

    def of_pay(self, most: Money) -> Money:
        """Return what a claim may lay on the driver, of the most that its kind may lay on them for the delivery."""
        return least(most - Money(amount=self.given.pay, currency=most.currency), self.pay)

    @property
    def by_time(self) -> Self:
        """The rest as it is if nobody decides; a limit in another currency, as after a zone's change, is 0."""
        if self.goods is not None or self.unnamed is None:
            return self
        currency = self.charge.currency
        most = self.unnamed if self.unnamed.currency == currency else Money.zero(currency)
        return self.model_copy(update={"goods": most})


def share(amount: Money, percent: int) -> Money:
    """Return a share of an amount, rounded half to even to a whole minor unit."""
    return amount.times(Decimal(percent) / 100, ROUND_HALF_EVEN)


def least(one: Money, other: Money | None) -> Money:
    """Return the smaller of two amounts of one currency; the first one if there is no other, and never below zero."""
    most = one if other is None else other
    smaller = min(one.amount, (one - one + most).amount)
    return Money(amount=max(0, smaller), currency=one.currency)


def award_of(cell: Cell, asked: Money, booked: Booked, left: Left) -> Award:
    """Return what the matrix grants: its shares of claimed goods, charge and tip, as far as they are left.

    What earlier claims gave counts, or the same claim under another reference would be granted again. Nothing is laid
    on the driver: only a person does that.
    """
    nothing, given = Money.zero(asked.currency), left.given

    def beyond(amount: Money, percent: int, gone: int) -> Money:
        return share(amount, percent) - Money(amount=gone, currency=amount.currency)

    return Award(
        goods=least(beyond(asked, cell.goods, given.goods), left.goods),
        charge=least(beyond(booked.charge, cell.charge, given.charge), left.charge),
        tip=least(beyond(booked.tip, cell.tip, given.tip), left.tip),
        from_driver=nothing,
        to_driver=nothing,
    )


class Proposed(Value):
    """A grant above the limit of one person, which waits for another one."""

    award: Award
    by: str
    at: Moment


class ClaimDecision(Value):
    """The end of a claim: by a person, by the matrix at once, or by time."""

    award: Award
    at: Moment
    by: str
    confirmed_by: str | None = None
    lapsed: bool = Field(default=False, description="True if nobody decided in time")
