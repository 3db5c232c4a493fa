"""Facts of messages to customers, and the fields of templates that are made of them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Self
from zoneinfo import ZoneInfo

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import FailureReason, State
from crowdship.kernel.clock import Moment
from crowdship.kernel.language import Language
from crowdship.merchants.messaging import Branding
from crowdship.notify.channel import Channel
from crowdship.notify.customers.phrases import Phrases
from crowdship.notify.notices import Facts
from crowdship.notify.rendering import Line


class Next(StrEnum):
    """The course of a delivery that could not be handed over."""

    RETURNS = "returns"
    SHOP_WRITES = "shop_writes"


class DeliveryFacts(Facts):
    """Facts of the messages about one delivery.

    Parameters
    ----------
    link : str
        The customer's tracking link.
    has_proof : bool
        Whether the page behind the link shows pictures of the hand-over.
    time_zone : str or None
        The IANA name of the zone's time zone; without it no time of day is told.
    support : tuple of str
        Where customers ask: a phone, an e-mail address, both or neither.
    logo, colour : str or None
        The merchant's brand in mails; the logo as an address that a mail program can load.
    """

    merchant_name: Line
    customer_name: Line
    external_id: Line
    link: str
    language: Language = Language.ENGLISH
    eta: Moment | None = None
    time_zone: str | None = None
    pin: str | None = None
    minimum_age: int | None = None
    reason: FailureReason | None = None
    next: Next | None = None
    has_proof: bool = False
    support: tuple[Line, ...] = ()
    logo: str | None = None
    colour: str | None = None

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
    ) -> Self:
        """Return the facts of a delivery; the PIN only if the hand-over asks for it."""
        failed = delivery.newest_step(State.FAILED)
        return cls(
            merchant_name=merchant_name,
            customer_name=customer_name,
            external_id=delivery.known_as,
            link=link,
            eta=delivery.eta,
            pin=pin if delivery.requirements.pin else None,
            minimum_age=delivery.requirements.minimum_age,
            reason=FailureReason(failed.reason) if failed and failed.reason in list(FailureReason) else None,
            next=(Next.RETURNS if delivery.state in GOING_BACK else Next.SHOP_WRITES) if failed else None,
            support=support,
        )

    def branded(self, branding: Branding, pages_url: str) -> Self:
        """Return the facts with a merchant's logo and colour; the logo is on the pages' own origin."""
        logo = f"{pages_url}{branding.logo_url}" if branding.logo_url else None
        return self.model_copy(update={"logo": logo, "colour": branding.colour})

    @property
    def sender(self) -> str:
        """The merchant: customers don't know us."""
        return self.merchant_name

    def values(self, channel: Channel, words: Phrases, now: datetime, without: Collection[str] = ()) -> dict[str, str]:
        """Return the fields of templates; one that there is nothing to tell of is empty.

        Parameters
        ----------
        words : Phrases
            Our words in the message's language.
        without : collection of str
            Fields to leave empty, for a text that would be too long.
        """
        told = {
            "merchant_name": self.merchant_name,
            "customer_name": self.customer_name,
            "order_number": self.external_id,
            "link": self.link,
            "proof_link": self.link if self.has_proof else "",
            "minutes": _number(_minutes_to_go(self.eta, now)),
            "arrival": self._arrival(now),
            "pin": self.pin or "",
            "minimum_age": _number(self.minimum_age),
            "have_ready": self._to_have_ready(words),
            "reason": words.reason[self.reason] if self.reason else "",
            "next": words.next[self.next] if self.next else "",
            "support": self._support(channel, words),
        }
        return {name: "" if name in without else text for name, text in told.items()}

    def _arrival(self, now: datetime) -> str:
        if self.eta is None or self.time_zone is None or self.eta <= now:
            return ""
        return f"{self.eta.astimezone(ZoneInfo(self.time_zone)):%H:%M}"

    def _to_have_ready(self, words: Phrases) -> str:
        things = [
            words.common[name].replace(f"{{{field}}}", str(value))
            for name, field, value in (("have_pin", "pin", self.pin), ("have_id", "minimum_age", self.minimum_age))
            if value
        ]
        return f" {words.common['and']} ".join(things)

    def _support(self, channel: Channel, words: Phrases) -> str:
        return f" {words.common['or']} ".join(self.support if channel is Channel.EMAIL else self.support[:1])


GOING_BACK = frozenset({State.RETURNING, State.RETURNED})


def _number(number: int | None) -> str:
    return str(number) if number else ""


def _minutes_to_go(eta: datetime | None, now: datetime) -> int:
    """Return the time to go in steps of five minutes, which needs no time zone; 0 if there is none to tell."""
    return 0 if eta is None or eta <= now else ceil((eta - now) / timedelta(minutes=5)) * 5
