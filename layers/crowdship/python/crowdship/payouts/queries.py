"""Queries of payouts: lists for staff, runs, schedules, and a driver's earnings with their payouts."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import batched

from crowdship.adapters.settings import settings
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.cursors import cursor_of, position_of
from crowdship.kernel.errors import NotFound, Unprocessable
from crowdship.payouts.model import OPEN, Payout, PayoutState
from crowdship.payouts.provider import Speed
from crowdship.payouts.runs import record
from crowdship.payouts.runs.files import FileStore
from crowdship.payouts.runs.model import PayRun, run_id_for
from crowdship.payouts.schedule import Cadence, PaySchedule, payday
from crowdship.payouts.store import ClaimRow, PayoutRow, PayRunRow, RunPayoutRow, ScheduleRow
from crowdship.payouts.views import Earnings, Overview, PayoutPage, PayRunPage, PayRunView, ScheduleView
from crowdship.settlement import queries as books
from crowdship.settlement.ledger import PostingKind
from crowdship.settlement.statements import StatementLine, statement_id_for

READ_AT_ONCE = 100
FIRST_YEAR = 2020
"""Year before which no run is looked for."""

PLACE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z|[a-z_]+)#pay_[0-9a-z]+")
"""Place of a payout in a list: when it was made, or its state, and its id."""


def page(
    driver_id: str | None, period: date | None, state: PayoutState | None, cursor: str | None, limit: int
) -> PayoutPage:
    """Return payouts of a driver, of a period, or those in an open state, of any period.

    Raises
    ------
    Unprocessable
        ``filter_needed`` without a driver, a period or an open state; ``bad_cursor``.
    """
    query = f"{driver_id or ''}/{period or ''}/{state or ''}"
    after = position_of(cursor, PLACE, query) if cursor else None
    if driver_id:
        return _page(query, *_of_driver(driver_id, period, state, after, limit))
    if period:
        return _page(query, *PayoutRow.of_run(period, state, after, limit))
    if state in OPEN:
        return _page(query, *PayoutRow.open_in(state, after, limit))
    open_states = ", ".join(sorted(OPEN))
    detail = f"Name a driver_id or a period; a state alone must be one of {open_states}."
    raise Unprocessable("filter_needed", detail, "/query/period")


def _page(query: str, payouts: list[Payout], following: str | None) -> PayoutPage:
    return PayoutPage.of(payouts, cursor_of(following, query) if following else None)


def _of_driver(
    driver_id: str, period: date | None, state: PayoutState | None, after: str | None, limit: int
) -> tuple[list[Payout], str | None]:
    payouts, following = PayoutRow.of_driver(driver_id, after, limit)
    fits = [one for one in payouts if period in (None, one.period) and state in (None, one.state)]
    return fits, following


def runs(period: date | None, cursor: date | None, limit: int, clock: Clock) -> PayRunPage:
    """Return pay runs, the newest first, those before a cursor; or the one of a period, with a link to its bank file.

    Raises
    ------
    NotFound
        If the run of the period was not begun.
    """
    if period:
        run = record.find(period)
        url = FileStore.configured().link(run.file.key) if run.file else None
        return PayRunPage(runs=(PayRunView.of(run, url),))
    before = cursor
    found: list[PayRun] = []
    year = before.year if before else clock.now().year
    while len(found) < limit and year >= max(FIRST_YEAR, (cursor or clock.now()).year - 1):
        found += PayRunRow.of_year(year, before, limit - len(found))
        year, before = year - 1, None
    full = len(found) == limit
    return PayRunPage(runs=tuple(map(PayRunView.of, found)), next_cursor=found[-1].period if full else None)


def overview(period: date, cursor: str | None, limit: int) -> Overview:
    """Return the settlement of a period with a page of the payouts that its run made.

    Raises
    ------
    NotFound
        If nobody began to settle it.
    Unprocessable
        ``bad_cursor``.
    """
    query = f"settlement/{period}"
    after = position_of(cursor, PLACE, query) if cursor else None
    settlement = books.settlements([period]).get(period)
    if settlement is None:
        raise NotFound("not_settled", f"Nobody began to settle {period}; POST /v1/staff/settlements begins it.")
    payouts, following = PayoutRow.of_run(period, None, after, limit)
    return Overview(
        settlement=settlement,
        statements=books.statement_count(period),
        run=PayRunRow.load(period),
        payouts=tuple(payouts),
        next_cursor=cursor_of(following, query) if following else None,
    )


def made_by_run(period: date) -> Iterator[Payout]:
    """Yield all payouts that the run of a period made."""
    for some in batched(RunPayoutRow.ids_of(run_id_for(period)), READ_AT_ONCE, strict=False):
        yield from PayoutRow.load_many(some)


def earnings(driver_id: str, period: date) -> Earnings:
    """Return what a driver earned on a day, the payouts that settle it, and instant pay out of it."""
    lines = books.earned(driver_id, period)
    return Earnings.on(period, driver_id, lines, _payouts_of(driver_id, period, lines))


def _payouts_of(driver_id: str, period: date, lines: Sequence[StatementLine]) -> list[Payout]:
    currencies = sorted({line.currency for line in lines})
    claims = ClaimRow.claimed_by(statement_id_for(period, f"driver:{driver_id}", currency) for currency in currencies)
    found = {payout.id: payout for payout in PayoutRow.load_many(claims.values())}
    if any(line.kind is PostingKind.INSTANT_PAYOUT for line in lines):
        for payout in PayoutRow.made_between(driver_id, period, period + timedelta(days=2)):
            if payout.speed is Speed.INSTANT and payout.period_open == period:
                found[payout.id] = payout
    return sorted(found.values(), key=lambda payout: (payout.made_at, payout.id))


def schedule_of(driver_id: str, clock: Clock) -> ScheduleView:
    """Return how often a driver is paid."""
    chosen = ScheduleRow.load(PaySchedule.id_of(driver_id))
    cadence = chosen.cadence if chosen else Cadence(settings().pay_cadence)
    return ScheduleView(cadence=cadence, next_payday=payday(clock.now().date(), cadence))


def choose_schedule(driver_id: str, cadence: Cadence, clock: Clock) -> ScheduleView:
    """Keep the cadence that a driver chose; it counts from the next statement on."""

    def attempt() -> None:
        now = clock.now()
        known = ScheduleRow.load(PaySchedule.id_of(driver_id))
        if known and known.cadence is cadence:
            return
        after = known.with_changes(cadence=cadence, chosen_at=now) if known else None
        work = UnitOfWork()
        work.store(ScheduleRow.of(after or PaySchedule.chosen(driver_id, cadence, now)))
        work.commit()

    persistently(attempt)
    return schedule_of(driver_id, clock)
