"""Those who call the running platform, each with their credential; answers come as they are, nothing is asked twice."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import hypot
from typing import Any

import requests

from crowdship.kernel.geo import METRES_PER_DEGREE
from local.city.zone_rules import with_changes
from local.running import RunningStack
from local.staff import ADMINISTRATOR, member, new_password, set_password, tokens
from tests.api_calls import Caller, at_once, eventually, ok

DOCUMENTS = [
    {"kind": kind, "valid_until": "2099-12-31"}
    for kind in ("identity", "driving_licence", "insurance", "vehicle_registration")
]
DRIVES_MPS = 60.0
"""A position that is farther away than a vehicle gets (70 m/s) is left out."""
HALF_SIDE_M = 3000.0
OFFER_WALL_S = 60
"""Wall seconds that an offer stands at least, whatever the platform's clock."""


@dataclass(frozen=True)
class Place:
    """A point on the globe."""

    lat: float
    lon: float

    def away_from(self, other: Place) -> float:
        """Return the metres to another place near by; near the equator a degree is as long either way."""
        return hypot(self.lat - other.lat, self.lon - other.lon) * METRES_PER_DEGREE

    def moved(self, east_m: float = 0, north_m: float = 0) -> Place:
        """Return the place so many metres away; near the equator a degree is as long either way."""
        return Place(round(self.lat + north_m / METRES_PER_DEGREE, 6), round(self.lon + east_m / METRES_PER_DEGREE, 6))

    @property
    def json(self) -> dict[str, float]:
        """The place as the API takes it."""
        return {"lat": self.lat, "lon": self.lon}

    @classmethod
    def of(cls, told: Mapping[str, float]) -> Place:
        """Return the place that the API told."""
        return cls(told["lat"], told["lon"])


@dataclass(frozen=True)
class Zone:
    """A zone, far from every other."""

    id: str
    centre: Place
    settings: dict[str, Any]


@dataclass
class Shop:
    """A merchant in the middle of a zone, and its system."""

    id: str
    key: str
    api: Caller
    zone: Zone
    _numbers: int = 0

    @property
    def key_id(self) -> str:
        """The public part of its API key."""
        return self.key.split(".")[1]

    def request(self, **changes: Any) -> dict[str, Any]:
        """Return the body of an order, to a customer 300 m away."""
        self._numbers += 1
        external_id = f"{self.id[-6:]}-{self._numbers}-{secrets.token_hex(3)}"
        return {"external_id": external_id, "dropoff": self.customer(), **changes}

    def customer(self, **contact: Any) -> dict[str, Any]:
        """Return a customer whom nobody else has."""
        person = {"name": "Robin Field", "phone": f"+1415{secrets.randbelow(10**7):07d}", "address": "5 Green Lane"}
        return {"contact": {**person, **contact}, "point": self.zone.centre.moved(300).json}

    def order(self, **changes: Any) -> dict[str, Any]:
        """Return a new delivery."""
        body = self.request(**changes)
        told: dict[str, Any] = self.api.post("/v1/deliveries", body, 201, Idempotency_Key=body["external_id"])
        return told

    def quote(self, **changes: Any) -> dict[str, Any]:
        """Return a quote to a customer 300 m away."""
        body = {"dropoff": {"point": self.customer()["point"]}, **changes}
        told: dict[str, Any] = self.api.post("/v1/quotes", body, 201, Idempotency_Key=secrets.token_hex(8))
        return told

    def job(self, opens_at: str, closes_at: str, count: int = 2) -> dict[str, Any]:
        """Return a new job, to be picked up in a window."""
        body = {
            "dropoffs": [self.request() for _ in range(count)],
            "pickup_window": {"opens_at": opens_at, "closes_at": closes_at},
        }
        told: dict[str, Any] = self.api.post("/v1/jobs", body, 201, Idempotency_Key=secrets.token_hex(8))
        return told

    def delivery(self, delivery_id: str) -> dict[str, Any]:
        """Return a delivery as it stands."""
        told: dict[str, Any] = self.api.get(f"/v1/deliveries/{delivery_id}")
        return told

    def cancel(self, delivery_id: str) -> requests.Response:
        """Call a delivery off."""
        return self.api("POST", f"/v1/deliveries/{delivery_id}/cancel", {"reason": "customer_changed_mind"})


@dataclass
class Driver:
    """A driver with their app."""

    id: str
    password: str
    api: Caller
    stack: RunningStack
    at: Place

    def now(self, **ago: float) -> str:
        """Return what the device's clock shows, or showed."""
        moment = datetime.fromtimestamp(self.stack.sim_now(), UTC) - timedelta(**ago)
        return moment.isoformat()

    def go_on_duty(self) -> None:
        """Start to take work."""
        self.api.post("/v1/driver/duty", {"position": self.at.json})

    def go_home(self) -> requests.Response:
        """Stop taking work."""
        return self.api("DELETE", "/v1/driver/duty")

    def offers(self) -> list[dict[str, Any]]:
        """Return the offers that wait for an answer."""
        found: list[dict[str, Any]] = self.api.get("/v1/driver/offers")["offers"]
        return found

    def offer_of(self, delivery_id: str) -> dict[str, Any]:
        """Return the offer of a delivery, once it is there."""

        def look() -> dict[str, Any] | None:
            for offer in self.offers():
                if any(offered["delivery_id"] == delivery_id for offered in offer["deliveries"]):
                    return offer
            return None

        found = eventually(look, f"{self.id} is offered {delivery_id}")
        assert found
        return found

    def accept(self, offer_id: str) -> requests.Response:
        """Accept an offer."""
        return self.api("POST", f"/v1/driver/offers/{offer_id}/accept", {})

    def decline(self, offer_id: str, reason: str = "too_far") -> requests.Response:
        """Decline an offer."""
        return self.api("POST", f"/v1/driver/offers/{offer_id}/decline", {"reason": reason})

    def try_step(self, delivery_id: str, step: str, **body: Any) -> requests.Response:
        """Try a step at a stop."""
        return self.api("POST", f"/v1/driver/deliveries/{delivery_id}/{step}", {"device_at": self.now(), **body})

    def step(self, delivery_id: str, step: str, **body: Any) -> str:
        """Make a step at a stop; return the delivery's state after it."""
        return str(ok(self.try_step(delivery_id, step, **body))["state"])

    def stand_at(self, place: Place) -> dict[str, Any]:
        """Drive somewhere, no faster than a position is believed, and tell the platform that we are there."""
        self.stack.sleep_sim(self.at.away_from(place) / DRIVES_MPS)
        self.at = place
        fix = {"point": place.json, "device_at": self.now(), "accuracy_m": 8}
        told: dict[str, Any] = self.api.post("/v1/driver/positions", {"fixes": [fix]})
        return told

    def take(self, delivery_id: str) -> dict[str, Any]:
        """Accept the offer of a delivery, once it is there; return the offer."""
        offer = self.offer_of(delivery_id)
        ok(self.accept(offer["offer_id"]))
        return offer

    def fetch(self, delivery: Mapping[str, Any]) -> None:
        """Go to the pickup and take the goods on board."""
        self.step(delivery["id"], "depart", stop="pickup")
        self.step(delivery["id"], "arrive", stop="pickup")
        assert self.step(delivery["id"], "pick-up") == "picked_up"

    def bring(self, delivery: Mapping[str, Any]) -> None:
        """Go to the customer's door with the goods."""
        self.step(delivery["id"], "depart", stop="dropoff")
        self.stand_at(Place.of(delivery["dropoff"]))
        assert self.step(delivery["id"], "arrive", stop="dropoff") == "arrived_at_dropoff"

    def carry(self, delivery: Mapping[str, Any]) -> None:
        """Make the whole way from the shop to the customer."""
        self.fetch(delivery)
        self.bring(delivery)
        assert self.step(delivery["id"], "deliver") == "delivered"


@dataclass
class Network:
    """The running platform, and how to get somebody in."""

    stack: RunningStack
    staff: Caller = field(init=False)
    _working: list[Driver] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.staff_tokens = self.staff_member()
        self.staff = self.caller(self.staff_tokens["AccessToken"])

    def caller(self, credential: str | None = None) -> Caller:
        """Return a client of the API."""
        return Caller(self.stack.api_url, credential)

    def today(self) -> date:
        """Return the business day."""
        return datetime.fromtimestamp(self.stack.sim_now(), UTC).date()

    # -- sign-ins

    def staff_member(self, *roles: str) -> dict[str, str]:
        """Return the tokens of a new member of the staff, by default an administrator."""
        name = f"staff-{secrets.token_hex(6)}"
        return self.sign_in(name, member(self.stack, name, *(roles or (ADMINISTRATOR,))))

    def set_password(self, username: str) -> str:
        """Choose a password for good, as an invited user does with the temporary one."""
        return set_password(self.stack, username, new_password())

    def sign_in(self, username: str, password: str) -> dict[str, str]:
        """Return a user's new tokens."""
        return tokens(self.stack, username, password)

    # -- who there is

    def zone(self, name: str, **dispatch: Mapping[str, Any]) -> Zone:
        """Open a zone of a new id."""
        return self.open_zone(f"{name[:26]}-{secrets.token_hex(4)}", **dispatch)

    def open_zone(self, zone_id: str, **dispatch: Mapping[str, Any]) -> Zone:
        """Open a zone where nobody is, on the ocean near the equator."""
        offer_s = min(3600, max(120, round(OFFER_WALL_S * self.stack.clock.speed)))
        rules = {
            "offers": {"seconds": offer_s},
            "rounds": {"batch_seconds": 1, "retry_seconds": 2, "search_minutes": 1440},
        }
        for _ in range(5):
            centre = Place(round(random.uniform(-3, 3), 3), round(random.uniform(-170, -100), 3))
            corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
            settings = {
                "name": zone_id,
                "area": [centre.moved(east * HALF_SIDE_M, north * HALF_SIDE_M).json for east, north in corners],
                "dispatch": with_changes(rules, dispatch),
                "promise_minutes": 1440,
            }
            answer = self.staff("PUT", f"/v1/staff/zones/{zone_id}", settings)
            if answer.status_code != 409:
                break  # else somebody has that part of the ocean
        ok(answer)
        return Zone(zone_id, centre, settings)

    def shop(self, zone: Zone, name: str = "Corner Shop") -> Shop:
        """Sign up a merchant with a store in the middle of a zone, and a key."""
        contact = {"name": name, "phone": "+14155550100", "address": "1 Market Square"}
        merchant = self.staff.post(
            "/v1/staff/merchants",
            {
                "name": name,
                "billing_email": "books@shop.example",
                "store": {"contact": contact, "point": zone.centre.json},
            },
            201,
        )
        key = self.key(merchant["id"])
        return Shop(merchant["id"], key, self.caller(key), zone)

    def key(self, merchant_id: str, *scopes: str, **said: str) -> str:
        """Return another API key of a merchant."""
        body = {**({"scopes": scopes} if scopes else {}), **said}
        return str(self.staff.post(f"/v1/staff/merchants/{merchant_id}/keys", body, 201)["api_key"])

    def driver(self, zone: Zone, east_m: float = 200, name: str = "Dana Driver", **changes: Any) -> Driver:
        """Register a driver who stands so far from the middle of a zone."""
        told = self.staff.post("/v1/staff/drivers", driver_input(zone, name=name, **changes), 201)
        password = self.set_password(told["id"])
        token = self.sign_in(told["id"], password)["AccessToken"]
        driver = Driver(told["id"], password, self.caller(token), self.stack, zone.centre.moved(east_m))
        self._working.append(driver)
        return driver

    def drivers(self, zone: Zone, count: int) -> list[Driver]:
        """Register several drivers, each a little farther away."""
        deeds = [lambda number=number: self.driver(zone, 100 + 5 * number) for number in range(count)]
        return at_once(deeds)

    def close(self) -> None:
        """Send everybody home who has nothing left to do."""
        at_once([driver.go_home for driver in self._working])

    # -- what staff see

    def delivery(self, delivery_id: str) -> dict[str, Any]:
        """Return a delivery as it is stored, with its version."""
        told: dict[str, Any] = self.staff.get(f"/v1/staff/deliveries/{delivery_id}")
        return told

    def difference(self, *days: date) -> int:
        """Return by how many minor units the books of some days do not balance."""
        off = 0
        for day in days:
            told = self.staff.get("/v1/staff/ledger/trial-balance", period=str(day))
            off += sum(abs(money["amount"]) for money in told["difference"])
        return off


def driver_input(zone: Zone, **changes: Any) -> dict[str, Any]:
    """Return what staff say of a new driver."""
    digits = f"{secrets.randbelow(10**7):07d}"
    return {
        "name": "Dana Driver",
        "phone": f"+1415{digits}",
        "email": f"dana.{digits}@drivers.example",
        "home_zone_id": zone.id,
        "vehicle": {"kind": "scooter", "max_weight_g": 40_000, "max_volume_l": 200},
        "documents": DOCUMENTS,
        **changes,
    }
