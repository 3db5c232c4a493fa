"""Use cases of merchants around their webhook endpoints, by themselves or through the staff."""

from collections.abc import Callable
from datetime import timedelta

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.settings import private_urls_allowed
from crowdship.adapters.storage import persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.ids import new_id
from crowdship.merchants import service as merchants
from crowdship.merchants.model import account_id, new_signing_secret
from crowdship.notify.webhooks.bodies import WebhookMessage, message_of_test
from crowdship.notify.webhooks.delivery.retries import RETRY_AFTER, WebhookJob
from crowdship.notify.webhooks.endpoints import secrets
from crowdship.notify.webhooks.endpoints.addresses import checked_url
from crowdship.notify.webhooks.endpoints.model import (
    MOST_ENDPOINTS,
    TEST_EVENT,
    Endpoint,
    EndpointChange,
    EndpointInput,
)
from crowdship.notify.webhooks.endpoints.signing import Signing
from crowdship.notify.webhooks.endpoints.store import EndpointRow
from crowdship.notify.webhooks.queues import enqueue

WALL = RunningClock()


def endpoints(merchant_id: str) -> list[Endpoint]:
    """Return a merchant's endpoints, the oldest first.

    Raises
    ------
    NotFound
        If there is no such merchant.
    """
    _must_be_account(merchant_id)
    return EndpointRow.of_merchant(merchant_id)


def _must_be_account(merchant_id: str) -> None:
    """Check that there is such a merchant and that it is no sandbox, which has no endpoints of its own."""
    if not merchants.get(merchant_id).livemode:
        account = account_id(merchant_id)
        detail = f"{merchant_id} is a sandbox; give {account} an endpoint of mode test."
        raise NotFound("no_such_merchant", detail)


def endpoint(merchant_id: str, endpoint_id: str) -> Endpoint:
    """Return an endpoint of a merchant.

    Raises
    ------
    NotFound
        If the merchant has none of that id.
    """
    found = EndpointRow.load(merchant_id, endpoint_id)
    if found is None:
        raise NotFound("no_such_endpoint", f"{merchant_id} has no endpoint {endpoint_id}.")
    return found


def keep_changed(merchant_id: str, endpoint_id: str, change: Callable[[Endpoint], Endpoint]) -> Endpoint:
    """Load an endpoint, change it, and save it guarded; change it again if somebody else was faster."""
    return persistently(lambda: EndpointRow.keep(change(endpoint(merchant_id, endpoint_id))))


def add(merchant_id: str, given: EndpointInput, wall: Clock = WALL) -> tuple[Endpoint, str]:
    """Return a new endpoint and its signing secret, which is shown this once.

    Raises
    ------
    Conflict
        If the merchant has ``MOST_ENDPOINTS``.
    """
    _must_be_account(merchant_id)
    checked_url(given.url, private_allowed=private_urls_allowed())
    _with_room(merchant_id)
    made = Endpoint.make(merchant_id, given, wall.now())
    secret = new_signing_secret()
    # The secret is written first: an endpoint without a secret could not sign; a secret without one is harmless.
    secrets.write(made, Signing().rotated(secret, wall.now(), timedelta(0)))
    try:
        return persistently(lambda: EndpointRow.add(made, _with_room(merchant_id))), secret
    except Conflict:
        secrets.delete(merchant_id, made.id)
        raise


def _with_room(merchant_id: str) -> list[Endpoint]:
    """Return a merchant's endpoints; raise Conflict if no other may be added."""
    known = EndpointRow.of_merchant(merchant_id)
    if len(known) >= MOST_ENDPOINTS:
        raise Conflict("too_many_endpoints", f"There are {MOST_ENDPOINTS} endpoints; delete one first.")
    return known


def change(merchant_id: str, endpoint_id: str, wanted: EndpointChange, clock: Clock, wall: Clock = WALL) -> Endpoint:
    """Change an endpoint and return it."""
    if wanted.url is not None:
        checked_url(wanted.url, private_allowed=private_urls_allowed())
    return keep_changed(merchant_id, endpoint_id, lambda known: known.changed(wanted, wall.now(), clock.now()))


def remove(merchant_id: str, endpoint_id: str) -> list[Endpoint]:
    """Delete an endpoint and its secret; return those that are left. Webhooks on their way to it are dropped."""

    def attempt() -> None:
        EndpointRow.remove(endpoint(merchant_id, endpoint_id), EndpointRow.of_merchant(merchant_id))

    persistently(attempt)
    secrets.delete(merchant_id, endpoint_id)
    return endpoints(merchant_id)


def rotate_secret(
    merchant_id: str, endpoint_id: str, overlap: timedelta, wall: Clock = WALL
) -> tuple[Endpoint, str, Signing]:
    """Give an endpoint a new secret; return the endpoint, the secret, which is shown this once, and all that sign.

    Raises
    ------
    Conflict
        If too many secrets sign already, or somebody else rotated it at the same moment.
    """
    secret = new_signing_secret()
    known = endpoint(merchant_id, endpoint_id)
    signing = secrets.read(known).rotated(secret, wall.now(), overlap)
    secrets.write(known, signing)
    # A sender that finds a higher version here than in its cache reads the secrets again.
    changed = keep_changed(
        merchant_id,
        endpoint_id,
        lambda found: found.with_changes(secret_version=max(found.secret_version, signing.version)),
    )
    if secret not in secrets.read(changed).in_force(wall.now()):
        raise Conflict("rotated_meanwhile", "Somebody else rotated it at the same moment; rotate it again.")
    return changed, secret, signing


def test(merchant_id: str, endpoint_id: str, clock: Clock) -> WebhookMessage:
    """Send a test event to an endpoint, once, also if it is disabled; the answer is in its delivery log."""
    known = endpoint(merchant_id, endpoint_id)
    message = message_of_test(new_id("evt"), TEST_EVENT, merchant_id, endpoint_id, clock.now())
    enqueue(
        WebhookJob(
            message=message,
            merchant_id=merchant_id,
            endpoint_id=known.id,
            tries=len(RETRY_AFTER) + 1,
            test=True,
        )
    )
    return message
