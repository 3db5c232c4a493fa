"""Merchants' templates in answers of the API."""

from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.language import Language
from crowdship.notify.channel import Channel
from crowdship.notify.channels.sms import is_gsm7, segments
from crowdship.notify.customers.kinds import KINDS
from crowdship.notify.customers.writing import CustomerTexts, our_words
from crowdship.notify.own_templates.model import SAMPLE_NOW, OwnTemplate, TemplatePlace


class TemplateView(Value):
    """The template that is used for a kind, language and channel.

    Parameters
    ----------
    own : bool
        True if it is the merchant's; false if it is ours.
    """

    kind: str
    language: Language
    channel: Channel
    own: bool
    text: str
    subject: str | None
    changed_at: Moment | None

    @classmethod
    def of(cls, place: TemplatePlace, own: OwnTemplate | None) -> Self:
        """Return the view of a place's template."""
        words = own.words if own else our_words(place.kind, place.channel, place.language)
        return cls(
            kind=place.kind,
            language=place.language,
            channel=place.channel,
            own=own is not None,
            text=words.text,
            subject=words.subject,
            changed_at=own.changed_at if own else None,
        )


class KindView(Value):
    """A kind of message, and the fields that its templates may use."""

    kind: str
    fields: tuple[str, ...]


class Templates(Value):
    """All templates that a merchant's customers get, and their kinds with the fields of each."""

    kinds: tuple[KindView, ...]
    templates: tuple[TemplateView, ...]

    @classmethod
    def of(cls, places: list[TemplatePlace], own: list[OwnTemplate]) -> Self:
        """Return the view of all places, of which a merchant filled some."""
        by_key = {template.place.key: template for template in own}
        return cls(
            kinds=tuple(KindView(kind=name, fields=tuple(sorted(kind.all_fields))) for name, kind in KINDS.items()),
            templates=tuple(TemplateView.of(place, by_key.get(place.key)) for place in places),
        )


class Preview(Value):
    """A message as a customer would read it, made of an invented delivery."""

    subject: str | None = None
    text: str
    html: str | None = None
    segments: int | None = Field(default=None, description="How many SMS it takes; each is paid for")
    encoding: str | None = Field(default=None, description="GSM-7, or UCS-2 if it has letters that GSM-7 lacks")

    @classmethod
    def of(cls, texts: CustomerTexts, channel: Channel) -> Self:
        """Return the preview of a message on a channel."""
        if channel is Channel.EMAIL:
            letter = texts.letter(SAMPLE_NOW)
            return cls(subject=letter.subject, text=letter.text, html=letter.html)
        sms = texts.sms(SAMPLE_NOW)
        return cls(text=sms, segments=segments(sms), encoding="GSM-7" if is_gsm7(sms) else "UCS-2")


class TestSend(Value):
    """A test that was sent: to an address of the merchant's own account, of which the end is shown."""

    __test__ = False

    channel: Channel
    to: str = Field(examples=["…0100"])
    message: Preview
