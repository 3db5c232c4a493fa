"""Use cases of ignored messages: they are listed, counted, announced to the merchant, and can be tried again."""

import zlib
from base64 import b64decode, b64encode
from datetime import datetime
from hashlib import sha256
from typing import Self

from pydantic import Field

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.intake.shops.orders import seen
from crowdship.intake.shops.remembered import HARMLESS, MESSAGES_KEPT, IgnoredMessage
from crowdship.intake.sources.model import About, Message
from crowdship.intake.store import IgnoredCountRow, MessageRow, SeenOrderRow
from crowdship.kernel.clock import Clock, Moment
from crowdship.kernel.errors import Gone, NotFound, Refusal
from crowdship.kernel.events import Value
from crowdship.merchants.connections import Source, SourceName
from crowdship.merchants.shop_settings import ShopSettings
from crowdship.vault import service as vault
from crowdship.vault.model import KeptMessage

LONGEST_KEPT = 300_000
"""The most bytes of a compressed body in base64; a DynamoDB item holds 400 kB."""


class IgnoredView(Value):
    """A message of a shop that was ignored wholly or in part.

    Parameters
    ----------
    harmless : bool
        Whether it is ordinary, such as an order that is not paid yet; no webhook is sent for it.
    times : int
        How often the same bytes were received.
    can_retry : bool
        Whether its body is still stored.
    delivery_id : str or None
        The delivery that was created when it was tried again.
    """

    message_id: str
    source: SourceName
    external_id: str | None
    code: str
    detail: str
    harmless: bool
    first_at: Moment
    last_at: Moment
    times: int
    can_retry: bool
    delivery_id: str | None
    retried_at: Moment | None

    @classmethod
    def of(cls, message: IgnoredMessage) -> Self:
        """Return the view of an entry."""
        same = cls.model_fields.keys() & IgnoredMessage.model_fields.keys()
        fields = {name: getattr(message, name) for name in same}
        return cls(message_id=message.id, can_retry=message.kept and message.retried_at is None, **fields)


class IgnoredPage(Value):
    """A page of messages, the newest first, with the cursor of the next."""

    messages: tuple[IgnoredView, ...]
    next_before: str | None


class SourceView(Value):
    """A connected shop, its settings, and how many of its messages were ignored in the last 30 days, by code."""

    source: SourceName
    shop: str | None
    connected_at: Moment
    settings: ShopSettings
    ignored: dict[str, int] = Field(description="By code; harmless ones too")

    @classmethod
    def of(cls, source: Source, ignored: dict[str, int]) -> Self:
        """Return the view of a source."""
        return cls(ignored=ignored, **{name: getattr(source, name) for name in Source.model_fields})


def note(
    merchant_id: str, source: SourceName, message: Message, about: About, refusal: Refusal, clock: Clock, wall: datetime
) -> None:
    """List and count an ignored message, and store its body for as long as it may be tried again."""
    logger.warning(
        "message of a source ignored",
        source=str(source),
        code=refusal.code,
        detail=refusal.detail,
        merchant_id=merchant_id,
    )
    if refusal.code not in HARMLESS:
        metrics.add_metric("SourceMessagesIgnored", MetricUnit.Count, 1)
    IgnoredCountRow.add(merchant_id, source, refusal.code, wall)
    digest = sha256(message.body).hexdigest()
    persistently(lambda: _keep(merchant_id, source, message, digest, about, refusal, clock.now(), wall))


def _keep(
    merchant_id: str,
    source: SourceName,
    message: Message,
    digest: str,
    about: About,
    refusal: Refusal,
    now: datetime,
    wall: datetime,
) -> None:
    known = MessageRow.of_bytes(merchant_id, source, digest)
    if known:
        MessageRow.keep_changed(known.again(refusal.code, refusal.detail, now), wall)
        return
    packed = b64encode(zlib.compress(message.body)).decode()
    kept = refusal.code not in HARMLESS and len(packed) <= LONGEST_KEPT
    noted = IgnoredMessage.note(merchant_id, source, digest, about, (refusal.code, refusal.detail), now, kept=kept)
    work = UnitOfWork()
    MessageRow.keep(noted, digest, wall, work)
    pushed_out: tuple[str, ...] = ()
    if kept:
        headers = dict(message.headers)
        vault.keep(KeptMessage(id=noted.token, headers=headers, body=packed), work, wall + MESSAGES_KEPT)
        if about.external_id:
            order, pushed_out = seen(merchant_id, source, about.external_id).keeping(noted.token)
            work.store(SeenOrderRow.kept(order, wall))
    work.commit()
    for token in pushed_out:
        vault.erase(token)


def page(merchant_id: str, source: SourceName, before: str | None, limit: int) -> IgnoredPage:
    """Return ignored messages of a source, the newest first."""
    found = MessageRow.newest(merchant_id, source, before, limit)
    last = found[-1].id if len(found) == limit else None
    return IgnoredPage(messages=tuple(IgnoredView.of(message) for message in found), next_before=last)


def counted(merchant_id: str, source: SourceName, wall: datetime) -> dict[str, int]:
    """Return the number of ignored messages of the last 30 days, by code."""
    return IgnoredCountRow.by_code(merchant_id, source, wall - MESSAGES_KEPT)


def kept(merchant_id: str, source: SourceName, message_id: str) -> tuple[IgnoredMessage, Message]:
    """Return an ignored message and its body.

    Raises
    ------
    NotFound
        If the merchant's source sent no such message, or it was deleted.
    Gone
        If its body was erased, is too long to be stored, or was harmless: the shop has to send it again.
    """
    noted = MessageRow.load(merchant_id, source, message_id)
    if noted is None:
        raise NotFound("no_such_message", f"There is no message {message_id} of {source} in the last 30 days.")
    if not noted.kept:
        raise Gone("not_kept", f"The body of {message_id} is not stored any more; send it again from the shop.")
    said = vault.message(noted.token)
    return noted, Message(said.headers, zlib.decompress(b64decode(said.body)))


def done(noted: IgnoredMessage, delivery_id: str | None, clock: Clock, wall: datetime) -> IgnoredView:
    """Note that a message succeeded at a later try, and erase its body."""

    def attempt() -> IgnoredMessage:
        current = MessageRow.load(noted.merchant_id, noted.source, noted.id) or noted
        after = current.done(delivery_id, clock.now())
        MessageRow.keep_changed(after, wall)
        return after

    after = persistently(attempt)
    vault.erase(noted.token)
    return IgnoredView.of(after)
