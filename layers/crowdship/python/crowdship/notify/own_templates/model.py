"""A merchant's own templates: which there may be, what each must hold, and samples to show them with."""

from datetime import UTC, datetime, time, timedelta
from math import ceil
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from crowdship.deliveries.states import FailureReason
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import NotFound, Refusal, TooManyRequests, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.language import Language
from crowdship.notify.channel import Channel
from crowdship.notify.channels.sms import segments
from crowdship.notify.customers.facts import DeliveryFacts, Next
from crowdship.notify.customers.kinds import KINDS
from crowdship.notify.customers.phrases import phrases
from crowdship.notify.customers.writing import LONGEST, LONGEST_SUPPORT, CustomerTexts, Words
from crowdship.notify.placeholders import read

LONGEST_SUBJECT, LONGEST_TEXT = 150, 2000

MOST_SEGMENTS = 3
"""SMS that one message may take, with a long link, names and order number; each is paid for."""

CHANNELS = (Channel.SMS, Channel.EMAIL)


def _plain(written: object) -> object:
    """Return a text with line feeds as its line ends; other control characters are refused."""
    if not isinstance(written, str):
        return written
    text = written.replace("\r\n", "\n")
    if any((ord(letter) < 32 and letter != "\n") or 127 <= ord(letter) < 160 for letter in text):
        raise ValueError("it holds control characters; letters, spaces and line breaks are what can be sent")
    return text


class TemplateInput(Value):
    """A template as its merchant writes it.

    Parameters
    ----------
    text : str
        The SMS, or the paragraphs of the mail, with ``{fields}`` and ``[optional parts]``.
    subject : str, optional
        The subject of the mail, with the same fields; left out for an SMS.
    """

    text: Annotated[
        str,
        StringConstraints(min_length=1, max_length=LONGEST_TEXT, strip_whitespace=True),
        BeforeValidator(_plain),
    ] = Field(examples=["on its way[, ~{minutes} min]. {link}"])
    subject: (
        Annotated[
            str,
            StringConstraints(min_length=1, max_length=LONGEST_SUBJECT, strip_whitespace=True, pattern=r"^[^\n]*$"),
            BeforeValidator(_plain),
        ]
        | None
    ) = None

    @property
    def words(self) -> Words:
        """The template for a channel."""
        return Words(self.text, self.subject)


class TemplatePlace(Value):
    """The place of a template: kind, language and channel."""

    kind: str
    language: Language
    channel: Channel

    @classmethod
    def of(cls, kind: str, language: str, channel: str) -> "TemplatePlace":
        """Return the place that a path names.

        Raises
        ------
        NotFound
            If there is no such kind, language or channel; the detail names those that there are.
        """
        for given, known, what in (
            (kind, list(KINDS), "kind of message"),
            (language, list(Language), "language"),
            (channel, list(CHANNELS), "channel"),
        ):
            if given not in known:
                raise NotFound("no_such_template", f"There is no such {what}; there are {', '.join(known)}.")
        return cls(kind=kind, language=Language(language), channel=Channel(channel))

    @property
    def key(self) -> str:
        """The key within the merchant's templates."""
        return f"{self.kind}#{self.language}#{self.channel}"

    def check(self, given: TemplateInput) -> None:
        """Check that a template can be sent from this place.

        Raises
        ------
        Unprocessable
            With a pointer to each field that is wrong, and what would be right.
        """
        errors = [*self._subject_errors(given), *self._field_errors(given)]
        if not errors and self.channel is Channel.SMS:
            errors = self._length_errors(given)
        if errors:
            raise Unprocessable("template_not_usable", errors[0][1], errors=errors)

    def _subject_errors(self, given: TemplateInput) -> list[tuple[str, str]]:
        if self.channel is Channel.EMAIL and given.subject is None:
            return [("/subject", "A mail needs a subject.")]
        if self.channel is Channel.SMS and given.subject is not None:
            return [("/subject", "An SMS has no subject; leave it out.")]
        return []

    def _field_errors(self, given: TemplateInput) -> list[tuple[str, str]]:
        kind, errors = KINDS[self.kind], []
        for pointer, text in (("/text", given.text), ("/subject", given.subject)):
            try:
                template = read(text or "", kind.all_fields)
            except ValueError as error:
                detail = str(error)
                errors.append((pointer, f"{detail[0].upper()}{detail[1:]}."))
                continue
            missing = [field for field in kind.needed(self.channel) if not template.is_always_told(field)]
            if pointer == "/text" and missing:
                errors.append((pointer, f"It must hold {{{missing[0]}}}, outside of every [optional part]."))
        return errors

    def _length_errors(self, given: TemplateInput) -> list[tuple[str, str]]:
        text = CustomerTexts(self.kind, long_sample(self.language), lambda _: given.words).sms(SAMPLE_NOW)
        if (taken := segments(text)) <= MOST_SEGMENTS:
            return []
        detail = f"With long names and a long order number it takes {taken} SMS; {MOST_SEGMENTS} are the most."
        return [("/text", detail)]


class OwnTemplate(Aggregate):
    """A merchant's template for one kind, language and channel."""

    place: TemplatePlace
    text: str
    subject: str | None = None
    changed_at: Moment

    @property
    def words(self) -> Words:
        """The template for its channel."""
        return Words(self.text, self.subject)


TESTS_APART = timedelta(seconds=10)
MOST_TESTS = 20
"""Tests that a merchant may send on a day of UTC."""


class TestsSent(Aggregate):
    """The tests that a merchant has sent; moments are wall time.

    Parameters
    ----------
    last_at : datetime or None
        The moment of the last one.
    on_that_day : int
        How many were sent on its day.
    """

    __test__ = False

    last_at: Moment | None = None
    on_that_day: int = 0

    def one_more(self, now: datetime) -> "TestsSent":
        """Return it after one more test.

        Raises
        ------
        TooManyRequests
            If the last one was a moment ago, or the day's are used up; it tells when the next one may be sent.
        """
        today = self.on_that_day if self.last_at and self.last_at.date() == now.date() else 0
        if self.last_at and now - self.last_at < TESTS_APART:
            seconds = TESTS_APART // timedelta(seconds=1)
            detail = f"One test in {seconds} s is the most; wait and send it again."
            raise TooManyRequests("test_too_soon", detail, {"Retry-After": str(seconds)})
        if today >= MOST_TESTS:
            midnight = datetime.combine(now.date() + timedelta(days=1), time.min, UTC)
            detail = f"{MOST_TESTS} tests a day are the most; preview shows a template as often as you like."
            seconds = ceil((midnight - now) / timedelta(seconds=1))
            raise TooManyRequests("tests_used_up", detail, {"Retry-After": str(seconds)})
        return self.with_changes(last_at=now, on_that_day=today + 1)


SAMPLE_NOW = datetime(2026, 6, 1, 16, 40, tzinfo=UTC)


def sample(merchant_name: str, language: Language, **changes: object) -> DeliveryFacts:
    """Return facts of an invented delivery, to show a template with."""
    facts = {
        "merchant_name": merchant_name,
        "customer_name": "Kim Lee",
        "external_id": "1042",
        "link": "https://track.example/t/sample",
        "language": language,
        "eta": SAMPLE_NOW + timedelta(minutes=20),
        "time_zone": "UTC",
        "pin": "4821",
        "minimum_age": 18,
        "reason": FailureReason.CUSTOMER_ABSENT,
        "next": Next.RETURNS,
        "has_proof": True,
        "support": ("+13125550100", "help@shop.example"),
    }
    return DeliveryFacts.model_validate({**facts, **changes})


LATEST = timedelta(minutes=9995)
"""An arrival that takes four digits in minutes: more than a trip takes."""


def long_sample(language: Language) -> DeliveryFacts:
    """Return facts of an invented delivery whose texts are as long as they get, to measure an SMS with."""
    words = phrases(language)
    return sample(
        "M" * LONGEST["merchant_name"],
        language,
        customer_name="K" * LONGEST["customer_name"],
        external_id="9" * LONGEST["order_number"],
        link="https://d111111abcdef8.cloudfront.net/t/" + "t" * 52,
        eta=SAMPLE_NOW + LATEST,
        reason=max(FailureReason, key=lambda reason: len(words.reason.get(reason, ""))),
        next=max(Next, key=lambda next: len(words.next[next])),
        support=("s" * LONGEST_SUPPORT,),
    )


def refusal_of_address(channel: Channel) -> Refusal:
    """Return the refusal of a test that would go to nobody."""
    if channel is Channel.EMAIL:
        return Unprocessable("no_test_address", "A test goes to the account's contact_email or billing_email; set one.")
    detail = "A test goes to branding.support_phone, or else to the store's phone; set one of them."
    return Unprocessable("no_test_address", detail)
