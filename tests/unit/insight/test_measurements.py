import pytest

from crowdship.insight.model import COUNTED, Measurement, measurements
from crowdship.kernel.events import DomainEvent
from tests.contracts import event_types, sample


def measured(event):
    return {m.name: m.value for m in measurements(event)}


def event(name, **changes):
    """A sample event, changed."""
    event = sample(name)
    event["data"] |= changes.pop("data", {})
    return DomainEvent.model_validate(event | changes)


@pytest.mark.parametrize("event_type", COUNTED)
def test_what_is_counted_is_counted_once(event_type):
    assert measured(event(event_type))[COUNTED[event_type]] == 1


@pytest.mark.parametrize("event_type", sorted(set(event_types()) - set(COUNTED) - {"delivery.offered"}))
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
    assert measurements(first) == (Measurement(name="SecondsToFirstOffer", unit="Seconds", value=30),)
    assert measured(event("delivery.offered", sequence=4, **offered)) == {}
