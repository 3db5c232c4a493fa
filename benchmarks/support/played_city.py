"""A city's orders and drivers played minute by minute by the production round, without the platform."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.eligibility import Available, unsuitable
from crowdship.dispatch.rounds.rules import plan_round
from crowdship.dispatch.scoring import offered_pay, score
from crowdship.drivers.compliance import Document, DocumentKind
from crowdship.drivers.model import Driver, Duty, Vehicle
from crowdship.kernel.geo import Point, distance_m
from crowdship.pricing.model import price_trip
from crowdship.routes.route import ChangeReason, Route
from crowdship.routes.stops import Stop, stops_of
from crowdship.routes.timetable import Load, Start, insert, timed
from crowdship.shipment.options import Priority
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.vehicles import VehicleKind
from crowdship.shipment.windows import Window
from crowdship.travel.times import GreatCircle
from crowdship.zones.dispatch_rules import Policy
from crowdship.zones.model import ZoneSettings
from local.city.behaviour import OfferedWork, Reaction, decide
from local.city.plans.plan import CityPlan, Temper
from local.city.zone_rules import with_changes

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


TICK = timedelta(seconds=20)


ENGINES = ("as configured", "one by one", "broadcast", "nearest driver")


@dataclass
class Courier:
    """A driver of the play: where they are, and what they do."""

    driver: Driver
    temper: Temper
    at: Point
    left_at: datetime
    off_at: datetime
    route: Route
    passed_on: set[str] = field(default_factory=set)

    def load(self) -> Load:
        """Return what the vehicle holds."""
        return Load(self.driver.vehicle.max_weight_g, self.driver.vehicle.max_volume_l)

    def advance(self, now: datetime, travel: GreatCircle, done: Callable[[Stop, datetime], None]) -> Point:
        """Live up to a moment; return where they are then."""
        while self.route.stops:
            stop = timed(self.route.stops[:1], Start(self.at, self.left_at), travel)[0]
            assert stop.eta is not None
            ends = stop.eta + timedelta(seconds=stop.dwell_s)
            if ends > now:
                whole = travel.seconds(self.at, stop.point) or 1.0
                share = min(1.0, (now - self.left_at).total_seconds() / whole)
                lat = self.at.lat + share * (stop.point.lat - self.at.lat)
                return Point(lat=lat, lon=self.at.lon + share * (stop.point.lon - self.at.lon))
            done(stop, ends)
            self.at, self.left_at = stop.point, ends
            self.route = self.route.replan(self.route.stops[1:], ends, ChangeReason.STOP_DONE)
            if self.route.stops:
                begun = self.route.stops[0].model_copy(update={"started": True})
                self.route = self.route.with_changes(stops=(begun, *self.route.stops[1:]))
        return self.at


@dataclass
class Open:
    """An offer that waits for answers."""

    deliveries: tuple[Delivery, ...]
    asked: tuple[str, ...]
    expires_at: datetime
    answers: list[tuple[datetime, str, Reaction]]
    said_no: set[str] = field(default_factory=set)


@dataclass
class Played:
    """The results of a play."""

    minutes: list[float] = field(default_factory=list)
    late: int = 0
    expired: int = 0
    offers: int = 0
    asked: int = 0
    declined: int = 0
    answered: int = 0
    to_acceptance: list[float] = field(default_factory=list)

    @property
    def served(self) -> float:
        """Share of the orders that were delivered."""
        return len(self.minutes) / max(1, len(self.minutes) + self.expired)

    @property
    def on_time(self) -> float:
        """Share of the orders that were delivered within their promise."""
        return (len(self.minutes) - self.late) / max(1, len(self.minutes) + self.expired)


@dataclass
class Play:
    """Two hours of a city, minute by minute."""

    city: CityPlan
    settings: ZoneSettings
    tempers: Sequence[Temper]
    engine: str
    seed: int
    played: Played = field(default_factory=Played)
    open: dict[str, Delivery] = field(default_factory=dict)
    offers: dict[str, Open] = field(default_factory=dict)
    placed: dict[str, Delivery] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.travel = GreatCircle(self.settings.travel)
        self.random = Random(f"answers {self.seed}")
        papers = tuple(Document(kind=kind, valid_until="2030-01-01") for kind in DocumentKind)  # type: ignore[arg-type]
        self.couriers = {}
        for planned, temper in zip(self.city.drivers, self.tempers, strict=True):
            on = NOON + planned.on_after
            driver = Driver(
                id=planned.key,
                home_zone_id="z1",
                person_token="-",
                vehicle=Vehicle(
                    kind=VehicleKind(planned.vehicle),
                    max_weight_g=planned.max_weight_g,
                    max_volume_l=planned.max_volume_l,
                ),
                documents=papers,
                created_at=NOON,
                duty=Duty(zone_id="z1", since=on),
            )
            route = Route(id=driver.id, zone_id="z1")
            home = Point(lat=planned.home.lat, lon=planned.home.lon)
            self.couriers[driver.id] = Courier(driver, temper, home, on, NOON + planned.off_after, route)

    def deliveries(self) -> list[Delivery]:
        """Return the orders of the play as intake makes them, by when they come in."""
        shops = {shop.name: Point(lat=shop.point.lat, lon=shop.point.lon) for shop in self.city.shops}
        found = []
        for order in self.city.orders:
            placed, ready = NOON + order.placed_after, NOON + order.ready_after
            pickup, dropoff = shops[order.shop], Point(lat=order.dropoff.lat, lon=order.dropoff.lon)
            metres, seconds = self.travel.metres(pickup, dropoff), self.travel.seconds(pickup, dropoff)
            promise = NOON + order.promise_after
            urgent = order.priority == "urgent"
            found.append(
                Delivery(
                    id=f"o{order.external_id}",
                    merchant_id="m1",
                    external_id=order.external_id,
                    zone_id="z1",
                    priority=Priority.URGENT if urgent else Priority.NORMAL,
                    pickup=pickup,
                    dropoff=dropoff,
                    pickup_window=Window(opens_at=ready, closes_at=max(promise, ready + timedelta(minutes=1))),
                    dropoff_window=Window(opens_at=placed, closes_at=max(promise, ready + timedelta(minutes=5))),
                    parcel=Parcel(weight_g=order.weight_g, volume_l=order.volume_l),
                    requirements=Requirements(),
                    goods=None,
                    price=price_trip(self.settings.rates, metres, seconds, order.tip, urgent=urgent),
                    contacts_token="-",
                    created_at=placed,
                    plan_from=placed,
                    search_until=ready + timedelta(minutes=self.settings.dispatch.rounds.search_minutes),
                )
            )
        return found

    def run(self) -> Played:
        """Play to the end."""
        coming = self.deliveries()
        now, end = NOON, NOON + self.city.length + timedelta(hours=3)
        while now < end and (coming or self.open or any(c.route.stops for c in self.couriers.values())):
            now += TICK
            while coming and coming[0].created_at <= now:
                delivery = coming.pop(0)
                self.open[delivery.id] = self.placed[delivery.id] = delivery
            self._answer(now)
            where = {key: courier.advance(now, self.travel, self._done) for key, courier in self.couriers.items()}
            for delivery in [d for d in self.open.values() if d.search_until <= now]:
                if not any(delivery.id in {d.id for d in offer.deliveries} for offer in self.offers.values()):
                    del self.open[delivery.id]
                    self.played.expired += 1
            self._plan(now, where)
        return self.played

    def _done(self, stop: Stop, at: datetime) -> None:
        if stop.kind is StopKind.DROPOFF:
            delivery = self.placed[stop.delivery_id]
            self.played.minutes.append((at - delivery.created_at).total_seconds() / 60)
            self.played.late += at > delivery.dropoff_window.closes_at

    def _plan(self, now: datetime, where: dict[str, Point]) -> None:
        offered = {d.id for offer in self.offers.values() for d in offer.deliveries}
        waiting = [delivery for delivery in self.open.values() if delivery.id not in offered]
        if not waiting:
            return
        asked = {key for offer in self.offers.values() for key in offer.asked if key not in offer.said_no}
        available = [
            Available(c.driver, where[key], now, c.route, c.load(), asked_elsewhere=key in asked)
            for key, c in self.couriers.items()
            if c.driver.duty and c.driver.duty.since <= now < c.off_at
        ]
        plan = (
            self._nearest(waiting, available, now)
            if self.engine == "nearest driver"
            else plan_round(waiting, available, self.settings, self.travel, now).offers
        )
        for offer in plan:
            bundle, drivers = (
                offer
                if isinstance(offer, tuple)
                else (
                    offer.deliveries,
                    tuple(candidate.driver_id for candidate in offer.candidates),
                )
            )
            if drivers:
                self._offer(bundle, drivers, where, now)

    def _nearest(
        self, waiting: Sequence[Delivery], available: Sequence[Available], now: datetime
    ) -> list[tuple[tuple[Delivery, ...], tuple[str, ...]]]:
        """Return the peer's offers: the oldest delivery to the nearest driver who has nothing to do."""
        free = [entry for entry in available if not entry.route.stops and not entry.asked_elsewhere]
        found = []
        for delivery in sorted(waiting, key=lambda d: d.created_at):
            near = [e for e in free if not unsuitable(e, [delivery], self.settings, self.now)]
            if near:
                entry = min(
                    near, key=lambda e: (e.driver.id in delivery.unanswered_by, distance_m(e.at, delivery.pickup))
                )
                free.remove(entry)
                found.append(((delivery,), (entry.driver.id,)))
        return found

    def _offer(
        self, bundle: tuple[Delivery, ...], drivers: tuple[str, ...], where: dict[str, Point], now: datetime
    ) -> None:
        expires = now + timedelta(seconds=self.settings.dispatch.offers.seconds)
        answers = []
        for key in drivers:
            courier = self.couriers[key]
            entry = Available(courier.driver, where[key], now, courier.route, courier.load())
            work = self._work(bundle, entry, now)
            reaction = decide(courier.temper, work, self.random).reaction
            thinks = timedelta(seconds=min(110.0, 8 + self.random.lognormvariate(2.3, 0.7)))
            if reaction is not Reaction.OVERLOOK:
                answers.append((now + thinks, key, reaction))
        self.played.offers += 1
        self.played.asked += len(drivers)
        name = f"f{self.played.offers}"
        self.offers[name] = Open(bundle, drivers, expires, sorted(answers, key=lambda a: (a[0], a[1])))

    def _work(self, bundle: tuple[Delivery, ...], entry: Available, now: datetime) -> OfferedWork:
        found = score(entry, bundle, self.settings, self.travel, now)
        dwell = self.settings.travel.pickup_dwell_s + self.settings.travel.dropoff_dwell_s
        minutes = ((found.parts["route_growth"] if found else 0.0) + dwell * len(bundle)) / 60
        last = entry.route.stops[-1].point if entry.route.stops else entry.at
        since = entry.driver.duty.since if entry.driver.duty else now
        hours = (now - since).total_seconds() / 3600
        return OfferedWork(offered_pay(bundle).total.amount, minutes, distance_m(last, bundle[0].pickup), hours)

    def _answer(self, now: datetime) -> None:
        due = sorted(
            (at, name, key, reaction)
            for name, offer in self.offers.items()
            for at, key, reaction in offer.answers
            if at <= now and at <= offer.expires_at
        )
        for at, name, key, reaction in due:
            offer = self.offers.get(name)
            if offer is None:
                continue
            self.played.answered += 1
            if reaction is Reaction.ACCEPT and self._accept(offer, key, at):
                del self.offers[name]
                continue
            self.played.declined += reaction is Reaction.DECLINE
            offer.said_no.add(key)
            if offer.said_no == set(offer.asked):
                self._reopen(name)
        for name in [name for name, offer in self.offers.items() if offer.expires_at <= now]:
            self._reopen(name)
        for offer in self.offers.values():
            offer.answers = [answer for answer in offer.answers if answer[0] > now]

    def _accept(self, offer: Open, key: str, at: datetime) -> bool:
        courier = self.couriers[key]
        here = courier.advance(at, self.travel, self._done)
        groups = [stops_of(delivery, self.settings.travel) for delivery in offer.deliveries]
        weight = self.settings.dispatch.weights.lateness
        found = insert(courier.route.stops, groups, Start(here, at), courier.load(), self.travel, weight)
        if found is None:
            return False
        if not courier.route.stops:
            courier.left_at = at
        elif found.stops[0].stop_id != courier.route.stops[0].stop_id:
            courier.at, courier.left_at = here, at
        first = found.stops[0].model_copy(update={"started": True})
        courier.route = courier.route.replan((first, *found.stops[1:]), at, ChangeReason.DELIVERIES_ASSIGNED)
        for delivery in offer.deliveries:
            del self.open[delivery.id]
            self.played.to_acceptance.append((at - delivery.created_at).total_seconds())
        return True

    def _reopen(self, name: str) -> None:
        offer = self.offers.pop(name)
        silent = [key for key in offer.asked if key not in offer.said_no]
        for delivery in offer.deliveries:
            self.open[delivery.id] = delivery.model_copy(
                update={
                    "declined_by": (*delivery.declined_by, *offer.said_no),
                    "unanswered_by": {
                        **delivery.unanswered_by,
                        **{key: delivery.unanswered_by.get(key, 0) + 1 for key in silent},
                    },
                }
            )


def tempers(city: CityPlan, declined: float, seed: int) -> list[Temper]:
    """Return drivers, each with their own wishes, who decline so many of the offers that come one by one."""
    random = Random(f"tempers {seed}")
    drawn = [
        Temper(
            wanted_per_minute=random.uniform(18, 34),
            patience_m=random.uniform(1500, 4500),
            oversight=0.05,
            tier=random.choice((0.0, 0.0, 0.5, 1.0)),
        )
        for _ in city.drivers
    ]
    if not declined:
        return [replace(temper, obliging=True) for temper in drawn]
    blind = settings_of(city, "one by one")

    def share(dearer: float) -> float:
        wishes = [replace(temper, wanted_per_minute=temper.wanted_per_minute * dearer) for temper in drawn]
        played = Play(city, blind, wishes, "one by one", seed).run()
        return played.declined / max(1, played.answered)

    low, high = 0.5, 8.0
    for _ in range(7):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if share(middle) < declined else (low, middle)
    return [replace(temper, wanted_per_minute=temper.wanted_per_minute * low) for temper in drawn]


def settings_of(city: CityPlan, engine: str, **changes: Any) -> ZoneSettings:
    """Return the zone's settings for an engine."""
    rules = with_changes(city.settings["dispatch"], changes)
    if engine == "one by one":
        rules = with_changes(rules, {"weights": {"refusal_s": 0}, "offers": {"widen_after": 100}})
    if engine == "broadcast":
        rules = with_changes(rules, {"offers": {"policy": Policy.BROADCAST}})
    return ZoneSettings(**{**city.settings, "dispatch": rules})
