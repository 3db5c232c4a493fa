"""Views of exports and of requests for correction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from crowdship.data_rights.model import Correction, CorrectionState, DriverField, Export, ExportState
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.vault.model import Writing


class ExportView(Value):
    """An export of everything that is held on the calling driver.

    Parameters
    ----------
    link : str or None
        Address of the ZIP file, for ten minutes; another call gives another link. Null while it is made and once its
        time is over.
    until : datetime or None
        Moment until which a link can be had.
    """

    export_id: str
    state: ExportState
    asked_at: Moment
    ready_at: Moment | None
    until: Moment | None
    size: int | None
    sections: tuple[str, ...]
    link: str | None

    @classmethod
    def of(cls, export: Export, link: str | None) -> Self:
        """Return the view of an export."""
        names = ("state", "asked_at", "ready_at", "until", "size", "sections")
        return cls(export_id=export.id, link=link, **{name: getattr(export, name) for name in names})


class LatestExport(Value):
    """The latest export of the calling driver; null if there was none lately."""

    export: ExportView | None


class CorrectionView(Value):
    """A request for correction; null is a text that was erased or has expired.

    Parameters
    ----------
    due_at : datetime
        Moment by which it has to be decided.
    words : str or None
        The reasons of the decision.
    """

    correction_id: str
    field: DriverField
    wanted: str | None
    reason: str | None
    asked_at: Moment
    due_at: Moment
    state: CorrectionState
    decided_at: Moment | None
    words: str | None

    @classmethod
    def of(cls, one: Correction, texts: Mapping[str, Writing]) -> Self:
        """Return the view of a request, with texts by their tokens."""

        def text(token: str) -> str | None:
            return texts[token].text if token in texts else None

        return cls(
            correction_id=one.id,
            field=one.field,
            wanted=text(one.wanted_token),
            reason=text(one.reason_token),
            asked_at=one.asked_at,
            due_at=one.due_at,
            state=one.state,
            decided_at=one.decided_at,
            words=text(one.words_token),
        )


class CorrectionList(Value):
    """The requests of the calling driver, the newest first."""

    corrections: tuple[CorrectionView, ...]


class CorrectionLine(CorrectionView):
    """A request as staff see it."""

    driver_id: str
    driver_name: str | None
    overdue: bool
    decided_by: str | None

    @classmethod
    def of_line(cls, one: Correction, texts: Mapping[str, Writing], name: str | None, now: datetime) -> Self:
        """Return the view of a request for staff."""
        return cls(
            **CorrectionView.of(one, texts).model_dump(),
            driver_id=one.driver_id,
            driver_name=name,
            overdue=one.state is CorrectionState.OPEN and one.due_at < now,
            decided_by=one.decided_by,
        )


class CorrectionLines(Value):
    """Requests that wait for a decision, the one that is due first first; 100 at most."""

    corrections: tuple[CorrectionLine, ...]
