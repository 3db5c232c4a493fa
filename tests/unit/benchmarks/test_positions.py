from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.positions import lost, per_thousand
from benchmarks.support import prices
from benchmarks.support.counting import Platform, Runs, Window

POSITIONS, PUBLISH = "crowdship-local-driver-positions", "crowdship-local-tasks-publish"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def stored(seconds: int, lat: float = 41.0) -> dict[str, object]:
    at = NOON + timedelta(seconds=seconds)
    return {"device_at": at.isoformat().replace("+00:00", "Z"), "point": {"lat": lat, "lon": -87.0}}


def test_a_position_that_is_missing_or_elsewhere_is_lost() -> None:
    sent = {NOON + timedelta(seconds=n): (41.0, -87.0) for n in range(3)}
    assert lost(sent, [stored(n) for n in range(5)]) == 0
    assert lost(sent, [stored(0), stored(2)]) == 1
    assert lost(sent, [stored(0), stored(1, lat=41.5), stored(2)]) == 1
    assert lost(sent, []) == 3


def test_a_thousand_positions_cost_what_was_counted_for_those_that_were_sent() -> None:
    platform = Platform({}, frozenset(), frozenset({POSITIONS}), {}, {POSITIONS: "tracking", PUBLISH: "publish"})
    counted = Window(6, {POSITIONS: Runs(6, 999.0, 0, 512)})
    counted.tally.write_units[POSITIONS] = 12
    counted.tally.read_units[POSITIONS] = 9
    counted.tally.events[PUBLISH, "tracking.left_stop"] = 3

    amounts = per_thousand(platform, counted, {POSITIONS: Runs(10, 200.0, 0, 512)}, positions=72)

    assert amounts["API"] == pytest.approx(6 / 72 * 1000 * prices.API_REQUEST)
    assert amounts["Lambda"] == pytest.approx(prices.compute(6, 6 * 20.0, 512) / 72 * 1000)
    units = 12 * prices.WRITE_UNIT + 9 * prices.READ_UNIT
    assert amounts["DynamoDB"] == pytest.approx(units / 72 * 1000)
    assert amounts["bus"] == pytest.approx(3 / 72 * 1000 * prices.BUS_EVENT)
    assert "S3" not in amounts
