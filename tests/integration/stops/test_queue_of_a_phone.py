"""The queue of a phone that was offline: its actions arrive late, twice and after a colleague's change.

Whatever the network does with copies, each delivery ends as its own actions say, has its own proof and is booked once.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from io import BytesIO
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.closing import settling_events
from crowdship.deliveries.states import CompletionReason, FailureReason, State
from crowdship.dispatch import assignment
from crowdship.kernel.errors import Refusal
from crowdship.proof import service as proofs
from crowdship.proof.images import ImageStore
from crowdship.proof.model import DeliverInput
from crowdship.proof.store import EarlierProofRow, ProofRow
from crowdship.routes import service as routing
from crowdship.settlement import booking, corrections
from crowdship.settlement.causes import posting_for
from crowdship.settlement.store import PostingRow
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import by_hand
from crowdship.stops import service as stops
from crowdship.stops.views import CorrectInput
from crowdship.vault import service as vault
from tests.buckets import proof_bucket
from tests.city import City
from tests.integration.conftest import restore_tables, saved_tables

COLOURS = {0: "red", 1: "green", 2: "blue"}


def photo_of(number, again=False):
    """Return the photo of the door of a delivery, the first or the second one."""
    file = BytesIO()
    Pillow.new("RGB", (65 if again else 64, 64), COLOURS[number]).save(file, "PNG")
    return file.getvalue()


@dataclass
class Phone:
    """A phone that keeps its driver's actions and sends them in order; the network repeats some of them later."""

    city: City
    driver: object
    images: ImageStore
    sent: list = field(default_factory=list)

    def act(self, delivery_id, name, said, photo=None):
        """Send one action, as the queue does until it gets an answer; return the refusal, if there is one."""
        self.sent.append((delivery_id, name, said, photo))
        return self.send(delivery_id, name, said, photo)

    def send(self, delivery_id, name, said, photo):
        try:
            self._send(delivery_id, name, said, photo)
        except Refusal as refused:
            return refused
        return None

    def _send(self, delivery_id, name, said, photo):
        who, clock = self.driver.id, self.city.clock
        match name:
            case "depart pickup" | "depart dropoff" | "depart return":
                stops.depart(delivery_id, who, StopKind(name.split()[1]), said, clock)
            case "arrive pickup" | "arrive dropoff":
                stops.arrive(delivery_id, who, StopKind(name.split()[1]), said, clock)
            case "pick up":
                stops.pick_up(delivery_id, who, said, clock)
            case "photo":
                digest = hashlib.sha256(photo).hexdigest()
                taken = ImageKind.PHOTO, "image/png", digest, photo, self.images, clock
                proofs.take_picture(delivery_id, who, *taken)
            case "deliver":
                # With the customer's PIN the pay is not held, although the phone sent no positions.
                pin = vault.contacts(deliveries.get(delivery_id).contacts_token).pin
                stops.deliver(delivery_id, who, DeliverInput(device_at=said, pin=pin), self.images, clock)
            case "fail":
                stops.fail(delivery_id, who, FailureReason.CUSTOMER_ABSENT, None, said, clock, self.images)
            case "correct":
                made = CorrectInput(device_at=said, reason="pressed_by_mistake")
                corrections.correct(delivery_id, who, made, clock)


FETCH = ("depart pickup", "arrive pickup", "pick up", "depart dropoff", "arrive dropoff")
PLANS = {
    "delivered": (*FETCH, "photo", "deliver"),
    "failed": (*FETCH, "fail"),
    "failed, then delivered": (*FETCH, "fail", "depart return", "correct", "photo", "deliver"),
    "delivered, then failed": (*FETCH, "photo", "deliver", "correct", "fail"),
    "delivered twice": (*FETCH, "photo", "deliver", "correct", "photo", "deliver"),
    "failed twice": (*FETCH, "fail", "correct", "fail"),
}
END = {
    "delivered": State.DELIVERED,
    "failed": State.RETURNING,
    "failed, then delivered": State.DELIVERED,
    "delivered, then failed": State.RETURNING,
    "delivered twice": State.DELIVERED,
    "failed twice": State.RETURNING,
}


def interleaved(plans, random):
    """Return the actions of several deliveries, mixed, in the order of each."""
    left = {number: list(PLANS[plan]) for number, plan in enumerate(plans)}
    while any(left.values()):
        number = random.choice([one for one, actions in left.items() if actions])
        yield number, left[number].pop(0)


def net(postings):
    sums = Counter()
    for posting in postings:
        for entry in posting.entries:
            sums[entry.account, entry.code] += entry.signed
    return {key: amount for key, amount in sums.items() if amount}


def check_proof(order_id, number, plan):
    """Check that a delivery has the photos of its own door and of no other."""
    own = {hashlib.sha256(photo_of(number, again)).hexdigest() for again in (False, True)}
    record = ProofRow.load(order_id)
    records = [*EarlierProofRow.of_delivery(order_id), *([record] if record else [])]
    assert {image.sha256 for each in records for image in each.images} <= own
    if END[plan] is State.DELIVERED:
        assert record.captured_at
        (image,) = record.images
        assert image.sha256 == hashlib.sha256(photo_of(number, plan == "delivered twice")).hexdigest()


def check_books(order_ids, now, random):
    """Check that what stands is booked once, however often and in whatever order the events come."""
    known = [deliveries.get(order_id) for order_id in order_ids]
    told = [event for delivery in known for event in settling_events(delivery)]
    events = told * 2
    random.shuffle(events)
    for event in events:
        booking.post(event)
    days = {now.astimezone(UTC).date() + timedelta(days=plus) for plus in (-1, 0, 1)}
    postings = [posting for day in days for posting in PostingRow.of_period(day)]
    standing = [
        posting
        for delivery in known
        if delivery.state is State.DELIVERED
        for event in settling_events(delivery)[-1:]
        if (posting := posting_for(event))
    ]
    assert len(standing) == sum(delivery.state is State.DELIVERED for delivery in known)
    assert net(postings) == net(standing)


@pytest.fixture
def empty_tables(aws):
    return saved_tables()


@settings(max_examples=10, deadline=None, phases=[Phase.reuse, Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    plans=st.lists(st.sampled_from(sorted(PLANS)), min_size=2, max_size=3),
    seed=st.integers(0, 2**16),
    offline_minutes=st.sampled_from([0, 30, 300]),
    clock_off_s=st.sampled_from([0, -3600, 5400]),
    staff_end=st.booleans(),
    photo=st.booleans(),
)
def test_every_delivery_ends_by_its_own_actions_with_its_own_proof_booked_once(
    empty_tables, plans, seed, offline_minutes, clock_off_s, staff_end, photo
):
    random = Random(seed)
    restore_tables(empty_tables)
    proof_bucket()
    city = City.open()
    driver = city.driver()
    phone = Phone(city, driver, ImageStore("proofs"))
    needs = Requirements(photo=photo, pin=True)
    orders = [city.order(f"order-{number}", requirements=needs).id for number in range(len(plans))]
    for order_id in orders:
        assignment.assign_by_hand(order_id, driver.id, "ana", city.clock)
    # A colleague ends the last delivery while the phone is offline: all its actions are refused or change nothing.
    ended_by_staff = orders[-1] if staff_end else None
    queue, photos = [], Counter()
    said = city.clock.now() + timedelta(seconds=clock_off_s)
    for number, name in interleaved(plans, random):
        said += timedelta(seconds=20)
        picture = photo_of(number, bool(photos[number])) if name == "photo" else None
        photos[number] += picture is not None
        queue.append((orders[number], name, said, picture))
    city.later(minutes=offline_minutes, seconds=20 * len(queue))
    if ended_by_staff:
        stops.depart(ended_by_staff, driver.id, StopKind.PICKUP, None, city.clock)
        stops.arrive(ended_by_staff, driver.id, StopKind.PICKUP, None, city.clock)
        stops.pick_up(ended_by_staff, driver.id, None, city.clock)
        done = CompletionReason.APP_FAILED
        by_hand.complete_by_hand(ended_by_staff, done, "ana", phone.images, city.clock)
    for action in queue:
        refused = phone.act(*action)
        assert refused is None or action[0] == ended_by_staff, f"{action[:3]}: {refused}"
        # Copies of earlier actions arrive late; the answer that nothing was done may be a refusal.
        earlier = [one for one in phone.sent if one[0] == action[0]] if action[1] == "correct" else phone.sent
        most = len(earlier) if action[1] == "correct" else random.choice((0, 0, 1))
        for copy in random.sample(earlier, most):
            phone.send(*copy)
        city.later(seconds=1)
    for copy in random.sample(phone.sent, len(phone.sent)):
        phone.send(*copy)
    for number, (order_id, plan) in enumerate(zip(orders, plans, strict=True)):
        delivery = deliveries.get(order_id)
        if order_id == ended_by_staff:
            assert (delivery.state, delivery.timeline[-1].actor) == (State.DELIVERED, "ana")
            continue
        assert delivery.state is END[plan], f"{plan}: {[step.state for step in delivery.timeline]}"
        check_proof(order_id, number, plan)
        assert len(delivery.corrections) == PLANS[plan].count("correct")
    left = {stop.delivery_id for stop in routing.of(driver.id).stops}
    assert left == {one for one in orders if deliveries.get(one).state is State.RETURNING}
    check_books(orders, city.clock.now(), random)
