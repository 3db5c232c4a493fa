"""Messages to customers as they read them: one SMS, or a mail in plain text and in HTML with the merchant's brand."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crowdship.kernel.language import Language
from crowdship.notify import colours
from crowdship.notify.channel import Channel
from crowdship.notify.channels.sms import cut, fits_sms, gsm7, is_gsm7, signed_sms
from crowdship.notify.customers.facts import DeliveryFacts
from crowdship.notify.customers.kinds import KINDS
from crowdship.notify.customers.phrases import Phrases, phrases
from crowdship.notify.placeholders import read
from crowdship.notify.rendering import Letter, on_one_line, rendered

HTML = "notify/templates/customer/mail.html.j2"

SHORTER = (
    (),
    ("support",),
    ("support", "proof_link"),
    ("support", "proof_link", "next"),
    ("support", "proof_link", "next", "reason"),
)
"""Fields that an SMS of ours can do without, tried in this order until it is one SMS."""


LONGEST = {"merchant_name": 30, "customer_name": 30, "order_number": 20}
"""Room of fields in an SMS by a merchant's own template; more is cut off."""

LONGEST_SUPPORT = 40
"""The same for where customers ask, which is left out if it is longer: a part of an address leads nowhere."""


@dataclass(frozen=True)
class Words:
    """The template of a message on one channel; ``subject`` is None for an SMS."""

    text: str
    subject: str | None = None


def our_words(kind: str, channel: Channel, language: Language) -> Words:
    """Return our own template of a kind of message."""
    ours = phrases(language).kinds[kind]
    return Words(ours.text, ours.subject) if channel is Channel.EMAIL else Words(ours.sms)


@dataclass(frozen=True)
class CustomerTexts:
    """The texts of one message to a customer, written when they are sent.

    Parameters
    ----------
    kind : str
        The name of the notice.
    facts : DeliveryFacts
        What they tell.
    own : callable
        Returns the merchant's own template for a channel, or None.
    """

    kind: str
    facts: DeliveryFacts
    own: Callable[[Channel], Words | None] = lambda channel: None

    @property
    def words(self) -> Phrases:
        """Our words in the message's language."""
        return phrases(self.facts.language)

    def sms(self, now: datetime) -> str:
        """Return the SMS, with the merchant's name in front.

        Ours is one SMS: fields that it can do without are left out, then words of the merchant's name. A merchant's own
        may be longer, with long values cut off. It keeps letters that only the longer alphabet of SMS has if its
        template has such letters.
        """
        own = self.own(Channel.SMS)
        if own is not None:
            wide = not is_gsm7(own.text)
            values = self._short_values(now, wide=wide)
            text = read(own.text, KINDS[self.kind].all_fields).filled(values)
            sender = on_one_line(values["merchant_name"])
            return f"{sender}: {text}" if wide else gsm7(f"{sender}: {text}")
        ours = our_words(self.kind, Channel.SMS, self.facts.language)
        texts = [self._filled(ours.text, Channel.SMS, now, without) for without in SHORTER]
        fitting = next((text for text in texts if fits_sms(self.facts.sender, text)), texts[-1])
        return signed_sms(self.facts.sender, fitting)

    def letter(self, now: datetime) -> Letter:
        """Return the mail; below the text are always the PIN, the link and where to ask, whoever wrote the text."""
        chosen = self.own(Channel.EMAIL) or our_words(self.kind, Channel.EMAIL, self.facts.language)
        subject = on_one_line(self._filled(chosen.subject or "", Channel.EMAIL, now))
        paragraphs = _paragraphs(self._filled(chosen.text, Channel.EMAIL, now))
        greeting = self._common("greeting", now)
        return Letter(
            subject=subject,
            text=self._plain(greeting, paragraphs, now),
            html=self._html(subject, [[greeting], *paragraphs, *self._age(now)], now),
        )

    def _short_values(self, now: datetime, *, wide: bool) -> dict[str, str]:
        """Return the fields of an SMS, cut to the room that was counted when its template was written."""
        values = self.facts.values(Channel.SMS, self.words, now)
        short = {field: cut(values[field], most, wide=wide) for field, most in LONGEST.items()}
        support = values["support"]
        fits = cut(support, LONGEST_SUPPORT, wide=wide) == support
        return {**values, **short, "support": support if fits else ""}

    def _filled(self, template: str, channel: Channel, now: datetime, without: tuple[str, ...] = ()) -> str:
        fields = KINDS[self.kind].all_fields
        return read(template, fields).filled(self.facts.values(channel, self.words, now, without))

    def _common(self, name: str, now: datetime) -> str:
        values = {**self.facts.values(Channel.EMAIL, self.words, now), "button": self.words.kinds[self.kind].button}
        return read(self.words.common[name], values).filled(values)

    @property
    def _pin(self) -> str | None:
        return self.facts.pin if KINDS[self.kind].shows_pin else None

    def _age(self, now: datetime) -> list[list[str]]:
        return [[self._common("age", now)]] if KINDS[self.kind].shows_pin and self.facts.minimum_age else []

    def _plain(self, greeting: str, paragraphs: list[list[str]], now: datetime) -> str:
        blocks = [
            [greeting],
            *paragraphs,
            *([[self._common("pin", now)]] if self._pin else []),
            *self._age(now),
            [self._common("follow", now)],
            *([[self._common("questions", now)]] if self.facts.support else []),
            [self.facts.merchant_name],
        ]
        return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"

    def _html(self, subject: str, paragraphs: list[list[str]], now: datetime) -> str:
        colour = self.facts.colour or colours.OWN
        fields = {
            "language": self.facts.language,
            "subject": subject,
            "preview": " ".join(paragraphs[1]) if len(paragraphs) > 1 else subject,
            "paragraphs": paragraphs,
            "merchant_name": self.facts.merchant_name,
            "logo": self.facts.logo,
            "pin": self._pin,
            "pin_label": self.words.common["pin_label"],
            "pin_note": self.words.common["pin_note"],
            "link": self.facts.link,
            "button": self.words.kinds[self.kind].button,
            "questions": self._common("questions", now) if self.facts.support else "",
            "why": self._common("why", now),
            "light_paper": colours.LIGHT,
            "dark_paper": colours.DARK,
            "light_accent": colours.readable(colour, colours.LIGHT),
            "dark_accent": colours.readable(colour, colours.DARK),
        }
        return rendered(HTML, fields)


def _paragraphs(text: str) -> list[list[str]]:
    """Return a text's paragraphs, each as its lines; empty ones are left out."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return [[line.strip() for line in block.split("\n")] for block in blocks if block.strip()]
