"""What merchants do with their webhook endpoints, by themselves or through the staff."""

from collections.abc import Callable
from datetime import timedelta

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.secrets import delete_secret, secret_fields, write_secret_fields
from crowdship.adapters.settings import private_urls_allowed
from crowdship.adapters.storage import persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.cursors import cursor_of
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.kernel.ids import new_id
from crowdship.merchants import service as merchants
from crowdship.merchants.model import account_id, new_signing_secret
from crowdship.notify.queues import enqueue, enqueue_page
from crowdship.notify.sendings import AttemptLine, AttemptState, InFlight, Result
from crowdship.notify.store import KEPT, AttemptRow, EndpointRow, ReplayRow, SendingRow, key_at
from crowdship.notify.webhooks import event_log as catchup
from crowdship.notify.webhooks.addresses import checked_url
from crowdship.notify.webhooks.bodies import Message, message_of_test
from crowdship.notify.webhooks.endpoints import (
    MOST_ENDPOINTS,
    TEST_EVENT,
    Endpoint,
    EndpointChange,
    EndpointInput,
    Replay,
    ReplayInput,
    ReplayJob,
    ReplayState,
    Signing,
)
from crowdship.notify.webhooks.event_log import SETTLING, position_of
from crowdship.notify.webhooks.retries import RETRY_AFTER, WebhookJob
from crowdship.notify.webhooks.signing import secret_name

WALL = RunningClock()
MOST_LOOKED_AT = 500
PAGE = 100
"""Events that one message of a replay looks at."""

BETWEEN_PAGES_S = 1.0
"""Paces a replay: an endpoint that was down for a day is not buried under what it missed."""


# --- endpoints


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
    """Check that there is such a merchant, which is no sandbox: under its id nobody would look for endpoints."""
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


def _change(merchant_id: str, endpoint_id: str, change: Callable[[Endpoint], Endpoint]) -> Endpoint:
    """Load an endpoint, decide, and save it guarded; decide again if someone else changed it meanwhile."""
    return persistently(lambda: EndpointRow.keep(change(endpoint(merchant_id, endpoint_id))))


def add(merchant_id: str, given: EndpointInput, wall: Clock = WALL) -> tuple[Endpoint, str]:
    """Return a new endpoint and its signing secret, which is shown this once.

    Raises
    ------
    Conflict
        If the merchant has as many as it may.
    """
    _must_be_account(merchant_id)
    checked_url(given.url, private_allowed=private_urls_allowed())
    _with_room(merchant_id)
    made = Endpoint.make(merchant_id, given, wall.now())
    secret = new_signing_secret()
    # The secret is written first: an endpoint without a secret could not sign, a secret without one harms nobody.
    _write(made, Signing().rotated(secret, wall.now(), timedelta(0)))
    try:
        return persistently(lambda: EndpointRow.add(made, _with_room(merchant_id))), secret
    except Conflict:
        delete_secret(secret_name(merchant_id, made.id))
        raise


def _with_room(merchant_id: str) -> list[Endpoint]:
    """Return a merchant's endpoints, to which one more may be added."""
    known = EndpointRow.of_merchant(merchant_id)
    if len(known) >= MOST_ENDPOINTS:
        raise Conflict("too_many_endpoints", f"There are {MOST_ENDPOINTS} endpoints; delete one first.")
    return known


def change(merchant_id: str, endpoint_id: str, wanted: EndpointChange, clock: Clock, wall: Clock = WALL) -> Endpoint:
    """Return an endpoint as its merchant now wants it."""
    if wanted.url is not None:
        checked_url(wanted.url, private_allowed=private_urls_allowed())
    return _change(merchant_id, endpoint_id, lambda known: known.changed(wanted, wall.now(), clock.now()))


def remove(merchant_id: str, endpoint_id: str) -> list[Endpoint]:
    """Forget an endpoint and its secret; return those that are left. What was on its way there is dropped."""

    def attempt() -> None:
        EndpointRow.remove(endpoint(merchant_id, endpoint_id), EndpointRow.of_merchant(merchant_id))

    persistently(attempt)
    delete_secret(secret_name(merchant_id, endpoint_id))
    return endpoints(merchant_id)


def _write(held: Endpoint, signing: Signing) -> None:
    write_secret_fields(secret_name(held.merchant_id, held.id), signing.model_dump(mode="json"))


def _read(held: Endpoint) -> Signing:
    return Signing.model_validate(secret_fields(secret_name(held.merchant_id, held.id), fresh=True))


def rotate_secret(
    merchant_id: str, endpoint_id: str, overlap: timedelta, wall: Clock = WALL
) -> tuple[Endpoint, str, Signing]:
    """Return an endpoint's new secret, which is shown this once; those before sign along for a while.

    Raises
    ------
    Conflict
        If too many secrets sign already, or somebody else rotated it at the same moment.
    """
    secret = new_signing_secret()
    known = endpoint(merchant_id, endpoint_id)
    signing = _read(known).rotated(secret, wall.now(), overlap)
    _write(known, signing)
    # A sender that finds a higher version here than in its cache reads the secrets again: they hold at once.
    changed = _change(
        merchant_id,
        endpoint_id,
        lambda found: found.with_changes(secret_version=max(found.secret_version, signing.version)),
    )
    if secret not in _read(changed).in_force(wall.now()):
        raise Conflict("rotated_meanwhile", "Somebody else rotated it at the same moment; rotate it again.")
    return changed, secret, signing


def test(merchant_id: str, endpoint_id: str, clock: Clock) -> Message:
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


# --- the delivery log


def attempts(
    merchant_id: str,
    endpoint_id: str,
    *,
    cursor: str | None = None,
    limit: int = 50,
    state: AttemptState | None = None,
    wall: Clock = WALL,
) -> tuple[list[AttemptLine], str | None]:
    """Return the tries to send an endpoint something, the newest first, and the cursor of older ones."""
    endpoint(merchant_id, endpoint_id)
    oldest, newest = key_at(wall.now() - KEPT), key_at(wall.now() + timedelta(seconds=1))
    asked = MOST_LOOKED_AT if state else limit
    before = min(position_of(cursor), newest) if cursor else newest
    if before <= oldest:
        return [], None
    rows = AttemptRow.backward(endpoint_id, oldest, before, asked)
    told: list[AttemptLine] = []
    for number, row in enumerate(rows):
        if state is None or row.line.state is state:
            told.append(row.line)
        if len(told) == limit and number + 1 < len(rows):
            return told, cursor_of(row.sk)
    return told, cursor_of(rows[-1].sk) if len(rows) == asked else None


# --- replay


def replay(merchant_id: str, endpoint_id: str, asked: ReplayInput, wall: Clock = WALL) -> Replay:
    """Send an endpoint one event again, or what it did not take in a span.

    Asked twice, it is done once: an event is tried under its next attempt's number, and of a span the same replay is
    told while it runs.

    Raises
    ------
    Conflict
        If the endpoint is disabled, or another replay to it is running.
    NotFound
        If the merchant has no such event.
    """
    known = endpoint(merchant_id, endpoint_id)
    known.must_be_active()
    if asked.event_id is not None:
        if asked.since or asked.until:
            raise Unprocessable("what_to_replay", "Give either event_id, or since with or without until.", "/event_id")
        return _replay_one(known, asked.event_id, wall)
    running = ReplayRow.load(endpoint_id, known.replay_id) if known.replay_id else None
    if running and running.state is ReplayState.RUNNING:
        if running.is_for(asked):
            return _begun(running)
        raise Conflict("replay_running", f"{running.id} is running; wait until it has finished.")
    made = Replay.of_span(known, asked, wall.now(), KEPT)
    if before := ReplayRow.load(endpoint_id, made.id):
        return _begun(before)
    kept = ReplayRow.keep(made)
    covers = known.missed_since is not None and asked.since is not None and asked.since <= known.missed_since

    def begun(found: Endpoint) -> Endpoint:
        missed_since = None if covers and made.until == made.created_at else found.missed_since
        return found.with_changes(replay_id=made.id, missed_since=missed_since)

    _change(merchant_id, endpoint_id, begun)
    return _begun(kept)


def _begun(found: Replay) -> Replay:
    """Ask for the first page, again if that may not have come through: a message too many is harmless."""
    if found.state is ReplayState.RUNNING and found.step == 0:
        enqueue_page(ReplayJob(endpoint_id=found.endpoint_id, replay_id=found.id, step=0), found.merchant_id)
    return found


def _replay_one(known: Endpoint, event_id: str, wall: Clock) -> Replay:
    logged = catchup.one(known.hears_of, event_id)
    if logged is None:
        raise NotFound("no_such_event", f"There is no event {event_id} in the last {KEPT.days} days.")
    attempt = SendingRow.load(logged.message, known.id).last_attempt + 1
    made = Replay.of_event(known, event_id, attempt, wall.now())
    if before := ReplayRow.load(known.id, made.id):
        return before
    _send_again(known, logged.message, attempt)
    return ReplayRow.keep(made)


def _send_again(known: Endpoint, message: Message, attempt: int) -> None:
    job = WebhookJob(message=message, merchant_id=known.merchant_id, endpoint_id=known.id, attempt=attempt, again=True)
    enqueue(job)


def replay_of(merchant_id: str, endpoint_id: str, replay_id: str) -> Replay:
    """Return how far a replay is.

    Raises
    ------
    NotFound
        If there is none, or it is over for 30 days.
    """
    endpoint(merchant_id, endpoint_id)
    found = ReplayRow.load(endpoint_id, replay_id)
    if found is None:
        raise NotFound("no_such_replay", f"{endpoint_id} has no replay {replay_id}.")
    return found


def replay_page(job: ReplayJob, wall: Clock = WALL) -> None:
    """Send one page of a replay, and ask for the next.

    Raises
    ------
    InFlight
        If the page before is not noted yet; it is to come again later.
    """
    found = ReplayRow.load(job.endpoint_id, job.replay_id)
    if found is None or found.state is not ReplayState.RUNNING or job.step < found.step:
        return
    if job.step > found.step:
        raise InFlight(f"{found.id} is at page {found.step}, this is {job.step}")
    known = EndpointRow.load(found.merchant_id, found.endpoint_id)
    if known is None or not known.active:
        ReplayRow.keep(found.with_changes(state=ReplayState.STOPPED))
        return
    if found.since is None or found.until is None:
        raise ValueError(f"{found.id} is a replay of one event, which has no pages")
    horizon = min(found.until, wall.now() - SETTLING)
    after = found.position or key_at(found.since)
    logged = catchup.between(known.hears_of, after, key_at(horizon), PAGE) if after < key_at(horizon) else []
    queued = _queue_missed(found, known, [entry.message for entry in logged])
    wait_s = BETWEEN_PAGES_S
    ended = False
    if len(logged) < PAGE:
        ended = horizon == found.until
        wait_s = (found.until + SETTLING - wall.now()).total_seconds()
    if not ended:
        # Asked for before this page is noted: a message too many is harmless, one too few would end the replay.
        enqueue_page(job.model_copy(update={"step": job.step + 1}), found.merchant_id, max(wait_s, BETWEEN_PAGES_S))
    position = logged[-1].position if logged else ""
    ReplayRow.keep(found.went_on(position, len(logged), queued, ended=ended))


def _queue_missed(found: Replay, known: Endpoint, messages: list[Message]) -> int:
    chosen = [message for message in messages if known.wants(message.type)]
    sent = SendingRow.of_endpoint([message.id for message in chosen], known.id)
    queued = 0
    for message in chosen:
        before = sent.get(message.id)
        if before and before.result is Result.SENT and not found.include_delivered:
            continue
        _send_again(known, message, before.last_attempt + 1 if before else 1)
        queued += 1
    return queued
