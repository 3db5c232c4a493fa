"""Credentials for calls by hand: ``eval $(make -s credentials)`` sets API, KEY, DRIVER and STAFF.

``PAGES`` is the address of the pages, on which a person signs in with ``DRIVER_NAME`` and ``DRIVER_PASSWORD``, or with
``STAFF_NAME`` and ``STAFF_PASSWORD``.
The program makes a zone, a bakery in it and a driver on duty on the running platform. Tokens last an hour. Each call
makes a new bakery and a new driver.
"""

from __future__ import annotations

import contextlib
import secrets
import shlex
import sys

from local.city.api import Caller, fixed
from local.city.plans.geometry import Point, square
from local.city.town import DOCUMENTS, new_password
from local.running import NotRunningError, RunningStack

ZONE = "hello"
CENTRE = Point(41.0, -87.0)
HALF_SIDE_M = 5000.0
STAFF = "hello-staff"


def signed_in(stack: RunningStack, username: str) -> tuple[str, str]:
    """Return an access token of a user, and the password that replaces the user's."""
    cognito, pool = stack.client("cognito-idp"), stack.outputs["UserPoolId"]
    password = new_password()
    cognito.admin_set_user_password(UserPoolId=pool, Username=username, Password=password, Permanent=True)
    answer = cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=stack.outputs["UserPoolClientId"],
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )
    return str(answer["AuthenticationResult"]["AccessToken"]), password


def staff_signed_in(stack: RunningStack) -> tuple[str, str]:
    """Return an access token and the password of a staff member."""
    cognito, pool = stack.client("cognito-idp"), stack.outputs["UserPoolId"]
    with contextlib.suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(UserPoolId=pool, Username=STAFF, MessageAction="SUPPRESS")
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=STAFF, GroupName="administrator")
    return signed_in(stack, STAFF)


def credentials(stack: RunningStack) -> dict[str, str]:
    """Return the API's address, a merchant's key, and what a driver and a staff member sign in with."""
    staff_token, staff_password = staff_signed_in(stack)
    staff = Caller(stack.api_url, fixed(staff_token))
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
        "STAFF": staff_token,
        "PAGES": stack.outputs["PagesUrl"],
        "DRIVER_NAME": driver_id,
        "DRIVER_PASSWORD": driver_password,
        "STAFF_NAME": STAFF,
        "STAFF_PASSWORD": staff_password,
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
