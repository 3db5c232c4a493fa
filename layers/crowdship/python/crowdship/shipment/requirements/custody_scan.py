"""A scan of every parcel at each hand-off: at the pickup, to another driver, at the drop-off, and back at the shop.

The codes, the scans and their checks are those of ``barcode``; the chain of custody says where each step was made.
"""

from crowdship.kernel.events import Value
from crowdship.shipment.requirements.barcode import Barcode
from crowdship.shipment.stop_kind import StopKind


class Wish(Value):
    """Asks for the scans."""

    custody_scan: bool = False


class CustodyScan(Barcode):
    """As ``Barcode``, and also when the goods go back."""

    name = "custody_scan"
    stops = frozenset({StopKind.PICKUP, StopKind.DROPOFF, StopKind.RETURN})


REQUIREMENT = CustodyScan()
