"""Goods with rules of their own, to their end: who may carry them, what is captured, what became of them."""

import json
from datetime import UTC, date, datetime, timedelta

import boto3
import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import CompletionReason, FailureReason, State
from crowdship.dispatch import assignment, cancellation
from crowdship.dispatch.offers import answers
from crowdship.dispatch.transfer import service as transfer
from crowdship.drivers import service as drivers
from crowdship.drivers.credentials import Credential
from crowdship.drivers.model import DriverChange, DriverKind
from crowdship.intake.orders import changes
from crowdship.intake.orders.model import DeliveryChange, DropoffChange
from crowdship.kernel.errors import Conflict, Forbidden, Unprocessable
from crowdship.pricing.terms import CancelReason
from crowdship.proof import service as proofs
from crowdship.proof import verification
from crowdship.proof.disposition import DispositionInput
from crowdship.proof.model import DeliverInput
from crowdship.proof.store import ProofRow
from crowdship.proof.uploads import UploadRequest
from crowdship.routes import service as routing
from crowdship.shipment.goods import categories
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.requirements.registry import Requirements, UnattendedCapture
from crowdship.shipment.requirements.temperature import Range
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.windows import Window
from crowdship.stops import by_hand
from crowdship.stops import service as stops
from crowdship.vault import service as vault
from crowdship.vault.model import notes_token
from crowdship.zones import service as zones
from crowdship.zones.store import ZoneRow
from local.city.driver import picture
from tests.buckets import proof_bucket
from tests.city import NOON, City, at, settings
from tests.contracts import validate_event

pytestmark = pytest.mark.usefixtures("aws")

HELD = ("age_21", "alcohol_certificate", "pharmacy_training", "cannabis_employee")
CODES = ("RX-1",)
BORN = date(1990, 5, 31)
BACK = DispositionInput(kind="returned_to_store", person="Jo Park")


@pytest.fixture
def images(aws):
    return proof_bucket()


def holding(*names):
    return tuple(Credential(name=name) for name in sorted(names))


def city_in(*jurisdictions: str) -> City:
    """Return a city whose zone also has the law of other jurisdictions."""
    city = City.open()
    have_law(*jurisdictions)
    return city


def have_law(*jurisdictions: str) -> None:
    """Let the zone carry all goods, and have the law of other jurisdictions; its area stays, so its cells do."""
    wanted = settings().model_copy(update={"goods": frozenset(categories()), "jurisdictions": jurisdictions})
    work = UnitOfWork()
    work.store(ZoneRow.of(ZoneRow.load("testville").with_changes(settings=wanted)))
    work.commit()
    zones._cache.clear()


def go_to(city, driver, order, stop):
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, stop, city.clock.now(), city.clock)
        city.later(minutes=2)


def at_the_door(city, driver, order, capture=UnattendedCapture()):  # noqa: B008 - it never changes
    go_to(city, driver, order, StopKind.PICKUP)
    stops.pick_up(order.id, driver.id, None, city.clock, capture)
    go_to(city, driver, order, StopKind.DROPOFF)
    return deliveries.get(order.id)


def read(**more):
    given = {"document": "driving_licence", "read_by": "scan", "birth_date": BORN, "expires_on": date(2030, 1, 1)}
    return {**given, **more}


def handed(city, **captured):
    return DeliverInput(device_at=city.clock.now(), position=at(2003), **captured)


def fail(city, driver, order, reason, **more):
    return stops.fail(order.id, driver.id, FailureReason(reason), at(2000), city.clock.now(), city.clock, **more)


def give_back(city, driver, order, capture=UnattendedCapture(), **more):  # noqa: B008 - it never changes
    return stops.return_goods(order.id, driver.id, city.clock.now(), city.clock, None, capture, **more)


AFFIRMED = ("not_intoxicated", "of_age", "valid_id_seen")


# -- alcohol


def test_alcohol_in_texas_needs_a_document_that_was_read_and_all_affirmations(images):
    city = city_in("US-TX")
    driver = city.driver(credentials=holding("age_21", "alcohol_certificate"))
    order = at_the_door(city, driver, city.assigned(driver, goods="alcohol"))
    for captured, what in (
        ({}, "reading of an identity document"),
        ({"id_check": read(), "affirmed": ("of_age",)}, "affirmation of not_intoxicated, valid_id_seen"),
        ({"id_check": read(birth_date=date(2005, 6, 2)), "affirmed": AFFIRMED}, "less than 21"),
        ({"id_check": read(expires_on=date(2026, 5, 31)), "affirmed": AFFIRMED}, "run out"),
    ):
        with pytest.raises(Unprocessable, match=what):
            stops.deliver(order.id, driver.id, handed(city, **captured), images, city.clock)
    made = handed(city, id_check=read(), affirmed=AFFIRMED)
    assert stops.deliver(order.id, driver.id, made, images, city.clock).state is State.DELIVERED
    seen = proofs.view(order.id, images)
    assert (seen.id_checked.age_proven, seen.affirmed) == (21, AFFIRMED)
    assert BORN.isoformat() not in ProofRow.load(order.id).model_dump_json()
    assert verification.verify(deliveries.get(order.id), images, city.clock).intact


def test_an_order_whose_affirmations_are_too_many_with_those_of_the_law_is_refused_and_others_can_be_read():
    city = city_in("US-TX")
    own = tuple(f"sentence_{number}" for number in range(10))
    with pytest.raises(Unprocessable, match="too_many_affirmations"):
        city.order(goods="alcohol", requirements=Requirements(affirmations=own))
    order = city.order(goods="alcohol", requirements=Requirements(affirmations=own[:7]))
    assert len(deliveries.get(order.id).requirements.affirmations) == 10
    more = DeliveryChange(requirements=Requirements(affirmations=own))
    with pytest.raises(Unprocessable, match="too_many_affirmations"):
        changes.change(order.id, city.merchant.id, more, city.clock)


def test_who_is_refused_for_a_reason_gets_nothing_and_the_way_back_ends_with_a_disposition(images):
    city = city_in("US-TX")
    driver = city.driver(credentials=holding("age_21", "alcohol_certificate"))
    order = at_the_door(city, driver, city.assigned(driver, goods="alcohol"))
    assert fail(city, driver, order, "intoxicated", images=images).state is State.RETURNING
    city.later(minutes=5)
    with pytest.raises(Unprocessable, match="disposition_missing") as refused:
        give_back(city, driver, order)
    assert refused.value.pointer == "/disposition"
    returned = give_back(city, driver, order, disposition=BACK)
    assert (returned.state, returned.timeline[-1].reason) == (State.RETURNED, "returned_to_store")
    seen = proofs.view(order.id, images).disposition
    assert (seen.kind, seen.by, seen.person) == ("returned_to_store", driver.id, "Jo Park")
    assert "Jo Park" not in ProofRow.load(order.id).model_dump_json()
    assert verification.verify(deliveries.get(order.id), images, city.clock).intact
    again = give_back(city, driver, order, disposition=BACK)
    assert again.timeline == returned.timeline, "a copy changes nothing"
    assert len(vault.driver_notes(notes_token(order.id)).texts) == 1
    for event in deliveries.get(order.id).events:
        validate_event(event.model_dump(mode="json"))


def test_a_note_and_a_name_of_one_step_are_both_kept(images):
    city = city_in("US-TX")
    driver = city.driver(credentials=holding("age_21", "alcohol_certificate"))
    order = at_the_door(city, driver, city.assigned(driver, goods="alcohol", undeliverable=Undeliverable.DISPOSE))
    with pytest.raises(Unprocessable, match="disposition_missing"):
        fail(city, driver, order, "customer_absent", images=images)
    witnessed = DispositionInput(kind="destroyed", person="Pat Quinn")
    said = stops.NOTHING_SAID.model_copy(update={"note": "Poured away behind the house"})
    ended = fail(city, driver, order, "customer_absent", images=images, disposition=witnessed, said=said)
    assert ended.state is State.FAILED
    seen = proofs.view(order.id, images)
    assert (seen.disposition.kind, seen.disposition.person) == ("destroyed", "Pat Quinn")
    assert [remark.note for remark in seen.remarks] == ["Poured away behind the house"]


@pytest.mark.parametrize("reason", ["intoxicated", "recipient_not_addressee", "closed_hours"])
def test_a_reason_of_the_law_is_none_where_the_law_does_not_give_it(reason, images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, city.assigned(driver))
    with pytest.raises(Unprocessable, match="wrong_reason"):
        fail(city, driver, order, reason, images=images)
    assert deliveries.get(order.id).state is State.ARRIVED_AT_DROPOFF


def test_staff_who_end_it_say_what_became_of_the_goods(images):
    city = city_in("US-TX")
    driver = city.driver(credentials=holding("age_21", "alcohol_certificate"))
    order = at_the_door(city, driver, city.assigned(driver, goods="alcohol"))
    with pytest.raises(Unprocessable, match="disposition_missing"):
        by_hand.fail_by_hand(order.id, FailureReason.GOODS_LOST, "mira", city.clock)
    fail(city, driver, order, "customer_absent", images=images)
    wish = CompletionReason.APP_FAILED, "mira", images, city.clock
    with pytest.raises(Unprocessable, match="disposition_missing"):
        by_hand.complete_by_hand(order.id, *wish)
    assert by_hand.complete_by_hand(order.id, *wish, disposition=BACK).state is State.RETURNED
    assert proofs.view(order.id, images).disposition.by == "mira"


def test_other_goods_go_back_without_a_word(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, city.assigned(driver))
    fail(city, driver, order, "customer_absent", images=images)
    assert give_back(city, driver, order).state is State.RETURNED


# -- closed hours

SIX = datetime(2026, 6, 2, 13, tzinfo=UTC)
"""Six in the morning in California."""


def at_local(city, hour, minute=0):
    city.clock.moment = SIX - timedelta(hours=6) + timedelta(hours=hour, minutes=minute)


def test_an_order_within_the_closed_hours_is_refused_with_the_moment_at_which_they_end():
    city = city_in("US-CA")
    at_local(city, 2, 30)
    with pytest.raises(Unprocessable, match="closed_hours") as refused:
        city.order(goods="alcohol")
    assert refused.value.pointer == "/dropoff_window"
    assert "02:00 to 06:00 (US-CA)" in refused.value.detail
    assert "2026-06-02T13:00:00Z" in refused.value.detail
    assert city.order("milk").state is State.CREATED


def test_a_promise_that_runs_into_the_closed_hours_ends_before_them():
    city = city_in("US-CA")
    at_local(city, 1, 20)
    order = city.order(goods="alcohol")
    assert order.dropoff_window.closes_at == SIX - timedelta(hours=4)
    assert order.due_at <= order.dropoff_window.closes_at + timedelta(minutes=15)


def test_a_window_that_begins_in_the_closed_hours_begins_as_they_end_and_the_pickup_moves_with_it():
    city = city_in("US-CA")
    at_local(city, 2, 30)
    wished = Window(opens_at=SIX - timedelta(hours=3), closes_at=SIX + timedelta(hours=2))
    order = city.order(goods="alcohol", dropoff_window=wished)
    assert order.dropoff_window == Window(opens_at=SIX, closes_at=wished.closes_at)
    assert order.pickup_window.opens_at == SIX - timedelta(hours=1)


def test_a_hand_over_in_the_closed_hours_is_refused_and_the_goods_go_back(images):
    city = city_in("US-CA")
    at_local(city, 1, 20)
    driver = city.driver(credentials=holding("alcohol_certificate"))
    order = at_the_door(city, driver, city.assigned(driver, goods="alcohol"))
    at_local(city, 2)
    made = handed(city, age_check={"document": "passport", "minimum_age_met": True})
    made = made.model_copy(update={"affirmed": ("sealed_container", "valid_id_seen")})
    with pytest.raises(Unprocessable, match="closed_hours"):
        stops.deliver(order.id, driver.id, made, images, city.clock)
    assert fail(city, driver, order, "closed_hours", images=images).state is State.RETURNING


def test_a_hand_over_that_was_made_before_them_counts_when_it_comes_in_later(images):
    city = city_in("US-CA")
    at_local(city, 1, 20)
    driver = city.driver(credentials=holding("alcohol_certificate"))
    order = at_the_door(city, driver, city.assigned(driver, goods="alcohol"))
    at_local(city, 1, 59)
    made = handed(
        city,
        age_check={"document": "passport", "minimum_age_met": True},
        affirmed=("sealed_container", "valid_id_seen"),
    )
    at_local(city, 2, 10)
    assert stops.deliver(order.id, driver.id, made, images, city.clock).state is State.DELIVERED


# -- drivers


def test_cannabis_goes_to_no_crowd_driver_and_to_an_employee_who_is_proven_one():
    city = city_in("US-CA")
    own = {"kind": DriverKind.DEDICATED, "merchant_id": city.merchant.id}
    crowd, unproven = city.driver(credentials=holding(*HELD)), city.driver(**own, credentials=holding("age_21"))
    order = city.order(goods="cannabis")
    city.tick()
    assert city.offers(crowd) == []
    for driver, why in ((crowd, "only a merchant's own drivers"), (unproven, "lacks a credential")):
        with pytest.raises(Conflict, match=why):
            assignment.assign_by_hand(order.id, driver.id, "mira", city.clock)
    assert deliveries.get(order.id).driver_id is None
    employee = city.driver(**own, credentials=holding("age_21", "cannabis_employee"))
    city.tick()
    assert deliveries.get(order.id).driver_id == employee.id


def test_an_offer_of_who_lost_a_credential_since_can_not_be_accepted():
    city = city_in("US-TX")
    driver = city.driver(credentials=holding("age_21", "alcohol_certificate"))
    order = city.order(goods="alcohol")
    city.tick()
    (offer,) = city.offers(driver)
    drivers.change(driver.id, DriverChange(credentials=holding("age_21")), city.clock)
    with pytest.raises(Conflict, match="lacks_credential"):
        answers.accept(driver.id, offer.id, city.clock)
    assert deliveries.get(order.id).driver_id is None


def test_who_lost_a_credential_fetches_nothing_and_finishes_what_is_on_board(images):
    city = city_in("US-TX")
    last = Credential(name="alcohol_certificate", valid_until=date(2026, 6, 1))
    driver = city.driver(credentials=(Credential(name="age_21"), last))
    on_board = at_the_door(city, driver, city.assigned(driver, goods="alcohol"))
    waiting = city.order("order-2", goods="alcohol")
    assignment.assign_by_hand(waiting.id, driver.id, "mira", city.clock)
    city.clock.moment = NOON + timedelta(days=1)
    with pytest.raises(Forbidden, match="lacks_credential"):
        stops.depart(waiting.id, driver.id, StopKind.PICKUP, None, city.clock)
    made = handed(city, id_check=read(), affirmed=AFFIRMED)
    assert stops.deliver(on_board.id, driver.id, made, images, city.clock).state is State.DELIVERED


def test_goods_that_were_taken_in_time_count_when_the_step_comes_in_after_a_credential_ran_out(images):
    city = city_in("US-TX")
    last = Credential(name="alcohol_certificate", valid_until=date(2026, 6, 1))
    driver = city.driver(credentials=(Credential(name="age_21"), last))
    order = city.assigned(driver, goods="alcohol")
    stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.arrive(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    city.clock.moment = taken = NOON.replace(hour=23, minute=59)
    city.later(minutes=5)
    assert stops.pick_up(order.id, driver.id, taken, city.clock).state is State.PICKED_UP


def test_an_address_with_stricter_law_is_kept_from_a_driver_who_may_not_go_there():
    city = city_in()
    driver = city.driver()
    order = city.assigned(driver, goods="alcohol")
    have_law("US-TX")
    moved = DeliveryChange(dropoff=DropoffChange(point=at(1500)))
    with pytest.raises(Conflict, match="lacks a credential"):
        changes.change(order.id, city.merchant.id, moved, city.clock)
    waiting = city.order("order-2", goods="alcohol")
    assert waiting.requirements.id_check, "a new order has the law of the zone"


@pytest.mark.parametrize("year", [1, 9999])
def test_a_window_at_the_end_of_all_time_is_refused_as_any_other_that_is_too_far(year):
    city = City.open()
    zones.put("testville", settings().model_copy(update={"goods": frozenset(categories())}))
    zones._cache.clear()
    order = city.order(goods="alcohol")
    begins = datetime(year, 1 if year == 1 else 12, 1 if year == 1 else 31, 0 if year == 1 else 22, tzinfo=UTC)
    window = Window(opens_at=begins, closes_at=begins + timedelta(minutes=30))
    with pytest.raises(Unprocessable):
        changes.change(order.id, city.merchant.id, DeliveryChange(dropoff_window=window), city.clock)


def test_a_change_of_the_address_adds_what_the_law_there_demands_and_says_so():
    city = city_in()
    order = city.order(goods="alcohol")
    assert not order.requirements.id_check
    have_law("US-TX")
    after = changes.change(
        order.id, city.merchant.id, DeliveryChange(dropoff=DropoffChange(point=at(1500))), city.clock
    )
    assert after.requirements.id_check
    assert "alcohol_certificate" in after.demands.credentials
    assert after.events[-1].data["changed"] == ["point", "requirements"]


# -- pharmacy

COLD = Requirements(temperature=Range(least_c=2, most_c=8))


def prescription(city, driver, images, celsius=4.5):
    order = city.assigned(driver, goods="prescription", requirements=COLD, parcel_codes=CODES)
    return at_the_door(city, driver, order, UnattendedCapture(scanned=CODES, temperature_c=celsius))


def signed(order, driver, images, city):
    form = proofs.announce_upload(
        order.id, driver.id, UploadRequest(kind="signature", content_type="image/png"), images, city.clock
    )
    bucket = boto3.client("s3").list_buckets()["Buckets"][0]["Name"]
    boto3.client("s3").put_object(Bucket=bucket, Key=form["fields"]["key"], Body=picture("signature"))


def test_a_prescription_is_scanned_measured_signed_for_and_related(images):
    city = city_in()
    driver = city.driver(credentials=holding("pharmacy_training"))
    order = prescription(city, driver, images)
    signed(order, driver, images, city)
    with pytest.raises(Unprocessable, match="relation of the recipient"):
        stops.deliver(order.id, driver.id, handed(city, scanned=CODES, temperature_c=5), images, city.clock)
    made = handed(city, scanned=CODES, temperature_c=5, relation="caregiver")
    assert stops.deliver(order.id, driver.id, made, images, city.clock).state is State.DELIVERED
    seen = proofs.view(order.id, images)
    assert [(scan.stop, scan.driver_id) for scan in seen.scans] == [("pickup", driver.id), ("dropoff", driver.id)]
    assert [one.celsius for one in seen.temperatures] == [4.5, 5]
    assert seen.relation == "caregiver"


def test_what_is_too_warm_is_not_fetched_and_the_measurement_is_kept(images):
    city = city_in()
    driver = city.driver(credentials=holding("pharmacy_training"))
    order = city.assigned(driver, goods="prescription", requirements=COLD, parcel_codes=CODES)
    go_to(city, driver, order, StopKind.PICKUP)
    warm = UnattendedCapture(scanned=CODES, temperature_c=11)
    with pytest.raises(Unprocessable, match="temperature_out_of_range"):
        stops.pick_up(order.id, driver.id, None, city.clock, warm)
    ended = stops.fail(
        order.id, driver.id, FailureReason("temperature_out_of_range"), at(0), None, city.clock, images, warm
    )
    assert ended.state is State.FAILED
    assert [one.celsius for one in proofs.view(order.id, images).temperatures] == [11]


def test_a_prescription_on_board_stays_with_its_driver(images):
    city = city_in()
    driver = city.driver(credentials=holding("pharmacy_training"))
    other = city.driver(700, credentials=holding("pharmacy_training"))
    order = prescription(city, driver, images)
    bread = city.order("bread")
    assignment.assign_by_hand(bread.id, driver.id, "mira", city.clock)
    city.seen(driver, 2000)
    revision = routing.of(driver.id).revision
    with pytest.raises(Conflict, match="custody_forbids_swap"):
        transfer.transfer(driver.id, revision, "mira", city.clock, delivery_ids=[order.id], to=[other.id])
    with pytest.raises(Conflict, match="goods_on_board"):
        assignment.assign_by_hand(order.id, other.id, "mira", city.clock)
    moved = transfer.transfer(driver.id, revision, "mira", city.clock, to=[other.id])
    assert (moved.moved, moved.stays) == ({bread.id: other.id}, (order.id,))
    assert deliveries.get(order.id).driver_id == driver.id


def test_a_prescription_that_comes_back_is_scanned_at_the_shop(images):
    city = city_in()
    driver = city.driver(credentials=holding("pharmacy_training"))
    order = prescription(city, driver, images)
    cancellation.cancel(order.id, city.merchant.id, CancelReason.CUSTOMER_CHANGED_MIND, city.clock)
    with pytest.raises(Unprocessable, match="scan of 1 of 1 parcel"):
        give_back(city, driver, order, disposition=BACK)
    scanned = UnattendedCapture(scanned=CODES)
    assert give_back(city, driver, order, scanned, disposition=BACK).state is State.RETURNED
    assert [scan.stop for scan in ProofRow.load(order.id).scans] == ["pickup", "return"]


def test_what_was_handed_to_somebody_else_can_not_be_scanned_at_the_shop(images):
    city = city_in()
    driver = city.driver(credentials=holding("pharmacy_training"))
    order = prescription(city, driver, images)
    fail(city, driver, order, "recipient_not_addressee", images=images)
    police = DispositionInput(kind="handed_to", person="Officer Lane")
    assert give_back(city, driver, order, disposition=police).timeline[-1].reason == "handed_to"


def test_the_route_tells_the_app_what_the_law_of_the_day_wants_and_not_which_goods_they_are(images):
    city = city_in("US-TX")
    driver = city.driver(credentials=holding("age_21", "alcohol_certificate"))
    city.assigned(driver, goods="alcohol")
    _, door = stops.route_view(driver.id, city.clock).stops
    assert (door.requirements.id_check, door.requirements.affirmations) == (True, AFFIRMED)
    assert {"intoxicated", "no_valid_id"} <= set(door.reasons)
    assert door.needs_disposition
    assert "alcohol" not in json.dumps(door.model_dump(mode="json"))
