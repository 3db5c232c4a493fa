"""Records of shops' orders and of ignored messages; they hold no personal data, which is in the vault."""

import hashlib
import json
from datetime import datetime
from typing import Any, Self

from crowdship.intake.orders.model import DeliveryRequest
from crowdship.intake.sources.model import About
from crowdship.intake.sources.stages import ShopChange
from crowdship.kernel import retention
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate
from crowdship.kernel.ids import derived_id
from crowdship.merchants.connections import SourceName

MESSAGES_KEPT = retention.SHOP_MESSAGES
ORDERS_KEPT = retention.SHOP_ORDERS
"""Wall time; an order can be placed 30 days ahead, and can be changed until it is delivered."""

MOST_KEPT_BODIES = 20
"""The most messages of one order whose bodies are stored at a time."""

HARMLESS = frozenset(
    {
        *("other_topic", "unchanged", "stale", "not_to_be_delivered", "no_such_delivery"),
        *("already_completed", "already_fulfilled", "wrong_state"),
    }
)
"""Codes of ordinary messages of a shop: they are listed and counted, but not announced."""


class SeenOrder(Aggregate):
    """An order of a shop as of its newest message.

    Parameters
    ----------
    version : datetime or None
        When the shop changed it last, according to the newest message.
    called_off : bool
        Whether the shop cancelled it, before or after it arrived.
    called_off_version : datetime or None
        The version that was cancelled; None if not known, as for a deleted order, whose cancellation is final.
    parts : dict of str to str
        A digest of each part of the newest accepted order, by which changes are detected.
    kept : tuple of str
        Vault tokens of messages of this order, which are erased with its contacts.
    """

    version: Moment | None = None
    called_off: bool = False
    called_off_version: Moment | None = None
    parts: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it
    kept: tuple[str, ...] = ()

    def is_older(self, about: About) -> bool:
        """Return whether a newer message of the order was seen."""
        return self.version is not None and about.version is not None and about.version < self.version

    def revived_by(self, about: About) -> bool:
        """Return whether a message is newer than the cancellation, so that the shop has taken that back."""
        since = self.called_off_version
        return since is not None and about.version is not None and about.version > since

    def seeing(self, about: About) -> Self:
        """Return the record with the version of a message, if that is the newest."""
        if about.version is None or (self.version is not None and about.version <= self.version):
            return self
        return self.with_changes(version=about.version)

    def keeping(self, token: str) -> tuple[Self, tuple[str, ...]]:
        """Return the record with one more vault token, and the oldest tokens beyond ``MOST_KEPT_BODIES``."""
        kept = tuple(dict.fromkeys((*self.kept, token)))
        return self.with_changes(kept=kept[-MOST_KEPT_BODIES:]), kept[:-MOST_KEPT_BODIES]


def seen_id(merchant_id: str, source: SourceName, external_id: str) -> str:
    """Return the id of the record of a shop's order."""
    return f"{merchant_id}#{source}#{external_id}"


def parts_of(request: DeliveryRequest) -> dict[ShopChange, Any]:
    """Return the parts of an order that may change, as JSON values."""
    contact = request.dropoff.contact.model_dump(mode="json")
    notes = contact.pop("notes")
    window = request.dropoff_window
    return {
        ShopChange.ADDRESS: request.dropoff.point.model_dump(mode="json"),
        ShopChange.CONTACT: contact,
        ShopChange.NOTES: notes,
        ShopChange.WINDOW: window.model_dump(mode="json") if window else None,
        ShopChange.PARCEL: request.parcel.model_dump(mode="json"),
        ShopChange.TIP: request.tip,
    }


def digests_of(request: DeliveryRequest) -> dict[str, str]:
    """Return a digest of each part, which shows changes without storing the values."""
    return {
        str(part): hashlib.sha256(json.dumps([request.external_id, value], sort_keys=True).encode()).hexdigest()[:32]
        for part, value in parts_of(request).items()
    }


def changed_parts(request: DeliveryRequest, known: dict[str, str]) -> frozenset[ShopChange]:
    """Return the parts that differ from the newest accepted order; all parts if none is known."""
    return frozenset(ShopChange(part) for part, digest in digests_of(request).items() if known.get(part) != digest)


class IgnoredMessage(Aggregate):
    """An ignored, or partly ignored, message of a shop, without personal data.

    Parameters
    ----------
    times : int
        How often it was received; equal bytes are one message.
    delivery_id : str or None
        The delivery that was created when it was sent or tried again.
    """

    merchant_id: str
    source: SourceName
    external_id: str | None
    code: str
    detail: str
    harmless: bool
    first_at: Moment
    last_at: Moment
    times: int = 1
    kept: bool = False
    delivery_id: str | None = None
    retried_at: Moment | None = None

    @classmethod
    def note(
        cls,
        merchant_id: str,
        source: SourceName,
        digest: str,
        about: About,
        refusal: tuple[str, str],
        at: datetime,
        *,
        kept: bool,
    ) -> Self:
        """Return a new entry of the list, with an event for the merchant unless it is harmless."""
        code, detail = refusal
        # The moment comes first, so that ids are in the order of time.
        noted = cls(
            id=f"smg_{int(at.timestamp() * 1000):013d}{derived_id('x', merchant_id, source, digest)[2:14]}",
            merchant_id=merchant_id,
            source=source,
            external_id=about.external_id,
            code=code,
            detail=detail[:500],
            harmless=code in HARMLESS,
            first_at=at,
            last_at=at,
            kept=kept,
        )
        return noted if noted.harmless else noted._telling(at)

    def _telling(self, at: datetime) -> Self:
        data = {"message_id": self.id, "merchant_id": self.merchant_id, "livemode": True, "source": str(self.source)}
        about = {"external_id": self.external_id, "code": self.code, "detail": self.detail}
        return self.emitting("source.message_ignored", at, {**data, **about})

    def again(self, code: str, detail: str, at: datetime) -> Self:
        """Return it after it was received again; a new reason emits an event."""
        same = code == self.code
        noted = self.with_changes(code=code, detail=detail[:500], last_at=at, times=self.times + 1)
        noted = noted.with_changes(harmless=code in HARMLESS)
        return noted if same or noted.harmless else noted._telling(at)

    def done(self, delivery_id: str | None, at: datetime) -> Self:
        """Return it after it was accepted at a later try."""
        return self.with_changes(delivery_id=delivery_id, retried_at=at)

    @property
    def token(self) -> str:
        """The vault token of its body."""
        return derived_id("pii", self.id)
