"""Views of calculations, for staff and for the driver."""

from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.pay_floors.calculation import Calculation, CountedWork, TrueUp
from crowdship.pay_floors.steps import FloorStep


class PayFloorView(Value):
    """A driver's pay in a pay period, compared with the least that law lets them earn.

    Parameters
    ----------
    least, earned, short : Money
        The floor, pay without tips, and what is owed for it.
    share : Money
        The driver's part of what all drivers together are short.
    paid : Money
        Sum of the true-ups.
    steps : tuple of FloorStep
        How the floor was found: what was counted, the figures of law with their source and status, and the amounts.
    is_certain : bool
        False if a figure of law is derived or pending, so that finance looks at it.
    works : tuple of CountedWork
        What was counted; left out in lists of many drivers.
    """

    calculation_id: str
    driver_id: str
    jurisdiction: str
    title: str
    first: Day
    last: Day
    begins: Moment
    ends: Moment
    deadline: Moment
    reckoned_at: Moment
    engaged_s: int = Field(description="Engaged time, each moment once, seconds")
    on_call_s: int = Field(description="Time on duty without work, seconds; 0 where it is not counted")
    least: Money
    earned: Money
    short: Money
    share: Money
    paid: Money
    is_certain: bool
    steps: tuple[FloorStep, ...]
    true_ups: tuple[TrueUp, ...]
    works: tuple[CountedWork, ...]

    @classmethod
    def of(cls, one: Calculation, *, with_works: bool) -> Self:
        """Return the view of a calculation."""
        same = {"driver_id", "jurisdiction", "title", "first", "last", "begins", "ends", "deadline", "reckoned_at"}
        return cls(
            calculation_id=one.id,
            engaged_s=one.figures.engaged_us // 10**6,
            on_call_s=one.figures.on_call_us // 10**6,
            least=one.reckoning.least,
            earned=one.reckoning.earned,
            short=one.reckoning.short,
            share=one.share,
            paid=one.paid,
            is_certain=one.reckoning.is_certain,
            steps=one.reckoning.steps,
            true_ups=one.true_ups,
            works=one.figures.works if with_works else (),
            **{name: getattr(one, name) for name in same},
        )


class PayFloors(Value):
    """A page of calculations; ``next_cursor`` is null after the last one."""

    pay_floors: tuple[PayFloorView, ...]
    next_cursor: str | None
