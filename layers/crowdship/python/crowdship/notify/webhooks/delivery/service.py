"""Attempts to deliver a webhook, and what follows from each."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from enum import StrEnum

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.storage import persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.merchants.model import account_id
from crowdship.notify.sendings import Attempt, Result
from crowdship.notify.store import SendingRow
from crowdship.notify.webhooks.bodies import WebhookMessage, webhook_headers
from crowdship.notify.webhooks.delivery.answers import EndpointAnswer, Verdict, honoured_wait_s, judge
from crowdship.notify.webhooks.delivery.outbound import post
from crowdship.notify.webhooks.delivery.retries import WebhookJob, retry_delay, spread
from crowdship.notify.webhooks.delivery.store import AttemptRow
from crowdship.notify.webhooks.endpoints.model import DisabledBecause, Endpoint
from crowdship.notify.webhooks.endpoints.secrets import secrets_in_force
from crowdship.notify.webhooks.endpoints.store import EndpointRow
from crowdship.notify.webhooks.event_log import service as event_log
from crowdship.notify.webhooks.queues import bury, enqueue

MAX_PARALLEL = 10
"""Messages of one batch. Each waits in its own thread, so that a slow endpoint does not hold up the others."""

WALL = RunningClock()
_threads = ThreadPoolExecutor(MAX_PARALLEL)


def enqueue_all(event: DomainEvent, wall: Clock) -> None:
    """Log an event and enqueue a webhook for each endpoint of its merchant that wants it."""
    # In the log first: what an endpoint is sent can be read there. An event that comes twice makes two jobs; the
    # second finds its attempt made.
    message = event_log.append(event, wall)
    merchant_id = event.data["merchant_id"]
    for endpoint in EndpointRow.of_merchant(account_id(merchant_id)):
        if endpoint.wants(event.type) and endpoint.hears_of == merchant_id:
            enqueue(WebhookJob(message=message, merchant_id=endpoint.merchant_id, endpoint_id=endpoint.id))


class Fate(StrEnum):
    """The outcome of a webhook job."""

    WAITING = "waiting"
    DROPPED = "dropped"
    REPEATED = "repeated"
    DELIVERED = "delivered"
    STOPPED = "stopped"
    RETRIED = "retried"
    DEAD = "dead"


METRIC_OF = {Fate.DELIVERED: "WebhookDelivered", Fate.RETRIED: "WebhookRetried", Fate.DEAD: "WebhookDead"}


async def send_webhook(job: WebhookJob, clock: Clock, wall: Clock = WALL) -> Fate:
    """Make one attempt to deliver a webhook, and enqueue or note what follows from it.

    The POST runs in a thread of its own; everything else here is short and stays in the event loop's thread.

    Raises
    ------
    InFlight, StaleWrite
        If another sender is at the same message. The job has to come again later.
    """
    wait_s = job.due_at - wall.now().timestamp()
    if wait_s > 0:
        enqueue(job, wait_s)
        return Fate.WAITING
    message = job.message
    endpoint = EndpointRow.load(job.merchant_id, job.endpoint_id)
    if endpoint is None or not (endpoint.active or job.test):
        logger.info("endpoint gone or disabled", endpoint_id=job.endpoint_id, event_id=message.id)
        return Fate.DROPPED
    if endpoint.not_before and wall.now() < endpoint.not_before and not job.test:
        due = spread(message.id, endpoint.not_before, wall.now())
        enqueue(job.model_copy(update={"due_at": due.timestamp()}), (due - wall.now()).total_seconds())
        return Fate.WAITING
    claimed = SendingRow.load(message, job.endpoint_id).claim(job.attempt, wall.now(), again=job.again)
    if claimed is None:
        return Fate.REPEATED
    claimed = SendingRow.keep(claimed, wall.now())
    answer = await _call(message, endpoint, wall)
    # The next attempt is enqueued before this one is noted: a crash in between repeats an attempt and loses none.
    fate, result = _follow_up(job, answer, clock, wall)
    attempt = Attempt(number=job.attempt, at=wall.now(), status=answer.status, error=answer.error, ms=answer.ms)
    AttemptRow.keep(claimed.tried(attempt, result), wall.now())
    logger.info(
        "webhook",
        fate=fate,
        event_id=message.id,
        endpoint_id=job.endpoint_id,
        **attempt.model_dump(include={"number", "status", "error", "ms"}),
    )
    if fate in METRIC_OF and not job.test:
        metrics.add_metric(METRIC_OF[fate], MetricUnit.Count, 1)
    return fate


async def _call(message: WebhookMessage, endpoint: Endpoint, wall: Clock) -> EndpointAnswer:
    secrets = secrets_in_force(endpoint, wall)
    if not secrets:  # somebody deleted them; staff see it in the log
        return EndpointAnswer(error="NoSigningSecret")
    body = message.body.encode()
    headers = webhook_headers(secrets, message.id, int(wall.now().timestamp()), body)
    return await asyncio.get_running_loop().run_in_executor(_threads, post, endpoint.url, body, headers)


def _follow_up(job: WebhookJob, answer: EndpointAnswer, clock: Clock, wall: Clock) -> tuple[Fate, Result | None]:
    verdict = judge(answer)
    now, at = wall.now(), clock.now()
    asked_s = honoured_wait_s(answer, now)
    pace = clock.wall_seconds(timedelta(days=1)) / timedelta(days=1).total_seconds()
    if verdict is Verdict.DONE:
        _note(job, lambda endpoint: endpoint.took())
        return Fate.DELIVERED, Result.SENT
    if job.test:
        return Fate.DEAD, Result.DEAD
    if verdict is Verdict.GONE:
        _note(job, lambda endpoint: endpoint.disabled(DisabledBecause.GONE, now, at))
        return Fate.STOPPED, Result.GONE
    _note(job, lambda endpoint: endpoint.refused(answer, asked_s, now, at, pace))
    delay = retry_delay(job.message.id, job.attempt, job.tries)
    if delay is None:
        bury(job, answer)
        return Fate.DEAD, Result.DEAD
    wait_s = max(clock.wall_seconds(delay), asked_s)
    enqueue(job.again_at((now + timedelta(seconds=wait_s)).timestamp()), wait_s)
    return Fate.RETRIED, None


def _note(job: WebhookJob, change: Callable[[Endpoint], Endpoint]) -> None:
    """Change how an endpoint is doing; nothing is written if that stays the same."""

    def attempt() -> Endpoint | None:
        endpoint = EndpointRow.load(job.merchant_id, job.endpoint_id)
        if endpoint is None or (changed := change(endpoint)) == endpoint:
            return None
        EndpointRow.keep(changed)
        return changed if endpoint.active and not changed.active else None

    if disabled := persistently(attempt):
        metrics.add_metric("EndpointDisabled", MetricUnit.Count, 1)
        logger.warning("endpoint disabled", endpoint_id=disabled.id, because=disabled.disabled_because)
