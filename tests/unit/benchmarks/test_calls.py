import pytest

from benchmarks.calls import price
from benchmarks.support import prices
from benchmarks.support.counting import Pattern, Platform, Runs, Window, count_line
from benchmarks.support.wire import PHONE

REPORT = "REPORT RequestId: 1\tDuration: 11 ms\tBilled Duration: 12 ms\tMemory Size: 512 MB"
STOPS, MEASURE, PUBLISH = (
    "crowdship-local-driver-stops",
    "crowdship-local-events-measure",
    "crowdship-local-tasks-publish",
)


ROOMS = {STOPS: "proof", MEASURE: "insight", PUBLISH: "bus"}


LATE = Pattern(["route.changed"], {"by": [{"anything-but": {"prefix": "drv_"}}], "reason": ["edited_by_hand"]})


@pytest.fixture
def platform() -> Platform:
    return Platform(
        {},
        frozenset({MEASURE}),
        frozenset({STOPS}),
        {MEASURE: [Pattern([{"prefix": "delivery."}, "offer.made"]), LATE]},
        ROOMS,
    )


def test_a_rule_listens_to_prefixes_and_whole_names(platform: Platform) -> None:
    pattern, _ = platform.rules[MEASURE]
    assert pattern.takes("delivery.created", {})
    assert pattern.takes("offer.made", {})
    assert not pattern.takes("offer.accepted", {})


def test_a_rule_looks_into_the_data_of_events() -> None:
    assert LATE.takes("route.changed", {"by": "sam", "reason": "edited_by_hand"})
    assert not LATE.takes("route.changed", {"by": "drv_1", "reason": "edited_by_hand"})
    assert not LATE.takes("route.changed", {"by": "sam", "reason": "stop_done"})
    assert not LATE.takes("route.changed", {"reason": "edited_by_hand"})


def test_a_report_in_the_log_counts_as_a_run() -> None:
    runs = Runs()
    count_line(runs, "planned")
    count_line(runs, REPORT)

    assert (runs.invocations, runs.milliseconds, runs.memory_mb) == (1, 12, 512)
    assert runs.log_bytes == len("planned") + len(REPORT) + 2 * 26


def test_a_function_behind_the_api_costs_a_request_and_others_do_not(platform: Platform) -> None:
    runs = {name: Runs(4, 40.0, 0, 512) for name in (STOPS, PUBLISH)}

    amounts = price(platform, Window(2, runs), {})

    assert amounts["proof", "API"] == pytest.approx(2 * prices.API_REQUEST)
    assert ("bus", "API") not in amounts
    assert amounts["bus", "Lambda"] == pytest.approx(prices.compute(2, 20.0, 512))


def test_an_event_costs_on_the_bus_and_in_the_queues_that_listen(platform: Platform) -> None:
    counted = Window(1, {MEASURE: Runs(1, 1.0, 0, 512)})
    counted.tally.events[PUBLISH, "delivery.created"] = 3
    counted.tally.details = [("delivery.created", {})] * 3 + [("driver.on_duty", {})]
    counted.tally.events[PUBLISH, "driver.on_duty"] = 1

    amounts = price(platform, counted, {})

    assert amounts["bus", "bus"] == pytest.approx(4 * prices.BUS_EVENT)
    # Three are sent, one batch is received and deleted.
    assert amounts["insight", "queues"] == pytest.approx(5 * prices.QUEUE_REQUEST)


def test_a_phone_uploads_for_the_room_of_proofs(platform: Platform) -> None:
    assert platform.room_of(PHONE) == "proof"
    assert platform.room_of(MEASURE) == "insight"
