"""The steps of the settlement cycle, called by its state machine and its schedule: ``{"step": "...", ...}``."""

import os
from collections.abc import Callable
from datetime import date
from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import logger, metrics
from crowdship.adapters.tracing import tracer
from crowdship.settlement import service
from crowdship.settlement.executions import Executions
from crowdship.settlement.rail import rail_from

clock = clock_from()


def _open(given: dict[str, Any]) -> dict[str, Any]:
    named = given.get("period")
    return {"period": str(service.open_period(date.fromisoformat(named) if named else None, clock))}


def _book(given: dict[str, Any]) -> dict[str, Any]:
    return {"period": given["period"], "booked": service.book_missing(date.fromisoformat(given["period"]))}


def _close(given: dict[str, Any]) -> dict[str, Any]:
    service.close(date.fromisoformat(given["period"]), clock)
    return {"period": given["period"]}


def _statements(given: dict[str, Any]) -> dict[str, Any]:
    return {"period": given["period"], "payouts": service.state(date.fromisoformat(given["period"]), clock)}


def _pay(given: dict[str, Any]) -> dict[str, Any]:
    payout = service.pay(given["payout_id"], rail_from(), clock)
    return {"payout_id": payout.id, "state": payout.state}


def _compensate(given: dict[str, Any]) -> dict[str, Any]:
    payout = service.compensate(given["payout_id"], given["error"], clock)
    return {"payout_id": payout.id, "state": payout.state}


def _finish(given: dict[str, Any]) -> dict[str, Any]:
    service.finish(date.fromisoformat(given["period"]), clock)
    return {"period": given["period"]}


def _catch_up(given: dict[str, Any]) -> dict[str, Any]:
    started = service.catch_up(Executions(os.environ["SETTLEMENT_CYCLE_ARN"]), clock)
    return {"started": [str(period) for period in started]}


STEPS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "catch_up": _catch_up,
    "open": _open,
    "book": _book,
    "close": _close,
    "statements": _statements,
    "pay": _pay,
    "compensate": _compensate,
    "finish": _finish,
}


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run one step; a repeated step returns the same answer."""
    logger.info("step", given=event)
    return STEPS[event["step"]](event)
