"""Forms that drivers fill in."""

from typing import Any


def w9(name: str, **changes: object) -> dict[str, Any]:
    """Return the W-9 of a driver, as the app sends it."""
    address = {"street": "5 Green Lane", "city": "Danville", "state": "VA", "zip": "24541"}
    return {
        "name": name,
        "classification": "individual",
        "address": address,
        "tin_kind": "ssn",
        "tin": "123-45-6789",
        "electronic_forms": True,
        "signed_by": name,
        "certified": True,
        **changes,
    }
