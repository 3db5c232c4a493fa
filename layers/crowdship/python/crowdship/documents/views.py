"""Views of documents, and the bodies of calls about them."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field

from crowdship.documents.folder import NeededFor, Paper, PaperState
from crowdship.documents.kinds import PaperKind
from crowdship.documents.model import DocumentState, DriverDocument, RefusalReason
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.pictures.decoding import FORMATS
from crowdship.vault.model import MessageText

CONTENT_TYPES = tuple(sorted(FORMATS.values()))
"""Media types that are taken."""


def refuse_type(content_type: str) -> None:
    """Check the media type of a document.

    Raises
    ------
    Unprocessable
        If it is no picture that we can read.
    """
    if content_type not in CONTENT_TYPES:
        detail = f"{content_type} is not taken; send a photo or a screenshot of it as {', '.join(CONTENT_TYPES)}."
        raise Unprocessable("content_type", detail, "/content_type")


class AnnounceInput(Value):
    """A document that a driver is about to upload."""

    kind: PaperKind
    content_type: str = Field(max_length=100, examples=["image/jpeg"])


class AnnouncedDocument(Value):
    """A form for the upload of a document; send its fields first and the file last, then check the document."""

    document_id: str
    kind: PaperKind
    url: str
    fields: dict[str, str]


class ApproveInput(Value):
    """The approval of a document with its last day; none for a kind that does not run out."""

    valid_until: Day | None = None


class RefuseInput(Value):
    """The refusal of a document, with words that its driver reads."""

    reason: RefusalReason
    words: MessageText | None = None


class DocumentView(Value):
    """A document that a driver sent.

    Parameters
    ----------
    reason : RefusalReason or None
        Why it was refused.
    words : str or None
        Words of whoever refused it.
    """

    document_id: str
    kind: PaperKind
    state: DocumentState
    announced_at: Moment
    decided_at: Moment | None
    valid_until: Day | None
    reason: RefusalReason | None
    words: str | None

    @classmethod
    def of(cls, document: DriverDocument, words: Mapping[str, str]) -> Self:
        """Return the view of a document, with the words to it by the document's id."""
        return cls(**_told(document, words))


class PaperView(Value):
    """A kind of document in a driver's folder.

    Parameters
    ----------
    valid_until : date or None
        The last day of the one that counts or counted.
    counts : bool
        Whether one counts today.
    has_last_day : bool
        Whether it runs out.
    latest : DocumentView or None
        The one that was sent last and checked.
    """

    kind: PaperKind
    state: PaperState
    needed_for: NeededFor
    valid_until: Day | None
    counts: bool
    latest: DocumentView | None


class Folder(Value):
    """The documents of the calling driver."""

    papers: tuple[PaperView, ...]

    @classmethod
    def of(cls, papers: list[Paper], words: Mapping[str, str]) -> Self:
        """Return the view of a folder."""
        return cls(
            papers=tuple(
                PaperView(
                    kind=paper.kind,
                    state=paper.state,
                    needed_for=paper.needed_for,
                    valid_until=paper.valid_until,
                    counts=paper.counts,
                    latest=DocumentView.of(paper.latest, words) if paper.latest else None,
                )
                for paper in papers
            )
        )


class ReviewedDocument(DocumentView):
    """A document as staff see it.

    Parameters
    ----------
    latest_day : date or None
        The latest day until which it may be approved; null if it does not run out.
    has_picture : bool
        Whether there is a picture to look at.
    """

    driver_id: str
    arrived_at: Moment | None
    decided_by: str | None
    latest_day: Day | None
    has_picture: bool

    @classmethod
    def seen(cls, document: DriverDocument, words: Mapping[str, str], latest_day: Any) -> Self:
        """Return the view of a document for staff."""
        return cls(
            **_told(document, words),
            driver_id=document.driver_id,
            arrived_at=document.arrived_at,
            decided_by=document.decision.by if document.decision else None,
            latest_day=latest_day,
            has_picture=document.shown is not None,
        )


class DriverFolder(Value):
    """The documents of a driver for staff; ``name`` is null once the driver was erased."""

    driver_id: str
    name: str | None
    plate: str | None
    papers: tuple[PaperView, ...]
    documents: tuple[ReviewedDocument, ...]

    @classmethod
    def for_staff(
        cls, driver: Driver, name: str | None, papers: Folder, documents: tuple[ReviewedDocument, ...]
    ) -> Self:
        """Return the view of a driver's folder, the newest document first."""
        return cls(
            driver_id=driver.id, name=name, plate=driver.vehicle.plate, papers=papers.papers, documents=documents[::-1]
        )


class WaitingDocument(Value):
    """A document that waits for a person."""

    document_id: str
    driver_id: str
    name: str | None
    kind: PaperKind
    waits_since: Moment


class WaitingDocuments(Value):
    """A page of the documents that wait, the longest waiting first, with the cursor of the next page."""

    documents: tuple[WaitingDocument, ...]
    next_after: str | None


def _told(document: DriverDocument, words: Mapping[str, str]) -> dict[str, Any]:
    decided = document.decision
    return {
        "document_id": document.id,
        "kind": document.kind,
        "state": document.state,
        "announced_at": document.announced_at,
        "decided_at": decided.at if decided else None,
        "valid_until": decided.valid_until if decided else None,
        "reason": decided.reason if decided else None,
        "words": words.get(document.id),
    }
