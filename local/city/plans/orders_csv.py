"""Reading a CSV file of orders as a play; ``docs/orders-csv.md`` describes the columns."""

from __future__ import annotations

import csv
import math
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from crowdship.intake.imports import cells
from local.city.plans.geometry import Point, distance_m, rectangle_around
from local.city.plans.invented import PACE, crew, zone_settings
from local.city.plans.plan import CityPlan, PlanError, PlannedOrder, Shop

REQUIRED = ("external_id", "placed_minute", "pickup_lat", "pickup_lon", "dropoff_lat", "dropoff_lon")
OPTIONAL = (
    "ready_minute",
    "promise_minute",
    "weight_g",
    "volume_l",
    "tip",
    "priority",
    "photo",
    "signature",
    "pin",
    "minimum_age",
    "customer",
    "email",
    "address",
    "merchant",
)
PROMISE = 60.0
"""Minutes from order to door if the file names none."""

MARGIN_M = 2000.0
ORDERS_PER_DRIVER_HOUR = 2.0


def read(path: Path, seed: int = 1) -> CityPlan:
    """Return the play of a file of orders, with as many invented drivers as it needs.

    Raises
    ------
    PlanError
        If the file can't be read; the message names the line and the column.
    """
    with path.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        columns = tuple(reader.fieldnames or ())
        if missing := [name for name in REQUIRED if name not in columns]:
            raise PlanError(f"{path} has no column {', '.join(missing)}; docs/orders-csv.md tells them all")
        if unknown := [name for name in columns if name not in REQUIRED + OPTIONAL]:
            raise PlanError(f"{path} has a column {', '.join(unknown)} that means nothing; docs/orders-csv.md")
        orders = [order_of(row, f"{path}, line {number}") for number, row in enumerate(reader, start=2)]
    if not orders:
        raise PlanError(f"{path} has no orders, only a heading")
    seen: set[str] = set()
    for order in orders:
        if order.external_id in seen:
            raise PlanError(f"{path} has external_id {order.external_id} twice; each order needs its own")
        seen.add(order.external_id)
    return city_of(path, sorted(orders, key=lambda order: order.placed_after), seed)


def order_of(row: dict[str, str], where: str) -> PlannedOrder:
    """Return the order of one line."""

    def number(name: str, low: float, high: float, default: float | None = None) -> float:
        text = (row.get(name) or "").strip()
        if not text and default is not None:
            return default
        try:
            value = float(text)
        except ValueError:
            raise PlanError(f"{where}: {name} is {text!r}; give a number from {low:g} to {high:g}") from None
        if not low <= value <= high:
            raise PlanError(f"{where}: {name} is {text}; give a number from {low:g} to {high:g}")
        return value

    whole, flag = partial(_whole, row, where), partial(_flag, row, where)
    placed = number("placed_minute", 0, 1440)
    ready = number("ready_minute", placed, 1440 + placed, placed)
    promise = number("promise_minute", ready + 10, 2880, max(placed, ready) + PROMISE)
    priority = (row.get("priority") or "normal").strip()
    if priority not in ("normal", "urgent"):
        raise PlanError(f"{where}: priority is {priority!r}; give normal or urgent")
    requirements: dict[str, Any] = {kind: True for kind in ("photo", "signature", "pin") if flag(kind)}
    if (row.get("minimum_age") or "").strip():
        requirements["minimum_age"] = whole("minimum_age", 16, 25, 16)
    external_id = (row["external_id"] or "").strip()
    if not external_id:
        raise PlanError(f"{where}: external_id is empty; give the merchant's own id")
    return PlannedOrder(
        external_id=external_id,
        shop=(row.get("merchant") or "").strip() or path_free_name(),
        placed_after=timedelta(minutes=placed),
        ready_after=timedelta(minutes=ready),
        promise_after=timedelta(minutes=promise),
        pickup=Point(number("pickup_lat", -90, 90), number("pickup_lon", -180, 180)),
        dropoff=Point(number("dropoff_lat", -90, 90), number("dropoff_lon", -180, 180)),
        weight_g=whole("weight_g", 1, 500_000, 2000),
        volume_l=whole("volume_l", 1, 10_000, 10),
        tip=whole("tip", 0, 100_000, 0),
        priority=priority,
        requirements=requirements,
        customer=(row.get("customer") or "").strip() or f"Customer of {external_id}",
        email=(row.get("email") or "").strip() or None,
        address=(row.get("address") or "").strip() or f"Door of {external_id}",
    )


def _whole(row: dict[str, str], where: str, name: str, low: int, high: int, default: int) -> int:
    """Return the whole number in a column, in the unit that the column's name has."""
    text = (row.get(name) or "").strip()
    try:
        value = cells.whole(name, text) if text else default
    except ValueError as error:
        raise PlanError(f"{where}: {name} is {text!r}; {error}") from None
    if not low <= value <= high:
        raise PlanError(f"{where}: {name} is {text}; give a number from {low} to {high}")
    return value


def _flag(row: dict[str, str], where: str, name: str) -> bool:
    """Return whether a column says yes; an empty one means no."""
    text = (row.get(name) or "").strip()
    try:
        return bool(text) and cells.flag(name, text)
    except ValueError:
        raise PlanError(f"{where}: {name} is {text!r}; give yes or no") from None


def path_free_name() -> str:
    """Return the name of the merchant of orders that name none."""
    return "Orders from a file"


def city_of(path: Path, orders: list[PlannedOrder], seed: int) -> CityPlan:
    """Return the play around some orders: a zone that holds them, shops, and invented drivers."""
    places = [place for order in orders for place in (order.pickup or order.dropoff, order.dropoff)]
    area = rectangle_around(places, MARGIN_M)
    centre = Point((area[0].lat + area[2].lat) / 2, (area[0].lon + area[2].lon) / 2)
    reach = distance_m(area[0], area[2])
    if reach > 100_000:
        raise PlanError(f"{path}: the places lie {reach / 1000:.0f} km apart; a zone may span 100 km")
    first = {order.shop: order.pickup or centre for order in reversed(orders)}
    length = max(order.placed_after for order in orders)
    hours = max(1.0, length / timedelta(hours=1))
    crew_size = max(3, math.ceil(len(orders) / hours / ORDERS_PER_DRIVER_HOUR))
    name = "".join(c if c.isalnum() else "-" for c in path.stem.lower()).strip("-") or "orders"
    return CityPlan(
        key=f"csv-{name}"[:40],
        title=f"Orders of {path.name}",
        centre=centre,
        settings=zone_settings(f"Orders of {path.name}"[:80], area) | {"promise_minutes": 60},
        pace=PACE,
        shops=tuple(Shop(key, key[:120], point, "See each order") for key, point in sorted(first.items())),
        drivers=crew(crew_size, centre, min(reach / 4, 3000.0), length, seed),
        orders=tuple(orders),
    )
