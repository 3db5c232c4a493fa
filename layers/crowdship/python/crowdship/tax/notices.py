"""Use cases of notices: the agency's lists, letters that were mailed, papers that came, and their letters as PDF."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock, Day
from crowdship.kernel.errors import Refusal, Unprocessable
from crowdship.kernel.events import Value
from crowdship.tax import filling, service
from crowdship.tax.bucket import PDF, TaxFiles, letter_key
from crowdship.tax.figures import FigureMissing, send_by, tax_day, withhold_from
from crowdship.tax.model import NoticeProof, NumberNotice
from crowdship.tax.pages import LetterPage, letter_pdf
from crowdship.tax.parties import Payer
from crowdship.tax.payee import Payee
from crowdship.vault import service as vault
from crowdship.vault.applicants import TaxForm, tax_form_token

MOST = 500
"""Payees of one call; the agency's list of more is sent in parts."""

LONGEST = 200_000
"""Characters of a list as CSV."""

FourDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
DriverId = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class ListedPayee(Value):
    """A payee on the agency's list; the last four digits tell whether the form was replaced since."""

    driver_id: DriverId
    last_four: FourDigits | None = None


class ListInput(Value):
    """The agency's list CP2100 or CP2100A: payees, or the same as CSV with the columns driver_id and last_four."""

    action: Literal["list"]
    dated_on: Day
    received_on: Day
    payees: tuple[ListedPayee, ...] = Field(default=(), max_length=MOST)
    csv: str | None = Field(default=None, max_length=LONGEST, examples=["driver_id,last_four\ndrv_1,6789\n"])


class SentInput(Value):
    """Letters that were mailed on a day."""

    action: Literal["sent"]
    sent_on: Day
    driver_ids: tuple[DriverId, ...] = Field(min_length=1, max_length=MOST)


class CertifiedInput(Value):
    """A paper that came from a driver and answers the open notice."""

    action: Literal["certified"]
    driver_id: DriverId
    received_on: Day
    proof: NoticeProof


class NoticesInput(Value):
    """A change of notices."""

    change: ListInput | SentInput | CertifiedInput = Field(discriminator="action")


class NoticeOutcome(StrEnum):
    """Outcomes for one payee."""

    NOTICE = "notice"
    LISTED_ALREADY = "listed_already"
    REPLACED_SINCE = "replaced_since"
    SENT = "sent"
    CERTIFIED = "certified"
    REFUSED = "refused"


class NoticeResult(Value):
    """Outcome for one payee, with the notice and its days; a refusal says why and leaves the others alone."""

    driver_id: str
    outcome: NoticeOutcome
    notice: NumberNotice | None = None
    code: str | None = None
    detail: str | None = None


class NoticeResults(Value):
    """Results in the order of the call."""

    results: tuple[NoticeResult, ...]


def change(request: NoticesInput, by: str, clock: Clock) -> NoticeResults:
    """Enter the agency's list, letters that were mailed, or a paper; each may be sent again and then changes nothing.

    Raises
    ------
    Unprocessable
        If a day is to come, or a list has nobody, can't be read, or is older than the tables of law.
    """
    asked, today = request.change, tax_day(clock.now())
    match asked:
        case ListInput():
            day = max(asked.dated_on, asked.received_on)
            _must_be_past(day, today, "/change/received_on")
            _must_have_figures(day)
            payees = _payees(asked)
            return NoticeResults(results=tuple(_one(p.driver_id, partial(_list, p, day, by, clock)) for p in payees))
        case SentInput():
            _must_be_past(asked.sent_on, today, "/change/sent_on")
            ids = dict.fromkeys(asked.driver_ids)
            return NoticeResults(results=tuple(_one(one, partial(_sent, one, asked.sent_on)) for one in ids))
        case CertifiedInput():
            _must_be_past(asked.received_on, today, "/change/received_on")
            payee = service.change(asked.driver_id, lambda one: one.prove(asked.received_on, asked.proof, clock.now()))
            done = NoticeResult(driver_id=payee.id, outcome=NoticeOutcome.CERTIFIED, notice=payee.notices[-1])
            return NoticeResults(results=(done,))


def _must_be_past(day: date, today: date, pointer: str) -> None:
    if day > today:
        raise Unprocessable(
            "day_to_come", f"{day} is to come, today is {today}; give the day on which it was.", pointer
        )


def _must_have_figures(day: date) -> None:
    try:
        send_by(day), withhold_from(day)
    except FigureMissing as missing:
        detail = f"{day}: the tables of law have no days for a list that is so old ({missing})."
        raise Unprocessable("day_too_early", detail, "/change/received_on") from missing


def _one(driver_id: str, act: Callable[[], NoticeResult]) -> NoticeResult:
    try:
        return act()
    except Refusal as refusal:
        told = {"code": refusal.code, "detail": refusal.detail}
        return NoticeResult(driver_id=driver_id, outcome=NoticeOutcome.REFUSED, **told)


def _list(listed: ListedPayee, day: date, by: str, clock: Clock) -> NoticeResult:
    drivers.get(listed.driver_id)
    before = service.of_driver(listed.driver_id)
    if listed.last_four and before.form and before.form.last_four != listed.last_four:
        return NoticeResult(driver_id=listed.driver_id, outcome=NoticeOutcome.REPLACED_SINCE)
    known = len(before.notices)
    after = service.change(listed.driver_id, lambda payee: payee.list(day, by, clock.now()))
    outcome = NoticeOutcome.NOTICE if len(after.notices) > known else NoticeOutcome.LISTED_ALREADY
    return NoticeResult(driver_id=after.id, outcome=outcome, notice=after.notices[-1])


def _sent(driver_id: str, day: date) -> NoticeResult:
    payee = service.change(driver_id, lambda one: one.sent(day))
    return NoticeResult(driver_id=payee.id, outcome=NoticeOutcome.SENT, notice=payee.open_notice)


def _payees(asked: ListInput) -> tuple[ListedPayee, ...]:
    if asked.csv is None:
        if not asked.payees:
            raise Unprocessable("nobody_listed", "Give payees, or the list as csv.", "/change/payees")
        return asked.payees
    if asked.payees:
        raise Unprocessable("listed_twice", "Give payees or csv, not both.", "/change/csv")
    return read_csv(asked.csv)


def read_csv(text: str) -> tuple[ListedPayee, ...]:
    """Return the payees of a list with the columns driver_id and last_four.

    Raises
    ------
    Unprocessable
        If a column is missing, a line can't be read, or there is nobody or too many.
    """
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or "driver_id" not in rows[0]:
        detail = "Begin with a line driver_id,last_four and add a line for each payee; last_four may be empty."
        raise Unprocessable("unreadable_list", detail, "/change/csv")
    if len(rows) > MOST:
        raise Unprocessable("list_too_long", f"It has {len(rows)} payees; send {MOST} at once at most.", "/change/csv")
    found = []
    for number, row in enumerate(rows, 2):
        driver_id, last_four = (row["driver_id"] or "").strip(), (row.get("last_four") or "").strip()
        if not re.fullmatch(r"[\w-]{1,60}", driver_id) or not re.fullmatch(r"([0-9]{4})?", last_four):
            detail = f"Line {number} has no id of a driver, or something else than four digits after it."
            raise Unprocessable("unreadable_list", detail, "/change/csv")
        found.append(ListedPayee(driver_id=driver_id, last_four=last_four or None))
    return tuple(dict.fromkeys(found))


def write_letter(payee: Payee, payer: Payer, files: TaxFiles, clock: Clock) -> str | None:
    """Write the letter of a payee's open notice and return its key; None if there is no notice, or nobody to write to.

    Raises
    ------
    NotFound
        If there is no such driver.
    """
    notice = payee.open_notice
    if notice is None:
        return None
    driver = drivers.get(payee.id)
    name = vault.names_of([driver.person_token]).get(driver.person_token)
    if name is None:
        return None  # erased since
    form = vault.record(tax_form_token(payee.id), TaxForm)
    recipient = filling.recipient_of(form, name)
    now = clock.now()
    today = f"{tax_day(now):%B %d, %Y}"
    page = LetterPage(payer=payer, recipient=recipient, notice=notice, today=today, made_at=now)
    files.put(letter_key(notice.id), letter_pdf(page), PDF)
    return letter_key(notice.id)
