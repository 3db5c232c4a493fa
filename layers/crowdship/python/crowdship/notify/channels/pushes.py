"""Sending of a push message to browsers: each is claimed before and noted after, so that none gets it twice."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.settings import settings
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.notify.push import service as subscriptions
from crowdship.notify.push.messages import RESULT_OF, PushMessage, Verdict, verdict_on
from crowdship.notify.push.model import Subscription
from crowdship.notify.push.vapid import authorization
from crowdship.notify.sendings import Attempt, Result
from crowdship.notify.store import SendingRow
from crowdship.notify.webhooks.delivery.outbound import post

AT_ONCE = 16
"""Push services that are waited for at the same time: an offer to many drivers must reach all while it stands."""

COUNTED_AS = {
    Verdict.TAKEN: "PushSent",
    Verdict.GONE: "PushGone",
    Verdict.LATER: "PushFailed",
    Verdict.REFUSED: "PushRefused",
}


class NotTakenError(Exception):
    """A push service did not take a message now."""


@dataclass
class Pushed:
    """The result of sending a message: the drivers who got it, and the failures that may pass."""

    reached: set[str] = field(default_factory=set)
    failures: list[Exception] = field(default_factory=list)


def push(event: DomainEvent, message: PushMessage, to: Iterable[tuple[str, Subscription]], wall: Clock) -> Pushed:
    """Send a message about an event to subscriptions, each named with its driver."""
    pushed = Pushed()
    targets = list(to)
    if not targets:
        return pushed

    def send(target: tuple[str, Subscription]) -> bool | Exception:
        try:
            return _push_once(event, message, *target, wall)
        except Exception as error:  # one that fails must not keep the others
            return error

    with ThreadPoolExecutor(min(AT_ONCE, len(targets))) as pool:
        for (driver_id, _), outcome in zip(targets, pool.map(send, targets), strict=True):
            if isinstance(outcome, Exception):
                pushed.failures.append(outcome)
            elif outcome:
                pushed.reached.add(driver_id)
    return pushed


def _push_once(
    event: DomainEvent, message: PushMessage, driver_id: str, subscription: Subscription, wall: Clock
) -> bool:
    """Send a message to one subscription; return whether it was taken, now or before.

    Raises
    ------
    NotTakenError
        If it was not taken and may be later.
    InFlight, StaleWrite
        If another sender is at it.
    """
    known = SendingRow.load(event, f"push/{subscription.id}")
    number = known.last_attempt + 1
    claimed = known.claim(number, wall.now())
    if claimed is None or known.result is Result.GONE:
        return known.result is Result.SENT
    claimed = SendingRow.keep(claimed, wall.now())
    contact = settings().sender_email
    signature = authorization(subscriptions.vapid_secret(), subscription.endpoint, contact, wall.now())
    answer = post(subscription.endpoint, *message.request_to(subscription, signature))
    verdict = verdict_on(answer)
    attempt = Attempt(number=number, at=wall.now(), status=answer.status, error=answer.error, ms=answer.ms)
    SendingRow.keep(claimed.tried(attempt, RESULT_OF[verdict]), wall.now())
    metrics.add_metric(COUNTED_AS[verdict], MetricUnit.Count, 1)
    _note(driver_id, subscription, verdict, wall)
    if verdict is not Verdict.TAKEN:
        logger.warning(
            "push not taken",
            event_id=event.id,
            driver_id=driver_id,
            verdict=verdict,
            status=answer.status,
            error=answer.error,
        )
    if verdict is Verdict.LATER and subscription.tries_again(wall.now()):
        raise NotTakenError(f"{subscription.id} took no message: {answer.status or answer.error}")
    return verdict is Verdict.TAKEN


def _note(driver_id: str, subscription: Subscription, verdict: Verdict, wall: Clock) -> None:
    if verdict is Verdict.GONE:
        subscriptions.unsubscribe(driver_id, subscription.id)
    elif verdict is not Verdict.TAKEN:
        subscriptions.note_missed(driver_id, subscription.id, wall)
    elif subscription.troubled_since:
        subscriptions.note_taken(driver_id, subscription.id)
