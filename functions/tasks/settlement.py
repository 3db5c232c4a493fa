"""Steps of the settlement cycle; its state machine and its schedule send ``{"step": "...", ...}``."""

from collections.abc import Callable
from datetime import date
from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import logger, metrics
from crowdship.adapters.settings import settings
from crowdship.adapters.tracing import tracer
from crowdship.settlement import booking
from crowdship.settlement.cycle import schedule, steps
from crowdship.settlement.cycle.executions import Executions

clock = clock_from()


def _open(given: dict[str, Any]) -> dict[str, Any]:
    named = given.get("period")
    return {"period": str(steps.open_period(date.fromisoformat(named) if named else None, clock))}


def _book(given: dict[str, Any]) -> dict[str, Any]:
    return {"period": given["period"], "booked": booking.book_missing(date.fromisoformat(given["period"]))}


def _close(given: dict[str, Any]) -> dict[str, Any]:
    steps.close_period(date.fromisoformat(given["period"]), clock)
    return {"period": given["period"]}


def _statements(given: dict[str, Any]) -> dict[str, Any]:
    steps.write_statements(date.fromisoformat(given["period"]), clock)
    return {"period": given["period"]}


def _finish(given: dict[str, Any]) -> dict[str, Any]:
    steps.finish_period(date.fromisoformat(given["period"]), clock)
    return {"period": given["period"]}


def _catch_up(given: dict[str, Any]) -> dict[str, Any]:
    started = schedule.catch_up(Executions(settings().settlement_cycle), clock)
    return {"started": [str(period) for period in started]}


STEPS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "catch_up": _catch_up,
    "open": _open,
    "book": _book,
    "close": _close,
    "statements": _statements,
    "finish": _finish,
}


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do one step; a step may be repeated and then answers the same."""
    logger.info("step", given=event)
    return STEPS[event["step"]](event)
