"""The end of a day: closing the books, paying the drivers, and reading the results as staff do."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from local.city.api import Caller, RefusedError
from local.running import RunningStack

LONGEST_S = 180.0
DONE = "finished"


class BooksError(Exception):
    """The settlement did not come to its end."""


@dataclass
class Settled:
    """The settlements of the days of a play.

    Parameters
    ----------
    closed_before : list of date
        Days that an earlier play had settled; deliveries made on them since are in the books of the next day.
    """

    periods: list[dict[str, Any]] = field(default_factory=list)
    closed_before: list[date] = field(default_factory=list)


def days(first: date, last: date) -> list[date]:
    """Return the days from one to another."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def status_of(staff: Caller, day: date) -> dict[str, Any] | None:
    """Return the settlement of a day, or None if nobody began it."""
    try:
        told: dict[str, Any] = staff.get(f"/v1/staff/settlements/{day}")
    except RefusedError as refused:
        if refused.status == 404:
            return None
        raise
    return told


def settle(staff: Caller, day: date) -> dict[str, Any]:
    """Start the settlement of a day and wait until it is finished and paid.

    Raises
    ------
    BooksError
        If it takes too long.
    """
    staff.post("/v1/staff/settlements", {"period": str(day)})
    deadline = time.monotonic() + LONGEST_S
    while True:
        told = status_of(staff, day)
        if told and told["finished_at"] and told["pay_run"] == "finished":
            return told
        if time.monotonic() > deadline:
            status = told["status"] if told else "not begun"
            raise BooksError(f"the settlement of {day} is {status} after {LONGEST_S:.0f} s; see `make logs`")
        time.sleep(0.5)


def settle_days(staff: Caller, first: date, last: date) -> Settled:
    """Settle the days of a play; a day that was settled before stays as it is."""
    result = Settled()
    for day in days(first, last):
        known = status_of(staff, day)
        if known and known["finished_at"]:
            result.closed_before.append(day)
        result.periods.append(settle(staff, day))
    return result


def trial_balance(staff: Caller, first: date, last: date) -> dict[str, Any]:
    """Return the trial balance from one day to another."""
    told: dict[str, Any] = staff.get("/v1/staff/ledger/trial-balance", period=str(first), to=str(last))
    return told


def off_by(balance: dict[str, Any]) -> int:
    """Return the imbalance of a trial balance, in minor units."""
    return sum(abs(money["amount"]) for money in balance["difference"])


def earned(app: Caller, first: date, last: date, delivery_ids: set[str]) -> int:
    """Return what a driver earned with some deliveries, in minor units."""
    total = 0
    for day in days(first, last):
        lines = app.get("/v1/driver/earnings", period=str(day))["lines"]
        total += sum(line["total"]["amount"] for line in lines if line["delivery_id"] in delivery_ids)
    return total


def waiting(stack: RunningStack, *queues: str) -> int:
    """Return the number of messages in some queues: visible, in flight and delayed."""
    sqs = stack.client("sqs")
    names = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    ]
    total = 0
    for queue in queues:
        url = stack.outputs.get(f"{queue}QueueUrl")
        if url:
            told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            total += sum(int(value) for value in told.values())
    return total


def wait_until_quiet(stack: RunningStack, *queues: str, longest_s: float = 60.0) -> int:
    """Wait until some queues are empty twice in a row; return the number of messages left after ``longest_s``."""
    deadline = time.monotonic() + longest_s
    empty = 0
    while empty < 2:
        left = waiting(stack, *queues)
        empty = empty + 1 if left == 0 else 0
        if time.monotonic() > deadline:
            return left
        time.sleep(0.6)
    return 0
