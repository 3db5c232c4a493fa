"""Exports and requests for correction, with their deadlines. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, TypeAdapter, ValidationError

from crowdship.kernel.clock import Moment, written
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import ClientId
from crowdship.vault.model import Email, MessageText, Phone, ShortText, writing_token

AGAIN_AFTER = timedelta(hours=24)
"""Time after which a driver may ask for another export."""

LINKED_FOR = timedelta(days=7)
"""Time for which an export can be fetched."""

DUE = timedelta(days=30)
"""Time in which a request has to be answered: a month, by Regulation (EU) 2016/679, Article 12(3)."""

DUE_FOR_WORK = timedelta(days=14)
"""The same for what is held on somebody's work: two weeks, by Directive (EU) 2024/2831, Article 11(2)."""

MOST_OPEN = 10
"""The most requests of a driver that wait at once."""


class ExportState(StrEnum):
    """States of an export."""

    REQUESTED = "requested"
    READY = "ready"


class Export(Aggregate):
    """An export of everything that is held on a driver.

    Parameters
    ----------
    key : str or None
        Name of the file in the bucket; None while it is made.
    size : int or None
        Its bytes.
    sections : tuple of str
        Names of its parts.
    until : datetime or None
        Wall time until which it can be fetched.
    """

    driver_id: str
    asked_at: Moment
    state: ExportState = ExportState.REQUESTED
    key: str | None = None
    size: int | None = None
    sections: tuple[str, ...] = ()
    ready_at: Moment | None = None
    until: Moment | None = None

    @classmethod
    def requested(cls, export_id: str, driver_id: str, now: datetime) -> Self:
        """Return a new export, with its event."""
        export = cls(id=export_id, driver_id=driver_id, asked_at=now)
        return export.emitting("export.requested", now, {"export_id": export_id, "driver_id": driver_id})

    def stands(self, now: datetime) -> bool:
        """Return whether it answers another request as well."""
        return now < self.asked_at + AGAIN_AFTER

    def made(self, key: str, size: int, sections: tuple[str, ...], now: datetime, wall_now: datetime) -> Self:
        """Return it as it can be fetched."""
        fields = {"key": key, "size": size, "sections": sections, "ready_at": now, "until": wall_now + LINKED_FOR}
        return self.with_changes(state=ExportState.READY, **fields)


class DriverField(StrEnum):
    """Fields that a driver may want corrected."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    VEHICLE = "vehicle"
    DOCUMENTS = "documents"
    DELIVERIES = "deliveries"
    EARNINGS = "earnings"
    RATING = "rating"
    PERFORMANCE = "performance"
    STANDING = "standing"
    OTHER = "other"


ABOUT_WORK = frozenset({DriverField.DELIVERIES, DriverField.RATING, DriverField.PERFORMANCE, DriverField.STANDING})
"""Fields whose correction is due within two weeks."""

FORMS: dict[DriverField, TypeAdapter[str]] = {
    DriverField.NAME: TypeAdapter(ShortText),
    DriverField.PHONE: TypeAdapter(Phone),
    DriverField.EMAIL: TypeAdapter(Email),
}
"""Fields that a granted request changes by itself, with the form of their values; of e-mail the sign-in stays."""


class CorrectionState(StrEnum):
    """States of a request for correction."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


class CorrectionInput(Value):
    """A request for correction; the same ``request_id`` again is the same request.

    Parameters
    ----------
    wanted : str
        What would be right: of a name, phone or e-mail address the value, else a sentence.
    reason : str
        Why it is wrong.
    """

    request_id: ClientId
    field: DriverField
    wanted: MessageText
    reason: MessageText

    def check(self) -> None:
        """Check that the value has the form of its field.

        Raises
        ------
        Unprocessable
            If it has not.
        """
        form = FORMS.get(self.field)
        try:
            if form:
                form.validate_python(self.wanted)
        except ValidationError as error:
            detail = f"This is no {self.field}: {error.errors()[0]['msg']}."
            raise Unprocessable("wrong_value", detail, "/wanted") from error


class CorrectionDecision(Value):
    """A decision of staff on a request for correction, with words for the driver."""

    granted: bool
    words: MessageText = Field(description="The reasons, for the driver to read")


class Correction(Aggregate):
    """A request for correction; its texts are in the vault."""

    driver_id: str
    field: DriverField
    asked_at: Moment
    due_at: Moment
    state: CorrectionState = CorrectionState.OPEN
    decided_at: Moment | None = None
    decided_by: str | None = None

    @classmethod
    def asked(cls, correction_id: str, driver_id: str, field: DriverField, now: datetime) -> Self:
        """Return a new request with its deadline."""
        due = DUE_FOR_WORK if field in ABOUT_WORK else DUE
        return cls(id=correction_id, driver_id=driver_id, field=field, asked_at=now, due_at=now + due)

    @property
    def wanted_token(self) -> str:
        """The token of what would be right."""
        return writing_token("correction-wanted", self.id)

    @property
    def reason_token(self) -> str:
        """The token of the driver's reason."""
        return writing_token("correction-reason", self.id)

    @property
    def words_token(self) -> str:
        """The token of the words of the decision."""
        return writing_token("correction-words", self.id)

    def decide(self, granted: bool, by: str, now: datetime) -> Self:
        """Decide on it, once.

        Raises
        ------
        Conflict
            If somebody has decided already.
        """
        if self.state is not CorrectionState.OPEN:
            decided = f"{self.decided_by} {self.state} it at {written(self.decided_at or now)}"
            raise Conflict("decided_already", f"{decided}; the driver may send another request.")
        state = CorrectionState.GRANTED if granted else CorrectionState.REFUSED
        return self.with_changes(state=state, decided_at=now, decided_by=by)
