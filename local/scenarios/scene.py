"""The scene of a scenario: its own zone, a shop, drivers, and helpers that wait for what should happen."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import ceil
from types import TracebackType
from typing import Any
from uuid import uuid4

import requests

from local.city.api import RefusedError
from local.city.day import LOOK_ANYWAY
from local.city.messages import Messages
from local.city.plans.geometry import Point, square
from local.city.plans.plan import PlannedDriver, Shop
from local.city.results import books
from local.city.shops import phone_of
from local.city.town import Town
from local.city.zone_rules import with_changes
from local.imitations.receivers import Hook, Receivers
from local.running import RunningStack
from local.scenarios.actors import Actor

FIRST_STAGE = Point(37.0, -79.0)
APART_DEGREES = 0.25
STAGES = 40
"""Zones lie on a grid of this many rows and columns, ``APART_DEGREES`` apart, so that stories share no drivers."""

HALF_SIDE_M = 2500.0
LONGEST_S = 30.0
LONGEST_MAIL_S = 90.0
"""A mail that a provider refused is tried again after a minute of business time."""

LOOK_S = 0.15
ANSWER_WALL_S = 25
"""Wall seconds that an offer stands."""

SILENCE_WALL_S = 120
"""Wall seconds for which a driver may be silent; drivers of a story act in wall time, not in business time."""


class Scene:
    """The scene of one scenario.

    Parameters
    ----------
    name : str
        The scenario's name, from which the zone's name is made.
    tell : callable
        Called with each sentence.
    """

    def __init__(self, name: str, stack: RunningStack, receivers: Receivers, tell: Callable[[str], None]) -> None:
        self.stack = stack
        self.receivers = receivers
        self.town = Town(f"story-{name}", stack, receivers)
        self.messages = Messages(stack)
        self.staff = self.town.staff
        self.centre = _place_of(name)
        self.run = f"{int(stack.sim_now() * 10):x}"
        self.actors: list[Actor] = []
        self._tell = tell
        self._orders = 0

    def __enter__(self) -> Scene:
        """Connect the bank and the relay of calls."""
        self.receivers.connect_bank(self.stack)
        self.receivers.connect_relay(self.stack)
        self.receivers.connect_screening(self.stack)
        self.receivers.connect_tin_matching(self.stack)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take all drivers off duty."""
        for actor in self.actors:
            with suppress(RefusedError):
                actor.go_home()

    # -- telling

    def say(self, sentence: str) -> None:
        """Print a sentence of the story, with the time."""
        self._tell(f"{self.now():%H:%M:%S}  {sentence}")

    def until[T](self, what: str, look: Callable[[], T | None], longest_s: float = LONGEST_S) -> T:
        """Call ``look`` until it returns something, and return that.

        Parameters
        ----------
        what : str
            Expectation, for the error's message.
        longest_s : float
            Wall seconds.

        Raises
        ------
        AssertionError
            If that takes longer than ``longest_s``.
        """
        deadline = time.monotonic() + longest_s
        while not (found := look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: that did not happen within {longest_s:.0f} s")
            time.sleep(LOOK_S)
        return found

    def now(self) -> datetime:
        """Return the platform's time."""
        return datetime.fromtimestamp(self.stack.sim_now(), UTC)

    # -- the stage

    def open(
        self,
        drivers: int = 1,
        named: tuple[str, ...] = (),
        *,
        own: bool | Collection[str] = False,
        core: tuple[str, ...] = (),
        skills: Mapping[str, tuple[str, ...]] | None = None,
        credentials: Mapping[str, tuple[str, ...]] | None = None,
        goods: tuple[str, ...] = (),
        law: tuple[str, ...] = (),
        certified: bool = False,
        **dispatch: Mapping[str, Any],
    ) -> list[Actor]:
        """Open the zone with these rules, a shop, and drivers; return the drivers.

        Parameters
        ----------
        own : bool or collection of str
            True if they are the shop's own drivers, or the names of those who are.
        core : tuple of str
            Names of drivers who are the platform's own dedicated drivers.
        skills, credentials : mapping of str to tuple of str, optional
            Skills and credentials of drivers, by name.
        goods : tuple of str
            Goods with rules of their own that the zone carries.
        law : tuple of str
            Jurisdictions whose law counts in the zone besides that of its place.
        certified : bool
            Whether the drivers certify a W-9, so that they are paid without tax withheld.
        **dispatch
            Dispatch rules of the zone that differ from the scene's, by group.
        """
        can, holds = skills or {}, credentials or {}
        offer_s = min(3600, max(60, round(ANSWER_WALL_S * self.stack.clock.speed)))
        silence_minutes = min(240, max(10, ceil(SILENCE_WALL_S * self.stack.clock.speed / 60)))
        rules = {
            "offers": {"seconds": offer_s},
            "rounds": {"batch_seconds": 1, "urgent_seconds": 0, "retry_seconds": 2, "search_minutes": 240},
            "limits": {"position_minutes": silence_minutes},
        }
        self.town.open_zone(
            {
                "name": self.town.key,
                "area": [corner.json() for corner in square(self.centre, HALF_SIDE_M)],
                "dispatch": with_changes(rules, dispatch),
                "promise_minutes": 240,
                "quote_minutes": 240,
                "skills": sorted({skill for each in can.values() for skill in each}),
                "goods": goods,
                "jurisdictions": law,
            }
        )
        self.town.open_shop(Shop("shop", "Corner Shop", self.centre, "1 Market Square"))
        self.shop = self.town.shop("shop")
        planned = [self._planned(number, named, own, can, holds) for number in range(drivers)]
        if certified:
            planned = [replace(p, certified=True, key=f"{p.key}-certified") for p in planned]
        planned = [replace(p, core=True, key=f"{p.key}-core") if p.name in core else p for p in planned]
        self._clear()
        self.town.hire(planned)
        self.actors = [
            Actor(p.name, self.town.driver_id(p.key), self.town.app(p.key), self.town.phone(p.key), self.stack, p.home)
            for p in planned
        ]
        return self.actors

    def _planned(
        self,
        number: int,
        named: tuple[str, ...],
        own: bool | Collection[str],
        skills: Mapping[str, tuple[str, ...]],
        credentials: Mapping[str, tuple[str, ...]],
    ) -> PlannedDriver:
        name = named[number] if number < len(named) else f"Driver {number + 1}"
        home = self.centre.moved(120 + 60 * (number % 20), 40 * (number // 20))
        is_own = own if isinstance(own, bool) else name in own
        shop = "shop" if is_own else None
        # A shop that had to sign up again needs new drivers of its own.
        whose = f"-{self.town.register.merchants[shop].merchant_id}" if shop else ""
        return PlannedDriver(
            f"a{number + 1}{whose}",
            name,
            home,
            timedelta(0),
            timedelta(0),
            rating=5.0,
            skills=skills.get(name, ()),
            credentials=credentials.get(name, ()),
            shop=shop,
            certified=False,
        )

    def _clear(self) -> None:
        """End open deliveries and duties that an interrupted story left behind."""
        board = self.board()
        for line in board["open"]:
            with suppress(RefusedError):
                self.staff.post(f"/v1/staff/deliveries/{line['delivery_id']}/cancel", {"reason": "other"})
        for key, account in list(self.town.register.drivers.items()):
            if account.driver_id in board["on_duty"]:
                self._clear_driver(key)

    def _clear_driver(self, key: str) -> None:
        app = self.town.app(key)
        for stop in app.get("/v1/driver/route")["stops"]:
            path = f"/v1/staff/deliveries/{stop['delivery_id']}"
            with suppress(RefusedError):
                self.staff.post(f"{path}/cancel", {"reason": "other"})
            with suppress(RefusedError):
                # Goods that were on board are on their way back by now.
                back = {"reason": "other", "disposition": {"kind": "returned_to_store"}}
                self.staff.post(f"{path}/complete", back)
        try:
            app.delete("/v1/driver/duty")
        except RefusedError:
            # Goods are still on board, so the driver is stopped and a new one takes the part.
            self.stop(self.town.register.drivers.pop(key).driver_id)
            self.town.forget_app(key)

    def stop(self, driver_id: str) -> str:
        """Suspend a driver at once, and return the case."""
        evidence = [{"kind": "report", "id": f"scene-{self.run}"}]
        asked = {"request_id": str(uuid4()), "ground": "broken_custody", "evidence": evidence, "note": "A story ended."}
        case: str = self.staff.post(f"/v1/staff/drivers/{driver_id}/cases", asked)["case"]["id"]
        self.staff.post(f"/v1/staff/cases/{case}/stop", {"reason": "Goods are on board."})
        return case

    # -- the shop and its customer

    def order(self, east_m: float = 300.0, north_m: float = 0.0, **changes: Any) -> dict[str, Any]:
        """Place an order for a customer at a distance from the shop, in metres east and north."""
        body = self.order_body(east_m, north_m, **changes)
        told: dict[str, Any] = self.shop.post("/v1/deliveries", body, Idempotency_Key=body["external_id"])
        return told

    def order_with_mail(self, **changes: Any) -> dict[str, Any]:
        """Place an order for a customer who has an e-mail address as well, which follows from the order's id."""
        body = self.order_body(**changes)
        body["dropoff"]["contact"]["email"] = self.mail_address(body["external_id"])
        told: dict[str, Any] = self.shop.post("/v1/deliveries", body, Idempotency_Key=body["external_id"])
        return told

    def mail_address(self, external_id: str) -> str:
        """Return the customer's e-mail address."""
        return f"{external_id}@customer.example"

    def mails(self, delivery: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the mails to the customer of a delivery, the oldest first."""
        address = self.mail_address(delivery["external_id"])
        return [mail for mail in self.messages.emails() if address in str(mail["To"])]

    def mail(self, delivery: dict[str, Any], what: str) -> dict[str, Any]:
        """Return the customer's mail whose subject contains some words, once it is there."""

        def look() -> dict[str, Any] | None:
            return next((mail for mail in self.mails(delivery) if what in mail["Subject"]), None)

        return self.until(f"the customer gets a mail with {what!r}", look, LONGEST_MAIL_S)

    @property
    def sender(self) -> str:
        """The address that the platform sends mail from."""
        return str(self.stack.outputs["SenderEmail"])

    def order_body(self, east_m: float = 300.0, north_m: float = 0.0, **changes: Any) -> dict[str, Any]:
        """Return the body of an order."""
        self._orders += 1
        external_id = f"{self.town.key}-{self.run}-{self._orders}"
        contact = {"name": "Robin Field", "phone": self.phone(external_id), "address": "5 Green Lane"}
        dropoff = {"contact": contact, "point": self.centre.moved(east_m, north_m).json()}
        return {"external_id": external_id, "dropoff": dropoff, **changes}

    def phone(self, external_id: str) -> str:
        """Return the customer's phone."""
        return phone_of(self.run, external_id)

    def delivery(self, delivery: dict[str, Any]) -> dict[str, Any]:
        """Return a delivery as the merchants' API shows it now."""
        told: dict[str, Any] = self.shop.get(f"/v1/deliveries/{delivery['id']}")
        return told

    def follow(self, delivery: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Ask what the page behind the customer's link asks; return the status and the body."""
        answer = requests.get(self.stack.behind_link(delivery["tracking_url"]), timeout=20)
        return answer.status_code, answer.json()

    def see_outcome(self, delivery: dict[str, Any]) -> None:
        """Check that the customer's link tells how a delivery ended, and nothing of its driver."""
        status, seen = self.follow(delivery)
        state = self.delivery(delivery)["state"]
        shown = (seen.get("state"), seen.get("position"), seen.get("driver_name"), seen.get("eta"))
        assert (status, shown) == (200, (state, None, None, None)), f"the link shows {status} {seen}"

    def sms(self, delivery: dict[str, Any], what: str) -> str:
        """Return the customer's SMS that contains some words, once it is there."""

        def look() -> str | None:
            texts = self.messages.sms_to(self.phone(delivery["external_id"]))
            return next((text for text in texts if what in text), None)

        return self.until(f"the customer gets an SMS with {what!r}", look)

    def webhook(self, delivery: dict[str, Any], kind: str) -> Hook:
        """Return the webhook of a kind about a delivery, once it came in with a valid signature."""

        def look() -> Hook | None:
            hooks = self.receivers.endpoints.of_delivery(delivery["id"])
            return next((hook for hook in hooks if hook.type == kind), None)

        return self.until(f"the shop gets the webhook {kind}", look)

    def offer_to(self, actor: Actor) -> dict[str, Any]:
        """Return the offer that a driver gets, once they get one; their app looks when the phone rings."""
        anyway_s = min(self.stack.wall_seconds(LOOK_ANYWAY.total_seconds()), LONGEST_S / 2)

        def look() -> dict[str, Any] | None:
            if not (found := actor.offers()):
                actor.phone.rings(anyway_s)
            return next(iter(found), None)

        return self.until(f"{actor.name} gets an offer", look)

    # -- the dispatcher

    def assign(self, delivery: dict[str, Any], actor: Actor) -> None:
        """Give a delivery to a driver by hand."""
        self.staff.post(f"/v1/staff/deliveries/{delivery['id']}/assign", {"driver_id": actor.id})

    def route_of(self, actor: Actor) -> dict[str, Any]:
        """Return a driver's route as dispatchers see it."""
        told: dict[str, Any] = self.staff.get(f"/v1/staff/drivers/{actor.id}/route")
        return told

    def board(self) -> dict[str, Any]:
        """Return the zone's board."""
        told: dict[str, Any] = self.staff.get(f"/v1/staff/zones/{self.town.key}/board")
        return told

    # -- the books

    def today(self) -> date:
        """Return the business day."""
        return self.now().date()

    def to_open_day(self) -> None:
        """Set the clock on to a day that nobody began to settle: what is booked then is in that day's books."""
        while books.status_of(self.staff, self.today()):
            self.stack.clock.jump(timedelta(days=1))

    def earned(self, actor: Actor, delivery: dict[str, Any], kind: str = "delivery") -> dict[str, Any]:
        """Return the line of a kind among a driver's earnings for a delivery, once it is booked.

        If the day was settled already the line is in the books of the next day.
        """

        def look() -> dict[str, Any] | None:
            for day in (self.today(), self.today() + timedelta(days=1)):
                for line in actor.app.get("/v1/driver/earnings", period=str(day))["lines"]:
                    if line["delivery_id"] == delivery["id"] and line["kind"] == kind:
                        return dict(line)
            return None

        return self.until(f"the ledger has a line for {actor.name}", look)

    def owed_by_shop(self) -> int:
        """Return the amount that the shop owes, in minor units."""
        return self.balance_of(f"merchant:{self.town.register.merchants['shop'].merchant_id}:receivable")

    def balance_of(self, account: str) -> int:
        """Return the balance of an account in minor units; debits count above zero."""
        accounts = self.trial_balance()["accounts"]
        return sum(line["balance"]["amount"] for line in accounts if line["account"] == account)

    def trial_balance(self) -> dict[str, Any]:
        """Return the trial balance of today and the next day, after a check that it balances.

        Raises
        ------
        AssertionError
            If debits and credits differ.
        """
        balance = books.trial_balance(self.staff, self.today(), self.today() + timedelta(days=1))
        difference = books.off_by(balance)
        assert difference == 0, f"the trial balance is off by {difference} minor units"
        return balance


def _place_of(name: str) -> Point:
    """Return the place of a scenario's zone, which follows from its name."""
    number = zlib.crc32(f"story {name}".encode()) % (STAGES * STAGES)
    return Point(
        FIRST_STAGE.lat - APART_DEGREES * (number // STAGES), FIRST_STAGE.lon - APART_DEGREES * (number % STAGES)
    )
