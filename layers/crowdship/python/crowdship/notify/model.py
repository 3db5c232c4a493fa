"""What customers and merchants are told, and when it is tried again."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from math import ceil
from typing import Any, Self

from pydantic import Field

from crowdship.deliveries.model import Delivery, Requirements
from crowdship.deliveries.states import State
from crowdship.deliveries.views import outward_actor
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate, DomainEvent, Value
from crowdship.kernel.signatures import sign

# --- what the customer is told


class Channel(StrEnum):
    """How a customer is reached."""

    SMS = "sms"
    EMAIL = "email"


class Notice(StrEnum):
    """The events that a customer is told of."""

    OUT_FOR_DELIVERY = "delivery.en_route_to_dropoff"
    NEARLY_THERE = "delivery.approaching"
    DELIVERED = "delivery.delivered"


STALE_AFTER = timedelta(minutes=15)
"""Old news is worth a message only while it is still true."""

USEFUL_FOR = timedelta(days=1)
"""Nobody has to be told that something was delivered longer ago than this."""

CLOSED = frozenset({State.DELIVERED, State.CANCELLED, State.EXPIRED, State.FAILED, State.RETURNING, State.RETURNED})


def notice_of(event: DomainEvent, delivery: Delivery, now: datetime) -> Notice | None:
    """Return what the customer is to be told of an event, or None.

    An event that comes late, when the delivery has ended, says nothing any more: nobody is to read "on its way"
    over a parcel that came an hour ago.
    """
    if event.type not in set(Notice):
        return None
    notice = Notice(event.type)
    late = now - event.time
    if notice is Notice.DELIVERED:
        return notice if late <= USEFUL_FOR else None
    return None if delivery.state in CLOSED and late > STALE_AFTER else notice


class Facts(Value):
    """What the messages of one delivery are made of.

    Parameters
    ----------
    link : str
        The customer's tracking link.
    support : tuple of str
        Where customers ask: a phone, an e-mail address, both or neither.
    """

    merchant_name: str
    customer_name: str
    external_id: str
    link: str
    eta: Moment | None = None
    pin: str | None = None
    minimum_age: int | None = None
    support: tuple[str, ...] = ()

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
        required: Requirements = delivery.requirements
        return cls(
            merchant_name=" ".join(merchant_name.split()),
            customer_name=" ".join(customer_name.split()),
            external_id=delivery.known_as,
            link=link,
            eta=delivery.eta,
            pin=pin if required.pin else None,
            minimum_age=required.minimum_age,
            support=support,
        )


class Letter(Value):
    """An e-mail in plain text."""

    subject: str
    text: str


def sms_for(notice: Notice, facts: Facts, now: datetime) -> str:
    """Return the SMS: one message long if it can be."""
    match notice:
        case Notice.OUT_FOR_DELIVERY:
            arrival = f", ~{minutes} min" if (minutes := _minutes_to_go(facts.eta, now)) else ""
            pin = f" PIN {facts.pin}." if facts.pin else ""
            return signed_sms(facts.merchant_name, f"on its way{arrival}.{pin} {facts.link}")
        case Notice.NEARLY_THERE:
            ready = _to_have_ready(facts)
            ask = f" Please have {ready} ready." if ready else ""
            return signed_sms(facts.merchant_name, f"your driver is almost there.{ask}")
        case Notice.DELIVERED:
            said = f"your order {facts.external_id} was delivered. Enjoy!"
            asking = f"{said} Questions? {facts.support[0]}" if facts.support else said
            fits = septets(gsm7(f"{facts.merchant_name}: {asking}")) <= SMS_SEPTETS
            return signed_sms(facts.merchant_name, asking if fits else said)


def letter_for(notice: Notice, facts: Facts, now: datetime) -> Letter:
    """Return the e-mail."""
    sender, order = facts.merchant_name, facts.external_id
    match notice:
        case Notice.OUT_FOR_DELIVERY:
            subject = f"Your order from {sender} is on its way"
            minutes = _minutes_to_go(facts.eta, now)
            arrival = f" and should be with you in about {minutes} minutes" if minutes else ""
            lines = [f"your order {order} from {sender} is on its way{arrival}.", f"Follow it here: {facts.link}"]
            if facts.pin:
                lines.append(f"Your PIN is {facts.pin}. Tell it to the driver at the door, and to nobody else.")
            if facts.minimum_age:
                lines.append(f"The driver will ask for your ID: you must be {facts.minimum_age} or older.")
        case Notice.NEARLY_THERE:
            subject = f"Your order from {sender} is almost there"
            lines = [f"your driver is almost there with order {order}."]
            if ready := _to_have_ready(facts):
                lines.append(f"Please have {ready} ready.")
            lines.append(f"Follow the last metres here: {facts.link}")
        case Notice.DELIVERED:
            subject = f"Your order from {sender} was delivered"
            lines = [f"your order {order} from {sender} was delivered. Enjoy!"]
    if facts.support:
        lines.append(f"Questions? {' or '.join(facts.support)}")
    return Letter(subject=subject, text="\n\n".join([f"Hello {facts.customer_name},", *lines, sender]) + "\n")


def _minutes_to_go(eta: datetime | None, now: datetime) -> int:
    """Return the time to go in steps of five minutes, which needs no time zone; 0 if there is none to tell."""
    return 0 if eta is None or eta <= now else ceil((eta - now) / timedelta(minutes=5)) * 5


def _to_have_ready(facts: Facts) -> str:
    parts = []
    if facts.pin:
        parts.append(f"PIN {facts.pin}")
    if facts.minimum_age:
        parts.append(f"your ID ({facts.minimum_age}+)")
    return " and ".join(parts)


# --- what fits into an SMS

SMS_SEPTETS = 160
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
"""These take two septets."""

PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "`": "'"})


def gsm7(text: str) -> str:
    """Return the text in the alphabet of SMS: other Latin letters lose what makes them others, the rest is dropped.

    One letter outside of it would cut the room of the whole message from 160 to 70.
    """
    return "".join(_gsm7_letter(letter) for letter in text.translate(PLAIN))


def _gsm7_letter(letter: str) -> str:
    if letter in GSM_BASIC or letter in GSM_EXTENDED:
        return letter
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if part in GSM_BASIC)
    if plain or not unicodedata.name(letter, "").startswith("LATIN"):
        return plain
    from anyascii import anyascii  # takes 40 ms to load, for letters that are seldom

    return "".join(part for part in anyascii(letter) if part in GSM_BASIC)


def septets(text: str) -> int:
    """Return the length of a GSM 7-bit text."""
    return sum(2 if letter in GSM_EXTENDED else 1 for letter in text)


def signed_sms(sender: str, text: str) -> str:
    """Return ``sender: text``; if that is too long for one SMS the sender gives way, word by word, never the text."""
    text = gsm7(text)
    words = gsm7(sender).split()
    while words and septets(f"{' '.join(words)}: {text}") > SMS_SEPTETS:
        words.pop()
    return f"{' '.join(words)}: {text}" if words else text[:1].upper() + text[1:]


# --- what merchants are told

WITHHELD = frozenset({"delivery.reopened", "delivery.pay_released", "delivery.pay_refused"})
"""How often we searched, and what we doubt about a driver, stays with us."""


def concerns_merchant(event: DomainEvent) -> bool:
    """Return whether the merchant's endpoints get an event."""
    return event.type.startswith(("delivery.", "source.")) and event.type not in WITHHELD


class Message(Value):
    """One event as merchants get it, by webhook and in the event log: the body is the text that is signed and sent."""

    id: str
    type: str
    subject: str
    body: str

    @classmethod
    def of(cls, event: DomainEvent) -> Self:
        """Return what merchants get of an event."""
        return cls(id=event.id, type=event.type, subject=event.subject, body=webhook_body(event).decode())


def message_of_test(event_id: str, type: str, merchant_id: str, endpoint_id: str, now: datetime) -> Message:
    """Return a message that is about nothing but the endpoint itself."""
    told = {"merchant_id": merchant_id, "endpoint_id": endpoint_id, "subject": endpoint_id, "sequence": 1}
    body = {"type": type, "timestamp": now.isoformat().replace("+00:00", "Z"), "data": told}
    return Message(id=event_id, type=type, subject=endpoint_id, body=json.dumps(body, separators=(",", ":")))


def webhook_body(event: DomainEvent) -> bytes:
    """Return the body of a webhook, as the bytes that are signed and sent.

    What the driver earns is between the driver and us, so it stays out; so does the name of who acted for us.
    """
    told: dict[str, Any] = {"subject": event.subject, "sequence": event.sequence}
    if price := event.data.get("price"):
        told["price"] = {name: part for name, part in price.items() if name != "pay"}
    if actor := event.data.get("actor"):
        told["actor"] = outward_actor(actor)
    if called_off := event.data.get("cancellation"):
        told["cancellation"] = {name: value for name, value in called_off.items() if name != "shares"}
    data = {name: value for name, value in {**event.data, **told}.items() if name != "hold"}
    body = {"type": event.type, "timestamp": event.model_dump(mode="json")["time"], "data": data}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def webhook_headers(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a webhook, with a signature by each secret: during a rotation there are two."""
    return {
        "content-type": "application/json",
        "user-agent": "crowdship-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(secret, message_id, timestamp, body) for secret in secrets),
    }


# --- when it is tried again

RETRY_AFTER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after each failed try the next one follows; after the last there is none."""

JITTER = 0.2
MAX_WAIT_S = 86_400.0
"""The longest that an endpoint may ask us to wait."""


def retry_delay(message_id: str, attempt: int, tries: int) -> timedelta | None:
    """Return how long to wait after the given try, or None if it was the last.

    Up to a fifth is added, by message and attempt, so that what failed together does not come back together.
    """
    if tries > len(RETRY_AFTER):
        return None
    digest = hashlib.sha256(f"{message_id}/{attempt}".encode()).digest()
    return RETRY_AFTER[tries - 1] * (1 + JITTER * int.from_bytes(digest[:4]) / 2**32)


def asked_wait_s(retry_after: str | None, now: datetime) -> float:
    """Return the seconds that a Retry-After header asks for (a number or an HTTP date), 0 if it asks for nothing.

    What is neither, or a date beyond the calendar, is no wish; what is longer than a day is a day.
    """
    asked = (retry_after or "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked), MAX_WAIT_S)
    try:
        until = parsedate_to_datetime(asked)
        seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
    except (ArithmeticError, LookupError, TypeError, ValueError):  # the parser raises all of them
        return 0.0
    return min(max(seconds, 0.0), MAX_WAIT_S)


class Answer(Value):
    """What came back from an endpoint: a status, or what kept one from coming."""

    status: int | None = None
    error: str | None = None
    retry_after: str | None = None
    ms: int = Field(default=0, ge=0)


class Verdict(StrEnum):
    """What an answer means."""

    DONE = "done"
    GONE = "gone"
    RETRY = "retry"


def judge(answer: Answer) -> Verdict:
    """Return what an answer means: only 2xx is success, and 410 asks us never to come back."""
    if answer.status is not None and 200 <= answer.status < 300:
        return Verdict.DONE
    return Verdict.GONE if answer.status == 410 else Verdict.RETRY


THROTTLED = frozenset({429, 502, 504})
"""What asks us to slow down altogether, not only with this message."""


def honoured_wait_s(answer: Answer, now: datetime) -> float:
    """Return the seconds of an answer's Retry-After, where it counts."""
    return asked_wait_s(answer.retry_after, now) if answer.status in THROTTLED | {503} else 0.0


def spread(message_id: str, not_before: datetime, now: datetime) -> datetime:
    """Return when a message that waits for its endpoint comes again.

    A fifth of the wait is added, at least five seconds, by message: not all that waited comes back at once.
    """
    share = int.from_bytes(hashlib.sha256(message_id.encode()).digest()[:4]) / 2**32
    return not_before + max((not_before - now) * JITTER, SPREAD) * share


SPREAD = timedelta(seconds=5)


class WebhookJob(Value):
    """One event on its way to one endpoint: the body of a message on the queue.

    Parameters
    ----------
    again : bool
        Whether it is sent although it came through before, because somebody asked for it.
    test : bool
        Whether it is a test: sent once, also to a disabled endpoint, and no failure counts against the endpoint.
    attempt : int
        1, 2, 3 ... over the whole life of the message, also after it was replayed.
    tries : int
        1, 2, 3 ... since it was sent or replayed: where it stands in the schedule.
    due_at : float
        Unix seconds before which it is not to be sent; 0 is at once.
    """

    message: Message
    merchant_id: str
    endpoint_id: str
    attempt: int = Field(default=1, ge=1)
    tries: int = Field(default=1, ge=1)
    due_at: float = 0.0
    again: bool = False
    test: bool = False

    def again_at(self, due_at: float) -> Self:
        """Return the next try."""
        return self.model_copy(update={"attempt": self.attempt + 1, "tries": self.tries + 1, "due_at": due_at})

    def afresh(self) -> Self:
        """Return the job as it is put aside when given up: replayed, it starts the schedule from the beginning."""
        return self.model_copy(update={"attempt": self.attempt + 1, "tries": 1, "due_at": 0.0})


# --- what was sent

LEASE = timedelta(seconds=60)
"""How long a sender may be silent before another one takes over; longer than a function runs."""


class InFlight(Exception):  # noqa: N818
    """Another sender is at it; look again later."""


class Result(StrEnum):
    """How a sending ended."""

    SENT = "sent"
    REFUSED = "refused"
    OPTED_OUT = "opted_out"
    GONE = "gone"
    DEAD = "dead"


class Attempt(Value):
    """One try, as the log keeps it."""

    number: int = Field(ge=1)
    at: Moment
    status: int | None = None
    error: str | None = None
    ms: int = 0


MOST_ATTEMPTS = 50
"""Of one message that its row keeps, the newest; each has a line of its own in the endpoint's log besides."""


class Sending(Aggregate):
    """One event to one recipient (``sms``, ``email`` or an endpoint's id): claimed, tried, done.

    The claim comes before the sending and the result after. A sender that dies in between leaves a claim that
    runs out, and then the message is sent again: twice now and then, never not at all.
    """

    event_id: str
    event_type: str | None = None
    recipient: str
    claimed_until: Moment | None = None
    attempts: tuple[Attempt, ...] = ()
    result: Result | None = None

    @classmethod
    def first(cls, event: DomainEvent | Message, recipient: str) -> "Sending":
        """Return a sending that nobody has begun."""
        return cls(id=f"{event.id}/{recipient}", event_id=event.id, event_type=event.type, recipient=recipient)

    @property
    def last_attempt(self) -> int:
        """The number of the last try."""
        return self.attempts[-1].number if self.attempts else 0

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent."""
        return self.attempts[-1].at if self.result is Result.SENT else None

    def claim(self, attempt: int, now: datetime, *, again: bool = False) -> Self | None:
        """Return this sending claimed for an attempt, or None if there is nothing left to do for it.

        Asked for ``again``, what was sent is sent once more.

        Raises
        ------
        InFlight
            If another sender holds the claim.
        """
        done = self.result in {Result.SENT, Result.REFUSED, Result.OPTED_OUT} and not again
        if done or attempt <= self.last_attempt:
            return None
        if self.claimed_until and now < self.claimed_until:
            raise InFlight(f"{self.id} is claimed until {self.claimed_until:%H:%M:%S}")
        return self.with_changes(claimed_until=now + LEASE)

    def tried(self, attempt: Attempt, result: Result | None) -> Self:
        """Return this sending with one more try in its log and the claim given back."""
        newest = (*self.attempts, attempt)[-MOST_ATTEMPTS:]
        return self.with_changes(claimed_until=None, attempts=newest, result=result)


class AttemptState(StrEnum):
    """What followed from a try, as merchants are told."""

    DELIVERED = "delivered"
    RETRYING = "retrying"
    GIVEN_UP = "given_up"
    GONE = "gone"


STATE_OF: dict[Result | None, AttemptState] = {
    Result.SENT: AttemptState.DELIVERED,
    Result.DEAD: AttemptState.GIVEN_UP,
    Result.REFUSED: AttemptState.GIVEN_UP,
    Result.OPTED_OUT: AttemptState.GIVEN_UP,
    Result.GONE: AttemptState.GONE,
    None: AttemptState.RETRYING,
}


class AttemptLine(Value):
    """A line of an endpoint's delivery log: one try to send it one event."""

    event_id: str
    type: str
    number: int
    at: Moment
    state: AttemptState
    status: int | None
    error: str | None
    ms: int

    @classmethod
    def of(cls, sending: Sending) -> Self:
        """Return the line of a sending's last try."""
        made = sending.attempts[-1]
        return cls(
            event_id=sending.event_id,
            type=sending.event_type or "",
            number=made.number,
            at=made.at,
            state=STATE_OF[sending.result],
            status=made.status,
            error=made.error,
            ms=made.ms,
        )


def disabled_letter(merchant_name: str, url: str, because: str) -> Letter:
    """Return the e-mail to a merchant whose endpoint gets nothing any more."""
    why = {
        "gone": "It answered 410, which asks us never to come back.",
        "failing": "It took nothing for five days, whatever we tried.",
    }[because]
    lines = [
        f"Hello {merchant_name},",
        f"we no longer send webhooks to your endpoint {url}.",
        why,
        "Nothing is lost: events are kept for 30 days. Once the endpoint is well again, set it active "
        "(PATCH /v1/account/endpoints/{id} with active true) and have what it missed sent again "
        "(POST /v1/account/endpoints/{id}/replay). Or read the events with GET /v1/events.",
        "crowdship",
    ]
    return Letter(subject="Your webhook endpoint was disabled", text="\n\n".join(lines) + "\n")
