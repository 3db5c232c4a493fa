"""The entrance of applicants: how often strangers may apply, and each request once."""

import hashlib
import time
from collections.abc import Callable
from typing import Any

from crowdship.adapters.idempotency import once
from crowdship.kernel.buckets import Tries
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import TooManyRequests
from crowdship.onboarding import service
from crowdship.onboarding.requests import ApplicationInput
from crowdship.onboarding.store import ApplyRow
from crowdship.sessions.tries import network_of

FROM_AN_ADDRESS = Tries(burst=20, interval_s=180)
"""Applications from one address of the network: a family's, or those of an event with one network."""

ANSWERED_AFTER_S = 1.5
"""Wall seconds after which an application is answered. To create a sign-in takes most of it, and is not done for who
applied before: by the time of an answer nobody shall learn who drives for us."""


def count(address: str, wall: Clock) -> None:
    """Count an application from an address of the network.

    Raises
    ------
    TooManyRequests
        If too many came from there.
    """
    key = f"APPLY#{hashlib.sha256(network_of(address).encode()).hexdigest()[:32]}"
    now_us = round(wall.now().timestamp() * 1_000_000)
    drawn = ApplyRow.draw(key, FROM_AN_ADDRESS, now_us, probably_full=True)
    if not drawn.allowed:
        wait_s = max(1, FROM_AN_ADDRESS.wait_s(drawn.full_at_us, now_us))
        detail = f"Too many applications came from your network; try again in {wait_s} s."
        raise TooManyRequests("too_many_applications", detail, {"Retry-After": str(wait_s)})


def apply_once(
    request: ApplicationInput,
    key: str,
    secret: str,
    invite: Callable[[str, str], None],
    clock: Clock,
    context: Any = None,
) -> None:
    """Take in an application once per Idempotency-Key; see ``service.apply``. It takes as long for everybody.

    Raises
    ------
    Unprocessable
        If the key was used for another application, or there is no such zone or vehicle.
    """

    def act() -> dict[str, Any]:
        service.apply(request, secret, invite, clock)
        return {}

    began = time.monotonic()
    try:
        once("applications", key, request.model_dump(mode="json"), act, context)
    finally:
        time.sleep(max(0.0, began + ANSWERED_AFTER_S - time.monotonic()))
