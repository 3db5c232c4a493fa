"""A driver's folder: for each kind of document what was sent last, what counts, and what is missing. Pure."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from crowdship.documents.kinds import KINDS, PaperKind, asked_of
from crowdship.documents.model import DocumentState, DriverDocument
from crowdship.drivers.compliance import REQUIRED_DOCUMENTS
from crowdship.drivers.model import Driver


class PaperState(StrEnum):
    """States of a kind of document in a driver's folder."""

    MISSING = "missing"
    CHECKED = "checked"
    """It waits for a person; an earlier one may still count."""

    REFUSED = "refused"
    """The last one was refused; an earlier one may still count."""

    APPROVED = "approved"
    EXPIRED = "expired"


class NeededFor(StrEnum):
    """Purposes for which a document is needed."""

    WORK = "work"
    APPLICATION = "application"
    MORE_WORK = "more_work"


class Paper(NamedTuple):
    """A kind of document in a driver's folder.

    Parameters
    ----------
    latest : DriverDocument or None
        The one that waits or was decided last; None if none was sent.
    valid_until : date or None
        The last day of the one that counts, or counted; None if there is none, or it does not run out.
    counts : bool
        Whether one counts today.
    """

    kind: PaperKind
    state: PaperState
    needed_for: NeededFor
    latest: DriverDocument | None
    valid_until: date | None
    counts: bool


def folder(driver: Driver, documents: Iterable[DriverDocument], on: date) -> list[Paper]:
    """Return the folder of a driver on a day: what their vehicle needs, and whatever else there is."""
    sent: dict[PaperKind, list[DriverDocument]] = {}
    for document in sorted(documents, key=lambda one: (one.announced_at, one.id)):
        sent.setdefault(document.kind, []).append(document)
    return [_paper(kind, driver, sent.get(kind, []), on) for kind in KINDS if _belongs(kind, driver, kind in sent)]


def missing(driver: Driver, documents: Iterable[DriverDocument], on: date) -> tuple[PaperKind, ...]:
    """Return the kinds that a driver is asked for when they apply and of which none counts on a day."""
    asked = set(asked_of(driver.vehicle.kind))
    return tuple(paper.kind for paper in folder(driver, documents, on) if paper.kind in asked and not paper.counts)


def _belongs(kind: PaperKind, driver: Driver, was_sent: bool) -> bool:
    """Return whether a kind is in a folder: those that are asked for, those sent, and those for further work."""
    return was_sent or not KINDS[kind].applies or kind in asked_of(driver.vehicle.kind)


def _paper(kind: PaperKind, driver: Driver, sent: list[DriverDocument], on: date) -> Paper:
    there, until = _shown(kind, driver, sent)
    counts = there and (until is None or until >= on)
    known = [one for one in sent if one.state not in (DocumentState.AWAITED, DocumentState.REPLACED)]
    latest = known[-1] if known else None
    return Paper(kind, _state(latest, there, counts), _needed_for(kind, driver), latest, until, counts)


def _shown(kind: PaperKind, driver: Driver, sent: list[DriverDocument]) -> tuple[bool, date | None]:
    """Return whether a document was ever approved or entered by staff, and its last day."""
    rule = KINDS[kind]
    if rule.proves:
        days = [one.valid_until for one in driver.documents if one.kind is rule.proves]
    elif rule.grants:
        found = [one for one in driver.credentials if one.name == rule.grants]
        return bool(found), found[0].valid_until if found else None
    else:
        return any(one.state is DocumentState.APPROVED for one in sent), None
    return bool(days), max(days, default=None)


def _state(latest: DriverDocument | None, there: bool, counts: bool) -> PaperState:
    if latest and latest.state is DocumentState.CHECKED:
        return PaperState.CHECKED
    if latest and latest.state is DocumentState.REFUSED:
        return PaperState.REFUSED
    if there:
        return PaperState.APPROVED if counts else PaperState.EXPIRED
    return PaperState.MISSING


def _needed_for(kind: PaperKind, driver: Driver) -> NeededFor:
    rule = KINDS[kind]
    if rule.proves in REQUIRED_DOCUMENTS[driver.vehicle.kind]:
        return NeededFor.WORK
    return NeededFor.APPLICATION if kind in asked_of(driver.vehicle.kind) else NeededFor.MORE_WORK
