"""Instant pay: what is at hand is paid at once, and never again by a later run."""

from datetime import timedelta

import pytest

from crowdship.drivers import service as drivers
from crowdship.drivers.standing import Level, Standing
from crowdship.drivers.store import DriverRow
from crowdship.kernel.errors import Conflict, Gone
from crowdship.onboarding.store import PayableRow
from crowdship.payouts import holding, queries
from crowdship.payouts.holds import HoldCode
from crowdship.payouts.instant import service as instant
from crowdship.payouts.instant import terms
from crowdship.payouts.instant.model import InstantDay, Obstacle, PlatformDay
from crowdship.payouts.instant.views import InstantOrder
from crowdship.payouts.model import PayoutState
from crowdship.payouts.provider import Accepted, NewsState, Speed
from crowdship.payouts.runs import steps as pay_steps
from crowdship.payouts.schedule import Cadence
from crowdship.settlement import booking
from crowdship.settlement import queries as books
from crowdship.settlement.cycle import steps
from tests.city import driver_input, put_zone, settings
from tests.faults import Died, Lost, failing_call
from tests.integration.conftest import restore_tables, saved_tables
from tests.integration.payouts.conftest import certify, settle
from tests.integration.settlement.conftest import run_cycle
from tests.integration.settlement.test_cycle import DAY, TODAY, balance_of
from tests.unit.settlement.test_postings import closed, usd

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def driver(clock):
    put_zone(settings())
    return certify(drivers.register(driver_input(), clock, lambda *_: None).id)


def earn(driver, number, clock):
    booking.post(closed(number=number, driver_id=driver).model_copy(update={"time": clock.now()}))


def order(driver, amount, provider, clock, key="key", **more):
    return instant.order(driver, f"{key}-{amount}", InstantOrder(amount=usd(amount), **more), provider, clock)


def obstacle(driver, provider, clock):
    return instant.quote(driver, provider, clock).obstacle


def test_instant_pay_lowers_what_the_day_is_due(driver, rail, fake_rail, clock):
    earn(driver, 1, clock)
    assert order(driver, 500, rail, clock).state is PayoutState.PAID
    clock.advance(timedelta(days=1))
    settle(TODAY, rail, clock)
    assert fake_rail.paid[driver] == 450 + 300
    [statement] = [s for s in books.every_statement(TODAY) if s.driver_id == driver]
    assert (statement.sums.instant.amount, statement.due.amount) == (-500, 300)


@pytest.mark.parametrize("amount", [500, 800, 1000, 1600])
def test_statements_that_wait_for_their_payday_are_paid_at_once_and_not_again(driver, rail, fake_rail, clock, amount):
    queries.choose_schedule(driver, Cadence.WEEKLY, clock)
    booking.post(closed(number=1, driver_id=driver))
    settle(DAY, rail, clock)
    earn(driver, 2, clock)
    assert instant.quote(driver, rail, clock).available.amount == 1600
    order(driver, amount, rail, clock)
    assert instant.quote(driver, rail, clock).at_hand.amount == 1600 - amount
    fee = max(amount * 15 // 1000, 50)
    for days in range(1, 7):
        clock.advance(timedelta(days=1))
        settle(TODAY + timedelta(days=days - 1), rail, clock)
    assert fake_rail.paid[driver] == 1600 - fee
    days = [DAY + timedelta(days=n) for n in range(9)]
    assert balance_of(f"driver:{driver}:payable", *days) == 0
    assert balance_of(f"driver:{driver}:receivable", *days) == 0


def test_a_debt_is_not_at_hand(driver, rail, clock):
    earn(driver, 1, clock)
    order(driver, 800, rail, clock)
    event = closed(number=1, driver_id=driver).model_copy(update={"time": clock.now()})
    taken_back = event.model_copy(
        update={"type": "delivery.corrected", "id": "evt_back", "data": {**event.data, "reverses": "delivered"}}
    )
    booking.post(taken_back)
    earn(driver, 2, clock)
    assert obstacle(driver, rail, clock) is Obstacle.NOTHING


def test_what_is_about_to_be_stated_is_not_at_hand(driver, rail, clock):
    booking.post(closed(number=1, driver_id=driver))
    assert instant.quote(driver, rail, clock).available.amount == 800, "yesterday is still open"
    steps.open_period(DAY, clock)
    steps.close_period(DAY, clock)
    assert obstacle(driver, rail, clock) is Obstacle.NOTHING
    settle(DAY, rail, clock)
    assert obstacle(driver, rail, clock) is Obstacle.NOTHING, "the run paid it"


def test_the_oldest_open_day_is_charged(driver, rail, fake_rail, clock):
    booking.post(closed(number=1, driver_id=driver))
    order(driver, 800, rail, clock)
    settle(DAY, rail, clock)
    assert fake_rail.paid[driver] == 750
    assert balance_of(f"driver:{driver}:payable", DAY, TODAY) == 0


def test_a_refused_order_comes_back_with_its_fee(driver, rail, fake_rail, clock):
    earn(driver, 1, clock)
    fake_rail.refuses.add(driver)
    assert order(driver, 800, rail, clock).state is PayoutState.FAILED
    assert balance_of(f"driver:{driver}:payable", TODAY) == -800
    assert balance_of("platform:instant_pay_fees", TODAY) == 0
    assert instant.quote(driver, rail, clock).available.amount == 800


class Slow:
    """A provider that makes every instant payout a standard one."""

    collects = False

    def transfer(self, instruction):
        return Accepted(transfer_id="t", state=NewsState.IN_TRANSIT, speed=Speed.STANDARD, degraded_by="not_eligible")


def test_the_fee_comes_back_if_it_is_not_instant(driver, clock):
    earn(driver, 1, clock)
    payout = order(driver, 800, Slow(), clock)
    assert (payout.state, payout.degraded_by) == (PayoutState.IN_TRANSIT, "not_eligible")
    assert balance_of("platform:instant_pay_fees", TODAY) == 0
    assert balance_of(f"driver:{driver}:payable", TODAY) == -50


def test_two_phones_at_once_order_the_same_amount_once(driver, rail, fake_rail, clock, monkeypatch):
    earn(driver, 1, clock)
    hand, others = instant.at_hand, ["other-phone"]

    def at_hand(*asked):
        found = hand(*asked)
        if others:
            order(driver, 200, rail, clock, others.pop())
        return found

    monkeypatch.setattr(instant, "at_hand", at_hand)
    with pytest.raises(Conflict, match="again=true"):
        order(driver, 200, rail, clock, "this-phone")
    assert fake_rail.paid[driver] == 150


def test_the_same_amount_within_a_day_is_asked_about(driver, rail, clock):
    earn(driver, 1, clock)
    order(driver, 200, rail, clock, "one")
    with pytest.raises(Conflict, match="again=true"):
        order(driver, 200, rail, clock, "two")
    assert order(driver, 200, rail, clock, "two", again=True).state is PayoutState.PAID
    clock.advance(timedelta(hours=25))
    earn(driver, 2, clock)
    assert order(driver, 200, rail, clock, "three").state is PayoutState.PAID


def test_limits_of_the_day_hold(driver, rail, clock, monkeypatch):
    earn(driver, 1, clock)
    for number in range(5):
        order(driver, 100 + number, rail, clock)
    with pytest.raises(Conflict, match="driver_count"):
        order(driver, 120, rail, clock)
    clock.advance(timedelta(days=1))
    assert obstacle(driver, rail, clock) is None
    [row] = terms.table()
    monkeypatch.setattr(terms, "table", lambda: (row.model_copy(update={"platform_amount": 50}),))
    assert obstacle(driver, rail, clock) is Obstacle.PLATFORM_AMOUNT
    monkeypatch.setattr(terms, "table", lambda: (row.model_copy(update={"driver_amount": 50}),))
    assert obstacle(driver, rail, clock) is Obstacle.DRIVER_AMOUNT
    monkeypatch.setattr(terms, "table", lambda: ())
    assert obstacle(driver, rail, clock) is Obstacle.NO_TERMS


def test_whoever_may_not_have_it_is_told_why(driver, rail, bank, clock):
    earn(driver, 1, clock)
    assert obstacle(driver, bank, clock) is Obstacle.RAIL
    PayableRow.of(driver, TODAY).save()
    assert obstacle(driver, rail, clock) is Obstacle.ON_HOLD
    PayableRow.of(driver, DAY - timedelta(days=9)).save(add_version_condition=False)
    holding.hold(driver, HoldCode.CLAIM, "clm_1", "missing goods", "claims", clock)
    with pytest.raises(Conflict, match="on_hold"):
        order(driver, 800, rail, clock)
    holding.lift(driver, "clm_1")
    known = drivers.get(driver)
    barred = Standing(level=Level.SUSPENSION, barred_from=DAY)
    DriverRow.of(known.with_changes(standing=barred)).save(add_version_condition=False)
    assert obstacle(driver, rail, clock) is Obstacle.BARRED
    DriverRow.of(known.with_changes(closed=True)).save(add_version_condition=False)
    with pytest.raises(Gone):
        instant.quote(driver, rail, clock)


@pytest.mark.parametrize("lost", Lost)
def test_whichever_call_of_an_order_fails_the_same_key_pays_once(driver, rail, fake_rail, clock, lost, two_shards):
    earn(driver, 1, clock)
    before = saved_tables()
    with failing_call() as calls:
        order(driver, 500, rail, clock)
    for n in range(1, len(calls.made) + 1):
        restore_tables(before)
        fake_rail.transfers.clear()
        with failing_call(n, lost, dies=True) as faulty:
            try:
                order(driver, 500, rail, clock)
            except (Died, Exception):
                clock.advance(timedelta(seconds=1))
            payout = order(driver, 500, rail, clock)
        assert payout.state is PayoutState.PAID, faulty.failed
        assert fake_rail.paid[driver] == 450
        assert balance_of(f"driver:{driver}:payable", TODAY) == -300
        assert balance_of("platform:payouts_in_flight", TODAY) == 0


def test_a_run_and_an_order_at_the_same_moment_pay_a_statement_once(driver, rail, fake_rail, clock):
    booking.post(closed(number=1, driver_id=driver))
    run_cycle(DAY, clock)
    pay_steps.open_run(DAY, clock)
    pay_steps.take_in(DAY, None)
    pay_steps.make_batches(DAY)
    order(driver, 800, rail, clock)
    settle(DAY, rail, clock)
    assert fake_rail.paid[driver] == 750
    assert list(queries.made_by_run(DAY)) == []


def test_counts_of_a_day_add_up():
    own = InstantDay(id="i").and_also(usd(100), "pay_1").and_also(usd(50), "pay_2")
    assert (own.count, own.total, PlatformDay(id="p").and_also(usd(7)).total) == (2, 150, 7)
