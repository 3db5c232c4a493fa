"""Amazon Location Service as geocoder."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from crowdship.intake.places.model import Address, door_of
from crowdship.kernel.geo import Point

LONGEST_QUERY = 200


@cache
def _client() -> Any:
    # A shop waits five seconds for an answer, so geocoding must be faster than that.
    config = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2, "mode": "standard"})
    return boto3.client("geo-places", config=config)


class AmazonPlaces:
    """Geocoding by Amazon Location Service."""

    def find(self, address: Address, near: Point | None) -> Point | None:
        """Return where an address is, or None if that is not certain."""
        asked: dict[str, Any] = {
            "QueryText": address.text[:LONGEST_QUERY],
            "MaxResults": 1,
            # Deliveries store the point; the service requires this value for stored results.
            "IntendedUse": "Storage",
        }
        if address.country:
            asked["Filter"] = {"IncludeCountries": [address.country]}
        if near:
            asked["BiasPosition"] = [near.lon, near.lat]
        return door_of(_client().geocode(**asked)["ResultItems"])
