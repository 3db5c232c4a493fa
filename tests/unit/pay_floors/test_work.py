"""Spans, pieces and parts: no moment counts twice, and parts add up to the whole."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money
from crowdship.pay_floors.nyc import Totals, spread
from crowdship.pay_floors.odometer import inside_of, odometer_of
from crowdship.pay_floors.registry import SCHEMES
from crowdship.pay_floors.work import Piece, Reading, Span, Work, seconds_of, shared_out, union, without

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SPANS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 90)), max_size=8)


def spans(given_spans):
    return [Span(NOON + timedelta(minutes=a), NOON + timedelta(minutes=a + b)) for a, b in given_spans]


def work(number, span, metres=0):
    return Work(
        driver_id="drv_1",
        delivery_id=f"dlv_{number}",
        zone_id="zone",
        since=span.begins,
        until=span.ends,
        pickup_law=("US", "US-CA"),
        pay=Money(amount=500, currency="USD"),
        odometer=(Reading(at=span.begins, metres=0), Reading(at=span.ends, metres=metres)) if span.seconds else (),
    )


@given(SPANS)
def test_pieces_don_t_overlap_and_have_every_moment_of_the_work_once(given_spans):
    pieces = list(shared_out(Piece(work(n, span), span) for n, span in enumerate(spans(given_spans))))
    covered = union(spans(given_spans))
    assert seconds_of(piece.span for piece in pieces) == seconds_of(covered)
    assert seconds_of(union(piece.span for piece in pieces)) == seconds_of(covered)
    assert all(piece.span.within(piece.work.span) == piece.span for piece in pieces)


@given(SPANS, SPANS)
def test_what_is_left_without_some_spans_and_what_they_have_are_the_whole(one, other):
    left = without(spans(one), spans(other))
    both = seconds_of(union(spans(one))) + seconds_of(union(spans(other)))
    assert seconds_of(left) + seconds_of(union(spans(other))) == seconds_of(union([*spans(one), *spans(other)])) <= both


@given(st.integers(1, 90), st.integers(0, 50_000), st.lists(st.integers(0, 90), min_size=1, max_size=6))
def test_metres_of_parts_are_the_metres_of_the_whole(minutes, metres, cuts):
    whole = Span(NOON, NOON + timedelta(minutes=minutes))
    bounds = sorted({whole.begins, whole.ends, *(NOON + timedelta(minutes=min(cut, minutes)) for cut in cuts)})
    one = work(1, whole, metres)
    parts = [one.metres_in(Span(a, b)) for a, b in pairwise(bounds)]
    assert sum(parts, Fraction(0)) == metres


@given(st.integers(0, 10**7), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=12))
def test_parts_of_what_all_are_short_add_up_to_it_and_none_is_below_zero(cents, drivers):
    own = [Totals(Fraction(trip), Fraction(waited), 0) for trip, waited in drivers]
    totals = Totals()
    for one in own:
        totals = totals.plus(one)
    before, parts = Totals(), []
    for one in own:
        parts.append(spread(Money(amount=cents, currency="USD"), before, one, totals).amount)
        before = before.plus(one)
    assert min(parts, default=0) >= 0
    assert sum(parts) == (cents if totals.weight else 0)


@given(st.sampled_from(sorted(SCHEMES)), st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1)))
def test_every_moment_lies_in_one_period_of_a_week_by_the_wall(code, naive):
    moment = naive.replace(tzinfo=UTC)
    calendar = SCHEMES[code].calendar
    period = calendar.period_at(moment)
    assert period.holds(moment)
    assert calendar.period_at(period.ends).begins == period.ends
    assert timedelta(days=7, hours=-1) <= period.ends - period.begins <= timedelta(days=7, hours=1)
    assert period.ends < period.closes_at < period.deadline


def test_a_day_on_which_no_period_begins_is_refused():
    with pytest.raises(ValueError, match="no pay period"):
        SCHEMES["US-CA"].calendar.period_on(NOON.date() + timedelta(days=1))


def test_a_phone_that_stands_still_or_jumps_drives_nothing():
    here, near, far = Point(lat=41.0, lon=-87.0), Point(lat=41.0001, lon=-87.0), Point(lat=42.0, lon=-87.0)
    seen = [(NOON + timedelta(minutes=n), point) for n, point in enumerate((here, near, here, far, near))]
    assert [reading.metres for reading in odometer_of(seen, lambda a, b: 0.0)] == [0]


def test_over_a_gap_the_way_is_the_estimated_one_and_never_shorter_than_straight():
    here, there = Point(lat=41.0, lon=-87.0), Point(lat=41.01, lon=-87.0)
    seen = [(NOON, here), (NOON + timedelta(minutes=10), there)]
    assert odometer_of(seen, lambda a, b: 1500.0)[-1].metres == 1500
    assert odometer_of(seen, lambda a, b: 5.0)[-1].metres == 1111


def test_the_part_inside_begins_where_the_way_crosses_the_line():
    here, there = Point(lat=41.0, lon=-87.0), Point(lat=41.02, lon=-87.0)
    span = Span(NOON, NOON + timedelta(minutes=20))
    ((begins, ends),) = inside_of([(span.begins, here), (span.ends, there)], lambda point: point.lat > 41.005, span)
    assert abs(begins - (NOON + timedelta(minutes=5))) < timedelta(seconds=1)
    assert ends == span.ends
    assert inside_of([], lambda point: True, span) == ()
