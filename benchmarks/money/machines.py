"""The state machines of money, walked in this process: each state calls the step that its Lambda function calls.

``CLOSE`` and ``PAY_RUN`` name the steps in their order; a test compares them with the machines as they are deployed.
A machine that fails or is killed is started again from its first state, as the clock does within the hour.
"""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import batched

from crowdship.kernel.clock import Clock
from crowdship.payouts.provider import PaymentRailUnavailable, PayoutProvider
from crowdship.payouts.runs import steps as runs
from crowdship.payouts.runs.files import FileStore
from crowdship.payouts.runs.model import PayRun
from crowdship.settlement import booking
from crowdship.settlement.balances.store import DayTotals
from crowdship.settlement.clearing import service as clearing
from crowdship.settlement.cycle import stating, steps
from crowdship.settlement.cycle.model import Piece

CLOSE = ("open", "book", "close", "sum", "plan", "state", "finish")
"""Steps of the machine ``settlement-cycle`` for a day that is named."""

PAY_RUN = ("open", "take_in", "batches", "pay", "file", "note_filed", "finish")
"""Steps of the machine ``pay-run``."""

PAY_RETRIES = 5
"""Times that the machine pays a batch again whose payouts the provider did not all answer."""


class Killed(BaseException):
    """The process ends here; nothing of it may go on, as nothing would after a kill."""


def _batches(piece: Piece) -> Iterator[tuple[int, ...]]:
    return batched(piece.items, piece.at_once, strict=False)


def close(period: date, clock: Clock) -> DayTotals:
    """Close a day."""
    shards = steps.open_period(period, clock)
    for some in _batches(shards):
        booking.book_missing(period, some)
    steps.close_period(period, clock)
    return compare(shards, clock)


def reclose(period: date, clock: Clock) -> DayTotals:
    """Count a finished day anew, and compare what is stored with it.

    Raises
    ------
    BooksDontBalance
        If they differ.
    """
    return compare(steps.reopened(period), clock)


def compare(shards: Piece, clock: Clock) -> DayTotals:
    """Go through the steps from ``sum`` on."""
    for some in _batches(shards):
        stating.sum_shards(shards.period, some)
    parts = steps.plan_parts(shards.period)
    for some in _batches(parts):
        stating.state_parts(parts.period, some, clock)
    clearing.measure(clock)
    return steps.finish_period(shards.period, clock)


def pay_run(period: date, provider: PayoutProvider, bucket: Callable[[], FileStore], clock: Clock) -> PayRun:
    """Pay what is due of a closed day.

    Raises
    ------
    PayoutsUndecided
        If the provider did not say of some payouts whether it took them.
    """
    runs.open_run(period, clock)
    cursor = runs.take_in(period, None)
    while cursor is not None:
        cursor = runs.take_in(period, cursor)
    for number in range(runs.make_batches(period)):
        _pay(period, number, provider, clock)
    runs.write_file(period, provider, bucket, clock)
    start = runs.note_filed(period, 0, bucket, clock)
    while start is not None:
        start = runs.note_filed(period, start, bucket, clock)
    return runs.finish(period, clock)


def _pay(period: date, number: int, provider: PayoutProvider, clock: Clock) -> None:
    """Pay a batch, with the machine's retries; one that is not paid whole is left to the last step."""
    for _ in range(1 + PAY_RETRIES):
        try:
            runs.pay_batch(period, number, provider, clock)
        except PaymentRailUnavailable:
            continue
        except Exception:  # the machine catches all errors here
            return
        return


def restarted[T](run: Callable[[], T], most: int = 20) -> T:
    """Return what a machine ends with, started again each time that it fails or is killed."""
    for _ in range(most):
        try:
            return run()
        except Killed:
            continue
    raise AssertionError(f"a machine was killed {most} times")
