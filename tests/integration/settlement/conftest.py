"""A clock, and the state machine's way through the steps of the close."""

from datetime import UTC, datetime

import pytest

from crowdship.adapters import storage
from crowdship.kernel.clock import FixedClock
from crowdship.settlement import store
from crowdship.settlement.cycle import stating, steps


@pytest.fixture
def clock():
    """The morning after the day that is settled."""
    return FixedClock(datetime(2026, 3, 3, 4, 30, tzinfo=UTC))


@pytest.fixture
def two_shards(monkeypatch):
    """Fewer calls to count; the number of shards changes no rule."""
    monkeypatch.setattr(store, "SHARDS", 2)
    monkeypatch.setattr(storage, "BACK_OFF_S", 0)


def close_day(period, clock):
    """Go through the steps until a period is finished, as the state machine does."""
    shards = steps.open_period(period, clock)
    steps.close_period(period, clock)
    return compare_day(shards, clock)


def compare_day(shards, clock):
    """Go through the steps that sum, state and compare a closed period."""
    stating.sum_shards(shards.period, shards.items)
    parts = steps.plan_parts(shards.period)
    stating.state_parts(parts.period, parts.items, clock)
    return steps.finish_period(shards.period, clock)


run_cycle = close_day


def everything_stored():
    """Return all items of the settlement table, by key."""
    return {(row.pk, row.sk): (int(row.version), row.body, row.events) for row in store.PostingRow.scan()}
