"""From the shop to the door: each step, what it needs, and what a crash in between leaves behind.

Longer than other files, because its tests share the steps of one driver's day and the pictures that they upload.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests
from pydantic import ValidationError

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import CompletionReason, FailureReason, State
from crowdship.dispatch import assignment
from crowdship.drivers import duty
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.proof import service as proofs
from crowdship.proof.model import DeliverInput, ProofRecord
from crowdship.proof.store import ProofRow
from crowdship.proof.uploads import UploadRequest
from crowdship.routes import service as routing
from crowdship.shipment.requirements.minimum_age import AgeCheck
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import by_hand
from crowdship.stops import service as stops
from crowdship.tracking.geofences.visits import times_at_stops
from crowdship.vault import service as vault
from local.city.driver import picture
from tests.city import City, at
from tests.faults import Lost, each_call_failing

pytestmark = pytest.mark.usefixtures("aws")


def handed(city, **fields):
    return DeliverInput(device_at=city.clock.now(), position=at(2003), **fields)


def at_the_door(city, driver, **fields):
    order = city.assigned(driver, **fields)
    fetch(city, driver, order)
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.DROPOFF, city.clock.now(), city.clock)
        city.later(minutes=2)
    return deliveries.get(order.id)


def fetch(city, driver, order):
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.PICKUP, city.clock.now(), city.clock)
        city.later(minutes=2)
    stops.pick_up(order.id, driver.id, city.clock.now(), city.clock)
    city.later(minutes=2)


def upload(city, driver, order, kind, images, body=None):
    form = proofs.announce_upload(
        order.id, driver.id, UploadRequest(kind=kind, content_type="image/png"), images, city.clock
    )
    boto3.client("s3").put_object(
        Bucket="proofs", Key=form["fields"]["key"], Body=picture(kind) if body is None else body
    )


def test_a_delivery_goes_its_whole_way_and_leaves_the_route_empty(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    delivered = stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    assert delivered.state is State.DELIVERED
    assert [step.state for step in delivered.timeline] == [
        "created",
        "offered",
        "assigned",
        "en_route_to_pickup",
        "arrived_at_pickup",
        "picked_up",
        "en_route_to_dropoff",
        "arrived_at_dropoff",
        "delivered",
    ]
    assert routing.of(driver.id).stops == ()


def test_completion_is_refused_until_photo_signature_pin_and_age_are_there(images):
    city = City.open()
    driver = city.driver()
    needs = Requirements(photo=True, signature=True, pin=True, minimum_age=21)
    order = at_the_door(city, driver, requirements=needs)
    pin = vault.contacts(order.contacts_token).pin
    with pytest.raises(Unprocessable, match="pin_required"):
        stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    with pytest.raises(Unprocessable, match="photo, signature, proof of age 21"):
        stops.deliver(order.id, driver.id, handed(city, pin=pin), images, city.clock)
    upload(city, driver, order, "photo", images)
    upload(city, driver, order, "signature", images)
    minor = AgeCheck(document="passport", minimum_age_met=False)
    with pytest.raises(Unprocessable, match="proof of age 21"):
        stops.deliver(order.id, driver.id, handed(city, pin=pin, age_check=minor), images, city.clock)
    adult = AgeCheck(document="passport", minimum_age_met=True)
    stops.deliver(order.id, driver.id, handed(city, pin=pin, age_check=adult), images, city.clock)
    record = ProofRow.load(order.id)
    assert record.captured_at == city.clock.now()
    assert record.device_at == city.clock.now()
    assert {image.kind for image in record.images} == {"photo", "signature"}
    assert len(record.images[0].sha256) == 64
    assert record.distance_m == pytest.approx(3, abs=1)


def test_an_announced_picture_that_never_arrived_is_no_proof(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(photo=True))
    proofs.announce_upload(
        order.id, driver.id, UploadRequest(kind="photo", content_type="image/jpeg"), images, city.clock
    )
    with pytest.raises(Unprocessable, match="upload_missing"):
        stops.deliver(order.id, driver.id, handed(city), images, city.clock)


@pytest.mark.parametrize("zero", ["٠", "०", "\uff10", "𝟎"])
def test_a_pin_in_other_digits_is_refused_at_the_edge_and_counts_for_no_failure(images, zero):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(pin=True))
    pin = vault.contacts(order.contacts_token).pin
    other = "".join(chr(ord(zero) + int(digit)) for digit in pin)
    for strange in (other, f"{pin}\n", f" {pin}", f"+{pin[1:]}", f"{pin[:3]}\0", ""):
        with pytest.raises(ValidationError, match="pin"):
            handed(city, pin=strange)
    assert ProofRow.load(order.id) is None or ProofRow.load(order.id).pin_failures == 0
    assert ProofRecord(id=order.id, driver_id=driver.id).check_pin(pin, other).pin_failures == 1
    stops.deliver(order.id, driver.id, handed(city, pin=pin), images, city.clock)


def test_a_pin_can_not_be_guessed(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(pin=True))
    pin = vault.contacts(order.contacts_token).pin
    wrong = f"{(int(pin) + 1) % 10_000:04d}"
    for _ in range(5):
        with pytest.raises(Unprocessable, match="wrong_pin"):
            stops.deliver(order.id, driver.id, handed(city, pin=wrong), images, city.clock)
    with pytest.raises(Conflict, match="pin_locked"):
        stops.deliver(order.id, driver.id, handed(city, pin=pin), images, city.clock)


def test_a_content_type_that_is_no_picture_is_refused(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    with pytest.raises(Unprocessable, match="content_type"):
        proofs.announce_upload(
            order.id, driver.id, UploadRequest(kind="photo", content_type="text/html"), images, city.clock
        )


def test_another_driver_does_not_see_the_delivery(images):
    city = City.open()
    driver, other = city.driver(), city.driver(east_m=3000)
    order = at_the_door(city, driver)
    with pytest.raises(NotFound):
        stops.deliver(order.id, other.id, handed(city), images, city.clock)


def test_a_step_sent_twice_is_made_once():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    assert [step.state for step in deliveries.get(order.id).timeline].count(State.EN_ROUTE_TO_PICKUP) == 1


def test_a_late_copy_of_a_step_at_the_pickup_is_none_at_the_drop_off():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    fetch(city, driver, order)
    for step in (stops.depart, stops.arrive):
        late = step(order.id, driver.id, StopKind.PICKUP, None, city.clock)
        assert late.state is State.PICKED_UP
    stops.depart(order.id, driver.id, StopKind.DROPOFF, None, city.clock)
    assert stops.pick_up(order.id, driver.id, None, city.clock).state is State.EN_ROUTE_TO_DROPOFF


@pytest.mark.parametrize("there", [False, True])
def test_who_turns_round_for_the_first_stop_again_is_on_the_way_there(there):
    city = City.open()
    driver = city.driver()
    first = city.assigned(driver)
    second = assignment.assign_by_hand(city.order("second").id, driver.id, "ana", city.clock)

    def set_out(order, said=None):
        city.later(minutes=1)
        state = stops.depart(order.id, driver.id, StopKind.PICKUP, said or city.clock.now(), city.clock).state
        begun = [stop.delivery_id for stop in routing.of(driver.id).stops if stop.started]
        assert begun == [routing.of(driver.id).stops[0].delivery_id]
        return state, begun[0]

    set_out(first)
    at_first = city.clock.now()
    if there:
        stops.arrive(first.id, driver.id, StopKind.PICKUP, at_first, city.clock)
    known = State.ARRIVED_AT_PICKUP if there else State.EN_ROUTE_TO_PICKUP
    assert set_out(second) == (State.EN_ROUTE_TO_PICKUP, second.id)
    assert set_out(first, at_first) == (known, second.id), "a copy of the first time turns nobody round"
    assert set_out(first) == (known, first.id)
    before = routing.of(driver.id).stored_version
    assert set_out(first) == (known, first.id)
    assert routing.of(driver.id).stored_version == before
    assert [step.state for step in deliveries.get(first.id).timeline].count(State.EN_ROUTE_TO_PICKUP) == 1


def test_setting_out_offline_confirms_no_plan_that_the_driver_has_not_seen():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    set_out = city.clock.now()
    city.later(minutes=6)
    assignment.assign_by_hand(city.order("second").id, driver.id, "ana", city.clock)
    stops.depart(order.id, driver.id, StopKind.PICKUP, set_out, city.clock)
    (change,) = routing.of(driver.id).pending
    assert change.reason == "deliveries_assigned"


@pytest.mark.parametrize(
    "said",
    [
        lambda now: datetime(1, 1, 1, tzinfo=UTC),
        lambda now: datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
        lambda now: now + timedelta(hours=2),
        lambda now: now - timedelta(hours=3),
    ],
)
def test_a_phone_whose_clock_is_wrong_keeps_nobody_from_a_step_and_its_time_is_left_out(images, said):
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    assignment.assign_by_hand(city.order("second").id, driver.id, "ana", city.clock)
    for stop in (StopKind.PICKUP, StopKind.DROPOFF):
        stops.depart(order.id, driver.id, stop, said(city.clock.now()), city.clock)
        assert routing.of(driver.id).pending == (), "it counts as now"
        stops.arrive(order.id, driver.id, stop, said(city.clock.now()), city.clock)
        if stop is StopKind.PICKUP:
            stops.pick_up(order.id, driver.id, said(city.clock.now()), city.clock)
        city.later(minutes=3)
    told = said(city.clock.now())
    done = stops.deliver(order.id, driver.id, DeliverInput(device_at=told), images, city.clock)
    assert {step.device_at for step in done.timeline} == {None}
    record = ProofRow.load(order.id)
    assert (record.device_at, record.made_at, record.captured_at) == (told, None, city.clock.now())
    assert [stop.differs for stop in times_at_stops(done, city.clock)] == [False, False]


def test_what_a_phone_kept_while_it_was_offline_counts_as_it_says():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    begins = city.clock.now()
    city.later(minutes=50)
    stops.depart(order.id, driver.id, StopKind.PICKUP, begins + timedelta(minutes=1), city.clock)
    stops.arrive(order.id, driver.id, StopKind.PICKUP, begins + timedelta(minutes=9), city.clock)
    done = stops.pick_up(order.id, driver.id, begins + timedelta(minutes=12), city.clock)
    assert [step.made_at - begins for step in done.timeline[-3:]] == [timedelta(minutes=m) for m in (1, 9, 12)]


def test_the_way_back_is_left_for_and_reached_like_any_other():
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    stops.fail(order.id, driver.id, FailureReason.CUSTOMER_ABSENT, order.dropoff, None, city.clock)
    stops.depart(order.id, driver.id, StopKind.RETURN, None, city.clock)
    assert routing.of(driver.id).stops[0].started
    there = city.clock.now()
    for _ in range(2):
        assert stops.arrive(order.id, driver.id, StopKind.RETURN, None, city.clock).state is State.RETURNING
        assert routing.of(driver.id).stops[0].arrived_at == there
        city.later(minutes=1)
    stops.return_goods(order.id, driver.id, None, city.clock)
    assert stops.depart(order.id, driver.id, StopKind.RETURN, None, city.clock).state is State.RETURNED


def test_a_driver_who_can_not_go_on_hands_back_without_pay_and_others_are_asked():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    back = stops.unassign(order.id, driver.id, None, city.clock)
    assert (back.state, back.declined_by) == (State.CREATED, (driver.id,))
    assert routing.of(driver.id).stops == ()
    other = city.driver()
    city.tick()
    assert (len(city.offers(driver)), len(city.offers(other))) == (0, 1)


def test_staff_complete_what_a_locked_pin_holds_up_and_the_proof_says_who_vouched(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(pin=True, photo=True, signature=True))
    upload(city, driver, order, "photo", images)
    proofs.announce_upload(
        order.id, driver.id, UploadRequest(kind="signature", content_type="image/png"), images, city.clock
    )
    done = by_hand.complete_by_hand(order.id, CompletionReason.PIN_LOCKED, "ana", images, city.clock)
    assert (done.state, done.timeline[-1].reason) == (State.DELIVERED, "pin_locked")
    assert routing.of(driver.id).stops == ()
    record = ProofRow.load(order.id)
    assert (record.voucher.actor, record.captured_at) == ("ana", city.clock.now())
    assert [image.kind for image in record.images] == ["photo"]
    again = by_hand.complete_by_hand(order.id, CompletionReason.OTHER, "bob", images, city.clock)
    assert again.timeline == done.timeline


def test_staff_end_what_a_driver_who_vanished_had_on_board(images):
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    fetch(city, driver, order)
    failed = by_hand.fail_by_hand(order.id, FailureReason.WRONG_ADDRESS, "ana", city.clock)
    assert failed.state is State.RETURNING
    assert [stop.kind for stop in routing.of(driver.id).stops] == ["return"]
    lost = by_hand.fail_by_hand(order.id, FailureReason.GOODS_LOST, "ana", city.clock)
    assert lost.state is State.FAILED
    assert routing.of(driver.id).stops == ()
    with pytest.raises(Conflict, match="wrong_state"):
        by_hand.complete_by_hand(order.id, CompletionReason.OTHER, "ana", images, city.clock)


def test_staff_see_the_proof_and_its_pictures_for_a_few_minutes(images):
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver, requirements=Requirements(photo=True))
    with pytest.raises(NotFound, match="no_proof"):
        proofs.view(order.id, images)
    fetch(city, driver, order)
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.DROPOFF, city.clock.now(), city.clock)
    sent = picture("photo")
    upload(city, driver, order, "photo", images, sent)
    stops.deliver(order.id, driver.id, handed(city, received_by="Mrs Hill"), images, city.clock)
    seen = proofs.view(order.id, images)
    assert (seen.delivery_id, seen.driver_id, seen.received_by) == (order.id, driver.id, "Mrs Hill")
    assert seen.distance_m == pytest.approx(3, abs=1)
    (photo,) = seen.images
    assert parse_qs(urlsplit(photo.url).query).keys() >= {"Signature", "Expires"}
    looked_at = requests.get(photo.url, timeout=5).content
    assert looked_at.startswith(b"\xff\xd8\xff"), "a JPEG, written anew from the pixels of the PNG that was sent"
    assert photo.sha256 == hashlib.sha256(sent).hexdigest()


def test_who_took_the_goods_is_erased_with_the_delivery_s_people(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    stops.deliver(order.id, driver.id, handed(city, received_by="Mrs Hill"), images, city.clock)
    vault.erase(order.contacts_token)
    assert proofs.view(order.id, images).received_by is None
    assert "Hill" not in ProofRow.of(ProofRow.load(order.id)).body


def test_a_step_out_of_order_is_refused_and_says_what_may_come():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    with pytest.raises(Conflict, match=r"Next may be: .*en_route_to_pickup"):
        stops.pick_up(order.id, driver.id, None, city.clock)
    assert deliveries.get(order.id).state is State.ASSIGNED


def test_goods_that_could_not_be_handed_over_go_back_to_the_shop():
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    failed = stops.fail(order.id, driver.id, FailureReason.CUSTOMER_ABSENT, order.dropoff, None, city.clock)
    assert failed.state is State.RETURNING
    (stop,) = routing.of(driver.id).stops
    assert (stop.kind, stop.point) == ("return", order.pickup)
    returned = stops.return_goods(order.id, driver.id, None, city.clock)
    assert returned.state is State.RETURNED
    assert routing.of(driver.id).stops == ()


def test_a_closed_shop_ends_the_delivery_without_a_return():
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.arrive(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    failed = stops.fail(order.id, driver.id, FailureReason.PICKUP_CLOSED, order.pickup, None, city.clock)
    assert failed.state is State.FAILED
    assert routing.of(driver.id).stops == ()


@pytest.mark.parametrize("lost", list(Lost))
def test_a_completion_that_dies_at_any_call_is_whole_after_a_retry(images, lost):
    for n, faulty in enumerate(each_call_failing(lost, at_least=5)):
        city = City.open()
        driver = city.driver(east_m=100 + n)
        order = at_the_door(city, driver, external_id=f"{lost}-{n}", requirements=Requirements(photo=True, pin=True))
        upload(city, driver, order, "photo", images)
        pin = vault.contacts(order.contacts_token).pin
        with faulty:
            stops.deliver(order.id, driver.id, handed(city, pin=pin), images, city.clock)
        city.later(seconds=5)
        stops.deliver(order.id, driver.id, handed(city, pin=pin), images, city.clock)
        assert [s.state for s in deliveries.get(order.id).timeline].count(State.DELIVERED) == 1
        assert ProofRow.load(order.id).captured_at == deliveries.get(order.id).timeline[-1].at
        assert routing.of(driver.id).stops == ()
        duty.end(driver.id, city.clock)


@pytest.mark.parametrize("body", [b"\xff", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"])
def test_a_photo_that_is_none_is_asked_for_again_and_a_picture_then_completes(images, body):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(photo=True))
    upload(city, driver, order, "photo", images, body)
    with pytest.raises(Unprocessable, match="JPEG, PNG or WebP"):
        stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    upload(city, driver, order, "photo", images)
    assert stops.deliver(order.id, driver.id, handed(city), images, city.clock).state is State.DELIVERED
