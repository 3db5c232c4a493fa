"""Remarks of a driver on the goods: their condition at a step, and notes, whose texts are kept in the vault."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, StringConstraints

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.vault.model import LONGEST_NOTES, DriverNotes, RemarkTexts


class GoodsState(StrEnum):
    """The condition in which a driver finds goods."""

    INTACT = "intact"
    DAMAGED = "damaged"
    OPENED = "opened"
    WET = "wet"
    WRONG = "wrong"
    MISSING_ITEMS = "missing_items"


class RemarkedStep(StrEnum):
    """The steps at which a driver may remark on the goods."""

    PICK_UP = "pick_up"
    DELIVER = "deliver"
    FAIL = "fail"
    CORRECT = "correct"


def _or_none(written: Any) -> Any:
    return None if isinstance(written, str) and not written.strip() else written


RemarkText = Annotated[
    Annotated[str, StringConstraints(max_length=LONGEST_NOTES, strip_whitespace=True)] | None, BeforeValidator(_or_none)
]
"""A text in a driver's own words; one without a letter counts as left out."""


class Condition(Value):
    """The condition of the goods, and what there is to say of it."""

    state: GoodsState
    note: RemarkText = None


class Remarkable(Value):
    """Fields with which a driver's app remarks on the goods; both may be left out."""

    condition: Condition | None = None
    note: RemarkText = None


class Remark(Value):
    """A remark without its texts.

    Parameters
    ----------
    at : datetime
        Moment at which it came in, by our clock; its texts are found by it.
    """

    step: RemarkedStep
    at: Moment
    condition: GoodsState | None = None


class RemarkView(Value):
    """A remark of a driver; its texts are null if there are none, or they were erased."""

    step: RemarkedStep
    at: Moment
    condition: GoodsState | None
    condition_note: str | None
    note: str | None

    @classmethod
    def of(cls, remark: Remark, notes: DriverNotes | None) -> Self:
        """Return the view of a remark with the texts that belong to it."""
        found = (
            texts for texts in (notes.texts if notes else ()) if (texts.step, texts.at) == (remark.step, remark.at)
        )
        texts = next(found, None)
        return cls(
            **remark.model_dump(),
            condition_note=texts.condition_note if texts else None,
            note=texts.note if texts else None,
        )


def remark_of(step: RemarkedStep, said: Remarkable, at: Moment) -> Remark | None:
    """Return the remark that a driver made with a step, or None if nothing was said."""
    if said.condition is None and said.note is None:
        return None
    return Remark(step=step, at=at, condition=said.condition.state if said.condition else None)


def texts_of(remark: Remark, said: Remarkable) -> RemarkTexts | None:
    """Return the texts of a remark, or None if it has none."""
    condition_note = said.condition.note if said.condition else None
    if condition_note is None and said.note is None:
        return None
    return RemarkTexts(step=remark.step, at=remark.at, condition_note=condition_note, note=said.note)
