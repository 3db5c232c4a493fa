"""A driver takes back an ending: delivery, route, proof and books, and who keeps them from it."""

import hashlib
from datetime import UTC, timedelta

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.closing import settling_events
from crowdship.deliveries.delivery.corrections import MOST_CORRECTIONS
from crowdship.deliveries.states import FailureReason, State
from crowdship.dispatch import assignment
from crowdship.drivers import duty
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.kernel.money import Money
from crowdship.proof import service as proofs
from crowdship.proof.model import DeliverInput
from crowdship.proof.store import EarlierProofRow, ProofRow
from crowdship.routes import service as routing
from crowdship.settlement import booking, corrections
from crowdship.settlement.cycle.model import Settlement
from crowdship.settlement.store import PostingRow, SettlementRow, close, write
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import service as stops
from crowdship.stops.views import CorrectInput
from crowdship.tracking.page import changes as customer
from crowdship.tracking.page.actions import RatingInput
from local.city.driver import picture
from tests.city import City, at
from tests.integration.erasing import erase_now

pytestmark = pytest.mark.usefixtures("aws")


def go(city, driver, order, stop):
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, stop, city.clock.now(), city.clock)
        city.later(minutes=1)
        city.seen(driver, 2003 if stop is StopKind.DROPOFF else 0)


def at_the_door(city, driver, **fields):
    order = city.assigned(driver, **fields)
    go(city, driver, order, StopKind.PICKUP)
    stops.pick_up(order.id, driver.id, city.clock.now(), city.clock)
    go(city, driver, order, StopKind.DROPOFF)
    return order


def handed(city):
    return DeliverInput(device_at=city.clock.now(), position=at(2003))


def photograph(city, driver, order, images, kind="photo"):
    body = picture(kind)
    digest = hashlib.sha256(body).hexdigest()
    return proofs.take_picture(order.id, driver.id, ImageKind.PHOTO, "image/png", digest, body, images, city.clock)


def taken_back(city, driver, order, reason="pressed_by_mistake", note=None):
    made = CorrectInput(device_at=city.clock.now(), reason=reason, note=note)
    return corrections.correct(order.id, driver.id, made, city.clock)


def book_all(city, order):
    for event in settling_events(deliveries.get(order.id)):
        booking.post(event)
    day = city.clock.now().astimezone(UTC).date()
    return [posting for posting in PostingRow.of_period(day) if posting.delivery_id == order.id]


def settle(city, day=None):
    day = day or city.clock.now().date()
    write(SettlementRow.of(Settlement.of(day, city.clock.now())))
    close(day, city.clock.now())


def owed(postings, driver):
    account = f"driver:{driver.id}:payable"
    return -sum(entry.signed for posting in postings for entry in posting.entries if entry.account == account)


def test_a_premature_delivered_is_taken_back_and_the_delivery_fails_with_both_records_kept(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(photo=True))
    photograph(city, driver, order, images)
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    pay = owed(book_all(city, order), driver)
    assert pay > 0
    sealed = ProofRow.load(order.id)
    city.later(minutes=4)
    again = taken_back(city, driver, order, note="wrong door")
    assert again.state is State.ARRIVED_AT_DROPOFF
    (stop,) = routing.of(driver.id).stops
    assert (stop.kind, stop.started) == (StopKind.DROPOFF, True)
    assert stop.arrived_at == again.newest_step(State.ARRIVED_AT_DROPOFF).at
    assert stops.route_view(driver.id, city.clock).ended == ()
    (earlier,) = EarlierProofRow.of_delivery(order.id)
    assert earlier.model_dump() == sealed.model_dump()
    assert (ProofRow.load(order.id).captured_at, ProofRow.load(order.id).images) == (None, ())
    assert owed(book_all(city, order), driver) == 0
    with pytest.raises(Unprocessable, match="proof_missing"):
        stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    city.later(minutes=1)
    stops.fail(order.id, driver.id, FailureReason.CUSTOMER_ABSENT, at(2003), city.clock.now(), city.clock, images)
    go(city, driver, order, StopKind.RETURN)
    stops.return_goods(order.id, driver.id, city.clock.now(), city.clock)
    seen = proofs.view(order.id, images)
    assert [remark.note for remark in seen.remarks] == ["wrong door"]
    assert [image.kind for image in seen.earlier[0].images] == ["photo"]
    postings = book_all(city, order)
    assert sorted(posting.kind for posting in postings) == ["delivery", "delivery", "delivery_reversal"]
    (returned,) = [posting for posting in postings if posting.outcome == "returned"]
    assert owed(postings, driver) == owed([returned], driver)


def test_a_premature_failure_is_taken_back_and_the_way_back_leaves_the_route(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    stops.fail(order.id, driver.id, FailureReason.NO_ACCESS, at(2003), city.clock.now(), city.clock, images)
    stops.depart(order.id, driver.id, StopKind.RETURN, city.clock.now(), city.clock)
    city.later(minutes=2)
    taken_back(city, driver, order, "customer_came")
    assert [stop.kind for stop in routing.of(driver.id).stops] == ["dropoff"]
    city.later(minutes=1)
    delivered = stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    assert [step.state for step in delivered.timeline[-5:]] == [
        "arrived_at_dropoff",
        "failed",
        "returning",
        "arrived_at_dropoff",
        "delivered",
    ]
    assert [posting.outcome for posting in book_all(city, order)] == ["delivered"]


def test_a_failure_at_the_pickup_is_taken_back_with_both_stops_and_its_pay(images):
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    go(city, driver, order, StopKind.PICKUP)
    stops.fail(order.id, driver.id, FailureReason.PICKUP_CLOSED, at(0), city.clock.now(), city.clock, images)
    assert owed(book_all(city, order), driver) > 0
    city.later(minutes=1)
    assert taken_back(city, driver, order).state is State.ARRIVED_AT_PICKUP
    assert [stop.kind for stop in routing.of(driver.id).stops] == ["pickup", "dropoff"]
    assert owed(book_all(city, order), driver) == 0
    assert stops.pick_up(order.id, driver.id, city.clock.now(), city.clock).state is State.PICKED_UP


def test_copies_of_the_ending_and_of_the_correction_change_nothing_in_whatever_order(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    first = handed(city)
    stops.deliver(order.id, driver.id, first, images, city.clock)
    city.later(minutes=1)
    made = CorrectInput(device_at=city.clock.now(), reason="other")
    corrections.correct(order.id, driver.id, made, city.clock)
    late = stops.deliver(order.id, driver.id, first, images, city.clock)
    assert late.state is State.ARRIVED_AT_DROPOFF, "a copy of what was taken back does not deliver it"
    assert corrections.correct(order.id, driver.id, made, city.clock).stored_version == late.stored_version
    city.later(minutes=1)
    second = stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    assert corrections.correct(order.id, driver.id, made, city.clock).state is State.DELIVERED
    assert len(deliveries.get(order.id).timeline) == len(second.timeline)


def test_another_delivery_on_the_way_waits_while_the_driver_is_at_the_stop_again(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    other = assignment.assign_by_hand(city.order("second").id, driver.id, "ana", city.clock)
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    stops.depart(other.id, driver.id, StopKind.PICKUP, city.clock.now(), city.clock)
    city.later(minutes=1)
    taken_back(city, driver, order)
    stops_now = routing.of(driver.id).stops
    assert [(stop.delivery_id, stop.started) for stop in stops_now] == [
        (order.id, True),
        (other.id, False),
        (other.id, False),
    ]
    assert all(stop.eta for stop in stops_now)


def test_after_fifteen_minutes_a_rating_a_tip_a_settlement_or_the_end_of_the_duty_it_stays_as_it_is(images):
    city = City.open()
    driver, stranger = city.driver(), city.driver(east_m=3000)

    def ended(name):
        order = at_the_door(city, driver, external_id=name)
        stops.deliver(order.id, driver.id, handed(city), images, city.clock)
        return order

    late = ended("late")
    city.later(minutes=16)
    with pytest.raises(Conflict, match="too_late_to_correct"):
        taken_back(city, driver, late)
    city.seen(driver, 2003)
    rated = ended("rated")
    customer.rate(rated.id, RatingInput(stars=5), city.clock, city.clock)
    with pytest.raises(Conflict, match=r"not_correctable.*rated"):
        taken_back(city, driver, rated)
    tipped = ended("tipped")
    two = Money(amount=200, currency="USD")
    deliveries.change(tipped.id, lambda known: known.tip_later("tip_1", two, city.clock.now(), city.merchant.id))
    with pytest.raises(Conflict, match=r"not_correctable.*tipped"):
        taken_back(city, driver, tipped)
    order = ended("order")
    with pytest.raises(NotFound):
        taken_back(city, stranger, order)
    duty.end(driver.id, city.clock)
    with pytest.raises(Conflict, match="not_on_duty"):
        taken_back(city, driver, order)
    duty.begin(driver.id, None, at(2003), city.clock)
    book_all(city, order)
    settle(city)
    with pytest.raises(Conflict, match=r"not_correctable.*settled"):
        taken_back(city, driver, order)


@pytest.mark.parametrize("is_booked", [False, True])
def test_an_ending_after_the_days_books_were_closed_can_be_taken_back_until_the_next_days_are_settled(
    images, is_booked
):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    settle(city)
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    if is_booked:
        book_all(city, order)
    city.later(minutes=1)
    assert taken_back(city, driver, order).state is State.ARRIVED_AT_DROPOFF
    city.later(minutes=1)
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    book_all(city, order)
    tomorrow = city.clock.now().date() + timedelta(days=1)
    assert owed(PostingRow.of_period(tomorrow), driver) > 0
    settle(city, tomorrow)
    with pytest.raises(Conflict, match=rf"not_correctable.*The pay of {tomorrow} is settled"):
        taken_back(city, driver, order)


def test_a_delivery_that_was_corrected_three_times_or_whose_customer_was_erased_stays_as_it_is(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    for _ in range(MOST_CORRECTIONS):
        stops.deliver(order.id, driver.id, handed(city), images, city.clock)
        city.later(minutes=1)
        taken_back(city, driver, order)
        city.later(minutes=1)
        city.seen(driver, 2003)
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    with pytest.raises(Conflict, match=r"not_correctable.*corrected 3 times"):
        taken_back(city, driver, order)
    erased = at_the_door(city, driver, external_id="erased")
    stops.deliver(erased.id, driver.id, handed(city), images, city.clock)
    erase_now(erased.id, city.clock)
    with pytest.raises(Conflict, match=r"not_correctable.*erased"):
        taken_back(city, driver, erased)
