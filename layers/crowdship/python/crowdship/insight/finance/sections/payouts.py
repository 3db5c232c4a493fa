"""Payouts of the period by state, and each that failed."""

from collections import defaultdict

from crowdship.insight.finance.content import Column, Content, Kind, Row, Table
from crowdship.insight.finance.model import span_days
from crowdship.insight.finance.sections.scope import Scope
from crowdship.kernel.money import Money
from crowdship.payouts.model import BACK

BY_STATE = (
    Column("day"),
    Column("state", Kind.CODE),
    Column("count", Kind.COUNT),
    Column("amount", Kind.MONEY),
    Column("currency"),
)
FAILED = (
    Column("driver"),
    Column("day"),
    Column("amount", Kind.MONEY),
    Column("currency"),
    Column("reason"),
    Column("payout"),
)
SOURCE = "settlement: payouts"


def section(scope: Scope) -> Content:
    """Return count and sum of the payouts of each day and state, and those that failed one by one."""
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    failed: list[Row] = []
    for day in span_days(scope.first, scope.last):
        for payout in scope.sources.payouts(day):
            group = groups[day.isoformat(), payout.state.value, payout.amount.currency]
            group[0] += 1
            group[1] += payout.amount.amount
            if payout.state in BACK:
                reason = payout.code or payout.reason or ""
                failed.append(
                    (payout.driver_id, day.isoformat(), payout.amount, payout.amount.currency, reason, payout.id)
                )
    rows: list[Row] = [
        (day, state, count, Money(amount=amount, currency=currency), currency)
        for (day, state, currency), (count, amount) in sorted(groups.items())
    ]
    tables = [Table.whole("payouts", BY_STATE, rows, SOURCE, brief=("day", "count", "amount"), under="state")]
    if failed:
        tables.append(Table.whole("payouts_failed", FAILED, failed, SOURCE, brief=("driver", "amount"), under="reason"))
    return Content("payouts", "pay", tables=tuple(tables))
