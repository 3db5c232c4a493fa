"""A day of a small city, recorded: who was offered what when, who took it, and when it was brought.

A change of structure leaves the recording as it is. A change of rules that means to change decisions writes it anew:
``RECORD=1 python -m pytest tests/integration/test_recorded_day.py``.
"""

import json
import os
import random
from datetime import timedelta
from pathlib import Path

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.dispatch.offers import answers
from crowdship.dispatch.offers.model import DeclineReason
from crowdship.kernel import ids
from crowdship.proof.images import ImageStore
from crowdship.proof.model import DeliverInput
from crowdship.routes import service as routing
from crowdship.shipment.options import Priority
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import service as stops
from crowdship.tracking import service as tracking
from crowdship.tracking.model import Fix
from tests.city import City, at

pytestmark = pytest.mark.usefixtures("aws")

RECORDED = Path(__file__).parent / "recorded" / "day.json"
MINUTES, ORDERS, DRIVERS, REACH_M = 30, 20, 5, 2000


class SeededBytes:
    """Stands in for the machine's randomness, so that ids, and what is sorted by them, are the same each time."""

    def __init__(self):
        self.random = random.Random(7)

    def token_bytes(self, count):
        return self.random.randbytes(count)


class Day:
    """The city, and a driver's work as a phone would report it."""

    def __init__(self):
        self.random = random.Random(11)
        self.city = City.open()
        homes = [self._somewhere() for _ in range(DRIVERS)]
        self.drivers = [self.city.driver(*home) for home in homes]
        self.place_of = {driver.id: at(*home) for driver, home in zip(self.drivers, homes, strict=True)}
        self.name_of = {driver.id: f"driver {number}" for number, driver in enumerate(self.drivers)}
        self.order_of, self.due, self.log, self.begun = {}, {}, [], self.city.clock.now()

    def _somewhere(self):
        return self.random.randint(-REACH_M, REACH_M), self.random.randint(-REACH_M, REACH_M)

    def note(self, *what):
        minute = (self.city.clock.now() - self.begun).total_seconds() / 60
        self.log.append([round(minute, 2), *what])

    def play(self):
        placed = sorted(self.random.randrange(MINUTES) for _ in range(ORDERS))
        for minute in range(MINUTES + 40):
            for number in (n for n, due in enumerate(placed) if due == minute):
                east, north = self._somewhere()
                urgent = Priority.URGENT if number % 9 == 0 else Priority.NORMAL
                order = self.city.order(f"order {number}", east_m=east, north_m=north, priority=urgent)
                self.order_of[order.id] = f"order {number}"
            for driver in self.drivers:
                here = Fix(point=self.place_of[driver.id], device_at=self.city.clock.now(), accuracy_m=5)
                tracking.record(driver.id, [here], self.city.clock)
            self.city.tick()
            for driver in self.drivers:
                self.answer(driver)
                self.drive(driver)
            self.city.later(minutes=1)
        for delivery in sorted(deliveries.get_many(self.order_of).values(), key=lambda one: one.external_id):
            self.note("ended", self.order_of[delivery.id], str(delivery.state), self.name_of.get(delivery.driver_id))

    def answer(self, driver):
        for offer in self.city.offers(driver):
            orders = [self.order_of[delivery] for delivery in offer.delivery_ids]
            takes = (int(orders[0].split()[1]) * 7 + self.drivers.index(driver)) % 5 != 0
            self.note(
                "offer", self.name_of[driver.id], orders, offer.pay.total.amount, "takes" if takes else "declines"
            )
            if takes:
                answers.accept(driver.id, offer.id, self.city.clock)
            else:
                answers.decline(driver.id, offer.id, DeclineReason.TOO_FAR, self.city.clock)

    def drive(self, driver):
        """Be at the next stop when it was planned as the driver set out."""
        now = self.city.clock.now()
        for stop in routing.of(driver.id, "testville").stops[:1]:
            delivery = deliveries.get(stop.delivery_id)
            if not stop.started:
                stops.depart(delivery.id, driver.id, stop.kind, None, self.city.clock)
                self.due[driver.id] = stop.eta + timedelta(minutes=1)
                self.note("departs", self.name_of[driver.id], self.order_of[delivery.id], str(stop.kind))
            elif self.due[driver.id] <= now:
                self.place_of[driver.id] = stop.point
                stops.arrive(delivery.id, driver.id, stop.kind, None, self.city.clock, stop.point)
                if stop.kind is StopKind.PICKUP:
                    stops.pick_up(delivery.id, driver.id, None, self.city.clock)
                else:
                    there = DeliverInput(position=stop.point)
                    stops.deliver(delivery.id, driver.id, there, ImageStore("proofs"), self.city.clock)
                self.note("done", self.name_of[driver.id], self.order_of[delivery.id], str(stop.kind))


def test_a_day_is_dispatched_as_it_was_recorded(monkeypatch):
    monkeypatch.setattr(ids, "secrets", SeededBytes())
    day = Day()
    day.play()
    if os.environ.get("RECORD"):
        lines = ",\n".join(json.dumps(entry) for entry in day.log)
        RECORDED.write_text(f"[\n{lines}\n]\n")
    recorded = json.loads(RECORDED.read_text())
    assert json.loads(json.dumps(day.log)) == recorded
    assert sum(entry[1] == "ended" and entry[3] == "delivered" for entry in recorded) > ORDERS * 0.8
