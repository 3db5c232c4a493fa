"""The fault matrix: who bears a claim, what share of which amounts, who decides, and what time alone decides. Pure.

The data are two tables beside this module. ``kinds.csv`` has a row for each kind of claim with its deadlines.
``matrix.csv`` has rows by kind, stage and evidence; ``*`` stands for every value, and a row with fewer stars counts
before one with more. A table with a hole, or with two rows that count equally, is refused when it is read.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import product
from pathlib import Path

from crowdship.kernel.workdays import business_days_after

FOLDER = Path(__file__).resolve().parent
ANY = "*"


class ClaimKind(StrEnum):
    """Kinds of claims."""

    NOT_DELIVERED = "not_delivered"
    LATE = "late"
    DAMAGED = "damaged"
    MISSING_ITEMS = "missing_items"
    WRONG_ITEM = "wrong_item"
    WRONG_ADDRESS = "wrong_address"
    TEMPERATURE_BROKEN = "temperature_broken"
    SIGNATURE_MISSING = "signature_missing"
    OVERCHARGED = "overcharged"
    PAY_WRONG = "pay_wrong"
    CHARGEBACK = "chargeback"


class ClaimStage(StrEnum):
    """Stages of a delivery that differ in who bears a claim."""

    UNDER_WAY = "under_way"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class ClaimWeight(StrEnum):
    """Judgement of the platform's own facts on a claim."""

    SUPPORTS = "supports"
    OPEN = "open"
    CONTRADICTS = "contradicts"


class Bearer(StrEnum):
    """Parties that can bear a claim; nobody bears one that is without ground."""

    MERCHANT = "merchant"
    DRIVER = "driver"
    PLATFORM = "platform"
    CUSTOMER = "customer"
    NOBODY = "nobody"


class Decides(StrEnum):
    """Ways in which a claim is decided."""

    AUTOMATIC = "automatic"
    PERSON = "person"


class ClaimOutcome(StrEnum):
    """Outcomes of a claim; each has exactly one."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Opener(StrEnum):
    """Parties that may open a claim."""

    MERCHANT = "merchant"
    STAFF = "staff"


@dataclass(frozen=True)
class Cell:
    """One answer of the matrix.

    Parameters
    ----------
    bears : Bearer
        Who bears what is granted, as far as a person finds nothing else.
    goods : int
        Percent of the goods' claimed worth that the merchant gets.
    charge, tip : int
        Percent of the charge, and of the tip, that the merchant gets back; the driver keeps the tip in any case.
    pay : int
        Most percent of the delivery's pay, without the tip, that a person may lay on the driver. It is on hold until
        then.
    decides : Decides
        Whether it is decided at once while its amount is within the limit.
    lapses : ClaimOutcome
        The outcome if nobody decides in time.
    """

    bears: Bearer
    goods: int
    charge: int
    tip: int
    pay: int
    decides: Decides
    lapses: ClaimOutcome


@dataclass(frozen=True)
class KindTerms:
    """The deadlines of a kind of claim, in days.

    Parameters
    ----------
    claim_days : int
        Days after the end of the delivery in which it may be opened.
    answer_days : int
        Days in which the driver may answer; 0 if drivers are not asked.
    decide_days : int
        Days after the opening in which a person decides.
    business : bool
        True if the days are business days.
    opened_by : frozenset of Opener
        Who may open it.
    """

    claim_days: int
    answer_days: int
    decide_days: int
    business: bool
    opened_by: frozenset[Opener]

    def after(self, moment: datetime, days: int) -> datetime:
        """Return the moment that lies some days later; business days end at the same time of the day in UTC.

        Examples
        --------
        A Friday and one business day end on Monday:

        >>> terms = KindTerms(7, 1, 1, True, frozenset())
        >>> terms.after(datetime(2026, 6, 5, 15, tzinfo=UTC), 1).isoformat()
        '2026-06-08T15:00:00+00:00'
        """
        if not self.business:
            return moment + timedelta(days=days)
        at = moment.astimezone(UTC)
        return datetime.combine(business_days_after(at.date(), days), at.timetz())


class MatrixError(ValueError):
    """A table that can't be used; the message names the file, the row and what would be right."""


type Question = tuple[ClaimKind, ClaimStage, ClaimWeight]

MATRIX_COLUMNS = ("kind", "stage", "evidence", "bears", "goods", "charge", "tip", "pay", "decides", "lapses")
KIND_COLUMNS = ("kind", "claim_days", "answer_days", "decide_days", "days", "opened_by")


def _rows(name: str, text: str, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != columns:
        raise MatrixError(f"{name}:1: the columns are {','.join(columns)}, not {','.join(reader.fieldnames or ())}")
    for fields in reader:
        at = f"{name}:{reader.line_num}"
        if None in fields or None in fields.values():
            raise MatrixError(f"{at}: a row has {len(columns)} fields")
        yield at, fields


def _one_of[E: StrEnum](kind: type[E], text: str, at: str) -> E:
    try:
        return kind(text)
    except ValueError as error:
        raise MatrixError(f"{at}: {text!r} is none of {', '.join(kind)}") from error


def _number(text: str, most: int, at: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= most):
        raise MatrixError(f"{at}: {text!r} is no whole number from 0 to {most}")
    return int(text)


def _chosen[E: StrEnum](kind: type[E], text: str, at: str) -> tuple[E, ...]:
    return tuple(kind) if text == ANY else (_one_of(kind, text, at),)


def read_matrix(text: str, name: str = "matrix.csv") -> Mapping[Question, Cell]:
    """Return the answer to every question.

    Raises
    ------
    MatrixError
        If a row is wrong, two rows count equally for a question, or a question has no answer.
    """
    found: dict[Question, tuple[int, str, Cell]] = {}
    for at, fields in _rows(name, text, MATRIX_COLUMNS):
        stars = sum(fields[column] == ANY for column in MATRIX_COLUMNS[:3])
        cell = _cell(fields, at)
        questions = product(
            _chosen(ClaimKind, fields["kind"], at),
            _chosen(ClaimStage, fields["stage"], at),
            _chosen(ClaimWeight, fields["evidence"], at),
        )
        for question in questions:
            before = found.get(question)
            if before and before[0] == stars:
                raise MatrixError(f"{at}: {'/'.join(question)} is answered by {before[1]} already; leave one out")
            if before is None or stars < before[0]:
                found[question] = stars, at, cell
    holes = [
        "/".join(question) for question in product(ClaimKind, ClaimStage, ClaimWeight) if tuple(question) not in found
    ]
    if holes:
        raise MatrixError(f"{name}: nothing answers {holes[0]} and {len(holes) - 1} others; add a row")
    return {question: cell for question, (_, _, cell) in found.items()}


def _cell(fields: Mapping[str, str], at: str) -> Cell:
    shares = {column: _number(fields[column], 100, at) for column in ("goods", "charge", "tip", "pay")}
    bears, decides = _one_of(Bearer, fields["bears"], at), _one_of(Decides, fields["decides"], at)
    lapses = _one_of(ClaimOutcome, fields["lapses"], at)
    if lapses is ClaimOutcome.WITHDRAWN:
        raise MatrixError(f"{at}: time alone grants or refuses a claim and withdraws none")
    if bears is Bearer.DRIVER and decides is Decides.AUTOMATIC:
        raise MatrixError(f"{at}: a driver's fault is decided by a person, never automatically")
    if shares["pay"] and bears is not Bearer.DRIVER:
        raise MatrixError(f"{at}: pay is laid on a driver only where the driver bears the claim")
    if bears not in (Bearer.PLATFORM, Bearer.DRIVER) and lapses is ClaimOutcome.GRANTED:
        raise MatrixError(f"{at}: nothing is granted where {bears} bears the claim")
    return Cell(bears=bears, **shares, decides=decides, lapses=lapses)


def read_kinds(text: str, name: str = "kinds.csv") -> Mapping[ClaimKind, KindTerms]:
    """Return the terms of every kind of claim.

    Raises
    ------
    MatrixError
        If a row is wrong, or a kind has none or two.
    """
    found: dict[ClaimKind, KindTerms] = {}
    for at, fields in _rows(name, text, KIND_COLUMNS):
        kind = _one_of(ClaimKind, fields["kind"], at)
        if kind in found:
            raise MatrixError(f"{at}: {kind} has a row already")
        days = {column: _number(fields[column], 400, at) for column in KIND_COLUMNS[1:4]}
        if fields["days"] not in ("calendar", "business"):
            raise MatrixError(f"{at}: days are calendar or business, not {fields['days']!r}")
        if days["answer_days"] > days["decide_days"]:
            raise MatrixError(f"{at}: the answer is due after the decision")
        openers = frozenset(_one_of(Opener, one, at) for one in fields["opened_by"].split(";"))
        found[kind] = KindTerms(**days, business=fields["days"] == "business", opened_by=openers)
    missing = [kind for kind in ClaimKind if kind not in found]
    if missing:
        raise MatrixError(f"{name}: {', '.join(missing)} has no row")
    return found


@cache
def matrix() -> Mapping[Question, Cell]:
    """Return the matrix of this version of the code."""
    return read_matrix((FOLDER / "matrix.csv").read_text(encoding="utf-8"))


@cache
def kinds() -> Mapping[ClaimKind, KindTerms]:
    """Return the terms of all kinds."""
    return read_kinds((FOLDER / "kinds.csv").read_text(encoding="utf-8"))
