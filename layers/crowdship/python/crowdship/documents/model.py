"""A document of a driver on its way: sent, checked on arrival, and approved or refused by a person. Pure."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from crowdship.documents.kinds import PaperKind
from crowdship.kernel.clock import Day, Moment, written
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate, Value
from crowdship.pictures.quality import Fault


class DocumentState(StrEnum):
    """States of a document.

    ``awaited`` until its picture is there, ``checked`` until a person decides, ``replaced`` if a newer one of its kind
    was sent meanwhile.
    """

    AWAITED = "awaited"
    CHECKED = "checked"
    APPROVED = "approved"
    REFUSED = "refused"
    REPLACED = "replaced"


OPEN = frozenset({DocumentState.AWAITED, DocumentState.CHECKED})


class RefusalReason(StrEnum):
    """Reasons for which a document is refused: those of the check on arrival first, then those of a person."""

    NOT_A_PICTURE = "not_a_picture"
    TOO_SMALL = "too_small"
    ONE_COLOUR = "one_colour"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    UNREADABLE = "unreadable"
    CUT_OFF = "cut_off"
    WRONG_DOCUMENT = "wrong_document"
    EXPIRED = "expired"
    NAME_DIFFERS = "name_differs"
    VEHICLE_DIFFERS = "vehicle_differs"
    NOT_GENUINE = "not_genuine"
    OTHER = "other"


ON_ARRIVAL = frozenset({RefusalReason.NOT_A_PICTURE, *(RefusalReason(str(fault)) for fault in Fault)})
"""The reasons of the check on arrival, which no person gives."""

BY_STAFF = tuple(reason for reason in RefusalReason if reason not in ON_ARRIVAL)


class Stored(Value):
    """An object in the bucket: a version of it, and the hash of its bytes."""

    key: str
    version_id: str
    sha256: str
    bytes: int


class Decision(Value):
    """The decision on a document.

    Parameters
    ----------
    by : str or None
        The sign-in name of the member of staff; None if the check on arrival decided.
    valid_until : date or None
        The last day; None if it was refused, or does not run out.
    reason : RefusalReason or None
        None if it was approved.
    has_words : bool
        Whether the vault has words to the driver about it.
    """

    at: Moment
    by: str | None = None
    valid_until: Day | None = None
    reason: RefusalReason | None = None
    has_words: bool = False


class DriverDocument(Aggregate):
    """A document that a driver sends.

    Parameters
    ----------
    digest : str or None
        The hash of a picture that was sent through the API, by which the same one is recognised.
    original, shown : Stored or None
        The picture as it was sent, and as people see it; None until it was checked, and if the check refused it.
    """

    driver_id: str
    kind: PaperKind
    content_type: str
    announced_at: Moment
    state: DocumentState = DocumentState.AWAITED
    digest: str | None = None
    original: Stored | None = None
    shown: Stored | None = None
    arrived_at: Moment | None = None
    decision: Decision | None = None

    def arrive(self, original: Stored, shown: Stored, now: datetime) -> Self:
        """Return the document as it waits for a person."""
        self.must_be(DocumentState.AWAITED)
        checked = self.with_changes(state=DocumentState.CHECKED, original=original, shown=shown, arrived_at=now)
        return checked.emitting("document.checked", now, self._named())

    def refuse_on_arrival(self, reason: RefusalReason, now: datetime) -> Self:
        """Return the document as refused by the check on arrival; nobody is shown its picture."""
        self.must_be(DocumentState.AWAITED)
        return self._refused(Decision(at=now, reason=reason), now)

    def approve(self, by: str, valid_until: date | None, now: datetime) -> Self:
        """Return the document as approved; the same decision of the same person again changes nothing.

        Raises
        ------
        Conflict
            ``decided_already``, if somebody decided otherwise before; ``wrong_state``, if there is nothing to decide.
        """
        if self._is_decided(by, valid_until, None):
            return self
        day = valid_until.isoformat() if valid_until else None
        approved = self.with_changes(
            state=DocumentState.APPROVED, decision=Decision(at=now, by=by, valid_until=valid_until)
        )
        return approved.emitting("document.approved", now, {**self._named(), "valid_until": day})

    def refuse(self, by: str, reason: RefusalReason, has_words: bool, now: datetime) -> Self:
        """Return the document as refused by a person; the same decision of the same person again changes nothing.

        Raises
        ------
        Conflict
            As ``approve``.
        """
        if self._is_decided(by, None, reason):
            return self
        return self._refused(Decision(at=now, by=by, reason=reason, has_words=has_words), now)

    def replaced_by(self, newer: "DriverDocument") -> Self:
        """Return the document as replaced, if it waits for a person and a newer one of its kind came."""
        waits = self.state is DocumentState.CHECKED and self.kind is newer.kind and self.id != newer.id
        return self.with_changes(state=DocumentState.REPLACED) if waits else self

    def must_be(self, state: DocumentState) -> None:
        """Check the state.

        Raises
        ------
        Conflict
            ``wrong_state``, if it is another.
        """
        if self.state is not state:
            detail = f"The {self.kind} is {self.state}; send a new one to change that."
            raise Conflict("wrong_state", detail)

    def _is_decided(self, by: str, valid_until: date | None, reason: RefusalReason | None) -> bool:
        """Return whether a person made this very decision; refuse another one, and one that is not due."""
        decided = self.decision
        if decided and (decided.by, decided.valid_until, decided.reason) == (by, valid_until, reason):
            return True
        if decided:
            what = f"as {decided.reason}" if decided.reason else f"until {decided.valid_until or 'further notice'}"
            by_whom = decided.by or "the check on arrival"
            detail = f"{by_whom} {self.state} the {self.kind} {what} at {written(decided.at)}; read it again."
            raise Conflict("decided_already", detail)
        if self.state is not DocumentState.CHECKED:
            why = "a newer one was sent" if self.state is DocumentState.REPLACED else "its picture is not there yet"
            raise Conflict("wrong_state", f"The {self.kind} is {self.state}: {why}.")
        return False

    def _refused(self, decision: Decision, now: datetime) -> Self:
        refused = self.with_changes(state=DocumentState.REFUSED, decision=decision)
        return refused.emitting("document.refused", now, {**self._named(), "reason": str(decision.reason)})

    def _named(self) -> dict[str, Any]:
        return {"document_id": self.id, "driver_id": self.driver_id, "kind": str(self.kind)}
