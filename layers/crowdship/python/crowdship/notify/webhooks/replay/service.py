"""Use cases of replays: one event, or what an endpoint did not take in a span, page by page."""

from crowdship.adapters.clock import RunningClock
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.notify.log_keys import KEPT, key_at
from crowdship.notify.sendings import InFlight, Result
from crowdship.notify.store import SendingRow
from crowdship.notify.webhooks.bodies import WebhookMessage
from crowdship.notify.webhooks.delivery.retries import WebhookJob
from crowdship.notify.webhooks.endpoints import service as endpoints
from crowdship.notify.webhooks.endpoints.model import Endpoint
from crowdship.notify.webhooks.endpoints.store import EndpointRow
from crowdship.notify.webhooks.event_log import service as event_log
from crowdship.notify.webhooks.event_log.service import SETTLING
from crowdship.notify.webhooks.queues import enqueue, enqueue_page
from crowdship.notify.webhooks.replay.model import Replay, ReplayInput, ReplayJob, ReplayState
from crowdship.notify.webhooks.replay.store import ReplayRow

WALL = RunningClock()
PAGE = 100
"""Events that one message of a replay looks at."""

BETWEEN_PAGES_S = 1.0
"""Paces a replay: an endpoint that was down for a day is not buried under what it missed."""


def replay(merchant_id: str, endpoint_id: str, asked: ReplayInput, wall: Clock = WALL) -> Replay:
    """Send an endpoint one event again, or what it did not accept in a span.

    A repeated request is done once: the event is sent under its next attempt's number, and for a span the running
    replay is returned.

    Raises
    ------
    Conflict
        If the endpoint is disabled, or another replay to it is running.
    NotFound
        If the merchant has no such event.
    """
    known = endpoints.endpoint(merchant_id, endpoint_id)
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

    endpoints.keep_changed(merchant_id, endpoint_id, begun)
    return _begun(kept)


def _begun(found: Replay) -> Replay:
    """Enqueue the first page of a replay that has not begun. A second message for it would do nothing."""
    if found.state is ReplayState.RUNNING and found.step == 0:
        enqueue_page(ReplayJob(endpoint_id=found.endpoint_id, replay_id=found.id, step=0), found.merchant_id)
    return found


def _replay_one(known: Endpoint, event_id: str, wall: Clock) -> Replay:
    logged = event_log.one(known.hears_of, event_id)
    if logged is None:
        raise NotFound("no_such_event", f"There is no event {event_id} in the last {KEPT.days} days.")
    attempt = SendingRow.load(logged.message, known.id).last_attempt + 1
    made = Replay.of_event(known, event_id, attempt, wall.now())
    if before := ReplayRow.load(known.id, made.id):
        return before
    _send_again(known, logged.message, attempt)
    return ReplayRow.keep(made)


def _send_again(known: Endpoint, message: WebhookMessage, attempt: int) -> None:
    job = WebhookJob(message=message, merchant_id=known.merchant_id, endpoint_id=known.id, attempt=attempt, again=True)
    enqueue(job)


def replay_of(merchant_id: str, endpoint_id: str, replay_id: str) -> Replay:
    """Return a replay to an endpoint.

    Raises
    ------
    NotFound
        If there is none, or it ended more than 30 days ago.
    """
    endpoints.endpoint(merchant_id, endpoint_id)
    found = ReplayRow.load(endpoint_id, replay_id)
    if found is None:
        raise NotFound("no_such_replay", f"{endpoint_id} has no replay {replay_id}.")
    return found


def replay_page(job: ReplayJob, wall: Clock = WALL) -> None:
    """Enqueue the webhooks of one page of a replay, and the next page.

    Raises
    ------
    InFlight
        If the page before is not noted yet. The message has to come again later.
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
    logged = event_log.between(known.hears_of, after, key_at(horizon), PAGE) if after < key_at(horizon) else []
    queued = _queue_missed(found, known, [entry.message for entry in logged])
    wait_s = BETWEEN_PAGES_S
    ended = False
    if len(logged) < PAGE:
        ended = horizon == found.until
        wait_s = (found.until + SETTLING - wall.now()).total_seconds()
    if not ended:
        # Enqueued before this page is noted: a second message is harmless, a missing one would end the replay.
        enqueue_page(job.model_copy(update={"step": job.step + 1}), found.merchant_id, max(wait_s, BETWEEN_PAGES_S))
    position = logged[-1].position if logged else ""
    ReplayRow.keep(found.went_on(position, len(logged), queued, ended=ended))


def _queue_missed(found: Replay, known: Endpoint, messages: list[WebhookMessage]) -> int:
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
