"""Texts that customers and merchants are sent; the words are in ``notify/templates``."""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.texts import Letter, Line, on_one_line, rendered
from crowdship.notify.customers.notices import Notice
from crowdship.notify.customers.sms import fits_sms, signed_sms

FOLDER = "notify/templates"


class Facts(Value):
    """What the messages of one delivery are made of.

    Parameters
    ----------
    link : str
        The customer's tracking link.
    support : tuple of str
        Where customers ask: a phone, an e-mail address, both or neither.
    """

    merchant_name: Line
    customer_name: Line
    external_id: Line
    link: str
    eta: Moment | None = None
    pin: str | None = None
    minimum_age: int | None = None
    support: tuple[Line, ...] = ()

    @classmethod
    def of(
        cls,
        delivery: Delivery,
        *,
        merchant_name: str,
        customer_name: str,
        link: str,
        pin: str | None,
        support: tuple[str, ...] = (),
    ) -> "Facts":
        """Return the facts of a delivery; the PIN only if the hand-over asks for it."""
        return cls(
            merchant_name=merchant_name,
            customer_name=customer_name,
            external_id=delivery.known_as,
            link=link,
            eta=delivery.eta,
            pin=pin if delivery.requirements.pin else None,
            minimum_age=delivery.requirements.minimum_age,
            support=support,
        )

    def fields(self, now: datetime) -> dict[str, Any]:
        """Return what templates may use; ``minutes`` is the time to go, 0 if there is none to tell."""
        return {**dict(self), "minutes": _minutes_to_go(self.eta, now)}


def sms_for(notice: Notice, facts: Facts, now: datetime) -> str:
    """Return the SMS: one message long if it can be.

    Of a text that is too long, the line on where to ask is left out first, then words of the sender.
    """
    text = _sms(notice, facts, now)
    if not fits_sms(facts.merchant_name, text):
        text = _sms(notice, facts.model_copy(update={"support": ()}), now)
    return signed_sms(facts.merchant_name, text)


def _sms(notice: Notice, facts: Facts, now: datetime) -> str:
    return rendered(f"{FOLDER}/{notice.name.lower()}.sms.txt.j2", facts.fields(now)).rstrip("\n")


def letter_for(notice: Notice, facts: Facts, now: datetime) -> Letter:
    """Return the e-mail to the customer."""
    return Letter.of(f"{FOLDER}/{notice.name.lower()}.mail.txt.j2", facts.fields(now))


def disabled_letter(merchant_name: str, url: str, because: str) -> Letter:
    """Return the e-mail to a merchant whose endpoint gets nothing any more.

    Parameters
    ----------
    because : str
        ``gone`` if the endpoint answered 410, ``failing`` if it took nothing for five days.
    """
    fields = {"merchant_name": on_one_line(merchant_name), "url": url, "because": because}
    return Letter.of(f"{FOLDER}/endpoint_disabled.mail.txt.j2", fields)


def _minutes_to_go(eta: datetime | None, now: datetime) -> int:
    """Return the time to go in steps of five minutes, which needs no time zone; 0 if there is none to tell."""
    return 0 if eta is None or eta <= now else ceil((eta - now) / timedelta(minutes=5)) * 5
