"""Parcels: weight, volume and sides."""

from pydantic import Field

from crowdship.kernel.events import Value

HEAVIEST_G = 500_000
"""Grams of the heaviest parcel."""


class Size(Value):
    """The sides of a parcel in centimetres; which is which does not matter."""

    length_cm: int = Field(gt=0, le=1000)
    width_cm: int = Field(gt=0, le=1000)
    height_cm: int = Field(gt=0, le=1000)

    @property
    def sides_cm(self) -> tuple[int, int, int]:
        """All three."""
        return self.length_cm, self.width_cm, self.height_cm


class Parcel(Value):
    """Weight in grams, volume in litres, the sides if it is bulky, and the worth of the goods if that is known."""

    weight_g: int = Field(gt=0, le=HEAVIEST_G)
    volume_l: int = Field(default=10, gt=0, le=10_000)
    size: Size | None = None
    goods_value: int | None = Field(
        default=None, ge=0, le=100_000_000, description="Worth of the goods, in minor units of the zone's currency"
    )
