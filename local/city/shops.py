"""The shops of a city: they place each order at its time, and cancel some."""

from __future__ import annotations

import hashlib
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from crowdship.zones.model import TravelRules
from local.city.api import Caller, RefusedError
from local.city.day import Day, Ticket
from local.city.plans.geometry import Point, distance_m
from local.city.plans.plan import CityPlan, PlannedOrder
from local.city.town import Town

PICKUP_LASTS = timedelta(minutes=90)
AT_ONCE = 4
"""Requests of shops at the same time."""

SLACK = timedelta(minutes=2)
"""Business time that a request of a shop may take."""

SHORTEST_WINDOW = timedelta(minutes=11)
"""The shortest drop-off window of an order; the platform refuses one that ends sooner than ten minutes from now."""


def phone_of(run: str, external_id: str) -> str:
    """Return a customer's phone number; it differs in each run, so that every SMS can be attributed."""
    number = int(hashlib.sha256(f"{run}/{external_id}".encode()).hexdigest(), 16) % 10**7
    return f"+1555{number:07d}"


def text(moment: datetime) -> str:
    """Return a moment in the format of the API."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def shortest_promise(plan: CityPlan, pickup: Point, dropoff: Point) -> timedelta:
    """Return the shortest time from a pickup's opening to the promise that the platform accepts."""
    rules = TravelRules.model_validate(plan.settings.get("travel", {}))
    way = timedelta(seconds=distance_m(pickup, dropoff) * plan.pace.detour_factor / plan.pace.speed_mps)
    stays = timedelta(seconds=rules.pickup_dwell_s + rules.dropoff_dwell_s)
    return max(SHORTEST_WINDOW, stays + way + SLACK)


def label_codes(order: PlannedOrder, external_id: str) -> tuple[str, ...]:
    """Return the codes on an order's parcels: one, as on a shop's label printer, if the order asks for scans."""
    return (f"(99){zlib.crc32(external_id.encode()):010d}",) if order.requirements.get("barcode") else ()


def request_for(
    order: PlannedOrder,
    external_id: str,
    phone: str,
    begins: datetime,
    now: datetime,
    shortest: timedelta = SHORTEST_WINDOW,
) -> dict[str, Any]:
    """Return the body of the request that creates a delivery.

    An order that is placed late, because the machine was busy, is promised later by the same time, as the customer's
    wait begins with the order. No order is promised sooner than ``shortest`` after it is ready.
    """
    lag = max(timedelta(0), now - (begins + order.placed_after))
    ready = max(begins + order.ready_after, now)
    promised = max(begins + order.promise_after + lag, ready + shortest)
    contact = {"name": order.customer, "phone": phone, "address": order.address}
    if order.email:
        contact["email"] = order.email
    body = {
        "external_id": external_id,
        "dropoff": {"contact": contact, "point": order.dropoff.json()},
        "pickup_window": {"opens_at": text(ready), "closes_at": text(ready + PICKUP_LASTS)},
        "dropoff_window": {"opens_at": text(now), "closes_at": text(promised)},
        "parcel": {"weight_g": order.weight_g, "volume_l": order.volume_l},
        "requirements": order.requirements,
        "priority": order.priority,
        "tip": order.tip,
    }
    if codes := label_codes(order, external_id):
        body["parcel_codes"] = list(codes)
    if order.pickup:
        counter = {"name": order.shop[:120], "phone": "+14105550100", "address": "At the counter"}
        body["pickup"] = {"contact": counter, "point": order.pickup.json()}
    return body


class OrderBook(threading.Thread):
    """The systems of all shops: they place and cancel orders at their times, without waiting for earlier answers."""

    def __init__(self, day: Day, town: Town, plan: CityPlan, run: str) -> None:
        super().__init__(name="shops", daemon=True)
        self._day, self._plan, self._run = day, plan, run
        self._callers: dict[str, Caller] = {shop.key: town.shop(shop.key) for shop in plan.shops}
        self._stores = {shop.key: shop.point for shop in plan.shops}
        self._placed: dict[str, str] = {}

    def run(self) -> None:
        """Place and cancel all orders of the plan at their times."""
        happenings: list[tuple[timedelta, int, PlannedOrder]] = []
        for order in self._plan.orders:
            happenings.append((order.placed_after, 0, order))
            if order.cancelled_after is not None:
                happenings.append((order.cancelled_after, 1, order))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for after, kind, order in sorted(happenings, key=lambda h: (h[0], h[1], h[2].external_id)):
                if not self._day.sleep_until(self._day.begins + after):
                    break
                pool.submit(self._place if kind == 0 else self._cancel, order)
        self._day.all_placed.set()

    def _place(self, order: PlannedOrder) -> None:
        external_id = f"{self._run}-{order.external_id}"
        phone = phone_of(self._run, order.external_id)
        now = self._day.clock.now()
        pickup = order.pickup or self._stores[order.shop]
        ticket = Ticket(external_id, order.shop, order.external_id, now, pickup, order.dropoff)
        shortest = shortest_promise(self._plan, pickup, order.dropoff)
        body = request_for(order, external_id, phone, self._day.begins, now, shortest)
        try:
            told = self._callers[order.shop].post("/v1/deliveries", body, Idempotency_Key=external_id)
        except RefusedError as refused:
            ticket.refused = str(refused)
        else:
            ticket.delivery_id = self._placed[order.external_id] = told["id"]
            ticket.tracking_url = told["tracking_url"]
            self._day.labels[told["id"]] = label_codes(order, external_id)
            self._day.phones[told["id"]] = phone
            if order.absent:
                self._day.absent.add(told["id"])
        self._day.take(ticket)

    def _cancel(self, order: PlannedOrder) -> None:
        delivery_id = self._placed.get(order.external_id)
        if delivery_id is None:
            return
        try:
            self._callers[order.shop].post(f"/v1/deliveries/{delivery_id}/cancel", {"reason": "customer_changed_mind"})
        except RefusedError as refused:
            if refused.status != 409:  # the goods are on board already
                self._day.trouble.append(f"{order.external_id} could not be cancelled: {refused}")
