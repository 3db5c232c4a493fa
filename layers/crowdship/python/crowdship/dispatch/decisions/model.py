"""A round's decisions as they are kept: compact, by ids, and without personal data. Pure."""

import json
import zlib
from base64 import b85decode, b85encode
from collections.abc import Iterator
from enum import StrEnum
from itertools import batched
from typing import Self

from pydantic import Field

from crowdship.dispatch.eligibility import Ineligible
from crowdship.dispatch.offers.model import Candidate
from crowdship.dispatch.rounds.waits import Wait
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money

MOST_TOGETHER = 100
"""The most decisions in one row: with 20 scored drivers each, and 40 who could not take it, they are some 240 kB."""

MOST_BYTES = 380_000
"""The largest packed part; a row of the table holds 400 kB."""


class Decided(StrEnum):
    """Kinds of decisions."""

    OFFERED = "offered"
    GIVEN = "given"
    """A dedicated driver was given it; nobody was asked."""

    WAITS = "waits"


class Decision(Value):
    """A round's decision about deliveries that go together.

    Parameters
    ----------
    asked : tuple of str
        The drivers who were asked, or the one who was given it.
    scored : tuple of Candidate
        The drivers who were compared, the best first.
    excluded : mapping of str to Ineligible
        The drivers nearer than the last of those compared who could not take it, each with the first rule that was
        against it.
    kept : bool
        Whether the zone kept it for its dedicated drivers.
    waits : Wait or None
        Why it waits.
    pay : Money
        Pay and tip of all.
    pickup : Point
        The shop, to some hundred metres.
    """

    kind: Decided
    delivery_ids: tuple[str, ...]
    offer_id: str | None = None
    asked: tuple[str, ...] = ()
    scored: tuple[Candidate, ...] = ()
    excluded: dict[str, Ineligible] = Field(default_factory=dict)
    kept: bool = False
    waits: Wait | None = None
    pay: Money
    pickup: Point


class RoundRecord(Value):
    """The decisions of a round.

    Parameters
    ----------
    drivers : int
        Drivers on duty with a known position.
    unavailable : mapping of str to Ineligible
        The drivers who could be asked for nothing, with the rule.
    """

    zone_id: str
    at: Moment
    drivers: int
    unavailable: dict[str, Ineligible]
    decisions: tuple[Decision, ...]

    def parts(self) -> Iterator[Self]:
        """Yield it in parts of at most ``MOST_TOGETHER`` decisions that fit into a row each.

        Each has all that holds for the whole round.
        """
        for some in batched(self.decisions, MOST_TOGETHER, strict=False):
            yield from self.model_copy(update={"decisions": some})._halved()

    def _halved(self) -> Iterator[Self]:
        if len(self.decisions) < 2 or len(self.packed()) <= MOST_BYTES:
            yield self
            return
        for some in batched(self.decisions, (len(self.decisions) + 1) // 2, strict=False):
            yield from self.model_copy(update={"decisions": some})._halved()

    def packed(self) -> str:
        """Return it as text, compressed."""
        return b85encode(zlib.compress(self.model_dump_json(exclude_defaults=True).encode(), 6)).decode()

    @classmethod
    def unpacked(cls, text: str) -> Self:
        """Return what was packed."""
        return cls.model_validate(json.loads(zlib.decompress(b85decode(text))))

    @classmethod
    def unpacked_if_naming(cls, name: str, text: str) -> Self | None:
        """Return what was packed if it names a driver or delivery, else None; what does not is not read further."""
        found = zlib.decompress(b85decode(text))
        return cls.model_validate(json.loads(found)) if f'"{name}"'.encode() in found else None

    def about(self, delivery_id: str) -> Decision | None:
        """Return the decision about a delivery, or None."""
        return next((one for one in self.decisions if delivery_id in one.delivery_ids), None)
