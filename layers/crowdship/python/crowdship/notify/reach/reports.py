"""Reports of providers: replies to SMS, and the fate of mails. Unknown fields and kinds are left alone."""

import json
import re
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from crowdship.notify.reach.model import Because


class _Foreign(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Envelope(_Foreign):
    """A message of SNS in the queue."""

    id: str = Field(alias="MessageId")
    at: AwareDatetime = Field(alias="Timestamp")
    message: str = Field(alias="Message")


class InboundSms(_Foreign):
    """A reply to an SMS, as AWS End User Messaging tells it; a short code such as ``73822`` is no phone's number."""

    phone: str = Field(alias="originationNumber", min_length=1, max_length=100)
    text: str = Field(alias="messageBody")
    id: str = Field(alias="inboundMessageId", min_length=1, max_length=100)

    @property
    def is_from_a_phone(self) -> bool:
        """True if it comes from a number in E.164: only such a number is written to."""
        return re.fullmatch(r"\+[0-9]{6,15}", self.phone, re.ASCII) is not None


class Fate(StrEnum):
    """The fate of a mail."""

    DELAYED = "delayed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"

    def outweighs(self, known: str | None) -> bool:
        """Return whether it is more than what is known of a mail.

        Examples
        --------
        >>> Fate.BOUNCED.outweighs("delayed"), Fate.DELAYED.outweighs("bounced"), Fate.DELAYED.outweighs(None)
        (True, False, True)
        """
        order = list(Fate)
        return known is None or order.index(self) > order.index(Fate(known))


BECAUSE = {Fate.BOUNCED: Because.BOUNCE, Fate.COMPLAINED: Because.COMPLAINT}


class MailReport(_Foreign):
    """The fate of one mail.

    Parameters
    ----------
    id : str
        The report's id: the same if it comes twice.
    event_id, recipient : str or None
        The sending that it is about, by the tags that we gave the mail.
    """

    fate: Fate
    id: str
    at: datetime
    addresses: tuple[str, ...]
    event_id: str | None = None
    recipient: str | None = None


EVENT_TAG, RECIPIENT_TAG = "event", "recipient"
"""Tags of our mails, which SES repeats in its reports."""


def read_report(envelope: Envelope) -> InboundSms | MailReport | None:
    """Return what a message tells; None if it is nothing that concerns an address.

    Raises
    ------
    pydantic.ValidationError
        If it has the form of a report and lacks what such a report has.
    """
    try:
        told: Any = json.loads(envelope.message)
    except ValueError:  # SES greets a new topic in plain text
        return None
    if not isinstance(told, dict):
        return None
    if "originationNumber" in told:
        return InboundSms.model_validate(told)
    kind = told.get("eventType") or told.get("notificationType")
    return _mail_report(str(kind), told, envelope)


def _mail_report(kind: str, told: dict[str, Any], envelope: Envelope) -> MailReport | None:
    if kind == "Bounce":
        bounce = told["bounce"]
        fate = Fate.BOUNCED if bounce.get("bounceType") == "Permanent" else Fate.DELAYED
        return _about(fate, bounce, bounce.get("bouncedRecipients", ()), told, envelope)
    if kind == "Complaint":
        complaint = told["complaint"]
        if complaint.get("complaintFeedbackType") == "not-spam":
            return None
        return _about(Fate.COMPLAINED, complaint, complaint.get("complainedRecipients", ()), told, envelope)
    if kind == "DeliveryDelay":
        delay = told["deliveryDelay"]
        return _about(Fate.DELAYED, delay, delay.get("delayedRecipients", ()), told, envelope)
    return None


def _about(fate: Fate, part: dict[str, Any], recipients: Any, told: dict[str, Any], envelope: Envelope) -> MailReport:
    tags = told.get("mail", {}).get("tags", {})
    return MailReport(
        fate=fate,
        id=part.get("feedbackId") or envelope.id,
        at=datetime.fromisoformat(part["timestamp"]) if "timestamp" in part else envelope.at,
        addresses=tuple(_bare(one["emailAddress"]) for one in recipients),
        event_id=next(iter(tags.get(EVENT_TAG, ())), None),
        recipient=next(iter(tags.get(RECIPIENT_TAG, ())), None),
    )


def _bare(address: str) -> str:
    """Return ``ana@example.com`` of ``Ana <ana@example.com>``."""
    return address.rpartition("<")[2].removesuffix(">") if address.endswith(">") else address
