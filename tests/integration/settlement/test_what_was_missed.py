"""Events that never arrived are booked once, missed cycles are started once, and days that are too large refused."""

import json
from datetime import date, timedelta

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.holds import Ground, Verdict
from crowdship.deliveries.store import DeliveryRow
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.money import Money
from crowdship.settlement import booking, queries, store
from crowdship.settlement.balances import service as balances
from crowdship.settlement.cycle import schedule, stating, steps
from crowdship.settlement.cycle.model import Settlement
from crowdship.settlement.statements import sums_of
from crowdship.settlement.trial_balance import trial_balance
from tests.city import NOON, City
from tests.integration.settlement.conftest import everything_stored, run_cycle
from tests.unit.deliveries.test_life import DOUBTFUL, HAPPY, TO_THE_SHOP, lived
from tests.unit.settlement.test_postings import closed

pytestmark = pytest.mark.usefixtures("aws")

DAY = NOON.date()


def kept(life):
    """Store a delivery without anybody hearing of it."""
    DeliveryRow.of(life).save(add_version_condition=False)
    return life


@pytest.mark.parametrize(
    "steps", [HAPPY, (*HAPPY, "tip", "tip"), (*TO_THE_SHOP, "cancel"), (*HAPPY[:7], "fail", "return_goods")]
)
def test_a_closed_delivery_of_which_no_event_came_is_booked_as_its_events_would_have_been(steps):
    life = kept(lived(*steps))
    made = booking.book_missing(DAY)
    booked = everything_stored()
    assert made == (3 if "tip" in steps else 1)
    assert booking.book_missing(DAY) == 0
    for event in life.events:
        booking.post(event)
    assert everything_stored() == booked, "events that come after all change nothing"


@pytest.mark.parametrize(
    ("steps", "postings"),
    [
        (DOUBTFUL, 0),
        ((*DOUBTFUL, "refuse"), 0),
        ((*DOUBTFUL, "release"), 1),
        ((*DOUBTFUL, "tip", "release", "tip"), 3),
        ((*DOUBTFUL, "tip", "refuse"), 1),
    ],
)
def test_pay_that_is_held_is_booked_once_it_is_released_and_not_before(steps, postings):
    life = kept(lived(*steps))
    assert booking.book_missing(DAY) == postings
    booked = everything_stored()
    for event in life.events:
        booking.post(event)
    assert everything_stored() == booked, "events that come after all change nothing"


def test_pay_that_is_released_on_another_day_is_looked_for_on_that_day():
    life, later = lived(*DOUBTFUL), NOON + timedelta(days=3)
    kept(life.decide(Verdict.RELEASED, Ground.SHOP_CONFIRMS, later, "ana"))
    assert booking.book_missing(DAY) == 0
    assert booking.book_missing(later.date()) == 1


def test_what_its_events_brought_is_not_booked_again():
    life = kept(lived(*HAPPY, "tip"))
    for event in life.events:
        booking.post(event)
    booked = everything_stored()
    assert booking.book_missing(DAY) == 0
    assert everything_stored() == booked


def test_a_tip_of_another_day_of_which_no_event_came_is_booked_as_well():
    life = lived(*HAPPY)
    for event in life.events:
        booking.post(event)
    later = NOON + timedelta(days=3)
    kept(life.tip_later("tip_1", Money(amount=250, currency="USD"), later, "mer_1"))
    assert booking.book_missing(DAY) == 0
    assert booking.book_missing(later.date()) == 1
    assert sums_of(queries.earned("drv_1", later.date()))["USD"].tips.amount == 250


def test_what_is_open_was_taken_by_nobody_or_was_a_test_owes_nothing():
    city = City.open()
    city.order()
    kept(lived("cancel"))
    kept(lived(*HAPPY[:6]))
    assert list(deliveries.settling_on(DAY)) == []
    assert booking.book_missing(DAY) == 0


def test_the_cycle_books_and_counts_what_is_missing(capsys):
    from functions.tasks import settlement as cycle

    kept(lived(*HAPPY))
    assert cycle.handler({"step": "book", "period": str(DAY), "items": [*range(16)]}, None) == {"booked": 1}
    (told,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line)
    assert told["DeliveriesNotBooked"] == [1]


class Executions:
    """Step Functions: an execution runs until it is told to have ended."""

    def __init__(self):
        self.started, self.failed = [], set()

    def start(self, period, attempt):
        name = f"{period}-{attempt}"
        if name in self.started:
            return name, False
        self.started.append(name)
        return name, True

    def compare(self, period, on):
        return self.start(period, f"compared-{on}")[1]

    def has_failed(self, execution_arn):
        return execution_arn in self.failed


@pytest.fixture
def executions():
    return Executions()


def settle(period, clock):
    run_cycle(period, clock)


def test_on_a_platform_that_never_settled_the_daily_start_settles_yesterday(executions, clock):
    assert schedule.catch_up(executions, clock) == [date(2026, 3, 2)]
    assert schedule.catch_up(executions, clock) == []


def test_after_an_outage_each_period_that_was_missed_is_settled_once(executions, clock):
    settle(date(2026, 3, 2), clock)
    clock.advance(timedelta(days=4))
    assert schedule.catch_up(executions, clock) == [date(2026, 3, day) for day in (3, 4, 5, 6)]
    assert schedule.catch_up(executions, clock) == [], "they run"
    for day in (3, 4, 5, 6):
        settle(date(2026, 3, day), clock)
    clock.advance(timedelta(days=1))
    assert schedule.catch_up(executions, clock) == [date(2026, 3, 7)]
    assert len(executions.started) == 5


def test_a_cycle_that_failed_is_caught_up_and_a_finished_one_is_not(executions, clock):
    assert schedule.catch_up(executions, clock) == [date(2026, 3, 2)]
    executions.failed.add("2026-03-02-1")
    clock.advance(timedelta(days=1))
    assert schedule.catch_up(executions, clock) == [date(2026, 3, 2), date(2026, 3, 3)]
    assert executions.started == ["2026-03-02-1", "2026-03-02-2", "2026-03-03-1"]
    settle(date(2026, 3, 2), clock)
    executions.failed.add("2026-03-02-2")
    assert schedule.catch_up(executions, clock) == []


def test_a_settlement_of_the_time_when_the_cycle_sent_a_report_is_read(clock):
    settlement = Settlement.of(date(2026, 3, 2), clock.now())
    stored = {**settlement.model_dump(mode="json"), "reported_at": "2026-03-03T04:31:00Z"}
    assert Settlement.model_validate_json(json.dumps(stored)) == settlement


def test_a_period_that_can_not_be_started_stops_no_other(executions, clock, monkeypatch):
    monkeypatch.setattr(schedule, "MAX_ATTEMPTS", 1)
    schedule.catch_up(executions, clock)
    executions.failed.add("2026-03-02-1")
    clock.advance(timedelta(days=1))
    assert schedule.catch_up(executions, clock) == [date(2026, 3, 3)]


def test_the_schedule_starts_what_was_missed(monkeypatch, executions, clock):
    from functions.tasks import settlement as cycle

    monkeypatch.setenv("SETTLEMENT_CYCLE_ARN", "arn")
    monkeypatch.setattr(cycle, "Executions", lambda arn: executions)
    monkeypatch.setattr(cycle, "clock", clock)
    assert cycle.handler({"step": "catch_up"}, None) == {"started": ["2026-03-02"], "compared": None}


def test_the_day_whose_turn_it_is_is_compared_once_if_it_is_finished(executions, clock):
    day = schedule.turn_on(clock.now().date())
    assert schedule.compare(executions, clock) is None, "it was never settled"
    settle(day, clock)
    assert schedule.compare(executions, clock) == day
    assert schedule.compare(executions, clock) is None, "it was started today"


def test_a_large_day_is_summed_and_stated_in_more_calls(clock, monkeypatch):
    for number in range(40):
        booking.post(closed(number=number, driver_id=f"drv_{number}"))
    monkeypatch.setattr(steps, "POSTINGS_AT_ONCE", 8)
    monkeypatch.setattr(steps, "ACCOUNTS_AT_ONCE", 2)
    shards = steps.open_period(None, clock)
    assert 1 <= shards.at_once < len(shards.items)
    steps.close_period(shards.period, clock)
    stating.sum_shards(shards.period, shards.items)
    parts = steps.plan_parts(shards.period)
    assert 1 <= parts.at_once < len(parts.items)
    monkeypatch.undo()
    assert steps.open_period(None, clock).at_once == len(shards.items)


def test_an_open_day_with_too_many_postings_is_not_summed_while_somebody_waits(clock, monkeypatch):
    monkeypatch.setattr(balances, "MOST_OPEN_POSTINGS", 3)
    for number in range(40):
        booking.post(closed(number=number))
    with pytest.raises(Unprocessable, match="day_is_open"):
        balances.trial_balance(date(2026, 3, 2), date(2026, 3, 2))
    settle(date(2026, 3, 2), clock)
    (fees,) = (g for g in balances.trial_balance(date(2026, 3, 2), date(2026, 3, 2)).groups if "fees" in g.account)
    assert fees.balance.amount == -500 * 40


@pytest.mark.parametrize("closed_before", [False, True])
def test_pages_of_a_trial_balance_hold_each_account_once_and_the_sums_of_all(closed_before, clock):
    first, second = date(2026, 3, 2), date(2026, 3, 3)
    for number in range(5):
        event = closed(number=number, driver_id=f"drv_{number}")
        booking.post(event if number % 2 else event.model_copy(update={"time": clock.now()}))
    if closed_before:
        settle(first, clock)
    whole, seen, cursor = balances.trial_balance(first, second), [], None
    while True:
        page = balances.trial_balance(first, second, cursor, 3)
        assert len(page.accounts) <= 3
        assert (page.groups, page.difference) == (whole.groups, whole.difference)
        seen += page.accounts
        cursor = page.next_cursor
        if cursor is None:
            break
    assert tuple(seen) == whole.accounts
    postings = [posting for day in (first, second) for posting in store.PostingRow.of_period(day)]
    expected = trial_balance(postings)
    assert sorted(seen, key=lambda one: one.account) == list(expected.accounts)
    assert whole.groups == expected.groups
