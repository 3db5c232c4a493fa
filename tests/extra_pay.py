"""Events by which drivers earn extra pay, and the people and incentives of these tests."""

from datetime import UTC, datetime, timedelta

from crowdship.kernel.events import DomainEvent
from crowdship.kernel.ids import derived_id
from crowdship.pricing.model import RateCard, price_trip

FRIDAY = datetime(2026, 6, 5, 17, tzinfo=UTC)
"""The beginning of a Friday evening."""

PRICE = price_trip(RateCard(), 2000, 400, tip=150)
PAY = PRICE.pay_total.amount


def event(kind, subject, sequence, time, data):
    """Return an event, whose id follows from its subject and sequence."""
    identity = derived_id("evt", subject, kind.partition(".")[0], sequence)
    return DomainEvent(id=identity, type=kind, time=time, subject=subject, sequence=sequence, data=data)


def ended(delivery_id, driver_id, at, kind="delivered", sequence=7, zone_id="testville", **more):
    """Return the event of the end of a delivery."""
    data = {
        "delivery_id": delivery_id,
        "zone_id": zone_id,
        "driver_id": driver_id,
        "state": kind,
        "previous_state": "arrived_at_dropoff",
        "reason": None,
        "undeliverable": "return",
        "price": PRICE.model_dump(mode="json"),
        "cancellation": None,
        "hold": None,
        "livemode": True,
    }
    return event(f"delivery.{kind}", delivery_id, sequence, at, {**data, **more})


def corrected(ending, at, sequence=8):
    """Return the event by which an ending is taken back."""
    corrects = {"state": ending.data["state"], "at": ending.time.isoformat()}
    data = {**ending.data, "state": "arrived_at_dropoff", "corrects": corrects}
    return event("delivery.corrected", ending.subject, sequence, at, data)


def accepted(offer_id, driver_id, delivery_ids, made_at, zone_id="testville"):
    """Return the event of an offer that a driver accepted half a minute after it was made."""
    data = {
        "offer_id": offer_id,
        "zone_id": zone_id,
        "driver_id": driver_id,
        "delivery_ids": list(delivery_ids),
        "made_at": made_at.isoformat(),
    }
    return event("offer.accepted", offer_id, 2, made_at + timedelta(seconds=30), data)


def duty(driver_id, at, sequence, *, is_on, zone_id="testville"):
    """Return the event of a driver who goes on duty or off duty."""
    kind = "driver.on_duty" if is_on else "driver.off_duty"
    return event(kind, driver_id, sequence, at, {"driver_id": driver_id, "zone_id": zone_id})
