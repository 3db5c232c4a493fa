"""Deliveries and their proofs, for tests of claims."""

from datetime import UTC, datetime, timedelta

from crowdship.deliveries.model import Delivery
from crowdship.kernel.geo import Point
from crowdship.pricing.model import RateCard, price_trip
from crowdship.proof.model import ProofRecord
from crowdship.shipment.options import Priority
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.windows import Window

START = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
DRIVER = "drv_1"


def at(minutes):
    return START + timedelta(minutes=minutes)


def ordered(tip=300, value=4000, currency="USD", **requirements):
    return Delivery.create(
        "mer_1",
        id="dlv_1",
        merchant_id="mer_1",
        external_id="order 7",
        zone_id="oz",
        pickup=Point(lat=37.77, lon=-122.42),
        dropoff=Point(lat=37.76, lon=-122.41),
        pickup_window=Window(opens_at=at(0), closes_at=at(30)),
        dropoff_window=Window(opens_at=at(15), closes_at=at(60)),
        parcel=Parcel(weight_g=2400, goods_value=value),
        requirements=Requirements(**requirements),
        priority=Priority.NORMAL,
        goods=None,
        price=price_trip(RateCard(currency=currency), 2600, 620, tip=tip),
        contacts_token="pii_1",
        created_at=at(0),
        plan_from=at(0),
        search_until=at(45),
    )


def on_the_way(**more):
    taken = ordered(**more).offer("ofr_1", at(1)).assign(DRIVER, at(2), DRIVER, at(30))
    fetched = taken.depart(StopKind.PICKUP, at(3)).arrive(StopKind.PICKUP, at(8)).pick_up(at(10))
    return fetched.depart(StopKind.DROPOFF, at(11))


def delivered(minutes=25, **more):
    return on_the_way(**more).arrive(StopKind.DROPOFF, at(minutes)).deliver(at(minutes + 3))


def proof_of(delivery, **fields):
    return ProofRecord(id=delivery.id, driver_id=DRIVER, captured_at=at(28), **fields)
