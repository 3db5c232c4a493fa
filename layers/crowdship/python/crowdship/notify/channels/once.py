"""Sending of a notice over one channel: claimed before, noted after, so that it is sent once."""

from collections.abc import Callable

from botocore.exceptions import ClientError

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.notify.channels.refusals import Cause, cause_of
from crowdship.notify.channels.senders import OptedOut
from crowdship.notify.notices import Channel
from crowdship.notify.sendings import Attempt, Result, Sending
from crowdship.notify.store import SendingRow

COUNTED_AS = {
    (Result.SENT, Channel.SMS): "SmsSent",
    (Result.SENT, Channel.EMAIL): "EmailSent",
    (Result.OPTED_OUT, Channel.SMS): "SmsOptedOut",
}
"""Metrics by result and channel; everything else is an ``AddressRefused``."""


def send_once(event: DomainEvent, recipient: str, channel: Channel, send: Callable[[], None], wall: Clock) -> None:
    """Send something about an event once.

    Parameters
    ----------
    recipient : str
        Its recipient in the log of sendings.
    send : callable
        Sends it.
    wall : Clock
        Wall time: claims and attempts are about transport.

    Raises
    ------
    ClientError
        If it is refused for a reason of ours. It is sent again when the queue's message comes again.
    InFlight, StaleWrite
        If another sender is at it.
    """
    known = SendingRow.load(event, recipient)
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
        answer = failure.response["Error"]
        error, cause = answer["Code"], cause_of(answer["Code"], answer.get("Message", ""))
        if cause is Cause.OURS:
            _note(claimed, error, None, wall)  # the next sender begins at once, not when the claim has run out
            metrics.add_metric("NoticeRefused", MetricUnit.Count, 1)
            logger.error("notice refused for our reason", event_id=event.id, recipient=recipient, error=error)
            raise
        result = Result.OPTED_OUT if cause is Cause.OPTED_OUT else Result.REFUSED
    _note(claimed, error, result, wall)
    metrics.add_metric(COUNTED_AS.get((result, channel), "AddressRefused"), MetricUnit.Count, 1)
    if result is not Result.SENT:
        logger.warning("not sent", event_id=event.id, recipient=recipient, result=result, error=error)


def _note(claimed: Sending, error: str | None, result: Result | None, wall: Clock) -> None:
    attempt = Attempt(number=claimed.last_attempt + 1, at=wall.now(), error=error)
    SendingRow.keep(claimed.tried(attempt, result), wall.now())
