"""Setting up a city on the platform: zone, merchants, drivers and their credentials.

The credentials are kept in ``.local/city/``, so that the next play on the same platform begins at once.
"""

from __future__ import annotations

import json
import re
import secrets
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from local.city.api import Caller, Meter, RefusedError, SignIn, fixed
from local.city.forms import w9
from local.city.plans.geometry import Point, square
from local.city.plans.plan import PlannedDriver, Shop
from local.city.push import Phone
from local.city.results import books
from local.clock import LOCAL
from local.imitations.receivers import Receivers
from local.running import RunningStack
from local.staff import ADMINISTRATOR, member, new_password, person, set_password

FOLDER = LOCAL / "city"
STAFF = "city-staff"
GUEST_AT_THE_CONSOLE = "city-guest"
STAFF_PASSWORD = LOCAL / "city-staff.json"
AT_SEA = Point(20.0, -45.0)
SEA_APART_M = 6000.0
AT_ONCE = 6
"""Drivers who are registered at the same time; with more they would only wait for each other."""

DOCUMENTS = [
    {"kind": kind, "valid_until": "2099-12-31"}
    for kind in ("identity", "driving_licence", "insurance", "vehicle_registration")
]


def slug(name: str) -> str:
    """Return a name in a form that may be used in a path."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@dataclass
class Merchant:
    """A merchant that signed up, with its API key and the secret that signs its webhooks."""

    merchant_id: str
    name: str
    api_key: str
    hook_url: str
    signing_secret: str


@dataclass
class Account:
    """A registered driver, with their id and password."""

    driver_id: str
    password: str


@dataclass
class Register:
    """The kept credentials of a city.

    Parameters
    ----------
    stack : str
        Key of the platform on which they hold.
    """

    path: Path
    stack: str
    merchants: dict[str, Merchant] = field(default_factory=dict)
    drivers: dict[str, Account] = field(default_factory=dict)

    @classmethod
    def read(cls, key: str, stack: RunningStack) -> Register:
        """Return the register of a city; an empty one if what is kept is of another platform."""
        path = FOLDER / f"{key}.json"
        mark = f"{stack.api_url} {stack.outputs.get('UserPoolId', '')}"
        try:
            told = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            return cls(path, mark)
        if told.get("stack") != mark:
            return cls(path, mark)
        return cls(
            path,
            mark,
            {name: Merchant(**merchant) for name, merchant in told["merchants"].items()},
            {name: Account(**account) for name, account in told["drivers"].items()},
        )

    def save(self) -> None:
        """Write the register to its file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        told = {
            "stack": self.stack,
            "merchants": {name: vars(merchant) for name, merchant in self.merchants.items()},
            "drivers": {name: vars(account) for name, account in self.drivers.items()},
        }
        self.path.write_text(json.dumps(told, indent=1))


class Town:
    """A city on the platform, with the API clients of its people.

    Parameters
    ----------
    key : str
        The zone's id; the register's file is named after it.
    """

    def __init__(self, key: str, stack: RunningStack, receivers: Receivers, meter: Meter | None = None) -> None:
        self.key = key
        self.stack = stack
        self.receivers = receivers
        self.meter = meter or Meter()
        self.register = Register.read(key, stack)
        self._apps: dict[str, Caller] = {}
        self.staff = staff_of(stack, self.meter)
        self._forget_if_unknown()

    @cached_property
    def at_the_console(self) -> str:
        """What a person signs in with at the console, in words."""
        guest = person(self.stack, GUEST_AT_THE_CONSOLE, ADMINISTRATOR)
        return f"user {guest.name}, password {guest.password}, code: make -s code"

    def _forget_if_unknown(self) -> None:
        """Empty the register if the platform does not know its merchants or drivers, as after a fresh start."""
        try:
            for merchant in list(self.register.merchants.values())[:1]:
                self.staff.get(f"/v1/staff/merchants/{merchant.merchant_id}")
            for account in list(self.register.drivers.values())[:1]:
                self.staff.get(f"/v1/staff/drivers/{account.driver_id}")
        except RefusedError as refused:
            if refused.status != 404:
                raise
            self.register.merchants.clear()
            self.register.drivers.clear()

    def open_zone(self, settings: dict[str, Any]) -> None:
        """Create the zone, or change it to these settings; zones of other plays in the same place are moved away."""
        path = f"/v1/staff/zones/{self.key}"
        try:
            self.staff.put(path, settings)
        except RefusedError as refused:
            if refused.code != "zones_overlap":
                raise
            owners = re.findall(r"[a-z0-9-]+", refused.detail.partition("overlaps")[2])
            in_the_way = [zone_id for zone_id in owners if (FOLDER / f"{zone_id}.json").exists()]
            if not in_the_way:
                raise
            for other in in_the_way:
                self._move_away(other)
            self.staff.put(path, settings)

    def _move_away(self, zone_id: str) -> None:
        """Move a zone of an earlier play to a place at sea."""
        path = f"/v1/staff/zones/{zone_id}"
        settings = self.staff.get(path)["settings"]
        place = AT_SEA.moved(0, zlib.crc32(zone_id.encode()) % 400 * SEA_APART_M)
        self.staff.put(path, settings | {"area": [corner.json() for corner in square(place, SEA_APART_M / 4)]})

    def open_shop(self, shop: Shop) -> Merchant:
        """Sign a merchant up, with an API key and a webhook endpoint, unless it is in the register."""
        path = f"/hooks/{self.key}/{slug(shop.key)}"
        hook_url = self.receivers.url + path
        known = self.register.merchants.get(shop.key)
        if known is None or known.hook_url != hook_url:
            known = self._sign_up(shop, hook_url)
            self.register.merchants[shop.key] = known
            self.register.save()
        self.receivers.endpoints.trust(path, known.signing_secret)
        return known

    def _sign_up(self, shop: Shop, hook_url: str) -> Merchant:
        email = f"billing@{slug(shop.name)[:60]}.example"
        contact = {"name": shop.name[:120], "phone": "+14105550100", "address": shop.address}
        merchant_id = self.staff.post(
            "/v1/staff/merchants",
            {
                "name": shop.name,
                "billing_email": email,
                "store": {"contact": contact, "point": shop.point.json()},
            },
        )["id"]
        api_key = self.staff.post(f"/v1/staff/merchants/{merchant_id}/keys", {})["api_key"]
        endpoint = self.staff.post(f"/v1/staff/merchants/{merchant_id}/endpoints", {"url": hook_url})
        return Merchant(merchant_id, shop.name, api_key, hook_url, endpoint["signing_secret"])

    def shop(self, key: str) -> Caller:
        """Return the API client of a shop's system."""
        return Caller(self.stack.api_url, fixed(self.register.merchants[key].api_key), self.meter)

    def hire(self, drivers: Iterable[PlannedDriver], report: Callable[[int, int], None] | None = None) -> None:
        """Register the drivers who are not in the register yet."""
        missing = [driver for driver in drivers if driver.key not in self.register.drivers]
        done = 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for driver, account in zip(missing, pool.map(self._register, missing), strict=True):
                self.register.drivers[driver.key] = account
                done += 1
                if report:
                    report(done, len(missing))
        if missing:
            self.register.save()

    def _kind(self, driver: PlannedDriver) -> dict[str, str]:
        if driver.shop is not None:
            return {"kind": "dedicated", "merchant_id": self.register.merchants[driver.shop].merchant_id}
        return {"kind": "dedicated"} if driver.core else {}

    def _register(self, driver: PlannedDriver) -> Account:
        digits = f"{secrets.randbelow(10**7):07d}"
        told = self.staff.post(
            "/v1/staff/drivers",
            {
                "name": driver.name,
                "phone": f"+1410{digits}",
                "email": f"{slug(driver.name)}.{digits}@drivers.example",
                "home_zone_id": self.key,
                "vehicle": {
                    "kind": driver.vehicle,
                    "max_weight_g": driver.max_weight_g,
                    "max_volume_l": driver.max_volume_l,
                    "plate": f"CS {digits[:4]}",
                },
                "documents": DOCUMENTS,
                "rating": driver.rating,
                "skills": driver.skills,
                "credentials": [{"name": name} for name in driver.credentials],
                **self._kind(driver),
            },
        )
        # A driver would do this with the temporary password of the invitation.
        account = Account(told["id"], set_password(self.stack, told["id"], new_password()))
        if driver.certified:
            app = self._apps[driver.key] = self._caller(account)
            app.put("/v1/driver/tax-form", w9(driver.name, tin=f"12345{digits[:3]}9"))
        return account

    def _caller(self, account: Account) -> Caller:
        return Caller(self.stack.api_url, SignIn(self.stack, account.driver_id, account.password), self.meter)

    def driver_id(self, key: str) -> str:
        """Return a driver's id."""
        return self.register.drivers[key].driver_id

    def app(self, key: str) -> Caller:
        """Return the API client of a driver's app; it signs in when it is first used."""
        if key not in self._apps:
            self._apps[key] = self._caller(self.register.drivers[key])
        return self._apps[key]

    def phone(self, key: str) -> Phone:
        """Return a driver's phone, whose browser subscribes at the imitated push service."""
        return Phone(self.app(key), self.receivers.pushes)

    def forget_app(self, key: str) -> None:
        """Drop the API client of a driver's app, because another driver will play the part."""
        self._apps.pop(key, None)


def staff_of(stack: RunningStack, meter: Meter | None = None, name: str = STAFF, role: str = ADMINISTRATOR) -> Caller:
    """Return the API client of a member of the city's staff, who is created if there is none."""
    password = _remembered_password(STAFF_PASSWORD, stack.outputs["UserPoolId"])
    member(stack, name, role, password=password)
    return Caller(stack.api_url, SignIn(stack, name, password), meter)


def is_settled(stack: RunningStack, day: date) -> bool:
    """Return whether the books of a day are closed."""
    settlement = books.status_of(staff_of(stack), day)
    return bool(settlement and settlement["closed_at"])


def _remembered_password(path: Path, pool: str) -> str:
    """Return the password of a user pool's staff member; it is made once and kept in a file."""
    try:
        told = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        told = {}
    if pool not in told:
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {pool: new_password()}
        path.write_text(json.dumps(told))
    return str(told[pool])
