"""A driver's day: going on duty, offers, driving, stops, going off duty. It uses only what a driver's app can do."""

from __future__ import annotations

import struct
import threading
import zlib
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import requests

from local.city.api import Caller, RefusedError
from local.city.behaviour import Reaction, decide, work_of
from local.city.day import Day, Diary
from local.city.messages import Messages
from local.city.plans.geometry import Point, distance_m
from local.city.plans.plan import CityPlan, PlannedDriver
from local.city.push import Phone
from local.city.shops import text

FIX_EVERY = timedelta(seconds=15)
TELLS_EVERY = timedelta(minutes=1)
ENDS = frozenset({"deliver", "fail", "return"})
STILL_HERE = timedelta(minutes=8)
"""A waiting driver's app reports its position this often."""

RINGS = timedelta(minutes=5)
"""Time that a driver waits at the door of an absent customer."""

PIN_PATIENCE_S = 20.0
"""Wall seconds to wait for the customer's SMS, which is sent while the driver is on the way."""

SECOND_THOUGHT = timedelta(seconds=30)
"""Time that a driver waits after a refused step before they read their route again."""

MUCH_TROUBLE = 5
"""A driver with more failures than this gives up."""

GRACE = timedelta(minutes=3)
"""For this long before the end of their duty drivers accept nothing new."""


@cache
def picture(kind: str) -> bytes:
    """Return a small PNG: a signature's line for ``signature``, else a parcel in front of a door."""
    width, height = 96, 64
    rows = []
    for y in range(height):
        row = bytearray(b"\0")
        for x in range(width):
            if kind == "signature":
                curve = 32 + 18 * ((x * 7 % 40) / 20 - 1) * (1 if x % 26 < 13 else -1)
                row += b"\x20\x20\x60" if 8 < x < 88 and abs(y - curve) < 2 else b"\xff\xff\xff"
            elif 30 < x < 66 and 36 < y < 60:
                row += b"\xb0\x80\x50" if abs(x - 48) > 3 else b"\xe8\xd8\xb0"
            else:
                row += b"\x50\x70\x60" if 20 < x < 76 and y > 4 else b"\xd8\xd0\xc8"
        rows.append(bytes(row))

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


class DutyOverError(Exception):
    """The play was stopped."""


class Driver(threading.Thread):
    """One driver with their app, in a thread."""

    def __init__(
        self,
        planned: PlannedDriver,
        app: Caller,
        phone: Phone,
        day: Day,
        plan: CityPlan,
        messages: Messages,
        seed: int,
    ) -> None:
        super().__init__(name=planned.name, daemon=True)
        self.planned = planned
        self.diary = Diary(planned.key, planned.name)
        self._app = app
        self._phone = phone
        self._day = day
        day.add_phone(phone)
        self._plan = plan
        self._pace = plan.pace
        self._messages = messages
        self._random = Random(f"{seed} {planned.key}")
        self._here = planned.home
        self._on_duty_since = self._told_at = day.clock.now()
        self._passed_on: set[str] = set()

    # -- the day

    def run(self) -> None:
        """Work from the beginning to the end of the driver's duty."""
        try:
            self._wait_until(self._day.begins + self.planned.on_after)
            if not self._has_gone_home():
                self._work()
        except DutyOverError:
            pass
        except Exception as trouble:  # one driver's error is shown in the summary and does not stop the play
            self.diary.trouble.append(f"{type(trouble).__name__}: {trouble}")
        finally:
            self._go_home()

    def _work(self) -> None:
        self._phone.subscribe()
        self._app.post("/v1/driver/duty", {"position": self._here.json()})
        began = self._on_duty_since = self._day.clock.now()
        with self._day.lock:
            self._day.on_duty.add(self.planned.key)
        self.diary.trail.append(self._here)
        try:
            while not self._is_done():
                self._wait_for_work()
        finally:
            self.diary.on_duty = self._day.clock.now() - began

    def _is_done(self) -> bool:
        """Serve the route to its end, then return whether it is time to go home."""
        while stops := self._route():
            self._serve(stops[0])
        return self._has_gone_home()

    def _has_gone_home(self) -> bool:
        over = self._day.clock.now() >= self._day.begins + self.planned.off_after - GRACE
        return over or self._day.no_more_work.is_set()

    def _go_home(self) -> None:
        with self._day.lock:
            was_on_duty = self.planned.key in self._day.on_duty
            self._day.on_duty.discard(self.planned.key)
        if not was_on_duty:
            return
        try:
            self._app.delete("/v1/driver/duty")
        except RefusedError as refused:
            self.diary.trouble.append(str(refused))

    # -- offers

    def _wait_for_work(self) -> None:
        """Wait until an offer is accepted, the route is changed by somebody else, or for ``STILL_HERE``."""
        until = self._day.clock.now() + STILL_HERE
        while self._day.clock.now() < until and not self._has_gone_home():
            if self._answer_offers() or self._phone.route_changed():
                return
            self._rings(self._day.between_looks() * self._random.uniform(0.85, 1.15))
        self._tell_position([(self._here, self._day.clock.now())])

    def _answer_offers(self) -> bool:
        """Read the offers and answer new ones; return whether one was accepted."""
        if self._has_gone_home():
            return False
        accepted = False
        for offer in self._app.get("/v1/driver/offers")["offers"]:
            if offer["offer_id"] not in self._passed_on:
                accepted = self._answer(offer) or accepted
        return accepted

    def _answer(self, offer: dict[str, Any]) -> bool:
        legs = [(Point.of(d["pickup"]), Point.of(d["dropoff"])) for d in offer["deliveries"]]
        on_duty = self._day.clock.now() - self._on_duty_since
        work = work_of(offer["pay_total"]["amount"], legs, self._here, self._pace, on_duty)
        decision = decide(self.planned.temper, work, self._random)
        self.diary.offers += 1
        self._passed_on.add(offer["offer_id"])
        path = f"/v1/driver/offers/{offer['offer_id']}"
        try:
            if decision.reaction is Reaction.ACCEPT:
                self._app.post(f"{path}/accept")
                self.diary.accepted += 1
                return True
            if decision.reaction is Reaction.DECLINE:
                self._app.post(f"{path}/decline", {"reason": decision.reason})
                self.diary.declined[str(decision.reason)] += 1
            else:
                self.diary.overlooked += 1
        except RefusedError as refused:
            if refused.status not in (404, 409):
                raise
            self.diary.lost += 1  # another driver was faster, or the offer was withdrawn or ran out
        return False

    # -- the route

    def _route(self) -> list[dict[str, Any]]:
        stops: list[dict[str, Any]] = self._app.get("/v1/driver/route")["stops"]
        return stops

    def _serve(self, stop: dict[str, Any]) -> None:
        """Do the next stop; if it is no longer this driver's, return so that the route is read again."""
        try:
            match stop["kind"]:
                case "pickup":
                    self._pick_up(stop)
                case "dropoff":
                    self._drop_off(stop)
                case _:
                    self._bring_back(stop)
        except RefusedError as refused:
            if refused.status not in (404, 409):
                self.diary.trouble.append(str(refused))
                if len(self.diary.trouble) > MUCH_TROUBLE:
                    raise
            self._wait(SECOND_THOUGHT)

    def _step(self, delivery_id: str, step: str, **body: Any) -> dict[str, Any]:
        if step in ENDS and self._day.clock.now() - self._told_at > TELLS_EVERY:
            # An app reports positions while it waits; a step that ends a delivery is paid if positions confirm it.
            self._tell_position([(self._here, self._day.clock.now())])
        body["device_at"] = text(self._day.clock.now())
        told: dict[str, Any] = self._app.post(f"/v1/driver/deliveries/{delivery_id}/{step}", body)
        return told

    def _head_for(self, stop: dict[str, Any], heading: str, arrived: str) -> None:
        """Depart and arrive, unless these steps were made before."""
        delivery_id, state = stop["delivery_id"], stop["delivery_state"]
        if state not in (heading, arrived):
            self._step(delivery_id, "depart", stop=stop["kind"])
        self._drive(Point.of(stop["point"]))
        if state != arrived:
            self._step(delivery_id, "arrive", stop=stop["kind"])

    def _pick_up(self, stop: dict[str, Any]) -> None:
        self._head_for(stop, "en_route_to_pickup", "arrived_at_pickup")
        self._wait(self._pace.before_pickup)
        self._wait_until(datetime.fromisoformat(stop["opens_at"]))
        self._step(stop["delivery_id"], "pick-up", **self._scanned(stop))
        self._wait(self._pace.after_pickup)

    def _drop_off(self, stop: dict[str, Any]) -> None:
        delivery_id = stop["delivery_id"]
        self._head_for(stop, "en_route_to_dropoff", "arrived_at_dropoff")
        if delivery_id in self._day.absent:
            self._wait(RINGS)
            self._step(delivery_id, "fail", reason="customer_absent", position=self._here.json())
            return
        self._wait(self._pace.before_handover)
        self._hand_over(stop)
        self._wait(self._pace.after_handover)

    def _hand_over(self, stop: dict[str, Any]) -> None:
        """Capture the proof that the hand-over requires, and complete it."""
        delivery_id, needs = stop["delivery_id"], stop["requirements"]
        proof: dict[str, Any] = {"position": self._here.json(), **self._scanned(stop)}
        for kind in ("photo", "signature"):
            if needs.get(kind):
                self._upload(delivery_id, kind)
        if needs.get("pin"):
            patience = timedelta(seconds=PIN_PATIENCE_S)
            proof["pin"] = self._messages.ask_pin(self._day.phones[delivery_id], patience)
            if proof["pin"] is None:
                self.diary.trouble.append(f"{delivery_id}: the customer never got a PIN")
                self._step(delivery_id, "fail", reason="customer_refused", position=self._here.json())
                return
        if needs.get("minimum_age"):
            proof["age_check"] = {"document": "identity_card", "minimum_age_met": True}
        self._step(delivery_id, "deliver", **proof)
        self.diary.delivered += 1

    def _scanned(self, stop: dict[str, Any]) -> dict[str, Any]:
        """Return the codes of the parcels in hand, if the app asks for a scan."""
        if not stop["requirements"].get("barcode"):
            return {}
        return {"scanned": list(self._day.labels.get(stop["delivery_id"], ()))}

    def _upload(self, delivery_id: str, kind: str) -> None:
        request = {"kind": kind, "content_type": "image/png"}
        form = self._app.post(f"/v1/driver/deliveries/{delivery_id}/proofs", request)
        sent = requests.post(form["url"], data=form["fields"], files={"file": picture(kind)}, timeout=30)
        sent.raise_for_status()

    def _bring_back(self, stop: dict[str, Any]) -> None:
        self._drive(Point.of(stop["point"]))
        self._wait(self._pace.before_pickup)
        self._step(stop["delivery_id"], "return")

    # -- on the road

    def _drive(self, there: Point) -> None:
        """Drive to a place; report positions and answer offers on the way."""
        start, way = self._here, distance_m(self._here, there) * self._pace.detour_factor
        journey = timedelta(seconds=way / self._pace.speed_mps)
        began = self._day.clock.now()
        arrives = began + journey
        told = began
        while (now := self._day.clock.now()) < arrives:
            if self._rings(min(told + self._day.between_reports() - now, arrives - now)):
                self._answer_offers()
            now = min(self._day.clock.now(), arrives)
            if now < arrives and now - told < self._day.between_reports():
                continue
            fixes = []
            while told + FIX_EVERY < now:
                told += FIX_EVERY
                fixes.append((start.towards(there, (told - began) / journey), told))
            told = now
            self._here = start.towards(there, (now - began) / journey)
            fixes.append((self._here, now))
            self._tell_position(fixes)
        self._here = there
        self.diary.driven_m += way

    def _tell_position(self, fixes: list[tuple[Point, datetime]]) -> None:
        batch = [{"point": point.json(), "device_at": at.isoformat(), "accuracy_m": 8} for point, at in fixes]
        self._app.post("/v1/driver/positions", {"fixes": batch[-200:]})
        self._told_at = fixes[-1][1]
        self.diary.trail.extend(point for point, _ in fixes)

    def _rings(self, longest: timedelta) -> bool:
        """Wait until the phone rings; return False if it did not within ``longest``."""
        rang = self._day.rings(self._phone, longest)
        if rang is None:
            raise DutyOverError
        return rang

    def _wait(self, duration: timedelta) -> None:
        """Wait for some time, and answer offers meanwhile."""
        until = self._day.clock.now() + duration
        while self._rings(until - self._day.clock.now()):
            self._answer_offers()

    def _wait_until(self, moment: datetime) -> None:
        self._wait(moment - self._day.clock.now())
