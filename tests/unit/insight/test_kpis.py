import pytest

from crowdship.insight.kpis import FIELD_OF, KPIS, Dimension, Measurement, Unit, measurements, once
from crowdship.kernel.events import DomainEvent
from tests.contracts import event_types, sample

MOST_BY_ZONE = 5
"""KPIs that each zone may have a metric of: docs/decisions/messages.md has their costs."""

NOT_COUNTED = {"delivery.offered", "delivery.corrected"}
"""Events that measure something and are not counted."""

COUNTED = {kpi.event: kpi.name for kpi in KPIS if kpi.value is once}


def measured(event):
    """Return the whole network's measurements of an event by name."""
    return {m.name: m.value for m in measurements(event) if not m.dimensions}


def event(name, **changes):
    """Return a sample event, changed."""
    event = sample(name)
    event["data"] |= changes.pop("data", {})
    return DomainEvent.model_validate(event | changes)


@pytest.mark.parametrize("event_type", COUNTED)
def test_what_is_counted_is_counted_once(event_type):
    assert measured(event(event_type))[COUNTED[event_type]] == 1


@pytest.mark.parametrize("event_type", sorted(set(event_types()) - set(COUNTED) - NOT_COUNTED))
def test_what_is_not_counted_measures_nothing(event_type):
    assert measurements(event(event_type)) == ()


@pytest.mark.parametrize(
    ("at", "on_time"), [("2026-01-01T12:00:00Z", 1), ("2026-01-01T11:00:00Z", 1), ("2026-01-01T12:00:01Z", 0)]
)
def test_on_time_is_at_or_before_the_end_of_the_promised_window(at, on_time):
    window = {"opens_at": "2026-01-01T11:00:00Z", "closes_at": "2026-01-01T12:00:00Z"}
    delivered = event("delivery.delivered", time=at, data={"dropoff_window": window})
    assert measured(delivered)["OnTime"] == on_time


def test_click_to_door_is_the_time_from_the_order_to_the_customer():
    delivered = event(
        "delivery.delivered", time="2026-01-01T12:00:00Z", data={"created_at": "2026-01-01T13:15:00+02:00"}
    )
    assert measured(delivered)["ClickToDoorMinutes"] == 45


def test_the_first_offer_is_timed_and_no_later_one():
    offered = {"time": "2026-01-01T12:00:00Z", "data": {"created_at": "2026-01-01T11:59:30Z"}}
    first = event("delivery.offered", sequence=2, **offered)
    assert measured(first) == {"SecondsToFirstOffer": 30}
    assert {m.unit for m in measurements(first)} == {Unit.SECONDS}
    assert measurements(event("delivery.offered", sequence=4, **offered)) == ()


def test_a_kpi_with_a_dimension_is_measured_for_the_network_and_for_the_value_of_the_dimension():
    created = event("delivery.created", data={"zone_id": "north-beach"})
    assert measurements(created) == (
        Measurement(name="DeliveriesCreated", unit="Count", value=1),
        Measurement(name="DeliveriesCreated", unit="Count", value=1, dimensions={"zone": "north-beach"}),
    )


def test_a_kpi_without_dimensions_is_measured_for_the_network_alone():
    assert measurements(event("offer.made")) == (Measurement(name="OffersMade", unit="Count", value=1),)


def test_a_test_delivery_measures_nothing():
    assert measurements(event("delivery.created", data={"livemode": False})) == ()


@pytest.mark.parametrize("kpi", [kpi for kpi in KPIS if kpi.dimensions], ids=lambda kpi: kpi.name)
def test_the_event_of_a_kpi_has_the_fields_of_its_dimensions(kpi):
    data = sample(kpi.event)["data"]
    assert all(isinstance(data[FIELD_OF[dimension]], str) for dimension in kpi.dimensions)


def test_each_kpi_has_a_name_of_its_own():
    assert len({kpi.name for kpi in KPIS}) == len(KPIS)


def test_each_zone_adds_no_more_metrics_than_the_decisions_pay_for():
    assert sum(Dimension.ZONE in kpi.dimensions for kpi in KPIS) <= MOST_BY_ZONE


@pytest.mark.parametrize("ended", ["delivered", "failed"])
def test_an_ending_that_was_taken_back_and_made_again_is_counted_once(ended):
    name = {"delivered": "DeliveriesDelivered", "failed": "DeliveriesFailed"}[ended]
    corrects = event("delivery.corrected").data["corrects"] | {"state": ended}
    events = [
        event(f"delivery.{ended}"),
        event("delivery.corrected", data={"corrects": corrects}),
        event("delivery.delivered", data={"corrected": [ended]}),
    ]
    counted = sum(measured(each).get(name, 0) for each in events)
    assert counted == (1 if ended == "delivered" else 0)
    assert ("OnTime" in measured(events[2])) == (ended == "failed"), "an average is not given two values"
