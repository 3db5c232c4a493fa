"""Tally closed days of the ledger, offset deposits, and do what time brings for payees; called every quarter hour."""

from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.tracing import tracer
from crowdship.tax import deposits, due, tally, years
from crowdship.tax.bucket import TaxFiles
from crowdship.tax.deadlines import warn_of_forms
from crowdship.tax.matching.registry import matcher
from crowdship.tax.notices import write_letter
from crowdship.tax.payer import payer
from crowdship.tax.queue import send

clock = clock_from()


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Return how many days were tallied, how many payees were due, and how many tasks were sent on."""
    days = tally.tally_closed_days(clock)
    if days:
        deposits.use_over_deposits(clock)
    sent = years.again(send, clock)
    warn_of_forms(clock)
    looked = due.sweep(matcher(), lambda one: write_letter(one, payer(), TaxFiles.configured(), clock), clock)
    return {"days": days, "payees": looked, "tasks": sent}
