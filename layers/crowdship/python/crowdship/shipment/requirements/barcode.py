"""A scan of every parcel's barcode, at the pickup and at the drop-off.

The merchant gives the codes with the order. A driver's app is told how many there are, not which: a scan then proves
that the driver had the parcel before them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Unprocessable, counted
from crowdship.kernel.events import Value
from crowdship.shipment.requirements.requirement import Gap, Requirement, Visit
from crowdship.shipment.stop_kind import StopKind

if TYPE_CHECKING:
    from crowdship.shipment.requirements import registry

MOST_CODES = 20
"""Parcels of one delivery that have a code."""

MOST_SCANNED = 100
"""Codes in one request of a driver's app, which may hold the same code several times."""

ParcelCode = Annotated[str, StringConstraints(pattern=r'^[!"%-?A-Z_a-z]{1,48}$')]
"""The code on a parcel's label: 1 to 48 characters of GS1's set 82 (GS1 General Specifications, section 7.11), which
Code 128, Data Matrix and QR codes can all hold."""

ScannedCode = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A code that a scanner read, which may be of a foreign label."""


def _distinct(codes: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(codes)) < len(codes):
        raise ValueError("each parcel has a code of its own; one stands here twice")
    return codes


ParcelCodes = Annotated[tuple[ParcelCode, ...], Field(max_length=MOST_CODES), AfterValidator(_distinct)]


class Wish(Value):
    """Asks for the scans."""

    barcode: bool = False


class Details(Value):
    """The codes that the merchant gives with the order."""

    parcel_codes: ParcelCodes = Field(
        default=(),
        description="The code on the label of each parcel; `requirements.barcode` asks for a scan of each",
        examples=[["00340123450000000018"]],
    )


class DetailsChange(Value):
    """The codes in a change of the order; None leaves them as they are."""

    parcel_codes: ParcelCodes | None = None


class AppDetails(Value):
    """The number of codes, which the driver's app is told before and after the driver takes the order."""

    parcels_to_scan: int = Field(default=0, description="Parcels to scan at the pickup and at the drop-off")


class Capture(Value):
    """The codes that the driver's app sends, at the pickup and at the drop-off."""

    scanned: tuple[ScannedCode, ...] = Field(
        default=(), max_length=MOST_SCANNED, description="The codes that were scanned at this stop, in any order"
    )


class Scan(Value):
    """The parcels that a driver scanned at a stop.

    Parameters
    ----------
    stop : StopKind
        Pickup or drop-off.
    driver_id : str
        Who scanned them; goods that go from one driver to another are scanned by both.
    codes : tuple of str
        What was scanned, each code once.
    at : datetime
        When it came in, by our clock.
    made_at : datetime or None
        When the device says that it was made, by our clock; None if the device's clock can't be right.
    """

    stop: StopKind
    driver_id: str
    codes: tuple[str, ...]
    at: Moment
    made_at: Moment | None


class Evidence(Value):
    """Every successful scan, the first one first."""

    scans: tuple[Scan, ...] = ()


class Barcode(Requirement[bool]):
    """The parcels that were ordered, all of them and no other, are fetched and handed over."""

    name = "barcode"
    stops = frozenset({StopKind.PICKUP, StopKind.DROPOFF})

    def check_order(self, details: "registry.OrderDetails") -> None:
        """Check that there is a code to scan.

        Raises
        ------
        Unprocessable
            ``parcel_codes_missing``, if there is none.
        """
        if not details.parcel_codes:
            detail = f"requirements.{self.name} asks for a scan; give the codes of the parcels, 1 to {MOST_CODES}."
            raise Unprocessable("parcel_codes_missing", detail, "/parcel_codes")

    def tell_app(self, details: "registry.OrderDetails") -> dict[str, Any]:
        """Return how many parcels there are to scan."""
        return {"parcels_to_scan": len(details.parcel_codes)}

    def missing(self, asked: bool, visit: Visit) -> Gap | None:
        """Return how many parcels were not scanned.

        Raises
        ------
        Unprocessable
            ``foreign_code``, with a pointer to each code that is none of the delivery's.
        """
        scanned, expected = _scanned(visit), set(visit.details.parcel_codes)
        foreign = [index for index, code in enumerate(scanned) if code not in expected]
        if foreign:
            codes = counted(len(foreign), "scanned code is", "scanned codes are")
            detail = f"{codes} on no parcel of this delivery; scan its {counted(len(expected), 'parcel', 'parcels')}."
            raise Unprocessable("foreign_code", detail, errors=[(f"/scanned/{index}", detail) for index in foreign])
        left = len(expected.difference(scanned))
        return Gap(f"scan of {left} of {counted(len(expected), 'parcel', 'parcels')}", "/scanned") if left else None

    def keep(self, asked: bool, visit: Visit) -> dict[str, Any]:
        """Return the scans with this stop's added, if they were asked for."""
        if not asked:
            return {}
        codes = tuple(sorted(set(_scanned(visit))))
        scan = Scan(stop=visit.stop, driver_id=visit.driver_id, codes=codes, at=visit.at, made_at=visit.made_at)
        return {"scans": (*visit.evidence.scans, scan)}

    def kind(self, evidence: "registry.Evidence") -> str | None:
        """Return ``barcode`` if the parcels were scanned at the drop-off."""
        return "barcode" if any(scan.stop is StopKind.DROPOFF for scan in evidence.scans) else None


def _scanned(visit: Visit) -> Sequence[str]:
    return visit.capture.scanned if isinstance(visit.capture, Capture) else ()


REQUIREMENT = Barcode()
