"""Trips in a city whose law sets a floor for pay: deliveries that a driver worked, duties, and the room that reckons.

The room hears of them late, twice and out of order, some of it after the week was reckoned. Its queue brings messages
twice and in any order. What a driver worked is kept beside, for ``floors`` to reckon it once more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.money import events
from benchmarks.money.floors import ZONE_OF, Duty, Work, metres_between, week_of
from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries.closing import settling_events
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import FailureReason
from crowdship.deliveries.store import DeliveryRow
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.geo import Point
from crowdship.pay_floors import closing, noting
from crowdship.pricing.model import RateCard, price_trip
from crowdship.pricing.terms import CancelReason
from crowdship.shipment.options import Priority
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.windows import Window

if TYPE_CHECKING:
    from benchmarks.money.people import Person
    from benchmarks.money.world import World

LAW_OF = {
    "US-NY-new-york-city": (*[("US", "US-NY", "US-NY-new-york-city")] * 5, ("US", "US-NJ")),
    "US-CA": (("US", "US-CA", "US-CA-san-francisco"), ("US", "US-CA")),
    "US-WA-seattle": (("US", "US-WA", "US-WA-seattle"),),
}
"""Jurisdictions of the shops that drivers of each place go to; some are outside of New York, and count as no trip."""

TWICE, LATE = 0.08, 0.06
WORK_AFTER, DUTY_AFTER = 0.12, 0.02
"""Shares of what the room hears twice and hours late, and of works and duties after it has reckoned the week."""

SLOW = 0.1
"""Share of the queue's messages that come up to forty minutes late."""

LOOKS_EVERY = timedelta(minutes=15)
CHANGED_HANDS, CANCELLED, RETURNED = 0.06, 0.12, 0.17
"""Bounds of a draw below which a delivery changes hands, is called off at the shop, or goes back to it."""


@dataclass
class Trips:
    """The trips and duties of a world, and the room of pay floors.

    Attributes
    ----------
    works, duties : list
        All of them, as they were.
    late : set of str
        Names of those that the room heard of after their week was due.
    due : dict of str to DomainEvent
        What the room says is owed, by the event's id.
    """

    world: "World"
    place: str
    works: list[Work] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    late: set[str] = field(default_factory=set)
    due: dict[str, DomainEvent] = field(default_factory=dict)
    _looked_at: set[datetime] = field(default_factory=set)

    @property
    def people(self) -> list["Person"]:
        """The drivers who work in the place."""
        return [one for one in self.world.people if one.zone_id == ZONE_OF[self.place]]

    # -- what happens

    def trip(self, number: int, at: datetime) -> None:
        """Work one to three deliveries, of one offer or of several, which overlap."""
        drawn, person, offer = self.world.random, self.world.random.choice(self.people), f"ofr_{number}"
        for one in range(drawn.choices((1, 2, 3), (5, 4, 1))[0]):
            if drawn.random() < 0.3:
                offer, at = f"ofr_{number}_{one}", at + timedelta(seconds=drawn.randrange(1200))
            self._delivery(f"dlv_{self.world.seed}_{number}_{one}", person, offer, at)

    def duty(self, number: int, person: "Person", at: datetime) -> None:
        """Let a driver be on duty for some hours."""
        ends = at + timedelta(seconds=self.world.random.randrange(1800, 30_000))
        for sequence, (kind, moment) in enumerate((("driver.on_duty", at), ("driver.off_duty", ends)), 2 * number + 1):
            told = {"driver_id": person.id, "zone_id": person.zone_id}
            event = events.event(kind, person.id, sequence, moment, told)
            duty = Duty(person.id, sequence, moment, kind == "driver.on_duty")
            self.duties.append(duty)
            self._tell([event], {duty.name: [moment, moment - timedelta(days=2)]}, DUTY_AFTER)

    def _delivery(self, delivery_id: str, person: "Person", offer: str, since: datetime) -> None:
        drawn = self.world.random

        def later(moment: datetime, least: int, most: int) -> datetime:
            return moment + timedelta(seconds=drawn.randrange(least, most))

        shop = Point(lat=37.75 + drawn.randrange(200) / 10_000, lon=-122.42)
        door = Point(lat=37.72, lon=-122.42 + drawn.randrange(300) / 10_000)
        way = metres_between(shop.lat, shop.lon, door.lat, door.lon)
        law = drawn.choice(LAW_OF[self.place])
        end, price = drawn.random(), RateCard(pay_base=drawn.randrange(150, 900))
        tip = drawn.choice((0, drawn.randrange(50, 1500))) if end >= RETURNED else 0
        one = Delivery.create(
            self.world.merchants[0],
            id=delivery_id,
            merchant_id=drawn.choice(self.world.merchants),
            external_id=delivery_id,
            zone_id=person.zone_id,
            pickup=shop,
            dropoff=door,
            pickup_law=law,
            dropoff_law=drawn.choice((law, LAW_OF[self.place][0])),
            pickup_window=Window(opens_at=since, closes_at=since + timedelta(hours=1)),
            dropoff_window=Window(opens_at=since, closes_at=since + timedelta(hours=2)),
            parcel=Parcel(weight_g=1200, goods_value=3000),
            requirements=Requirements(),
            priority=Priority.NORMAL,
            goods=None,
            price=price_trip(price, way, 600, tip=tip),
            contacts_token=f"pii_{delivery_id}",
            created_at=since - timedelta(minutes=9),
            plan_from=since - timedelta(minutes=9),
            search_until=since + timedelta(hours=1),
        )
        one = one.offer(offer, since - timedelta(minutes=1)).assign(person.id, since, person.id, since)
        at_shop = later(since, 200, 1000)
        one = one.depart(StopKind.PICKUP, later(since, 1, 100)).arrive(StopKind.PICKUP, at_shop)
        if end < CHANGED_HANDS:
            taken = later(at_shop, 60, 600)
            self._worked(one, offer, since, taken, ((at_shop, 0),))
            person = drawn.choice([other for other in self.people if other != person])
            one, since, offer = one.reassign(person.id, taken, "ana", "asked", None), taken, delivery_id
            at_shop = later(since, 200, 1000)
            one = one.depart(StopKind.PICKUP, later(since, 1, 100)).arrive(StopKind.PICKUP, at_shop)
        read = [(at_shop, 0)]
        if CHANGED_HANDS <= end < CANCELLED:
            one = one.cancel("ana", CancelReason.PLATFORM_AT_FAULT, later(at_shop, 60, 900))
        else:
            at_door = later(at_shop, 400, 2500)
            one = one.pick_up(later(at_shop, 60, 200)).depart(StopKind.DROPOFF, later(at_shop, 200, 300))
            one = one.arrive(StopKind.DROPOFF, at_door)
            read.append((at_door, int(way)))
            if end < RETURNED:
                one = one.fail(FailureReason.CUSTOMER_REFUSED, door, later(at_door, 10, 60))
                one = one.return_goods(later(at_door, 500, 2000))
                read.append((one.timeline[-1].at, int(way + way)))
            else:
                one = one.deliver(later(at_door, 20, 300))
        until = one.timeline[-1].at
        self._worked(one, offer, since, until, tuple(read))
        self.world.told["tips", person.id, "USD"] += tip
        self.world.at(until, f"trip {one.state}", partial(self._ended, one))

    def _worked(
        self, one: Delivery, offer: str, since: datetime, until: datetime, read: tuple[tuple[datetime, int], ...]
    ) -> None:
        self.works.append(Work(one.driver, one.id, offer, since, until, one.pickup_law, read))

    def _ended(self, one: Delivery) -> None:
        """Store a delivery as it ended, and let its events leave for the ledger and for the room."""
        if DeliveryRow.load(one.id):
            return
        work = UnitOfWork()
        work.store(DeliveryRow.of(one.model_copy(update={"events": (), "stored_version": 0})))
        told = settling_events(one)
        for event in told:
            if self.world.random.random() < 0.9:  # a lost event is found by the check before the close
                self.world.send(event)
            else:
                self.world.faults["event lost"] += 1
                self.world.expect(event)
        self._tell(
            told, {one.name: [one.until] for one in self.works if one.delivery_id == told[0].subject}, WORK_AFTER
        )
        work.commit()

    # -- the room

    def _tell(self, told: Iterable[DomainEvent], about: dict[str, list[datetime]], after: float) -> None:
        """Let the room hear of events, and look when what they are about is due.

        Parameters
        ----------
        about : dict of str to list of datetime
            Moments by whose weeks they count, by name.
        after : float
            Share of what is told of after that.
        """
        drawn, world = self.world.random, self.world
        weeks = {week_of(self.place, moment) for moments in about.values() for moment in moments}
        closes = max(ends for _, ends in weeks) + timedelta(days=1)
        heard = []
        share = drawn.random()
        for event in told:
            for _ in range(1 + (drawn.random() < TWICE)):
                if share < after:
                    at = closes + timedelta(seconds=drawn.randrange(60_000))
                else:
                    most = 20_000 if share < after + LATE else 300
                    at = event.time + timedelta(seconds=drawn.randrange(1, most))
                heard.append(max(at, world.clock.now()))
                world.at(heard[-1], f"note {event.type}", partial(self._note, event))
        for name, moments in about.items():
            if any(min(heard) >= week_of(self.place, one)[1] + timedelta(days=1) for one in moments):
                self.late.add(name)
                world.faults["work told of after its week"] += 1
        for _, ends in sorted(weeks):
            self._look_at(ends + timedelta(days=1, minutes=5))

    def _look_at(self, moment: datetime) -> None:
        if moment not in self._looked_at:
            self._looked_at.add(moment)
            self.world.at(max(moment, self.world.clock.now()), "look for floors", self._look)

    def _note(self, event: DomainEvent) -> None:
        noting.note(event, self.world.clock)
        self._look_at(self.world.clock.now() + LOOKS_EVERY)

    def _look(self) -> None:
        """Put on the queue what is due, and look again while something is."""
        if closing.send_due(self._send, self.world.clock):
            self._look_at(self.world.clock.now() + LOOKS_EVERY)

    def _send(self, jobs: Iterable[closing.Job]) -> None:
        drawn, now = self.world.random, self.world.clock.now()
        for job in jobs:
            for _ in range(1 + (drawn.random() < TWICE)):
                most = 2400 if drawn.random() < SLOW else 60
                at = now + timedelta(seconds=drawn.randrange(1, most))
                self.world.at(at, f"{job.task} floor", partial(closing.work, job, self.world.clock))


def begin_duties(world: "World", days: int) -> None:
    """Let the drivers of a place that counts time on call be on duty on some days."""
    trips = world.trips
    if trips.place != "US-NY-new-york-city":
        return
    midnight = datetime.combine(world.first, time(tzinfo=UTC))
    for person in trips.people:
        for day in range(days):
            if world.random.random() < 0.5:
                at = midnight + timedelta(days=day, seconds=world.random.randrange(50_000))
                trips.duty(day, person, at)
