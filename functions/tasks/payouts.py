"""Steps of pay runs; their state machine and their schedule send ``{"step": "...", ...}``."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import logger, metrics
from crowdship.adapters.settings import settings
from crowdship.adapters.tracing import tracer
from crowdship.payouts.registry import provider
from crowdship.payouts.runs import schedule, steps
from crowdship.payouts.runs.files import FileStore
from crowdship.settlement.cycle.executions import Executions

clock = clock_from()

UNDECIDED_FOR = timedelta(hours=6)
"""Time after which a payout that is neither sent nor refused is told of."""


def _period(given: dict[str, Any]) -> date:
    return date.fromisoformat(given["period"])


def _start(given: dict[str, Any]) -> dict[str, Any]:
    run, started = schedule.start(_period(given), Executions(settings().pay_run, "pay"), clock)
    return {"period": given["period"], "run_id": run.id, "started": started}


def _open(given: dict[str, Any]) -> dict[str, Any]:
    return {"period": str(steps.open_run(_period(given), clock).period), "cursor": None}


def _take_in(given: dict[str, Any]) -> dict[str, Any]:
    return {"period": given["period"], "cursor": steps.take_in(_period(given), given["cursor"])}


def _batches(given: dict[str, Any]) -> dict[str, Any]:
    return {"period": given["period"], "batches": list(range(steps.make_batches(_period(given))))}


def _pay(given: dict[str, Any]) -> dict[str, Any]:
    return {"drivers": steps.pay_batch(_period(given), int(given["batch"]), provider(), clock)}


def _file(given: dict[str, Any]) -> dict[str, Any]:
    count = steps.write_file(_period(given), provider(), FileStore.configured, clock)
    return {"period": given["period"], "filed": count, "start": 0}


def _note_filed(given: dict[str, Any]) -> dict[str, Any]:
    start = steps.note_filed(_period(given), given["start"], FileStore.configured, clock)
    return {"period": given["period"], "start": start}


def _finish(given: dict[str, Any]) -> dict[str, Any]:
    return {"period": str(steps.finish(_period(given), clock).period)}


def _catch_up(given: dict[str, Any]) -> dict[str, Any]:
    return schedule.look(provider(), Executions(settings().pay_run, "pay"), UNDECIDED_FOR, clock)


STEPS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "catch_up": _catch_up,
    "start": _start,
    "open": _open,
    "take_in": _take_in,
    "batches": _batches,
    "pay": _pay,
    "file": _file,
    "note_filed": _note_filed,
    "finish": _finish,
}


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do one step; a step may be repeated and then answers the same."""
    logger.info("step", given=event)
    return STEPS[event["step"]](event)
