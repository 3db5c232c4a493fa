"""Sums of what claims granted on one delivery, so that never more is refunded than was charged. Pure."""

from typing import Self

from crowdship.claims.facts import Booked
from crowdship.claims.matrix import ClaimKind
from crowdship.claims.values import Award, Given, Left
from crowdship.kernel.events import Aggregate
from crowdship.kernel.money import Money


class Refunds(Aggregate):
    """Minor units that claims granted on a delivery; its id is the delivery's.

    Parameters
    ----------
    charge, tip, goods : int
        Given to the merchant.
    from_driver : int
        Taken from the driver's pay.
    held : int
        Pay that open claims have on hold.
    by_kind : dict
        Charge, tip and the driver's part by kind of claim; sums from before this was kept are of no kind.
    """

    charge: int = 0
    tip: int = 0
    goods: int = 0
    from_driver: int = 0
    held: int = 0
    by_kind: dict[ClaimKind, Given] = {}  # noqa: RUF012 - pydantic copies it

    def left(self, booked: Booked, goods_value: Money | None, kind: ClaimKind) -> Left:
        """Return what may still be granted by a claim of a kind, by what is booked now."""
        currency = booked.charge.currency

        def rest(amount: Money, gone: int) -> Money:
            return Money(amount=max(0, amount.amount - gone), currency=currency)

        return Left(
            charge=rest(booked.charge, self.charge),
            tip=rest(booked.tip, self.tip),
            pay=rest(booked.pay, self.from_driver),
            goods=None if goods_value is None else rest(goods_value, self.goods),
            given=self._of(kind).model_copy(update={"goods": self.goods if goods_value is None else 0}),
        )

    def _of(self, kind: ClaimKind) -> Given:
        return self.by_kind.get(kind, Given())

    def left_to_hold(self, left: Left) -> Left:
        """Return what may still be granted, without the pay that other claims hold already."""
        rest = max(0, left.pay.amount - self.held)
        return left.model_copy(update={"pay": Money(amount=rest, currency=left.pay.currency)})

    def with_award(self, award: Award, kind: ClaimKind) -> Self:
        """Return the sums with one more award, by a claim of a kind."""
        before = self._of(kind)
        of_kind = Given(
            charge=before.charge + award.charge.amount,
            tip=before.tip + award.tip.amount,
            pay=before.pay + award.from_driver.amount,
        )
        return self.with_changes(
            by_kind={**self.by_kind, kind: of_kind},
            charge=self.charge + award.charge.amount,
            tip=self.tip + award.tip.amount,
            goods=self.goods + award.goods.amount,
            from_driver=self.from_driver + award.from_driver.amount,
        )

    def with_hold(self, amount: int) -> Self:
        """Return the sums with more pay on hold, or less if the amount is below zero."""
        return self.with_changes(held=self.held + amount)
