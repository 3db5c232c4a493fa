"""Credentials for calls by hand: ``eval $(make -s credentials)`` sets API, KEY, DRIVER and STAFF.

``PAGES`` is the address of the pages, on which a person signs in with ``DRIVER_NAME`` and ``DRIVER_PASSWORD``, or with
``STAFF_NAME`` and ``STAFF_PASSWORD``; staff are then asked for a code, which ``make -s code`` prints, or an
authenticator app with the secret ``STAFF_TOTP_SECRET``. The program makes a zone, a bakery in it and a driver on duty
on the running platform. Tokens last half an hour. Each call makes a new bakery and a new driver.
"""

from __future__ import annotations

import secrets
import shlex
import sys

from local.city.api import Caller, fixed
from local.city.plans.geometry import Point, square
from local.city.town import DOCUMENTS
from local.running import NotRunningError, RunningStack
from local.staff import ADMINISTRATOR, member, new_password, person, set_password, tokens

ZONE = "hello"
CENTRE = Point(41.0, -87.0)
HALF_SIDE_M = 5000.0
STAFF = "hello-staff"
PERSON = "hello-person"


def signed_in(stack: RunningStack, username: str) -> tuple[str, str]:
    """Return an access token of a user, and the password that replaces the user's."""
    password = set_password(stack, username, new_password())
    return tokens(stack, username, password)["AccessToken"], password


def staff_token(stack: RunningStack) -> str:
    """Return an access token of a member of the staff who calls the API without a page."""
    return tokens(stack, STAFF, member(stack, STAFF, ADMINISTRATOR))["AccessToken"]


def credentials(stack: RunningStack) -> dict[str, str]:
    """Return the API's address, a merchant's key, and what a driver and a staff member sign in with."""
    token, at_the_console = staff_token(stack), person(stack, PERSON, ADMINISTRATOR)
    staff = Caller(stack.api_url, fixed(token))
    area = [corner.json() for corner in square(CENTRE, HALF_SIDE_M)]
    staff.put(f"/v1/staff/zones/{ZONE}", {"name": "Hello", "area": area, "dispatch": {"rounds": {"batch_seconds": 1}}})
    contact = {"name": "Corner Bakery", "phone": "+13125550100", "address": "1 Main Street"}
    store = {"contact": contact, "point": CENTRE.json()}
    bakery = {"name": "Corner Bakery", "billing_email": "books@bakery.example", "store": store}
    merchant_id = staff.post("/v1/staff/merchants", bakery)["id"]
    driver_id = staff.post(
        "/v1/staff/drivers",
        {
            "name": "Ana Diaz",
            "phone": "+13125550199",
            "email": f"ana.{secrets.token_hex(4)}@drivers.example",
            "home_zone_id": ZONE,
            "vehicle": {"kind": "car", "max_weight_g": 50_000, "max_volume_l": 200},
            "documents": DOCUMENTS,
        },
    )["id"]
    driver_token, driver_password = signed_in(stack, driver_id)
    Caller(stack.api_url, fixed(driver_token)).post("/v1/driver/duty", {"position": CENTRE.json()})
    return {
        "API": stack.api_url,
        "KEY": staff.post(f"/v1/staff/merchants/{merchant_id}/keys", {})["api_key"],
        "DRIVER": driver_token,
        "STAFF": token,
        "PAGES": stack.outputs["PagesUrl"],
        "DRIVER_NAME": driver_id,
        "DRIVER_PASSWORD": driver_password,
        "STAFF_NAME": at_the_console.name,
        "STAFF_PASSWORD": at_the_console.password,
        "STAFF_TOTP_SECRET": at_the_console.totp_secret,
    }


def main() -> int:
    """Print the credentials as shell commands."""
    try:
        given = credentials(RunningStack.load())
    except NotRunningError as error:
        print(error, file=sys.stderr)
        return 1
    for name, value in given.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
