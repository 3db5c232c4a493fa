"""Changes by merchants of an order that is under way: ready, change, cancel, tip, try again.

Longer than other files, because its tests share the ways to bring an order to each stage.
"""

import json
from datetime import timedelta

import boto3
import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import FailureReason, State
from crowdship.deliveries.store import DeliveryRow
from crowdship.dispatch import assignment, cancellation
from crowdship.dispatch.offers import answers
from crowdship.drivers.model import Vehicle
from crowdship.intake.orders import changes, many
from crowdship.intake.orders import service as intake
from crowdship.intake.orders.model import (
    DeliveryChange,
    Dropoff,
    DropoffChange,
    JobRequest,
    RedeliveryRequest,
    TipRequest,
)
from crowdship.kernel.errors import Conflict, Gone, NotFound, Unprocessable
from crowdship.kernel.hours import Opening, OpeningHours, Weekday
from crowdship.pricing.model import RateCard
from crowdship.pricing.terms import CancelReason, Fault, Stage
from crowdship.proof import service as proofs
from crowdship.proof.model import DeliverInput
from crowdship.proof.store import ProofRow
from crowdship.proof.uploads import UploadRequest
from crowdship.routes import service as routing
from crowdship.settlement import booking, queries
from crowdship.settlement.balances import service as balances
from crowdship.settlement.causes import posting_for
from crowdship.settlement.cycle import steps as settling
from crowdship.settlement.trial_balance import trial_balance
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.vehicles import VehicleKind
from crowdship.shipment.windows import Window
from crowdship.stops import service as stops
from crowdship.vault import service as vault
from crowdship.zones import service as zones
from local.city.driver import picture
from tests.buckets import proof_bucket
from tests.city import CUSTOMER, NOON, City, at, settings
from tests.city import request as order_to
from tests.contracts import validate_event
from tests.faults import Lost, each_call_failing
from tests.integration.conftest import clear

pytestmark = pytest.mark.usefixtures("aws")

BIG = DeliveryChange(parcel=Parcel(weight_g=60_000, volume_l=5))
NEXT_DOOR = DeliveryChange(dropoff=DropoffChange(point=at(3000)))


@pytest.fixture
def city():
    return City.open()


def change(city, order, request):
    return changes.change(order.id, city.merchant.id, request, city.clock)


def ready(city, order, ready_at=None):
    return changes.announce_ready(order.id, city.merchant.id, ready_at, city.clock)


def cancel(city, order, reason=CancelReason.CUSTOMER_CHANGED_MIND):
    return cancellation.cancel(order.id, city.merchant.id, reason, city.clock)


def again(city, order, external_id="again-1", key="k", **fields):
    request = RedeliveryRequest(external_id=external_id, **fields)
    made = changes.redeliver_once(
        order.id, city.merchant, request, key, lambda delivery: {"id": delivery.id}, city.clock
    )
    return deliveries.get(made.body["id"])


def steps(city, driver, order, *named):
    for name in named:
        if name == "pick_up":
            stops.pick_up(order.id, driver.id, None, city.clock)
        else:
            verb, _, stop = name.partition(" ")
            getattr(stops, verb)(order.id, driver.id, StopKind(stop), None, city.clock)
        city.later(minutes=1)
    return deliveries.get(order.id)


TO_THE_SHOP = ("depart pickup", "arrive pickup")
TO_THE_DOOR = (*TO_THE_SHOP, "pick_up", "depart dropoff", "arrive dropoff")


def told(order):
    """The events of the last write, as they go to the bus."""
    return json.loads(DeliveryRow.find(order.id, "DELIVERY").events or "[]")


# -- later


def arriving(opens):
    return DeliveryChange(dropoff_window=Window(opens_at=opens, closes_at=opens + timedelta(hours=1)))


def test_what_is_to_arrive_tomorrow_is_fetched_tomorrow(city):
    driver, order = city.driver(), city.order()
    city.tick()
    assert len(city.offers(driver)) == 1
    tomorrow = NOON + timedelta(days=1)
    moved = change(city, order, arriving(tomorrow))
    assert (moved.state, moved.pickup_window.opens_at) == (State.CREATED, tomorrow - timedelta(hours=1))
    assert moved.plan_from == tomorrow - timedelta(hours=2)
    assert moved.search_until > moved.pickup_window.opens_at
    city.tick()
    assert city.offers(driver) == []


def test_what_a_driver_has_is_not_moved_to_tomorrow(city):
    order = city.assigned(city.driver())
    with pytest.raises(Conflict, match="too_late_to_change"):
        change(city, order, arriving(NOON + timedelta(days=1)))
    a_little = change(city, order, arriving(NOON + timedelta(minutes=30)))
    assert a_little.pickup_window == order.pickup_window


def test_a_window_in_which_the_zone_is_closed_is_refused(city):
    order = city.order()
    mondays = OpeningHours(time_zone="UTC", week=(Opening(day=Weekday.MONDAY, opens="00:00", closes="00:00"),))
    zones.put("testville", settings().model_copy(update={"hours": mondays}))
    zones._cache.clear()
    with pytest.raises(Unprocessable, match="zone_closed"):
        change(city, order, arriving(NOON + timedelta(days=3)))


# -- ready


def scheduled(city, hours=3.0):
    opens = city.clock.now() + timedelta(hours=hours)
    return city.order(
        pickup_window=Window(opens_at=opens, closes_at=opens + timedelta(minutes=30)),
        dropoff_window=Window(opens_at=opens, closes_at=opens + timedelta(hours=2)),
    )


def test_what_is_ready_early_is_offered_at_once(city):
    driver, order = city.driver(), scheduled(city)
    city.tick()
    assert city.offers(driver) == []
    early = ready(city, order)
    assert (early.ready_at, early.pickup_window.opens_at) == (NOON, NOON)
    city.tick()
    assert [offer.delivery_ids for offer in city.offers(driver)] == [(order.id,)]


def test_who_is_told_of_a_later_ready_time_is_told_the_arrival_that_follows_from_it(city):
    driver = city.driver()
    order = city.assigned(driver)
    late = ready(city, order, city.clock.now() + timedelta(minutes=30))
    assert late.eta > order.eta + timedelta(minutes=20)
    event = next(event for event in told(order) if event["type"] == "delivery.ready")
    assert Delivery.model_validate({**order.model_dump(), "eta": event["data"]["eta"]}).eta == late.eta
    assert routing.of(driver.id).stops[-1].announced_at == late.eta


def test_what_will_be_late_is_planned_later_and_an_offer_of_it_is_taken_back(city):
    driver, order = city.driver(), city.order(dropoff_window=Window(opens_at=NOON, closes_at=NOON + timedelta(hours=6)))
    city.tick()
    assert len(city.offers(driver)) == 1
    late = ready(city, order, NOON + timedelta(hours=4))
    assert (late.state, late.plan_from) == (State.CREATED, NOON + timedelta(hours=3))
    city.tick()
    assert city.offers(driver) == []
    city.later(hours=3)
    city.tick()
    assert len(city.offers(driver)) == 0  # nobody heard of the driver for three hours
    assert deliveries.get(order.id).state is State.CREATED


def test_a_driver_under_way_gets_the_new_time_in_the_same_write(city):
    driver = city.driver()
    order = city.assigned(driver)
    later = NOON + timedelta(minutes=40)
    announced = ready(city, order, later)
    pickup, dropoff = routing.of(driver.id).stops
    assert (pickup.opens_at, pickup.eta) == (later, later)
    assert announced.eta == dropoff.eta > order.eta
    assert [event["type"] for event in told(order)] == ["delivery.ready"]


def test_saying_it_again_changes_nothing_and_on_board_it_is_too_late(city):
    driver = city.driver()
    order = city.assigned(driver)
    first = ready(city, order)
    city.later(minutes=5)
    assert ready(city, order).sequence == first.sequence
    assert ready(city, order, first.ready_at).sequence == first.sequence
    steps(city, driver, order, *TO_THE_SHOP, "pick_up")
    with pytest.raises(Conflict, match="too_late_to_change"):
        ready(city, order, NOON + timedelta(minutes=30))


def test_nobody_elses_order_is_ready_changed_tipped_or_tried_again(city):
    order = city.order()
    for deed in (
        lambda: changes.announce_ready(order.id, "mer_other", None, city.clock),
        lambda: changes.change(order.id, "mer_other", NEXT_DOOR, city.clock),
        lambda: changes.tip(order.id, "mer_other", TipRequest(amount=1), "k", city.clock),
    ):
        with pytest.raises(NotFound, match="no_such_delivery"):
            deed()


# -- change


def test_a_farther_door_costs_more_and_the_event_shows_both_charges_and_nothing_personal(city):
    order = city.order()
    moved = change(city, order, NEXT_DOOR)
    assert (moved.dropoff, moved.price.charge_total.amount) == (at(3000), 599 + 285)
    (event,) = told(order)
    assert event["data"]["changed"] == ["point"]
    assert (event["data"]["charge_before"]["amount"], event["data"]["charge_after"]["amount"]) == (789, 884)
    validate_event({**event, "subject": "dlv_1", "data": {**event["data"], "merchant_id": "mer_1"}})


def test_people_are_changed_in_the_vault_alone(city):
    order = city.order()
    other = CUSTOMER.model_copy(update={"name": "Lou Reed", "phone": "+13125550777"})
    change(city, order, DeliveryChange(dropoff=DropoffChange(contact=other, notes="ring twice")))
    people = vault.contacts(order.contacts_token)
    assert people.dropoff == other.model_copy(update={"notes": "ring twice"})
    assert people.pickup.name == "Corner Bakery"
    (event,) = told(order)
    assert event["data"]["changed"] == ["contact", "notes"]
    for value in ("Lou Reed", "+13125550777", "ring twice"):
        assert value not in deliveries.get(order.id).model_dump_json() + str(event)


def test_a_pin_that_is_asked_for_later_is_made_and_one_no_longer_asked_for_is_forgotten(city):
    order = city.order()
    change(city, order, DeliveryChange(requirements=Requirements(pin=True)))
    assert len(vault.contacts(order.contacts_token).pin) == 4
    change(city, order, DeliveryChange(requirements=Requirements(pin=False)))
    assert vault.contacts(order.contacts_token).pin is None


def test_what_is_not_said_of_the_requirements_stays_and_so_does_what_the_goods_demand(city):
    zones.put("testville", settings().model_copy(update={"goods": frozenset({"alcohol"})}))
    zones._cache.clear()
    city.merchant = city.merchant.with_changes(default_requirements=Requirements(pin=True))
    driver, order = city.driver(), city.order(goods="alcohol")
    city.tick()
    for same in (Requirements(), Requirements(pin=True), Requirements(minimum_age=18)):
        assert change(city, order, DeliveryChange(requirements=same)).state is State.OFFERED
    assert len(city.offers(driver)) == 1
    after = change(city, order, DeliveryChange(requirements=Requirements(photo=True, minimum_age=18)))
    assert after.requirements == Requirements(photo=True, pin=True, minimum_age=21)
    assert vault.contacts(order.contacts_token).pin


def rates(**changed):
    """Change what the zone charges from now on."""
    zones.put("testville", settings().model_copy(update={"rates": RateCard(**changed)}))
    zones._cache.clear()


def test_only_another_way_is_another_price(city):
    order = city.order(tip=100)
    rates(charge_base=999)
    heavier = change(city, order, DeliveryChange(parcel=Parcel(weight_g=5000), tip=200))
    assert heavier.price == order.price.with_tip(200)
    assert change(city, order, NEXT_DOOR).price.charge_total.amount == 999 + 285


def test_a_further_drop_off_of_a_job_stays_one_wherever_it_moves(city):
    orders = (order_to(f"order-{n}", east_m=2000 + 200 * n) for n in (1, 2))
    asked = JobRequest(dropoffs=tuple(Dropoff(external_id=one.external_id, dropoff=one.dropoff) for one in orders))
    job = many.create_job(city.merchant, asked, "job_1", city.clock)
    first, second = (deliveries.get(delivery_id) for delivery_id in job.delivery_ids)
    assert second.price.charge_total.amount == 299 + 19
    heavier = change(city, second, DeliveryChange(parcel=Parcel(weight_g=5000)))
    assert heavier.price == second.price
    moved = change(city, second, DeliveryChange(dropoff=DropoffChange(point=at(2600))))
    assert moved.price.charge_total.amount == 299 + 38
    assert change(city, first, NEXT_DOOR).price.charge_total.amount == 599 + 285


def test_what_is_so_already_changes_nothing(city):
    order = city.order()
    same = DeliveryChange(
        dropoff=DropoffChange(contact=CUSTOMER, point=order.dropoff), parcel=order.parcel, tip=order.price.tip.amount
    )
    assert change(city, order, same) == deliveries.get(order.id)
    assert change(city, order, DeliveryChange()).sequence == order.sequence


def test_an_offer_of_what_then_is_another_trip_is_taken_back_but_not_for_a_note(city):
    driver, order = city.driver(), city.order(tip=200)
    city.tick()
    change(city, order, DeliveryChange(dropoff=DropoffChange(notes="blue door"), tip=300))
    assert len(city.offers(driver)) == 1
    assert change(city, order, NEXT_DOOR).state is State.CREATED
    assert city.offers(driver) == []
    city.tick()
    (offer,) = city.offers(driver)
    change(city, order, DeliveryChange(tip=100))
    with pytest.raises(Conflict, match="offer_withdrawn"):
        answers.accept(driver.id, offer.id, city.clock)


def test_the_assigned_driver_s_route_is_changed_in_the_same_write_and_keeps_the_pay(city):
    driver = city.driver()
    order = steps(city, driver, city.assigned(driver), "depart pickup")
    moved = change(city, order, DeliveryChange(dropoff=DropoffChange(point=at(1000))))
    pickup, dropoff = routing.of(driver.id).stops
    assert (pickup.started, dropoff.point) == (True, at(1000))
    assert moved.eta == dropoff.eta < order.eta
    assert moved.price.charge_total.amount < order.price.charge_total.amount
    assert moved.price.pay == order.price.pay
    assert change(city, order, NEXT_DOOR).price.pay_total.amount > order.price.pay_total.amount


def test_what_the_driver_can_not_take_is_refused_and_nothing_changes(city):
    driver = city.driver(vehicle=Vehicle(kind=VehicleKind.BICYCLE, max_weight_g=9000, max_volume_l=40))
    order = city.assigned(driver)
    for request, why in (
        (BIG, "too heavy"),
        (DeliveryChange(requirements=Requirements(skills=("cold_box",))), "lacks a skill"),
        (DeliveryChange(dropoff=DropoffChange(point=at(5500, 5500))), "too long for the vehicle"),
    ):
        with pytest.raises(Conflict, match=f"driver_cannot_take_it.*{why}"):
            change(city, order, request)
    assert deliveries.get(order.id) == order


def test_what_no_longer_fits_beside_the_rest_is_refused(city):
    driver = city.driver()
    first, second = city.order("order-1"), city.order("order-2", east_m=2100)
    for order in (first, second):
        assignment.assign_by_hand(order.id, driver.id, "ana", city.clock)
    change(city, first, DeliveryChange(parcel=Parcel(weight_g=40_000)))
    with pytest.raises(Conflict, match="does_not_fit"):
        change(city, second, DeliveryChange(parcel=Parcel(weight_g=20_000)))


def test_on_board_only_people_and_a_higher_tip_may_change(city):
    driver = city.driver()
    order = steps(city, driver, city.assigned(driver, tip=200), *TO_THE_SHOP, "pick_up")
    for request in (NEXT_DOOR, BIG, DeliveryChange(requirements=Requirements(photo=True))):
        with pytest.raises(Conflict, match="too_late_to_change"):
            change(city, order, request)
    change(city, order, DeliveryChange(dropoff=DropoffChange(notes="gate code 12"), tip=500))
    with pytest.raises(Unprocessable, match="tip_lowered"):
        change(city, order, DeliveryChange(tip=499))


def test_a_door_outside_the_area_and_a_window_that_is_over_are_refused(city):
    order = city.order()
    with pytest.raises(Unprocessable, match="outside_service_area"):
        change(city, order, DeliveryChange(dropoff=DropoffChange(point=at(90_000))))
    over = Window(opens_at=NOON - timedelta(hours=2), closes_at=NOON)
    with pytest.raises(Unprocessable, match="window_over"):
        change(city, order, DeliveryChange(dropoff_window=over))
    with pytest.raises(Unprocessable, match="unknown_skill"):
        change(city, order, DeliveryChange(requirements=Requirements(skills=("juggling",))))
    left = city.order("order-2", undeliverable="leave_at_door")
    with pytest.raises(Unprocessable, match="cannot_be_left"):
        change(city, left, DeliveryChange(requirements=Requirements(pin=True)))


def test_an_erased_person_is_not_changed(city):
    order = city.order()
    cancel(city, order)
    vault.erase(order.contacts_token)
    with pytest.raises(Gone, match="erased"):
        change(city, order, DeliveryChange(dropoff=DropoffChange(notes="x")))


# -- cancel


def test_calling_off_on_board_brings_the_goods_back_and_is_booked_as_it_was_told(city):
    driver = city.driver()
    order = steps(city, driver, city.assigned(driver, tip=300), *TO_THE_SHOP, "pick_up", "depart dropoff")
    turned = cancel(city, order)
    assert (turned.state, turned.cancellation.stage, turned.cancellation.fault) == (
        State.RETURNING,
        Stage.ON_BOARD,
        Fault.CUSTOMER,
    )
    assert [(stop.kind, stop.point) for stop in routing.of(driver.id).stops] == [(StopKind.RETURN, order.pickup)]
    assert cancel(city, order).timeline == turned.timeline
    city.seen(driver, 0)
    back = stops.return_goods(order.id, driver.id, None, city.clock)
    posting = posting_for(back.events[-1])
    assert trial_balance([posting]).off_by == 0
    charged = sum(entry.signed for entry in posting.entries if entry.account.startswith("merchant"))
    assert charged == turned.cancellation.fee.amount


def test_a_promise_that_will_be_missed_is_called_off_at_our_cost(city):
    driver = city.driver()
    order = city.assigned(driver)
    city.later(hours=2)
    off = cancel(city, order, CancelReason.TAKES_TOO_LONG)
    assert (off.cancellation.fault, off.cancellation.fee.amount) == (Fault.PLATFORM, 0)
    paid = [entry for entry in posting_for(off.events[-1]).entries if entry.account.startswith("driver")]
    assert sum(-entry.signed for entry in paid) * 4 >= order.price.pay_total.amount


def due_in(city, minutes):
    opens = city.clock.now() - timedelta(hours=1)
    return DeliveryChange(dropoff_window=Window(opens_at=opens, closes_at=opens + timedelta(minutes=60 + minutes)))


def test_a_window_or_a_door_that_can_not_be_kept_is_refused_with_the_earliest_moment(city):
    order = city.order(north_m=5000)  # 2 min and 5.4 km at 5 m/s
    with pytest.raises(Unprocessable, match=r"dropoff_too_soon.*2026-06-01T12:20:00Z or later") as refusal:
        change(city, order, due_in(city, 19))
    assert refusal.value.pointer == "/dropoff_window/closes_at"
    assert change(city, order, due_in(city, 20))
    farther = DeliveryChange(dropoff=DropoffChange(point=at(2000, -5900)))
    with pytest.raises(Unprocessable, match="dropoff_too_soon"):
        change(city, order, farther)


def test_a_merchant_who_moves_the_door_or_hurries_a_driver_does_not_make_us_late_by_that(city):
    driver = city.driver()
    order = city.assigned(driver)
    city.later(minutes=40)
    hurried = change(city, order, due_in(city, 12))
    assert hurried.dropoff_window.closes_at == NOON + timedelta(minutes=52)
    assert hurried.due_at == order.due_at == NOON + timedelta(hours=1)
    farther = change(city, order, DeliveryChange(dropoff=DropoffChange(point=at(3000))))
    assert farther.due_at == order.due_at + timedelta(seconds=200)
    city.later(minutes=8)  # expected after the window that was asked for, within what could be kept
    assert cancel(city, order, CancelReason.TAKES_TOO_LONG).cancellation.fault is Fault.MERCHANT


# -- what can't be handed over


@pytest.fixture
def images(aws):
    return proof_bucket()


def give_up(city, driver, order, images=None, reason=FailureReason.CUSTOMER_ABSENT):
    return stops.fail(order.id, driver.id, reason, order.dropoff, city.clock.now(), city.clock, images)


def upload_photo(city, driver, order, images):
    request = UploadRequest(kind="photo", content_type="image/png")
    form = proofs.announce_upload(order.id, driver.id, request, images, city.clock)
    boto3.client("s3").put_object(Bucket="proofs", Key=form["fields"]["key"], Body=picture("photo"))


def test_what_may_be_left_is_delivered_with_a_photo_of_it_at_the_door(city, images):
    driver = city.driver()
    order = steps(city, driver, city.assigned(driver, undeliverable="leave_at_door"), *TO_THE_DOOR)
    with pytest.raises(Unprocessable, match="proof_missing"):
        give_up(city, driver, order, images)
    upload_photo(city, driver, order, images)
    left = give_up(city, driver, order, images)
    assert (left.state, left.timeline[-1].reason) == (State.DELIVERED, "left_at_door")
    assert [image.kind for image in ProofRow.load(order.id).images] == ["photo"]
    assert routing.of(driver.id).stops == ()
    assert give_up(city, driver, order, images) == deliveries.get(order.id)


def test_refused_goods_go_back_even_if_they_might_be_left(city, images):
    driver = city.driver()
    order = steps(city, driver, city.assigned(driver, undeliverable="leave_at_door"), *TO_THE_DOOR)
    assert give_up(city, driver, order, images, FailureReason.CUSTOMER_REFUSED).state is State.RETURNING


def test_what_is_disposed_of_needs_no_way_back(city):
    driver = city.driver()
    order = steps(city, driver, city.assigned(driver, undeliverable="dispose"), *TO_THE_DOOR)
    assert give_up(city, driver, order).state is State.FAILED
    assert routing.of(driver.id).stops == ()


@pytest.mark.parametrize("lost", Lost)
def test_leaving_at_the_door_happens_whole_or_not_at_all(lost, city, images):
    driver = city.driver()
    for n, faulty in enumerate(each_call_failing(lost, at_least=5)):
        order = city.order(f"o-{n}", undeliverable="leave_at_door")
        assignment.assign_by_hand(order.id, driver.id, "ana", city.clock)
        steps(city, driver, order, *TO_THE_DOOR)
        upload_photo(city, driver, order, images)
        with faulty:
            give_up(city, driver, order, images)
        left = give_up(city, driver, order, images)
        assert (left.state, routing.of(driver.id).stops) == (State.DELIVERED, ())
        assert ProofRow.load(order.id).captured_at


# -- tips


def test_a_tip_after_the_day_was_settled_reaches_the_driver_once_on_a_later_day(city, images):
    driver = city.driver()
    order = steps(city, driver, city.assigned(driver), *TO_THE_DOOR)
    done = stops.deliver(order.id, driver.id, DeliverInput(device_at=city.clock.now()), images, city.clock)
    booking.post(done.events[-1])
    city.later(days=1)
    settling.open_period(NOON.date(), city.clock)
    settling.close_period(NOON.date(), city.clock)
    five = TipRequest(amount=500)
    tipped = changes.tip(order.id, city.merchant.id, five, "key-1", city.clock)
    assert changes.tip(order.id, city.merchant.id, five, "key-1", city.clock).late_tips == tipped.late_tips
    with pytest.raises(Unprocessable, match="key_reused"):
        changes.tip(order.id, city.merchant.id, TipRequest(amount=600), "key-1", city.clock)
    (event,) = tipped.events
    first, second = booking.post(event), booking.post(event)
    assert first == second
    assert first.period == city.clock.now().date()
    (line,) = queries.earned(driver.id, first.period)
    assert (line.tip.amount, line.total.amount) == (500, 500)
    assert balances.trial_balance(NOON.date(), first.period).off_by == 0


# -- once more


def returned(city, driver, **fields):
    order = steps(city, driver, city.assigned(driver, **fields), *TO_THE_DOOR)
    give_up(city, driver, order)
    return stops.return_goods(order.id, driver.id, None, city.clock)


def test_what_came_back_is_tried_again_as_a_delivery_of_its_own(city):
    driver = city.driver()
    order = returned(city, driver, requirements=Requirements(pin=True))
    new = again(city, order, tip=100)
    assert (new.redelivery_of, new.state, new.price.tip.amount) == (order.id, State.CREATED, 100)
    assert deliveries.get(order.id).redelivered_as == new.id
    assert new.contacts_token != order.contacts_token
    people, before = vault.contacts(new.contacts_token), vault.contacts(order.contacts_token)
    assert (people.dropoff, people.pickup) == (before.dropoff, before.pickup)
    assert new.dropoff_window.opens_at == city.clock.now()
    assert again(city, order, tip=100) == new
    with pytest.raises(Conflict, match="redelivered"):
        again(city, order, "again-2", key="k2")


def test_a_delivery_that_was_ordered_under_the_same_key_is_not_taken_for_the_one_that_tries_again(city):
    order = returned(city, city.driver())
    asked = order_to("again-1")
    intake.create_once(city.merchant, asked, "k", lambda delivery: {"id": delivery.id}, city.clock)
    clear("crowdship-idempotency")  # a day later nobody knows the key any more
    with pytest.raises(Conflict, match="external_id_used"):
        again(city, order, "again-1", key="k")


def test_who_was_erased_is_not_delivered_to_again(city):
    order = returned(city, city.driver())
    vault.erase(order.contacts_token)
    with pytest.raises(Gone, match="erased"):
        again(city, order)
    assert deliveries.get(order.id).redelivered_as is None


def test_what_is_under_way_is_not_tried_again(city):
    with pytest.raises(Conflict, match="wrong_state"):
        again(city, city.order())


# -- whichever call fails


@pytest.mark.parametrize("lost", Lost)
@pytest.mark.parametrize("deed", ["ready", "change", "cancel", "offered change"])
def test_whichever_call_fails_delivery_route_and_vault_agree_and_a_retry_ends_it(deed, lost, city):
    driver = city.driver()
    both = DeliveryChange(dropoff=DropoffChange(point=at(1500), notes="blue door"))
    deeds = {
        "ready": lambda order: ready(city, order, NOON + timedelta(minutes=45)),
        "change": lambda order: change(city, order, both),
        "offered change": lambda order: change(city, order, both),
        "cancel": lambda order: cancel(city, order),
    }
    for n, faulty in enumerate(each_call_failing(lost)):
        if deed == "offered change":
            order = city.order(f"o-{n}")
            city.tick()
        else:
            order = city.assigned(driver, external_id=f"o-{n}")
        with faulty:
            deeds[deed](order)
        agree(deliveries.get(order.id), driver, both if "change" in deed else None)
        after = deeds[deed](order)
        agree(after, driver, None)
        if deed != "ready":
            assert sum(step.state is State.CANCELLED for step in after.timeline) == (deed == "cancel")
        cancel(city, after)


def agree(order, driver, request):
    """What the delivery says is what stands on the driver's route and in the vault."""
    stops = {s.kind: s for s in routing.of(driver.id).stops if s.delivery_id == order.id}
    if order.driver_id and order.state is State.ASSIGNED:
        assert stops[StopKind.PICKUP].opens_at == order.pickup_window.opens_at
        assert stops[StopKind.DROPOFF].point == order.dropoff
    else:
        assert not stops
    if request:
        changed = vault.contacts(order.contacts_token).dropoff.notes == request.dropoff.notes
        assert changed == (order.dropoff == request.dropoff.point)


def test_goods_that_are_suddenly_worth_more_than_the_drivers_tier_opens_stay_as_they_were(city):
    driver = city.driver()
    order = city.assigned(driver)
    dear = Parcel(weight_g=1000, volume_l=5, goods_value=5_000_000)
    with pytest.raises(Conflict, match="driver_cannot_take_it"):
        change(city, order, DeliveryChange(parcel=dear))
    assert change(city, order, DeliveryChange(parcel=dear.model_copy(update={"goods_value": 100}))).driver_id
