"""Steps of the settlement cycle; its state machine and its schedule send ``{"step": "...", ...}``."""

from collections.abc import Callable
from datetime import date
from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import logger, metrics
from crowdship.adapters.settings import settings
from crowdship.adapters.tracing import tracer
from crowdship.settlement import booking
from crowdship.settlement.clearing import service as clearing
from crowdship.settlement.cycle import schedule, stating, steps
from crowdship.settlement.cycle.executions import Executions

clock = clock_from()


def _open(given: dict[str, Any]) -> dict[str, Any]:
    named = given.get("period")
    return steps.open_period(date.fromisoformat(named) if named else None, clock).model_dump(mode="json")


def _reopen(given: dict[str, Any]) -> dict[str, Any]:
    return steps.reopened(date.fromisoformat(given["period"])).model_dump(mode="json")


def _book(given: dict[str, Any]) -> dict[str, Any]:
    return {"booked": booking.book_missing(date.fromisoformat(given["period"]), given["items"])}


def _close(given: dict[str, Any]) -> dict[str, Any]:
    steps.close_period(date.fromisoformat(given["period"]), clock)
    return {"period": given["period"]}


def _sum(given: dict[str, Any]) -> dict[str, Any]:
    return {"postings": stating.sum_shards(date.fromisoformat(given["period"]), given["items"])}


def _plan(given: dict[str, Any]) -> dict[str, Any]:
    return steps.plan_parts(date.fromisoformat(given["period"])).model_dump(mode="json")


def _state(given: dict[str, Any]) -> dict[str, Any]:
    stating.state_parts(date.fromisoformat(given["period"]), given["items"], clock)
    return {"parts": len(given["items"])}


def _finish(given: dict[str, Any]) -> dict[str, Any]:
    clearing.measure(clock)
    steps.finish_period(date.fromisoformat(given["period"]), clock)
    return {"period": given["period"]}


def _catch_up(given: dict[str, Any]) -> dict[str, Any]:
    started = schedule.catch_up(Executions(settings().settlement_cycle), clock)
    compared = schedule.compare(Executions(settings().settlement_cycle), clock)
    return {"started": [str(period) for period in started], "compared": compared and str(compared)}


STEPS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "catch_up": _catch_up,
    "open": _open,
    "reopen": _reopen,
    "book": _book,
    "close": _close,
    "sum": _sum,
    "plan": _plan,
    "state": _state,
    "finish": _finish,
}


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do one step; a step may be repeated and then answers the same."""
    logger.info("step", given=event)
    return STEPS[event["step"]](event)
