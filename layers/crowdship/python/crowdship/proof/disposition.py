"""Disposition: what became of goods that were not delivered, which the law of some goods wants recorded."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import FailureReason
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.shipment.options import Undeliverable
from crowdship.vault.model import DriverNotes, RemarkTexts, ShortText

STEP = "dispose"
"""The step under which the vault keeps the name of a disposition."""


class DispositionKind(StrEnum):
    """Ends of goods that were not delivered."""

    RETURNED_TO_STORE = "returned_to_store"
    HANDED_TO = "handed_to"
    DESTROYED = "destroyed"
    LOST = "lost"


NAMED = frozenset({DispositionKind.HANDED_TO, DispositionKind.DESTROYED})
"""Kinds that need the name of a person: who took the goods, or who witnessed that they were destroyed."""


class DispositionInput(Value):
    """The end of goods that were not delivered."""

    kind: DispositionKind
    person: ShortText | None = Field(
        default=None, description="Who took the goods back or got them, or who witnessed that they were destroyed"
    )

    @model_validator(mode="after")
    def _with_its_person(self) -> Self:
        if self.kind in NAMED and self.person is None:
            raise ValueError(f"{self.kind} needs the name of a person: who got the goods, or who was the witness")
        return self


class Disposing(Value):
    """The field by which a step says it."""

    disposition: DispositionInput | None = None


class DispositionView(Value):
    """A disposition as staff see it; ``person`` is null if none was named, or the name was erased or has expired."""

    kind: DispositionKind
    by: str
    at: Moment
    person: str | None

    @classmethod
    def of(cls, disposition: "Disposition", notes: DriverNotes | None) -> Self:
        """Return the view of a disposition with the name that belongs to it."""
        texts = (each for each in (notes.texts if notes else ()) if (each.step, each.at) == (STEP, disposition.at))
        found = next(texts, None)
        return cls(kind=disposition.kind, by=disposition.by, at=disposition.at, person=found.note if found else None)


class Disposition(Value):
    """A disposition as the proof keeps it; the person's name is in the vault.

    Parameters
    ----------
    by : str
        The driver or the member of staff who stated it.
    """

    kind: DispositionKind
    by: str
    at: Moment
    has_person: bool


def disposition_of(said: DispositionInput, by: str, at: Moment) -> Disposition:
    """Return the disposition that somebody stated."""
    return Disposition(kind=said.kind, by=by, at=at, has_person=said.person is not None)


def name_of(said: DispositionInput | None, at: Moment) -> RemarkTexts | None:
    """Return the name for the vault, or None if none was given."""
    return RemarkTexts(step=STEP, at=at, note=said.person) if said and said.person else None


def is_final(delivery: Delivery, reason: FailureReason) -> bool:
    """Return whether a failure closes a delivery whose goods are on board, so that they need a disposition at once."""
    return delivery.has_left_shop and (
        reason is FailureReason.GOODS_LOST or delivery.undeliverable is Undeliverable.DISPOSE
    )


def refuse_unsaid(delivery: Delivery, said: DispositionInput | None) -> None:
    """Check that it is said what became of goods whose law wants it recorded.

    Raises
    ------
    Unprocessable
        ``disposition_missing``, if it is not.
    """
    if delivery.needs_disposition and said is None:
        kinds = ", ".join(kind for kind in DispositionKind if kind is not DispositionKind.LOST)
        detail = f"The law of these goods wants recorded what became of them; say one of {kinds}."
        raise Unprocessable("disposition_missing", detail, "/disposition")
