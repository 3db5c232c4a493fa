"""Parcels that are scanned: at the shop, from driver to driver, at the door, and what staff see of it."""

import json

import boto3
import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import CompletionReason, FailureReason, State
from crowdship.deliveries.store import DeliveryRow
from crowdship.dispatch.offers import answers
from crowdship.dispatch.offers.trips import Trip
from crowdship.dispatch.offers.views import OfferView
from crowdship.dispatch.transfer import service as transfer
from crowdship.intake.orders import changes
from crowdship.intake.orders.model import DeliveryChange, RedeliveryRequest
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.proof import service as proofs
from crowdship.proof.model import DeliverInput
from crowdship.proof.store import ProofRow
from crowdship.proof.uploads import UploadRequest
from crowdship.routes import service as routing
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.requirements.registry import Requirements, UnattendedCapture
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import by_hand
from crowdship.stops import service as stops
from crowdship.tracking import service as tracking
from crowdship.tracking.model import Fix
from local.city.driver import picture
from tests.buckets import proof_bucket
from tests.city import City, at
from tests.contracts import validate_event

pytestmark = pytest.mark.usefixtures("aws")

CODES = ("00340123450000000018", "00340123450000000025")


@pytest.fixture
def images(aws):
    return proof_bucket()


def scanned(*codes):
    return UnattendedCapture(scanned=codes)


def go_to(city, driver, order, stop):
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, stop, city.clock.now(), city.clock)
        city.later(minutes=2)


def change(city, order, **wish):
    return changes.change(order.id, city.merchant.id, DeliveryChange(**wish), city.clock)


def at_the_shop(city, driver, **fields):
    order = city.assigned(driver, requirements=Requirements(barcode=True), parcel_codes=CODES, **fields)
    go_to(city, driver, order, StopKind.PICKUP)
    return order


def at_the_door(city, driver, **fields):
    order = at_the_shop(city, driver, **fields)
    stops.pick_up(order.id, driver.id, None, city.clock, scanned(*CODES))
    go_to(city, driver, order, StopKind.DROPOFF)
    return order


def handed(city, *codes):
    return DeliverInput(device_at=city.clock.now(), position=at(2003), scanned=codes)


def test_an_order_that_asks_for_scans_without_codes_is_refused():
    city = City.open()
    with pytest.raises(Unprocessable, match="parcel_codes_missing"):
        city.order(requirements=Requirements(barcode=True))


def test_a_parcel_that_was_not_scanned_is_not_picked_up():
    city = City.open()
    driver = city.driver()
    order = at_the_shop(city, driver)
    for capture in (scanned(), scanned(CODES[0]), scanned(CODES[0], CODES[0])):
        with pytest.raises(Unprocessable, match=r"proof_missing: Still missing: scan of . of 2 parcels"):
            stops.pick_up(order.id, driver.id, None, city.clock, capture)
    with pytest.raises(Unprocessable, match="foreign_code"):
        stops.pick_up(order.id, driver.id, None, city.clock, scanned(*CODES, "00340123450000000099"))
    assert deliveries.get(order.id).state is State.ARRIVED_AT_PICKUP
    assert ProofRow.load(order.id) is None
    assert stops.pick_up(order.id, driver.id, None, city.clock, scanned(*CODES)).state is State.PICKED_UP


def test_a_step_out_of_order_is_refused_before_anything_is_asked_for():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver, requirements=Requirements(barcode=True), parcel_codes=CODES)
    with pytest.raises(Conflict, match="wrong_state"):
        stops.pick_up(order.id, driver.id, None, city.clock)


def test_what_was_scanned_where_and_when_is_kept_and_shown_to_staff(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    with pytest.raises(Unprocessable, match="scan of 1 of 2 parcels"):
        stops.deliver(order.id, driver.id, handed(city, CODES[1]), images, city.clock)
    delivered = stops.deliver(order.id, driver.id, handed(city, *reversed(CODES)), images, city.clock)
    seen = proofs.view(order.id, images)
    assert [(scan.stop, scan.driver_id, scan.codes) for scan in seen.scans] == [
        (StopKind.PICKUP, driver.id, CODES),
        (StopKind.DROPOFF, driver.id, CODES),
    ]
    assert seen.scans[0].at == delivered.newest_step(State.PICKED_UP).at
    assert seen.scans[1].at == seen.captured_at == delivered.timeline[-1].at


def test_a_pickup_that_is_sent_twice_is_kept_once():
    city = City.open()
    driver = city.driver()
    order = at_the_shop(city, driver)
    for _ in range(2):
        stops.pick_up(order.id, driver.id, None, city.clock, scanned(*CODES))
    assert len(ProofRow.load(order.id).scans) == 1


def test_offer_and_route_tell_how_many_parcels_to_scan_and_no_code():
    city = City.open()
    driver = city.driver()
    order = city.order(requirements=Requirements(barcode=True), parcel_codes=CODES)
    city.tick()
    (made,) = city.offers(driver)
    offer = OfferView.of(made, "drv_1", {order.id: order}, Trip(distance_m=0, duration_s=0), ())
    (offered,) = offer.deliveries
    assert (offered.requirements.barcode, offered.parcels_to_scan) == (True, 2)
    answers.accept(driver.id, made.id, city.clock)
    route = stops.route_view(driver.id, city.clock)
    assert [stop.parcels_to_scan for stop in route.stops] == [2, 2]
    for told in (offer, route):
        assert not any(code in told.model_dump_json() for code in CODES)
    assert deliveries.get(order.id).parcel_codes == CODES


def test_goods_that_go_from_driver_to_driver_are_scanned_by_both(images):
    city = City.open()
    first = city.driver(east_m=200)
    order = at_the_shop(city, first)
    stops.pick_up(order.id, first.id, None, city.clock, scanned(*CODES))
    tracking.record(first.id, [Fix(point=at(900), device_at=city.clock.now())], city.clock)
    second = city.driver(east_m=-300)
    revision = routing.of(first.id).revision
    assert transfer.transfer(first.id, revision, "ana", city.clock).moved == {order.id: second.id}
    go_to(city, second, order, StopKind.PICKUP)
    with pytest.raises(Unprocessable, match="scan of 2 of 2 parcels"):
        stops.pick_up(order.id, second.id, None, city.clock)
    stops.pick_up(order.id, second.id, None, city.clock, scanned(*CODES))
    fetched = [(scan.stop, scan.driver_id) for scan in proofs.view(order.id, images).scans]
    assert fetched == [(StopKind.PICKUP, first.id), (StopKind.PICKUP, second.id)]


def test_codes_are_given_later_until_the_pickup_with_the_wish_for_scans():
    city = City.open()
    order = city.order()
    with pytest.raises(Unprocessable, match="parcel_codes_missing"):
        change(city, order, requirements=Requirements(barcode=True))
    changed = change(city, order, requirements=Requirements(barcode=True), parcel_codes=CODES)
    assert (changed.requirements.barcode, changed.parcel_codes) == (True, CODES)
    (event,) = json.loads(DeliveryRow.find(order.id, "DELIVERY").events)
    validate_event(event)
    assert event["data"]["changed"] == ["order_details", "requirements"]
    assert change(city, order, parcel_codes=CODES) == deliveries.get(order.id), "the same again changes nothing"
    with pytest.raises(Unprocessable, match="parcel_codes_missing"):
        change(city, order, parcel_codes=())


def test_codes_do_not_change_once_the_goods_are_on_board():
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    with pytest.raises(Conflict, match="too_late_to_change"):
        change(city, order, parcel_codes=("ANOTHER",))


def test_a_delivery_that_is_tried_again_has_the_same_parcels():
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    stops.fail(order.id, driver.id, FailureReason.CUSTOMER_ABSENT, order.dropoff, None, city.clock)
    stops.return_goods(order.id, driver.id, None, city.clock)
    made = changes.redeliver_once(
        order.id,
        city.merchant,
        RedeliveryRequest(external_id="again"),
        "key",
        lambda again: {"id": again.id, "codes": list(again.parcel_codes)},
        city.clock,
    )
    assert made.body["codes"] == list(CODES)


def test_goods_that_are_left_at_the_door_are_scanned_there_too(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, undeliverable=Undeliverable.LEAVE_AT_DOOR)
    form = proofs.announce_upload(
        order.id, driver.id, UploadRequest(kind="photo", content_type="image/png"), images, city.clock
    )
    boto3.client("s3").put_object(Bucket="proofs", Key=form["fields"]["key"], Body=picture("photo"))
    absent = order.id, driver.id, FailureReason.CUSTOMER_ABSENT, order.dropoff, None, city.clock, images
    with pytest.raises(Unprocessable, match="scan of 2 of 2 parcels"):
        stops.fail(*absent)
    assert stops.fail(*absent, scanned(*CODES)).state is State.DELIVERED
    assert [scan.stop for scan in ProofRow.load(order.id).scans] == [StopKind.PICKUP, StopKind.DROPOFF]


def test_goods_that_come_back_need_no_scan():
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    failed = stops.fail(order.id, driver.id, FailureReason.CUSTOMER_ABSENT, order.dropoff, None, city.clock)
    assert failed.state is State.RETURNING
    assert stops.return_goods(order.id, driver.id, None, city.clock).state is State.RETURNED


def test_staff_complete_by_hand_what_was_not_scanned_and_the_proof_says_who_vouched(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    done = by_hand.complete_by_hand(order.id, CompletionReason.APP_FAILED, "sam", images, city.clock)
    seen = proofs.view(order.id, images)
    assert (done.state, seen.voucher.actor) == (State.DELIVERED, "sam")
    assert [scan.stop for scan in seen.scans] == [StopKind.PICKUP]
