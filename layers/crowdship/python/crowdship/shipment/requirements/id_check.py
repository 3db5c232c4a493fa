"""A check of the recipient's identity document: read by the phone's camera, or typed where that can't be read.

The phone reads the barcode and sends two dates of it. They are compared and forgotten: kept are the kind of document,
how it was read, the age that was proven, and that it had not run out. The text of the barcode never leaves the phone.
"""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.shipment.requirements.minimum_age import DocumentType
from crowdship.shipment.requirements.requirement import Gap, Requirement, Visit

if TYPE_CHECKING:
    from crowdship.shipment.requirements import registry

OLDEST = 125
"""Years; a birth date before that is a mistake of who typed it."""


class ReadBy(StrEnum):
    """Ways to read a document."""

    SCAN = "scan"
    TYPED = "typed"


class Unreadable(StrEnum):
    """Reasons why the dates of a document were typed."""

    DAMAGED = "damaged"
    NO_BARCODE = "no_barcode"
    FOREIGN_DOCUMENT = "foreign_document"
    CAMERA_FAILED = "camera_failed"


class IdCheck(Value):
    """An identity document as the driver's app read it."""

    document: DocumentType
    read_by: ReadBy
    unreadable: Unreadable | None = Field(default=None, description="Why it was typed; only then")
    birth_date: Day = Field(description="Compared with the age that is asked for, and not kept")
    expires_on: Day | None = Field(default=None, description="Last valid day, not kept; null if it has none")

    @model_validator(mode="after")
    def _typed_for_a_reason(self) -> Self:
        if self.read_by is ReadBy.TYPED and self.unreadable is None:
            raise ValueError("a birth date is typed only if the document can't be read; say why in unreadable")
        if self.read_by is ReadBy.SCAN and self.unreadable:
            raise ValueError("unreadable is for documents that were typed; leave it out for a scan")
        return self


class Wish(Value):
    """Asks for the check."""

    id_check: bool = False


class Capture(Value):
    """The document that the driver's app sends at the drop-off."""

    id_check: IdCheck | None = None


class IdChecked(Value):
    """The check of a document, without its dates.

    Parameters
    ----------
    age_proven : int or None
        The age in years that was asked for, and which the document proves; None if none was.
    """

    document: DocumentType
    read_by: ReadBy
    unreadable: Unreadable | None
    age_proven: int | None
    at: Moment


class Evidence(Value):
    """The check that is kept."""

    id_checked: IdChecked | None = None


class IdChecking(Requirement[bool]):
    """A valid document is read, and it proves the age that the delivery asks for."""

    name = "id_check"
    needs_recipient = True

    def missing(self, asked: bool, visit: Visit) -> Gap | None:
        """Return the document if it was not read.

        Raises
        ------
        Unprocessable
            ``underage``, ``document_expired`` or ``wrong_birth_date``; the hand-over then fails with a reason.
        """
        check = check_at(visit)
        if check is None:
            return Gap("reading of an identity document", "/id_check")
        _refuse_dates(check, visit)
        return None

    def keep(self, asked: bool, visit: Visit) -> dict[str, Any]:
        """Return the check without dates, also where none was asked for."""
        check = check_at(visit)
        if check is None:
            return {}
        _refuse_dates(check, visit)
        checked = IdChecked(
            document=check.document,
            read_by=check.read_by,
            unreadable=check.unreadable,
            age_proven=visit.requirements.minimum_age,
            at=visit.at,
        )
        return {"id_checked": checked}

    def kind(self, evidence: "registry.Evidence") -> str | None:
        """Return ``id`` if a document was read."""
        return "id" if evidence.id_checked else None


def check_at(visit: Visit) -> IdCheck | None:
    """Return the document that was read at a stop, if any."""
    return visit.capture.id_check if isinstance(visit.capture, Capture) else None


def age_on(birth_date: date, day: date) -> int:
    """Return a person's age on a day; who was born on 29 February has their birthday on 1 March in other years.

    Examples
    --------
    >>> age_on(date(2005, 11, 29), date(2026, 11, 28)), age_on(date(2005, 11, 29), date(2026, 11, 29))
    (20, 21)
    >>> age_on(date(2004, 2, 29), date(2025, 2, 28)), age_on(date(2004, 2, 29), date(2025, 3, 1))
    (20, 21)
    """
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _refuse_dates(check: IdCheck, visit: Visit) -> None:
    """Refuse what the dates say; they stand in no refusal, as those are logged."""
    today, age = visit.today, visit.requirements.minimum_age
    if check.birth_date > today or age_on(check.birth_date, today) > OLDEST:
        detail = f"The birth date is in the future, or more than {OLDEST} years ago; read the document again."
        raise Unprocessable("wrong_birth_date", detail, "/id_check/birth_date")
    if age and age_on(check.birth_date, today) < age:
        detail = f"The document shows less than {age} years; end it with the reason underage."
        raise Unprocessable("underage", detail, "/id_check/birth_date")
    if check.expires_on and check.expires_on < today:
        detail = "The document has run out; ask for another one, or end it with no_valid_id."
        raise Unprocessable("document_expired", detail, "/id_check/expires_on")


REQUIREMENT = IdChecking()
