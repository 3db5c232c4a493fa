import threading
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pynamodb.exceptions import PynamoDBException

from crowdship.settlement import booking, queries, store
from crowdship.settlement.causes import posting_for
from crowdship.settlement.cycle import steps
from crowdship.settlement.statements import sums_of
from crowdship.settlement.trial_balance import trial_balance
from tests.faults import Lost, failing_call
from tests.integration.settlement.conftest import everything_stored
from tests.unit.settlement.test_postings import NOON, adjustment, closed, closed_deliveries, usd

DAY = date(2026, 3, 2)
NEXT = date(2026, 3, 3)

pytestmark = pytest.mark.usefixtures("aws")


def settled(period, clock):
    steps.open_period(period, clock)
    steps.close_period(period, clock)


def postings(period):
    return sorted(store.PostingRow.of_period(period), key=lambda posting: posting.id)


def test_a_closed_delivery_is_booked_on_its_day():
    posting = booking.post(closed())
    assert postings(DAY) == [posting]
    assert store.booked(posting.id) == posting


def test_an_event_that_comes_again_changes_nothing():
    first = booking.post(closed())
    before = everything_stored()
    assert booking.post(closed()) == first
    assert everything_stored() == before


def test_an_event_that_comes_again_after_its_day_was_closed_changes_nothing(clock):
    first = booking.post(closed())
    settled(DAY, clock)
    before = everything_stored()
    assert booking.post(closed()) == first
    assert everything_stored() == before


def test_what_comes_after_the_close_is_booked_on_the_next_open_day(clock):
    settled(DAY, clock)
    clock.advance(timedelta(days=1))
    settled(NEXT, clock)
    posting = booking.post(closed())
    assert posting.period == date(2026, 3, 4)
    assert postings(DAY) == postings(NEXT) == []
    assert postings(date(2026, 3, 4)) == [posting]


def test_closing_twice_keeps_the_first_close(clock):
    settled(DAY, clock)
    before = everything_stored()
    clock.advance(timedelta(hours=1))
    settled(DAY, clock)
    assert everything_stored() == before


def test_the_shards_of_a_day_share_its_postings():
    for number in range(60):
        booking.post(closed(number=number))
    assert len(postings(DAY)) == 60
    used = {pk for pk, sk in everything_stored() if pk.startswith("PERIOD#") and sk.startswith("POSTING#")}
    assert len(used) > store.SHARDS / 2


def test_postings_and_a_close_at_the_same_time_lose_nothing(clock):
    """Whatever way the race goes, nothing is lost and a closed day stays as it was read."""
    steps.open_period(DAY, clock)
    start = threading.Barrier(5)
    seen = []

    def post(numbers):
        start.wait()
        for number in numbers:
            booking.post(closed(number=number))

    def close():
        start.wait()
        steps.close_period(DAY, clock)
        seen.extend(postings(DAY))

    threads = [threading.Thread(target=post, args=(range(n, 40, 4),)) for n in range(4)]
    threads.append(threading.Thread(target=close))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == postings(DAY)
    assert len(postings(DAY)) + len(postings(NEXT)) == 40


def test_a_driver_reads_the_day_line_by_line():
    booking.post(closed(number=1))
    booking.post(closed(number=2, driver_id="drv_2"))
    lines = queries.earned("drv_1", DAY)
    assert [line.delivery_id for line in lines] == ["dlv_1"]
    assert sums_of(lines)["USD"].total == usd(800)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(closed_deliveries(), min_size=1, max_size=6, unique_by=lambda event: event.id),
    data=st.data(),
)
def test_any_order_with_repeats_and_a_close_in_between_balances_every_day(events, data, clock):
    for row in list(store.PostingRow.scan()):
        row.delete(add_version_condition=False)
    arrivals = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=4))))
    close_after = data.draw(st.integers(min_value=0, max_value=len(arrivals)))
    for number, event in enumerate(arrivals):
        if number == close_after:
            settled(DAY, clock)
        booking.post(event)
    days = [postings(DAY), postings(NEXT)]
    assert all(trial_balance(day).off_by == 0 for day in days)
    expected = {p.id for event in events if (p := posting_for(event))}
    booked = [posting.id for day in days for posting in day]
    assert sorted(booked) == sorted(expected)


@pytest.mark.parametrize("closed_before", [False, True])
@pytest.mark.parametrize("lost", Lost)
def test_whichever_call_of_a_booking_fails_a_retry_books_it_once(lost, closed_before, clock, two_shards):
    if closed_before:
        settled(DAY, clock)
    with failing_call() as calls:
        faultless = booking.post(closed(number=1)).model_dump(exclude={"id", "cause", "delivery_id", "external_id"})
    for n in range(1, len(calls.made) + 1):
        number = 100 + n
        with failing_call(n, lost) as faulty, pytest.raises(PynamoDBException):
            booking.post(closed(number=number))
        assert faulty.failed
        again = booking.post(closed(number=number))
        assert again.model_dump(exclude={"id", "cause", "delivery_id", "external_id"}) == faultless
        booked = [p for day in (DAY, NEXT) for p in postings(day) if p.id == again.id]
        assert booked == [again]


def test_the_day_of_a_booking_is_the_business_day_in_utc():
    evening_in_the_west = datetime.fromisoformat("2026-03-02T23:30:00-08:00")
    assert adjustment("adj_9", "drv_1", usd(1), "", evening_in_the_west, "ana").period == date(2026, 3, 3)
    assert NOON.date() == DAY
