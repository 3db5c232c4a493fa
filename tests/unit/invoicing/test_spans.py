"""Spans of billing: every day is billed once."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crowdship.invoicing.spans import LONGEST_CATCH_UP, Span, spans_due
from crowdship.merchants.billing import BillingCycle

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@given(DAYS, st.integers(0, 400), st.sampled_from(BillingCycle))
def test_spans_follow_each_other_without_gap_or_overlap_and_end_before_today(since, later, cycle):
    today = since + timedelta(days=later)
    spans = list(spans_due(since, today, cycle))
    expected = since
    for span in spans:
        assert span.first == expected
        assert span.first <= span.last < today
        expected = span.last + timedelta(days=1)
    if len(spans) < LONGEST_CATCH_UP:
        assert Span.beginning(expected, cycle).last >= today


@given(DAYS, st.lists(st.sampled_from(BillingCycle), min_size=1, max_size=12))
def test_a_change_of_the_cycle_bills_every_day_once(since, cycles):
    billed, first = [], since
    for cycle in cycles:
        span = Span.beginning(first, cycle)
        billed += span.days
        first = span.last + timedelta(days=1)
    assert billed == [since + timedelta(days=number) for number in range(len(billed))]
