"""Use cases of the notify room."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from enum import StrEnum

from botocore.exceptions import ClientError

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.secrets import secret_fields
from crowdship.adapters.storage import persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Gone
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.merchants.model import account_id
from crowdship.notify.customers.channels import opt_outs, send_mail, send_sms
from crowdship.notify.customers.notices import Channel, Notice, notice_of
from crowdship.notify.customers.refusals import Cause, cause_of
from crowdship.notify.queues import bury, enqueue
from crowdship.notify.sendings import Attempt, Result, Sending
from crowdship.notify.store import EndpointRow, SendingRow
from crowdship.notify.texts import Facts, disabled_letter, letter_for, sms_for
from crowdship.notify.webhooks import event_log as catchup
from crowdship.notify.webhooks.answers import Answer, Verdict, honoured_wait_s, judge
from crowdship.notify.webhooks.bodies import Message, concerns_merchant, webhook_headers
from crowdship.notify.webhooks.endpoints import DisabledBecause, Endpoint, Signing
from crowdship.notify.webhooks.outbound import post
from crowdship.notify.webhooks.retries import WebhookJob, retry_delay, spread
from crowdship.notify.webhooks.signing import secret_name
from crowdship.tracking import service as tracking
from crowdship.tracking.link import tracking_url
from crowdship.vault import service as vault

MAX_PARALLEL = 10
"""The messages of one batch; each waits in its own thread, so that a slow endpoint holds up nobody else's."""

WALL = RunningClock()
_threads = ThreadPoolExecutor(MAX_PARALLEL)


# --- customers


def on_event(event: DomainEvent, clock: Clock, wall: Clock = WALL) -> None:
    """Tell the merchant's endpoints and the customer of an event, each once.

    Raises
    ------
    ExceptionGroup
        If a channel failed; the others were served, and served again they know the event.
    """
    if concerns_merchant(event):
        _enqueue_webhooks(event, wall)
    if event.type == "endpoint.disabled" and event.data["because"] in {"gone", "failing"}:
        _tell_merchant(event, wall)
    if event.type in set(Notice) and event.livemode:
        _tell_customer(event, clock, wall)


def _enqueue_webhooks(event: DomainEvent, wall: Clock) -> None:
    # In the log first: what an endpoint is sent can be read there. An event that comes twice makes two jobs; the
    # second finds its attempt made.
    message = catchup.append(event, wall)
    merchant_id = event.data["merchant_id"]
    for endpoint in EndpointRow.of_merchant(account_id(merchant_id)):
        if endpoint.wants(event.type) and endpoint.hears_of == merchant_id:
            enqueue(WebhookJob(message=message, merchant_id=endpoint.merchant_id, endpoint_id=endpoint.id))


def _tell_merchant(event: DomainEvent, wall: Clock) -> None:
    endpoint = EndpointRow.load(event.data["merchant_id"], event.data["endpoint_id"])
    if endpoint is None:
        return
    merchant = merchants.known(endpoint.merchant_id)
    letter = disabled_letter(merchant.name, endpoint.url, event.data["because"])
    _once(event, Channel.EMAIL, lambda: send_mail(merchant.billing_email, letter), wall)


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
    merchant = merchants.known(delivery.merchant_id)
    facts = Facts.of(
        delivery,
        merchant_name=merchant.sender,
        customer_name=customer.name,
        link=tracking_url(delivery.id, delivery.dropoff_window.closes_at),
        pin=contacts.pin,
        support=merchant.branding.support,
    )

    def by_sms() -> None:
        _text(customer.phone, sms_for(notice, facts, clock.now()))

    channels: dict[Channel, Callable[[], None]] = {Channel.SMS: by_sms}
    if address := customer.email:
        channels[Channel.EMAIL] = lambda: send_mail(address, letter_for(notice, facts, clock.now()))
    failures = []
    for channel, send in channels.items():
        try:
            _once(event, channel, send, wall)
        except Exception as error:  # one channel must not keep the other from its turn
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(channels)} channels failed for {event.id}", failures)


def _once(event: DomainEvent, channel: Channel, send: Callable[[], None], wall: Clock) -> None:
    """Send something once; what is refused for a reason of ours is raised, and comes again with the queue's message."""
    known = SendingRow.load(event, channel)
    claimed = known.claim(known.last_attempt + 1, wall.now())
    if claimed is None:
        return
    claimed = SendingRow.keep(claimed, wall.now())
    result, error = Result.SENT, None
    try:
        send()
    except OptedOut:
        result, error = Result.OPTED_OUT, "OptedOut"
    except ClientError as failure:
        told = failure.response["Error"]
        error, cause = told["Code"], cause_of(told["Code"], told.get("Message", ""))
        if cause is Cause.OURS:
            _give_back(claimed, error, wall)
            metrics.add_metric("NoticeRefused", MetricUnit.Count, 1)
            logger.error("notice refused for our reason", event_id=event.id, channel=channel, error=error)
            raise
        result = Result.OPTED_OUT if cause is Cause.OPTED_OUT else Result.REFUSED
    attempt = Attempt(number=claimed.last_attempt + 1, at=wall.now(), error=error)
    SendingRow.keep(claimed.tried(attempt, result), wall.now())
    metrics.add_metric(COUNTED_AS.get((result, channel), "AddressRefused"), MetricUnit.Count, 1)
    if result is not Result.SENT:
        logger.warning("not sent", event_id=event.id, channel=channel, result=result, error=error)


COUNTED_AS = {
    (Result.SENT, Channel.SMS): "SmsSent",
    (Result.SENT, Channel.EMAIL): "EmailSent",
    (Result.OPTED_OUT, Channel.SMS): "SmsOptedOut",
}


class OptedOut(Exception):  # noqa: N818
    """The holder of the number wants no SMS from us."""


def _give_back(claimed: Sending, error: str, wall: Clock) -> None:
    """Let the next sender begin at once, not when the claim has run out."""
    attempt = Attempt(number=claimed.last_attempt + 1, at=wall.now(), error=error)
    SendingRow.keep(claimed.tried(attempt, None), wall.now())


def _text(phone: str, text: str) -> None:
    """Send an SMS, unless its recipient wants none.

    Raises
    ------
    OptedOut
        If they replied STOP: SNS would take the message and send nothing.
    """
    if opt_outs().holds(phone):
        raise OptedOut
    send_sms(phone, text)


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
    # The next try is on the queue before this one is in the log: a crash in between repeats a try, losing none.
    fate, result = _follow_up(job, answer, clock, wall)
    attempt = Attempt(number=job.attempt, at=wall.now(), status=answer.status, error=answer.error, ms=answer.ms)
    SendingRow.keep_attempt(claimed.tried(attempt, result), wall.now())
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


async def _call(message: Message, endpoint: Endpoint, wall: Clock) -> Answer:
    secrets = signing_secrets(endpoint, wall)
    if not secrets:  # taken away: staff will see it in the log
        return Answer(error="NoSigningSecret")
    body = message.body.encode()
    headers = webhook_headers(secrets, message.id, int(wall.now().timestamp()), body)
    return await asyncio.get_running_loop().run_in_executor(_threads, post, endpoint.url, body, headers)


def signing_secrets(endpoint: Endpoint, wall: Clock) -> list[str]:
    """Return the secrets that sign an endpoint's webhooks now, newest first; those of a rotation at once."""
    name = secret_name(endpoint.merchant_id, endpoint.id)
    signing = Signing.model_validate(secret_fields(name))
    if signing.version < endpoint.secret_version:
        signing = Signing.model_validate(secret_fields(name, fresh=True))
    return signing.in_force(wall.now())


def _follow_up(job: WebhookJob, answer: Answer, clock: Clock, wall: Clock) -> tuple[Fate, Result | None]:
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
    """Remember how an endpoint is doing; nothing is written while that stays the same."""

    def attempt() -> Endpoint | None:
        endpoint = EndpointRow.load(job.merchant_id, job.endpoint_id)
        if endpoint is None or (changed := change(endpoint)) == endpoint:
            return None
        EndpointRow.keep(changed)
        return changed if endpoint.active and not changed.active else None

    if disabled := persistently(attempt):
        metrics.add_metric("EndpointDisabled", MetricUnit.Count, 1)
        logger.warning("endpoint disabled", endpoint_id=disabled.id, because=disabled.disabled_because)


def sendings(event_id: str) -> list[Sending]:
    """Return what was sent of an event, to whom, and with which answers."""
    return SendingRow.of_event(event_id)


def notices_of(delivery: Delivery) -> list[Sending]:
    """Return what the customer of a delivery was told, or was to be told, in the order of its events."""
    told = (s for number in range(1, delivery.sequence + 1) for s in sendings(delivery.id_of_event(number)))
    return [sending for sending in told if sending.recipient in set(Channel)]


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
