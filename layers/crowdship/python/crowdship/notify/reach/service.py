"""Use cases of reach: ask whether an address is written to, take in replies and reports, write to an address again."""

import json

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.secrets import secret
from crowdship.adapters.settings import settings
from crowdship.adapters.storage import persistently
from crowdship.contact import messages
from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound
from crowdship.kernel.events import Value
from crowdship.notify.channel import Channel
from crowdship.notify.channels.once import Recipient, Suppressed, send_once
from crowdship.notify.channels.senders import OptedOut, opt_outs, publish_sms
from crowdship.notify.channels.sms import signed_sms
from crowdship.notify.customers.phrases import phrases
from crowdship.notify.customers.views import Notices
from crowdship.notify.notices import OUR_NAME
from crowdship.notify.reach.keywords import Reply, Wish, read_reply
from crowdship.notify.reach.model import Because, LiftInput, Reach, key_of
from crowdship.notify.reach.reports import BECAUSE, Envelope, Fate, InboundSms, MailReport, read_report
from crowdship.notify.reach.store import ReachRow
from crowdship.notify.sendings import Sending
from crowdship.notify.store import SendingRow

COUNTED_AS = {Fate.BOUNCED: "MailsBounced", Fate.COMPLAINED: "MailsComplained", Fate.DELAYED: "MailsDelayed"}
"""Metrics by the fate of mails."""


def address_key(channel: Channel, address: str) -> str:
    """Return the key by which an address is known outside of the vault."""
    return key_of(secret(settings().address_secret), channel, address)


def must_reach(key: str, channel: Channel) -> None:
    """Check that an address is written to.

    Raises
    ------
    OptedOut
        If its holder replied STOP.
    Suppressed
        If a mail to it bounced or was complained about.
    """
    because = ReachRow.load(key, channel).because
    if because is Because.STOP:
        raise OptedOut
    if because:
        raise Suppressed


def take_in(message: str, wall: Clock) -> None:
    """Take in what a provider tells: a reply to an SMS, or the fate of a mail. The same twice counts once.

    Parameters
    ----------
    message : str
        The envelope of SNS.

    Raises
    ------
    pydantic.ValidationError
        If it can't be read; the message then ends in its dead-letter queue.
    """
    envelope = Envelope.model_validate(json.loads(message))
    report = read_report(envelope)
    if isinstance(report, InboundSms):
        _take_in_reply(report, envelope, wall)
    elif isinstance(report, MailReport):
        _take_in_report(report, wall)


class _Answered(Value):
    """A reply, as the log of sendings knows what is sent about it."""

    id: str
    type: str


def _take_in_reply(sms: InboundSms, envelope: Envelope, wall: Clock) -> None:
    reply = read_reply(sms.text) if sms.is_from_a_phone else None
    if reply is None:
        metrics.add_metric("SmsRepliesIgnored", MetricUnit.Count, 1)
        return
    key = address_key(Channel.SMS, sms.phone)

    def change(reach: Reach) -> Reach:
        if reply.wish is Wish.STOP:
            return reach.suppressed(Because.STOP, sms.id, envelope.at)
        return reach.restarted(sms.id, envelope.at)

    known = ReachRow.load(key, Channel.SMS)
    # First the provider's list: while that has the number, no SMS arrives, so nothing is confirmed or shown as lifted.
    if reply.wish is Wish.START and change(known) != known and not opt_outs().lift(sms.phone):
        return
    _, after = ReachRow.change(key, Channel.SMS, change)
    if after.told_by != sms.id:  # it was so before, or a newer reply says otherwise
        return
    _acknowledge(sms, reply, wall)


def _acknowledge(sms: InboundSms, reply: Reply, wall: Clock) -> None:
    """Answer a reply that changed something, once."""
    text = signed_sms(OUR_NAME, phrases(reply.language).reply[reply.wish])
    answered = _Answered(id=f"reply/{sms.id}", type=f"sms.{reply.wish}")
    send_once(answered, Recipient("sms", Channel.SMS), lambda: publish_sms(sms.phone, text), wall)
    metrics.add_metric("SmsStops" if reply.wish is Wish.STOP else "SmsStarts", MetricUnit.Count, 1)


def _take_in_report(report: MailReport, wall: Clock) -> None:
    for address in report.addresses:
        because = BECAUSE.get(report.fate)

        def change(reach: Reach, because: Because | None = because) -> Reach:
            return reach.suppressed(because, report.id, report.at) if because else reach.delayed(report.id)

        before, after = ReachRow.change(address_key(Channel.EMAIL, address), Channel.EMAIL, change)
        if after != before:
            metrics.add_metric(COUNTED_AS[report.fate], MetricUnit.Count, 1)
    if report.event_id and report.recipient:
        _note_fate(report, report.event_id, report.recipient, wall)


def _note_fate(report: MailReport, event_id: str, recipient: str, wall: Clock) -> None:
    """Note the fate of a mail with its sending, for those who look it up."""

    def attempt() -> None:
        sending = SendingRow.known(event_id, recipient)
        if sending is None:
            logger.info("report on a sending that is no longer known", event_id=event_id)
        elif report.fate.outweighs(sending.fate):
            SendingRow.keep(sending.with_changes(fate=report.fate), wall.now())

    persistently(attempt)


def told(delivery: Delivery) -> Notices:
    """Return what the customer of a delivery was told, and whether their addresses are written to."""
    sendings = _sendings_to_customer(delivery)
    return Notices.of(sendings, _addresses(sendings))


def _sendings_to_customer(delivery: Delivery) -> list[Sending]:
    """Return what the customer was told, or was to be told: of the delivery, and then of the driver's messages."""
    return SendingRow.of_customer([*delivery.event_ids, *messages.ids_of_events_to_customer(delivery.id)])


def _addresses(sendings: list[Sending]) -> list[Reach]:
    """Return what is known of the newest address of each channel that some sendings went to."""
    tried = sorted((one for one in sendings if one.attempts), key=lambda one: one.attempts[-1].at)
    newest = {sending.channel: sending.address for sending in tried if sending.address and sending.channel}
    return [ReachRow.load(key, channel) for channel, key in sorted(newest.items())]


def lift(delivery: Delivery, asked: LiftInput, by: str, wall: Clock) -> Notices:
    """Write to the address of a delivery's customer again.

    Parameters
    ----------
    by : str
        The id of the merchant, or of the person on the staff.
    wall : Clock
        Wall time, which providers' reports have as well.

    Raises
    ------
    NotFound
        If the customer was never written to on that channel.
    Conflict, Forbidden
        If they may not lift it.
    """
    known = next(
        (reach for reach in _addresses(_sendings_to_customer(delivery)) if reach.channel is asked.channel), None
    )
    if known is None:
        detail = f"The customer of {delivery.id} was not written to by {asked.channel} in the last 30 days."
        raise NotFound("nothing_sent", detail)
    is_staff = by != delivery.merchant_id
    ReachRow.change(known.id, known.channel, lambda reach: reach.lift(by, asked.reason, wall.now(), is_staff=is_staff))
    logger.info("address is written to again", delivery_id=delivery.id, channel=asked.channel, reason=asked.reason)
    return told(delivery)
