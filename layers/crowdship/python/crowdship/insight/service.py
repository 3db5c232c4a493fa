"""Use case of insight: mail the report on a settled period."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import boto3

from crowdship.insight.report import Report, as_email
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.merchants import service as merchants
from crowdship.payouts import queries as payouts
from crowdship.settlement import queries
from crowdship.settlement.accounts import owner_id
from crowdship.settlement.cycle import record
from crowdship.settlement.cycle.model import SettlementStatus
from crowdship.settlement.statements import Statement


@cache
def _ses() -> Any:
    return boto3.client("ses")


def report(period: date, sender: str, recipient: str, clock: Clock) -> bool:
    """Mail the report on a finished settlement, once; return whether this call sent it.

    The report is noted on the settlement after it was sent, so a run that stops in between sends it twice.

    Raises
    ------
    NotFound
        If the settlement of the period was not begun.
    Conflict
        If the settlement isn't finished.
    """
    settlement = record.find(period)
    if settlement.status is not SettlementStatus.FINISHED:
        raise Conflict("not_finished", f"{period} is {settlement.status}; it is reported when it is finished.")
    if settlement.reported_at:
        return False
    statements = queries.every_statement(period)
    made = list(payouts.made_by_run(period))
    finished = Report.of(period, statements, made, queries.balance(period, period), _names(statements))
    message = as_email(finished, sender, recipient)
    _ses().send_raw_email(Source=sender, Destinations=[recipient], RawMessage={"Data": message.as_bytes()})
    record.note_reported(period, clock)
    return True


def _names(statements: Sequence[Statement]) -> dict[str, str]:
    """Return the names of the merchants that have a statement."""
    owners = {owner_id(statement.owner) for statement in statements if statement.driver_id is None}
    names = {}
    for merchant_id in owners:
        try:
            names[merchant_id] = merchants.get(merchant_id).name
        except NotFound:
            names[merchant_id] = ""
    return names
