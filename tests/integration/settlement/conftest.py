"""A clock, and the state machine's way through the steps of the close."""

from datetime import UTC, datetime

import pytest

from crowdship.adapters import storage
from crowdship.kernel.clock import FixedClock
from crowdship.settlement import store
from crowdship.settlement.cycle import steps


@pytest.fixture
def clock():
    """The morning after the day that is settled."""
    return FixedClock(datetime(2026, 3, 3, 4, 30, tzinfo=UTC))


@pytest.fixture
def two_shards(monkeypatch):
    """Fewer calls to count; the number of shards changes no rule."""
    monkeypatch.setattr(store, "SHARDS", 2)
    monkeypatch.setattr(storage, "BACK_OFF_S", 0)


def run_cycle(period, clock):
    """Go through the steps of the close as the state machine does; return the trial balance."""
    steps.open_period(period, clock)
    steps.close_period(period, clock)
    steps.write_statements(period, clock)
    return steps.finish_period(period, clock)


def everything_stored():
    """Return all items of the settlement table, by key."""
    return {(row.pk, row.sk): (int(row.version), row.body, row.events) for row in store.PostingRow.scan()}
