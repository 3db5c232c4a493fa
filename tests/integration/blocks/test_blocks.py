import threading
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from crowdship.blocks import closing
from crowdship.blocks import service as blocks
from crowdship.blocks.demand import days_needed, expectation
from crowdship.blocks.model import BlockInput
from crowdship.blocks.store import BlockRow, CountsRow
from crowdship.incentives.store import SpansRow
from crowdship.kernel.errors import Conflict, Forbidden, Unprocessable
from crowdship.zones import service as zones
from tests.city import City
from tests.extra_pay import FRIDAY, PAY, duty, ended
from tests.integration.incentives.conftest import GUARANTEE, evening  # noqa: F401 - a fixture

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def make(evening, capacity=1, **fields):  # noqa: F811
    asked = {
        "request_id": str(uuid4()),
        "zone_id": "testville",
        "title": "Dinner",
        "day": "2026-06-05",
        "opens": "17:00",
        "closes": "20:00",
        "capacity": capacity,
        "guarantee": {"amount": 3000, "currency": "USD"},
    }
    request = BlockInput.model_validate({**asked, **fields})
    return blocks.make(request, "fin", evening.clock).blocks[0].block_id


def book(evening, driver, block_id):  # noqa: F811
    return blocks.book(driver.id, block_id, evening.clock)


def look(evening, **after):  # noqa: F811
    evening.clock.moment = FRIDAY + timedelta(**after)
    return closing.look_at_due(evening.clock)


def state(block_id, driver):
    booking = BlockRow.load(block_id).of(driver.id)
    return booking and booking.state


def test_a_driver_books_a_place_and_the_next_one_waits_in_line(evening):  # noqa: F811
    ana, ben, block = evening.driver(), evening.driver(), make(evening)
    assert book(evening, ana, block).state == "booked"
    waiting = book(evening, ben, block)
    assert (waiting.state, waiting.place_in_line, waiting.places_left) == ("waiting", 1, 0)
    assert book(evening, ana, block).state == "booked", "booking twice changes nothing"


def test_the_first_in_line_moves_up_and_is_told_when_a_place_is_given_up(evening):  # noqa: F811
    people, block = [evening.driver() for _ in range(3)], make(evening)
    for driver in people:
        book(evening, driver, block)
        evening.clock.advance(MINUTE)
    assert blocks.cancel(people[0].id, block, evening.clock).state == "cancelled"
    assert [state(block, driver) for driver in people] == ["cancelled", "booked", "waiting"]
    assert [(one.type, one.data["driver_id"]) for one in evening.told] == [("block.moved_up", people[1].id)]
    blocks.cancel(people[1].id, block, evening.clock)
    assert state(block, people[2]) == "booked", "who moved up may say no, and the next has the place"


def test_racing_drivers_never_exceed_the_capacity(evening):  # noqa: F811
    block, people = make(evening, capacity=4, waitlist=3), [evening.driver() for _ in range(12)]
    outcomes, ready = [], threading.Barrier(12)

    def race(driver):
        ready.wait()
        try:
            outcomes.append(str(book(evening, driver, block).state))
        except Conflict as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=race, args=(driver,)) for driver in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {code: outcomes.count(code) for code in set(outcomes)} == {"booked": 4, "waiting": 3, "block_full": 5}


def test_overlapping_blocks_and_guarantees_are_refused_and_neighbours_are_not(evening):  # noqa: F811
    ana = evening.driver()
    book(evening, ana, make(evening))
    book(evening, ana, make(evening, opens="20:00", closes="21:00"))
    with pytest.raises(Conflict, match="one guarantee at a time"):
        book(evening, ana, make(evening, opens="19:30", closes="20:30"))
    with pytest.raises(Conflict, match="one guarantee at a time"):
        evening.join(ana, evening.make(GUARANTEE))


def test_a_place_given_up_can_be_booked_again_with_another_block(evening):  # noqa: F811
    ana, first = evening.driver(), make(evening)
    book(evening, ana, first)
    blocks.cancel(ana.id, first, evening.clock)
    book(evening, ana, make(evening, opens="19:00", closes="20:30"))
    assert list(SpansRow.load(ana.id).spans) != [first]


def test_a_late_cancellation_is_noted_and_costs_nothing(evening):  # noqa: F811
    ana, block = evening.driver(), make(evening)
    book(evening, ana, block)
    evening.clock.moment = FRIDAY - HOUR
    blocks.cancel(ana.id, block, evening.clock)
    assert BlockRow.load(block).of(ana.id).is_late
    assert book(evening, ana, block).state == "booked"
    evening.clock.moment = FRIDAY
    with pytest.raises(Conflict, match="begun"):
        blocks.cancel(ana.id, block, evening.clock)


def test_who_does_not_come_loses_the_place_to_the_first_in_line_who_is_guaranteed_the_rest(evening):  # noqa: F811
    ana, ben, block = evening.driver(), evening.driver(), make(evening)
    book(evening, ana, block)
    evening.clock.advance(MINUTE)
    book(evening, ben, block)
    assert look(evening, minutes=29) == 0
    look(evening, minutes=30)
    assert (state(block, ana), state(block, ben)) == ("missed", "booked")
    assert evening.kinds == {"block.missed": 1, "block.moved_up": 1}
    evening.count(duty(ben.id, FRIDAY + 40 * MINUTE, 1, is_on=True))
    look(evening, hours=4)
    assert evening.booked == {(ben.id, "guarantee"): 2500}, "five sixths of the block were left"
    assert look(evening, days=40) == 0


def test_who_moved_up_since_the_begin_can_give_up_until_the_end_and_not_after_the_pay(evening):  # noqa: F811
    (ana, ben, eve), block = [evening.driver() for _ in range(3)], make(evening)
    for driver in (ana, ben, eve):
        book(evening, driver, block)
    look(evening, minutes=30)
    assert state(block, ben) == "booked"
    evening.clock.moment = FRIDAY + 3 * HOUR
    for driver in (ben, eve):
        with pytest.raises(Conflict, match="block_begun"):
            blocks.cancel(driver.id, block, evening.clock)
        assert not next(one for one in blocks.of_driver(driver.id, evening.clock).blocks).may_cancel


def test_who_came_keeps_the_place(evening):  # noqa: F811
    ana, ben, block = evening.driver(), evening.driver(), make(evening)
    book(evening, ana, block)
    book(evening, ben, block)
    evening.count(duty(ana.id, FRIDAY - HOUR, 1, is_on=True))
    look(evening, minutes=30)
    assert (state(block, ana), state(block, ben)) == ("booked", "waiting")


def test_the_guarantee_pays_the_difference_once_after_enough_duty(evening):  # noqa: F811
    ana, ben, block = evening.driver(), evening.driver(), make(evening, capacity=2)
    book(evening, ana, block)
    book(evening, ben, block)
    for driver, minutes in ((ana, 150), (ben, 140)):
        evening.count(duty(driver.id, FRIDAY, 1, is_on=True))
        evening.count(duty(driver.id, FRIDAY + minutes * MINUTE, 2, is_on=False))
        evening.count(ended(f"dlv_{driver.id[-5:]}", driver.id, FRIDAY + HOUR))
    evening.count(ended("dlv_after", ana.id, FRIDAY + 3 * HOUR))
    look(evening, minutes=30)
    look(evening, hours=3, minutes=59)
    assert evening.booked == {}
    look(evening, hours=4)
    assert evening.booked == {(ana.id, "guarantee"): 3000 - PAY}
    assert look(evening, hours=5) == 0
    assert [one.paid for one in BlockRow.load(block).bookings] == [3000 - PAY, 0]


def test_a_block_no_longer_than_the_time_to_come_is_settled_after_the_grace_too(evening):  # noqa: F811
    ana, block = evening.driver(), make(evening, closes="17:30")
    book(evening, ana, block)
    evening.count(duty(ana.id, FRIDAY, 1, is_on=True))
    look(evening, minutes=30)
    assert BlockRow.load(block).of(ana.id).settled_at is None, "work that ended in it may be told of yet"
    evening.count(ended("dlv_1", ana.id, FRIDAY + 29 * MINUTE))
    look(evening, minutes=90)
    assert evening.booked == {(ana.id, "guarantee"): 3000 - PAY}


def test_a_pause_for_who_does_not_come_is_refused_where_nobody_may_require_hours(evening, monkeypatch):  # noqa: F811
    ana = evening.driver()
    book(evening, ana, make(evening, pause_days=2))
    look(evening, minutes=30)
    with pytest.raises(Conflict) as refused:
        book(evening, ana, make(evening, day="2026-06-06"))
    assert refused.value.code == "booking_paused"
    settings = zones.get("testville").settings.model_copy(update={"jurisdictions": ("US-CA",)})
    zone = zones.get("testville").with_changes(settings=settings)
    monkeypatch.setattr(zones, "get", lambda zone_id: zone)
    with pytest.raises(Unprocessable, match="no_required_hours") as refused:
        make(evening, day="2026-06-08", pause_days=2)
    assert (refused.value.code, refused.value.pointer) == ("law_forbids", "/pause_days")
    make(evening, day="2026-06-08")


def test_dedicated_drivers_book_no_blocks(evening):  # noqa: F811
    with pytest.raises(Forbidden):
        book(evening, evening.driver(kind="dedicated", merchant_id="mer_1"), make(evening))


def test_who_may_not_drive_yet_takes_no_place(evening):  # noqa: F811
    block, applicant = make(evening), evening.applicant()
    with pytest.raises(Forbidden, match="onboarding"):
        book(evening, applicant, block)
    assert BlockRow.load(block).bookings == ()


def test_a_stopped_block_keeps_its_bookings(evening):  # noqa: F811
    ana, block = evening.driver(), make(evening, capacity=2)
    book(evening, ana, block)
    blocks.stop(block, evening.clock)
    with pytest.raises(Conflict):
        book(evening, evening.driver(), block)
    assert blocks.of_driver(ana.id, evening.clock).blocks[0].state == "booked"


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-08", 5), ("2026-11-01", 7), ("2026-06-05", 6)], ids=["forward", "back", "usual"]
)
def test_the_hours_of_a_block_are_those_of_the_wall(day, hours):
    request = BlockInput.model_validate(
        {
            "request_id": str(uuid4()),
            "zone_id": "testville",
            "title": "Night",
            "day": day,
            "opens": "00:00",
            "closes": "06:00",
            "time_zone": "America/Chicago",
            "weeks": 2,
            "capacity": 1,
            "guarantee": {"amount": 3000, "currency": "USD"},
        }
    )
    first, second = request.spans("UTC")
    assert first[1] - first[0] == timedelta(hours=hours)
    assert second[1] - second[0] == timedelta(hours=6)


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"closes": "17:15"}, "wrong_span", "/closes"),
        ({"closes": "08:00"}, "wrong_span", "/closes"),
        ({"day": "2026-06-03"}, "wrong_start", "/day"),
        ({"day": "2026-09-03"}, "wrong_start", "/day"),
        ({"guarantee": {"amount": 1, "currency": "EUR"}}, "wrong_currency", "/guarantee/currency"),
    ],
)
def test_an_impossible_block_is_refused(evening, fields, code, pointer):  # noqa: F811
    with pytest.raises(Unprocessable) as refused:
        make(evening, **fields)
    assert (refused.value.code, refused.value.pointer) == (code, pointer)


def test_demand_is_the_mean_of_the_same_hour_of_the_weeks_that_were_measured():
    now = datetime(2026, 6, 5, 16, 30, tzinfo=UTC)
    counts = {date(2026, 5, day): [0] * 17 + [orders] + [0] * 6 for day, orders in ((29, 12), (22, 6), (15, 9))}
    (hour, _) = expectation(now, 2, "UTC", counts)
    assert (hour.begins.hour, hour.mean, hour.low, hour.high, hour.weeks) == (17, 9.0, 6, 12, 3)


def test_demand_of_an_hour_that_was_never_measured_is_unknown_and_not_none_at_all():
    (hour,) = expectation(datetime(2026, 6, 5, tzinfo=UTC), 1, "UTC", {})
    assert (hour.mean, hour.low, hour.high, hour.weeks) == (None, None, None, 0)


def test_demand_compares_the_hour_of_the_wall_across_a_change_of_clocks():
    now = datetime(2026, 3, 12, 22, 0, tzinfo=UTC)
    counts = {date(2026, 3, 6): [0] * 24, date(2026, 3, 5): [0] * 23 + [0]}
    counts[date(2026, 3, 6)][0] = 7
    (hour,) = expectation(now, 1, "America/Chicago", counts)
    assert hour.begins == datetime(2026, 3, 12, 23, tzinfo=UTC), "18:00 in Chicago, in summer time"
    assert (hour.mean, hour.weeks) == (7, 1), "18:00 in winter time was midnight in UTC"


def test_no_day_that_still_runs_is_counted():
    now = datetime(2026, 6, 5, 16, 30, tzinfo=UTC)
    assert max(days_needed(now, 168)) == date(2026, 6, 4)


def test_orders_are_counted_once_by_hour_and_days_before_the_first_are_not_measured(aws):
    city = City.open()
    ana = city.driver()
    for number in range(3):
        city.order(f"order-{number}")
    city.clock.moment = datetime(2026, 6, 8, 11, 30, tzinfo=UTC)
    told = blocks.demand(ana.id, None, 3, city.clock)
    assert [(hour.begins.hour, hour.mean, hour.weeks) for hour in told.hours] == [(12, 3, 1), (13, 0, 1), (14, 0, 1)]
    assert CountsRow.between("testville", date(2026, 6, 1), date(2026, 6, 1)) == {
        date(2026, 6, 1): [0] * 12 + [3] + [0] * 11
    }
    assert blocks.demand(ana.id, "testville", 3, city.clock) == told
