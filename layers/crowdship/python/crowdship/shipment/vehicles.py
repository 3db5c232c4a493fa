"""Vehicles: kinds, the most that each kind carries, how each moves, and skills of drivers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints


def _sorted_once(skills: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(skills)))


Skill = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,29}$")]


Skills = Annotated[tuple[Skill, ...], Field(max_length=30), AfterValidator(_sorted_once)]
"""Skills that a delivery asks for and a driver has; a network names them itself: ``cold_box``, ``two_people``."""


class VehicleKind(StrEnum):
    """Kinds of vehicles."""

    FOOT = "foot"
    BICYCLE = "bicycle"
    SCOOTER = "scooter"
    CAR = "car"
    VAN = "van"


class Profile(StrEnum):
    """A way to move, as street maps are made for."""

    CAR = "car"
    BICYCLE = "bicycle"
    FOOT = "foot"


PROFILE_OF = {
    VehicleKind.FOOT: Profile.FOOT,
    VehicleKind.BICYCLE: Profile.BICYCLE,
    VehicleKind.SCOOTER: Profile.CAR,
    VehicleKind.CAR: Profile.CAR,
    VehicleKind.VAN: Profile.CAR,
}
"""The profile of streets that each vehicle uses."""


LONGEST_TRIP_M: dict[VehicleKind, float] = {
    VehicleKind.FOOT: 1_500,
    VehicleKind.BICYCLE: 6_000,
    VehicleKind.SCOOTER: 15_000,
    VehicleKind.CAR: float("inf"),
    VehicleKind.VAN: float("inf"),
}
"""The longest trip of each vehicle from pickup to drop-off, in metres as the crow flies."""


@dataclass(frozen=True)
class VehicleClass:
    """The most that vehicles of a kind carry: grams, litres, and the sides of one parcel in centimetres.

    A driver's own vehicle may hold less; it is then that which counts.
    """

    weight_g: int
    volume_l: int
    sides_cm: tuple[int, int, int]

    def holds_sides(self, sides_cm: tuple[int, int, int]) -> bool:
        """Return whether a parcel goes in one way or another."""
        return all(a <= b for a, b in zip(sorted(sides_cm), sorted(self.sides_cm), strict=True))


VEHICLE_CLASSES: dict[VehicleKind, VehicleClass] = {
    VehicleKind.FOOT: VehicleClass(15_000, 60, (60, 40, 40)),
    VehicleKind.BICYCLE: VehicleClass(25_000, 100, (60, 50, 45)),
    VehicleKind.SCOOTER: VehicleClass(40_000, 200, (70, 55, 50)),
    VehicleKind.CAR: VehicleClass(250_000, 1_000, (160, 100, 80)),
    VehicleKind.VAN: VehicleClass(1_500_000, 12_000, (400, 180, 180)),
}
"""The most that any vehicle of a kind carries; a shipment beyond it fits nobody."""
