"""The form of a notice: a message to a person about an event.

All notices are listed in ``notify/registry.py``. Each names its event, its audience, its channels and when it is still
worth sending. Its words are in ``notify/templates/<audience>/<name>.<sms or mail>.txt.j2``, those to customers in
``notify/templates/customer/<language>.toml``. A push message has no words of ours: the app finds them for its kind and
fields.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent, Value
from crowdship.notify.channel import Channel
from crowdship.notify.push.messages import PushMessage, Urgency
from crowdship.notify.push.model import Subscription
from crowdship.notify.rendering import Letter

OUR_NAME = "crowdship"
"""The sender of what we write in our own name; a customer hears from the merchant."""


class Audience(StrEnum):
    """A kind of recipient. For each, ``notify/service.py`` names the use case that finds a recipient's addresses."""

    CUSTOMER = "customer"
    DRIVER = "driver"
    MERCHANT = "merchant"


class Facts(Value):
    """Fields of a notice's texts; each audience has its own."""

    @property
    def sender(self) -> str:
        """The name in front of an SMS."""
        return OUR_NAME

    def fields(self, now: datetime) -> dict[str, Any]:
        """Return what templates may use.

        Parameters
        ----------
        now : datetime
            Business time.
        """
        return dict(self)


class Texts(Protocol):
    """The texts of a message, written when they are sent."""

    def sms(self, now: datetime) -> str:
        """Return the SMS at a moment of business time."""
        ...

    def letter(self, now: datetime) -> Letter:
        """Return the e-mail at a moment of business time."""
        ...


class NoTexts:
    """The texts of a notice that is only pushed: there are none."""

    def sms(self, now: datetime) -> str:
        """Raise LookupError."""
        raise LookupError("this notice has no SMS")

    def letter(self, now: datetime) -> Letter:
        """Raise LookupError."""
        raise LookupError("this notice has no e-mail")


@dataclass(frozen=True)
class Addressed:
    """A recipient of one notice.

    Parameters
    ----------
    recipient_id : str
        Whom the notice's ``quiet_for`` counts for.
    addresses : mapping of Channel to str
        A phone number in E.164, an e-mail address, or both.
    texts : Texts
        Writes what is sent.
    subscriptions : tuple of Subscription
        The browsers that take push messages.
    quiet_until : datetime or None
        Business time at which the recipient's quiet hours end; None outside of them.
    """

    recipient_id: str
    addresses: Mapping[Channel, str]
    texts: Texts = NoTexts()  # noqa: RUF009 - it has no state
    subscriptions: tuple[Subscription, ...] = ()
    quiet_until: datetime | None = None


def always(*_: object) -> bool:
    """Return True: for notices that set no condition."""
    return True


def its_driver(event: DomainEvent, about: object) -> tuple[str, ...]:
    """Return the driver whom an event names."""
    return (event.data["driver_id"],)


@dataclass(frozen=True)
class PushForm:
    """The push message of a notice.

    Parameters
    ----------
    kind : str
        By which the app finds its words.
    fields : callable
        Returns the other fields, from the event; nothing personal.
    until : callable
        Returns the business time at which the message is worth nothing any more.
    topic : callable
        Returns the topic: a newer message takes the place of an undelivered one with the same.
    urgency : Urgency
        ``HIGH`` wakes a phone that saves power.
    """

    kind: str
    fields: Callable[[DomainEvent], Mapping[str, Any]]
    until: Callable[[DomainEvent], datetime]
    topic: Callable[[DomainEvent], str]
    urgency: Urgency = Urgency.NORMAL

    def message(self, event: DomainEvent, clock: Clock) -> PushMessage:
        """Return the message about an event."""
        return PushMessage.about(
            {"kind": self.kind, **self.fields(event)},
            event.time,
            until=self.until(event),
            urgency=self.urgency,
            topic=self.topic(event),
            clock=clock,
        )


TEMPLATE_OF = {Channel.SMS: "sms", Channel.EMAIL: "mail"}


@dataclass(frozen=True)
class Notice[About]:
    """A message to a person about an event.

    Parameters
    ----------
    name : str
        Names its templates; one for each channel.
    event : str
        The type of the event that it tells of.
    audience : Audience
        Who is told.
    channels : tuple of Channel
        The ways by which it is sent, as far as the recipient has an address for them.
    concerns : callable
        Returns whether an event of the type is meant, from the event alone: before anything is read.
    is_due : callable
        Returns whether an event, about the thing that the audience's use case read (a customer's delivery, a driver's
        route), is still worth telling at a moment of business time.
    quiet_for : timedelta
        Business time after a notice in which its recipient is sent no other one of the same name.
    told : callable
        Returns the ids of the drivers whom a notice to drivers is for, from the event and the thing.
    may_wait : bool
        Whether it waits for the end of the recipient's quiet hours.
    push : PushForm, optional
        The message on the channel ``PUSH``.
    instead : Notice, optional
        The notice that goes to a recipient whom this one did not reach.
    """

    name: str
    event: str
    audience: Audience
    channels: tuple[Channel, ...]
    concerns: Callable[[DomainEvent], bool] = always
    is_due: Callable[[DomainEvent, About, datetime], bool] = always
    quiet_for: timedelta = timedelta(0)
    told: Callable[[DomainEvent, About], Iterable[str]] = its_driver
    may_wait: bool = False
    push: PushForm | None = None
    instead: "Notice[About] | None" = None

    def is_about(self, event: DomainEvent) -> bool:
        """Return whether it tells of an event; of what a sandbox plays nobody is told."""
        return event.type == self.event and event.livemode and self.concerns(event)

    def template(self, channel: Channel) -> str:
        """Return the path of its template for a channel."""
        return f"notify/templates/{self.audience}/{self.name}.{TEMPLATE_OF[channel]}.txt.j2"

    def recipient(self, channel: Channel) -> str:
        """Return the recipient in the log of sendings: one for each audience and channel of an event."""
        return channel if self.audience is Audience.CUSTOMER else f"{self.audience}/{channel}"
