"""A driver's own earnings."""

from datetime import date
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from crowdship.kernel.clock import Moment, clock_from
from crowdship.kernel.events import Value
from crowdship.kernel.http import DRIVERS, Api, serve
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, PricePart
from crowdship.settlement import service
from crowdship.settlement.model import Kind, Line, Payout, PayoutState, Sums

api = Api()
clock = clock_from()


class EarningsLine(Value):
    """What one delivery, or one correction, brought."""

    delivery_id: str | None
    kind: Kind
    outcome: Outcome | None
    time: Moment
    parts: tuple[PricePart, ...]
    tip: Money
    total: Money
    note: str | None

    @classmethod
    def of(cls, line: Line) -> "EarningsLine":
        """Return the view of a line."""
        return cls(
            delivery_id=line.delivery_id,
            kind=line.kind,
            outcome=line.outcome,
            time=line.time,
            parts=line.parts,
            tip=line.tip,
            total=line.total,
            note=line.note,
        )


class EarningsSum(Value):
    """A period's lines added up: pay for trips, tips apart."""

    currency: str
    sums: Sums
    total: Money


class PayoutLine(Value):
    """What was paid for the period."""

    payout_id: str
    amount: Money
    state: PayoutState
    decided_at: Moment | None
    reason: str | None

    @classmethod
    def of(cls, payout: Payout) -> "PayoutLine":
        """Return the view of a payout."""
        return cls(
            payout_id=payout.id,
            amount=payout.amount,
            state=payout.state,
            decided_at=payout.decided_at,
            reason=payout.reason,
        )


class Earnings(Value):
    """A driver's day."""

    period: date
    driver_id: str
    lines: tuple[EarningsLine, ...]
    totals: tuple[EarningsSum, ...]
    payouts: tuple[PayoutLine, ...]


@api.get("/v1/driver/earnings", tags=["driver"])
def earnings(
    period: Annotated[date | None, Query(description="A day; today if left out")] = None,
) -> Earnings:
    """Return what the calling driver earned on a day, line by line, and what was paid for it."""
    driver_id = api.caller(DRIVERS)
    day = period or clock.now().date()
    found = service.earnings(driver_id, day)
    return Earnings(
        period=day,
        driver_id=driver_id,
        lines=tuple(EarningsLine.of(line) for line in found.lines),
        totals=tuple(
            EarningsSum(currency=currency, sums=sums, total=sums.total)
            for currency, sums in found.sums.items()
        ),
        payouts=tuple(PayoutLine.of(payout) for payout in found.payouts),
    )


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
