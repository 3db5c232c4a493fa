"""Sending of a notice over one channel: claimed before, noted after, so that it is sent once."""

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import ClientError

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.kernel.clock import Clock
from crowdship.notify.channel import Channel
from crowdship.notify.channels.refusals import Cause, cause_of
from crowdship.notify.channels.senders import OptedOut
from crowdship.notify.sendings import Attempt, Happening, Result, Sending
from crowdship.notify.store import SendingRow

COUNTED_AS = {
    (Result.SENT, Channel.SMS): "SmsSent",
    (Result.SENT, Channel.EMAIL): "EmailSent",
    (Result.OPTED_OUT, Channel.SMS): "SmsOptedOut",
    (Result.SUPPRESSED, Channel.EMAIL): "EmailSuppressed",
}
"""Metrics by result and channel; everything else is an ``AddressRefused``."""


@dataclass(frozen=True)
class Recipient:
    """A recipient in the log of sendings.

    Parameters
    ----------
    name : str
        The key of the sending within its event.
    address : str or None
        The key of the address; None if it is not looked up.
    """

    name: str
    channel: Channel
    address: str | None = None


class OurRefusal(Exception):  # noqa: N818 - the provider's refusal, for a reason of ours
    """A provider refuses messages for a reason of ours, which lasts until somebody does something about it."""


class Suppressed(Exception):  # noqa: N818
    """Nothing is sent to the address."""


def send_once(event: Happening, to: Recipient, send: Callable[[], None], wall: Clock) -> None:
    """Send something about an event once.

    Parameters
    ----------
    send : callable
        Sends it.
    wall : Clock
        Wall time: claims and attempts are about transport.

    Raises
    ------
    OurRefusal
        If it is refused for a reason of ours. It waits and is sent later.
    ClientError
        If the provider is busy or broken. It is sent again when the queue's message comes again.
    InFlight, StaleWrite
        If another sender is at it.
    """
    known = SendingRow.load(event, to.name).with_changes(channel=to.channel, address=to.address)
    claimed = known.claim(known.last_attempt + 1, wall.now())
    if claimed is None:
        return
    claimed = SendingRow.keep(claimed, wall.now())
    result, error = Result.SENT, None
    try:
        send()
    except OptedOut:
        result, error = Result.OPTED_OUT, "OptedOut"
    except Suppressed:
        result, error = Result.SUPPRESSED, "Suppressed"
    except ClientError as failure:
        answer = failure.response["Error"]
        error, cause = answer["Code"], cause_of(answer["Code"], answer.get("Message", ""))
        if cause in (Cause.OURS, Cause.PASSING):
            _note(claimed, error, None, wall)  # the next sender begins at once, not when the claim has run out
            if cause is Cause.PASSING:
                logger.warning("provider is busy", event_id=event.id, recipient=to.name, error=error)
                raise
            metrics.add_metric("OwnRefusal", MetricUnit.Count, 1)
            logger.error("message refused for our reason", event_id=event.id, recipient=to.name, error=error)
            # Without the provider's own words, which may name the address.
            raise OurRefusal(f"{to.name} of {event.id}: {error}") from None
        result = Result.OPTED_OUT if cause is Cause.OPTED_OUT else Result.REFUSED
    _note(claimed, error, result, wall)
    metrics.add_metric(COUNTED_AS.get((result, to.channel), "AddressRefused"), MetricUnit.Count, 1)
    if result is not Result.SENT:
        logger.warning("not sent", event_id=event.id, recipient=to.name, result=result, error=error)


def _note(claimed: Sending, error: str | None, result: Result | None, wall: Clock) -> None:
    attempt = Attempt(number=claimed.last_attempt + 1, at=wall.now(), error=error)
    SendingRow.keep(claimed.tried(attempt, result), wall.now())
