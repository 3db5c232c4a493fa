"""Use cases of the notify room."""

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from enum import StrEnum
from functools import cache
from math import ceil
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from crowdship.deliveries import service as deliveries
from crowdship.kernel.clock import Clock, RunningClock
from crowdship.kernel.errors import Gone, NotFound
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.observability import MetricUnit, logger, metrics
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Endpoint, Merchant
from crowdship.notify.model import (
    Answer,
    Attempt,
    Channel,
    Facts,
    Notice,
    Result,
    Sending,
    Verdict,
    WebhookJob,
    concerns_merchant,
    honoured_wait_s,
    judge,
    letter_for,
    notice_of,
    retry_delay,
    sms_for,
    webhook_body,
    webhook_headers,
)
from crowdship.notify.outbound import post
from crowdship.notify.store import SendingRow, StoppedEndpointRow
from crowdship.notify.views import ResumedEndpoint
from crowdship.tracking import service as tracking
from crowdship.tracking.link import tracking_url
from crowdship.vault import service as vault
from crowdship.vault.model import Contact

MERCHANT_CACHE_S = 30
MAX_QUEUE_DELAY_S = 900
"""SQS's limit on the delay of a message; a wait that is longer hops."""

MAX_PARALLEL = 10
"""The messages of one batch; each waits in its own thread, so that a slow endpoint holds up nobody else's."""

HOPELESS = frozenset({"InvalidParameter", "InvalidParameterValue", "OptedOut", "MessageRejected"})
"""What SNS and SES answer when the address can't be reached, now or later."""

WALL = RunningClock()
_merchants: dict[str, tuple[float, Merchant]] = {}
_threads = ThreadPoolExecutor(MAX_PARALLEL)


@cache
def _aws(service: str) -> Any:
    # All retries of one call stay well within the lease of a sending.
    return boto3.client(service, config=Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3}))


def _merchant(merchant_id: str) -> Merchant:
    read_at, merchant = _merchants.get(merchant_id, (0.0, None))
    if merchant is None or time.monotonic() - read_at > MERCHANT_CACHE_S:
        merchant = merchants.get(merchant_id)
        _merchants[merchant_id] = (time.monotonic(), merchant)
    return merchant


def _is_active(endpoint: Endpoint) -> bool:
    return endpoint.disabled_at is None and StoppedEndpointRow.stopped_at(endpoint.endpoint_id) is None


# --- customers


def on_event(event: DomainEvent, clock: Clock, wall: Clock = WALL) -> None:
    """Tell the merchant's endpoints and the customer of an event, each once.

    Raises
    ------
    ExceptionGroup
        If a channel failed; the others were served, and served again they know the event.
    """
    if concerns_merchant(event):
        _enqueue_webhooks(event)
    if event.type in set(Notice) and event.livemode:
        _tell_customer(event, clock, wall)


def _enqueue_webhooks(event: DomainEvent) -> None:
    # An event that comes twice makes two jobs; the second finds its attempt made.
    merchant = _merchant(event.data["merchant_id"])
    for endpoint in merchant.endpoints:
        if endpoint.mode is merchant.mode and _is_active(endpoint):
            _enqueue(WebhookJob(event=event, merchant_id=merchant.id, endpoint_id=endpoint.endpoint_id))


def _tell_customer(event: DomainEvent, clock: Clock, wall: Clock) -> None:
    delivery = deliveries.get(event.data["delivery_id"])
    notice = notice_of(event, delivery, clock.now())
    if notice is None:
        logger.info("notice overtaken", event_id=event.id, type=event.type, state=delivery.state)
        return
    try:
        contacts = vault.contacts(delivery.contacts_token)
    except Gone:
        logger.info("customer erased, no notice", event_id=event.id, delivery_id=delivery.id)
        return
    customer = contacts.dropoff
    if notice is Notice.OUT_FOR_DELIVERY:
        delivery = delivery.with_changes(eta=tracking.live_eta(delivery, clock))
    merchant = _merchant(delivery.merchant_id)
    facts = Facts.of(
        delivery,
        merchant_name=merchant.sender,
        customer_name=customer.name,
        link=tracking_url(delivery.id, delivery.dropoff_window.closes_at),
        pin=contacts.pin,
        support=merchant.branding.support,
    )

    def by_sms() -> None:
        _send_sms(customer, sms_for(notice, facts, clock.now()))

    def by_email() -> None:
        _send_email(customer, notice, facts, clock)

    channels: dict[Channel, Callable[[], None]] = {Channel.SMS: by_sms}
    if customer.email:
        channels[Channel.EMAIL] = by_email
    failures = []
    for channel, send in channels.items():
        try:
            _once(event, channel, send, wall)
        except Exception as error:  # one channel must not keep the other from its turn
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(channels)} channels failed for {event.id}", failures)


def _once(event: DomainEvent, channel: Channel, send: Callable[[], None], wall: Clock) -> None:
    known = SendingRow.load(event, channel)
    claimed = known.claim(known.last_attempt + 1, wall.now())
    if claimed is None:
        return
    claimed = SendingRow.keep(claimed, wall.now())
    result, error = Result.SENT, None
    try:
        send()
    except ClientError as failure:
        error = failure.response["Error"]["Code"]
        if error not in HOPELESS:
            _give_back(claimed, error, wall)
            raise
        result = Result.REFUSED
    attempt = Attempt(number=claimed.last_attempt + 1, at=wall.now(), error=error)
    SendingRow.keep(claimed.tried(attempt, result), wall.now())
    if result is Result.SENT:
        metrics.add_metric("SmsSent" if channel is Channel.SMS else "EmailSent", MetricUnit.Count, 1)
    else:
        metrics.add_metric("NoticeRefused", MetricUnit.Count, 1)
        logger.warning("address refused", event_id=event.id, channel=channel, error=error)


def _give_back(claimed: Sending, error: str, wall: Clock) -> None:
    """Let the next sender begin at once, not when the claim has run out."""
    attempt = Attempt(number=claimed.last_attempt + 1, at=wall.now(), error=error)
    SendingRow.keep(claimed.tried(attempt, None), wall.now())


def _send_sms(customer: Contact, text: str) -> None:
    _aws("sns").publish(
        PhoneNumber=customer.phone,
        Message=text,
        MessageAttributes={"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}},
    )


def _send_email(customer: Contact, notice: Notice, facts: Facts, clock: Clock) -> None:
    letter = letter_for(notice, facts, clock.now())
    _aws("ses").send_email(
        Source=os.environ["SENDER_EMAIL"],
        Destination={"ToAddresses": [customer.email]},
        Message={
            "Subject": {"Data": letter.subject, "Charset": "UTF-8"},
            "Body": {"Text": {"Data": letter.text, "Charset": "UTF-8"}},
        },
    )


# --- merchants


class Fate(StrEnum):
    """What became of a webhook job."""

    WAITING = "waiting"
    DROPPED = "dropped"
    REPEATED = "repeated"
    DELIVERED = "delivered"
    STOPPED = "stopped"
    RETRIED = "retried"
    DEAD = "dead"


METRIC_OF = {Fate.DELIVERED: "WebhookDelivered", Fate.RETRIED: "WebhookRetried", Fate.DEAD: "WebhookDead"}


async def send_webhook(job: WebhookJob, clock: Clock, wall: Clock = WALL) -> Fate:
    """Make one attempt to deliver a webhook, and see to what follows from it.

    Only the POST itself leaves the event loop's thread; everything else here is short.

    Raises
    ------
    InFlight, StaleWrite
        If another sender is at the same message; it is to come again later.
    """
    wait_s = job.due_at - wall.now().timestamp()
    if wait_s > 0:
        _enqueue(job, wait_s)
        return Fate.WAITING
    endpoint = _endpoint(job)
    if endpoint is None:
        logger.info("endpoint gone or stopped", endpoint_id=job.endpoint_id, event_id=job.event.id)
        return Fate.DROPPED
    claimed = SendingRow.load(job.event, job.endpoint_id).claim(job.attempt, wall.now())
    if claimed is None:
        return Fate.REPEATED
    claimed = SendingRow.keep(claimed, wall.now())
    answer = await _call(job, endpoint, wall)
    # The next try is on the queue before this one is in the log: a crash in between repeats a try, losing none.
    fate, result = _follow_up(job, answer, clock, wall)
    attempt = Attempt(number=job.attempt, at=wall.now(), status=answer.status, error=answer.error, ms=answer.ms)
    SendingRow.keep(claimed.tried(attempt, result), wall.now())
    logger.info(
        "webhook",
        fate=fate,
        event_id=job.event.id,
        endpoint_id=job.endpoint_id,
        **attempt.model_dump(include={"number", "status", "error", "ms"}),
    )
    if fate in METRIC_OF:
        metrics.add_metric(METRIC_OF[fate], MetricUnit.Count, 1)
    return fate


def _endpoint(job: WebhookJob) -> Endpoint | None:
    for endpoint in _merchant(job.merchant_id).endpoints:
        if endpoint.endpoint_id == job.endpoint_id and _is_active(endpoint):
            return endpoint
    return None


async def _call(job: WebhookJob, endpoint: Endpoint, wall: Clock) -> Answer:
    secrets = merchants.signing_secrets(job.merchant_id, job.endpoint_id)
    if not secrets:  # just added, and the secrets are cached; or taken away, and staff will see it in the log
        return Answer(error="NoSigningSecret")
    body = webhook_body(job.event)
    headers = webhook_headers(secrets, job.event.id, int(wall.now().timestamp()), body)
    return await asyncio.get_running_loop().run_in_executor(_threads, post, endpoint.url, body, headers)


def _follow_up(job: WebhookJob, answer: Answer, clock: Clock, wall: Clock) -> tuple[Fate, Result | None]:
    match judge(answer):
        case Verdict.DONE:
            return Fate.DELIVERED, Result.SENT
        case Verdict.GONE:
            StoppedEndpointRow.add(job.endpoint_id, wall.now())
            logger.warning("endpoint stopped: it answered 410", endpoint_id=job.endpoint_id)
            return Fate.STOPPED, Result.GONE
    delay = retry_delay(job.event.id, job.attempt, job.tries)
    if delay is None:
        _bury(job, answer)
        return Fate.DEAD, Result.DEAD
    wait_s = max(clock.wall_seconds(delay), honoured_wait_s(answer, wall.now()))
    _enqueue(job.again((wall.now() + timedelta(seconds=wait_s)).timestamp()), wait_s)
    return Fate.RETRIED, None


def _enqueue(job: WebhookJob, wait_s: float = 0.0) -> None:
    _aws("sqs").send_message(
        QueueUrl=os.environ["WEBHOOKS_QUEUE_URL"],
        MessageBody=job.model_dump_json(),
        # Makes it a fair queue: while one endpoint's messages pile up, those of the others are served first.
        MessageGroupId=job.endpoint_id,
        DelaySeconds=min(MAX_QUEUE_DELAY_S, ceil(wait_s)),
    )


def _bury(job: WebhookJob, answer: Answer) -> None:
    reason = str(answer.status or answer.error)
    _aws("sqs").send_message(
        QueueUrl=os.environ["WEBHOOKS_DEAD_QUEUE_URL"],
        MessageBody=job.afresh().model_dump_json(),
        MessageGroupId=job.endpoint_id,
        MessageAttributes={"last_answer": {"DataType": "String", "StringValue": reason}},
    )
    logger.error("webhook given up", event_id=job.event.id, endpoint_id=job.endpoint_id, last_answer=reason)


def sendings(event_id: str) -> list[Sending]:
    """Return what was sent of an event, to whom, and with which answers."""
    return SendingRow.of_event(event_id)


def webhooks_of(delivery_id: str) -> list[Sending]:
    """Return what merchants' endpoints were sent of a delivery, in the order of its events.

    Raises
    ------
    NotFound
        If there is no such delivery.
    """
    delivery = deliveries.get(delivery_id)
    told = (s for number in range(1, delivery.sequence + 1) for s in sendings(delivery.id_of_event(number)))
    return [sending for sending in told if sending.recipient not in set(Channel)]


def resume_endpoint(merchant_id: str, endpoint_id: str) -> ResumedEndpoint:
    """Send to an endpoint again that had answered 410; what happened meanwhile it is not told.

    Raises
    ------
    NotFound
        If the merchant has no such endpoint.
    """
    for endpoint in merchants.get(merchant_id).endpoints:
        if endpoint.endpoint_id == endpoint_id:
            stopped_at = StoppedEndpointRow.stopped_at(endpoint_id)
            StoppedEndpointRow.remove(endpoint_id)
            return ResumedEndpoint(endpoint_id=endpoint_id, url=endpoint.url, was_stopped_at=stopped_at)
    raise NotFound("no_such_endpoint", f"{merchant_id} has no endpoint {endpoint_id}.")
