"""Views of instant pay, as the app asks and is answered."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field

from crowdship.kernel.events import Value
from crowdship.kernel.money import Money, digits_of
from crowdship.payouts.instant.model import AtHand, InstantDay, Obstacle, Room
from crowdship.payouts.instant.terms import InstantTerms


def _above_zero(amount: Money) -> Money:
    digits_of(amount.currency)
    if amount.amount <= 0:
        raise ValueError("order an amount above zero, in minor units")
    return amount


class InstantOrder(Value):
    """An order of instant pay."""

    amount: Annotated[Money, AfterValidator(_above_zero)] = Field(
        description="What it takes from the account, with the fee"
    )
    again: bool = Field(default=False, description="True to order an amount that was ordered within the last 24 hours")


class FeeTerms(Value):
    """Rule of the fee: a share of the amount within bounds."""

    basis_points: int = Field(description="Hundredths of a percent")
    least: Money
    most: Money


class InstantQuote(Value):
    """Quote of what a driver could be paid at once."""

    at_hand: Money = Field(description="Earned and not paid, less debts")
    available: Money = Field(description="The most that can be ordered now, with the fee")
    fee: Money = Field(description="Fee of all that is available")
    arrives: Money = Field(description="What arrives of all that is available")
    obstacle: Obstacle | None = Field(description="Why nothing can be ordered now")
    least: Money | None = Field(description="The least order")
    terms: FeeTerms | None
    orders_left: int | None = Field(description="Orders that are left today (UTC)")

    @classmethod
    def of(cls, hand: AtHand, room: Room, terms: InstantTerms, own: InstantDay) -> Self:
        """Return the quote of what there is room for."""
        nothing = Money.zero(terms.currency)
        available = nothing if room.obstacle else room.most
        fee = terms.fee(available) if available.amount else nothing
        return cls(
            at_hand=hand.amount,
            available=available,
            fee=fee,
            arrives=available - fee,
            obstacle=room.obstacle,
            least=Money(amount=terms.least, currency=terms.currency),
            terms=_fee_terms(terms),
            orders_left=max(terms.driver_count - own.count, 0),
        )

    @classmethod
    def none(cls, hand: AtHand, obstacle: Obstacle, terms: InstantTerms | None = None) -> Self:
        """Return the quote of a driver who can order nothing."""
        nothing = Money.zero(hand.amount.currency)
        return cls(
            at_hand=hand.amount,
            available=nothing,
            fee=nothing,
            arrives=nothing,
            obstacle=obstacle,
            least=Money(amount=terms.least, currency=terms.currency) if terms else None,
            terms=_fee_terms(terms) if terms else None,
            orders_left=None,
        )


def _fee_terms(terms: InstantTerms) -> FeeTerms:
    def money(amount: int) -> Money:
        return Money(amount=amount, currency=terms.currency)

    return FeeTerms(basis_points=terms.fee_basis_points, least=money(terms.fee_least), most=money(terms.fee_most))
