"""Formats of exports: each writes the journal as text, line by line, without holding it.

``csv``, ``hledger`` and ``beancount`` have every posting; ``quickbooks`` and ``xero`` have a journal for each day and
currency with the sums of the kinds of accounts, as a general ledger takes them.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum

from crowdship.kernel.money import Money
from crowdship.settlement.accounts import Side
from crowdship.settlement.exports.naming import CODE_OF, PENDING, group_name, ledger_name
from crowdship.settlement.ledger import Entry, Phase, Posting, reversed_entry
from crowdship.settlement.sums import Sheet


class Format(StrEnum):
    """Formats of an export."""

    CSV = "csv"
    QUICKBOOKS = "quickbooks"
    XERO = "xero"
    HLEDGER = "hledger"
    BEANCOUNT = "beancount"


SUFFIX = {
    Format.CSV: "csv",
    Format.QUICKBOOKS: "csv",
    Format.XERO: "csv",
    Format.HLEDGER: "journal",
    Format.BEANCOUNT: "beancount",
}
"""Ending of a file's name."""

OF_DAYS = frozenset({Format.QUICKBOOKS, Format.XERO})
"""Formats that have the sums of closed days."""

XERO_TAX_RATE = "Tax Exempt"
"""Name of the tax rate of journals in Xero; sales tax is an account of ours, and not reckoned anew."""


_AMOUNT = re.compile(r"-[0-9]+(\.[0-9]+)?")


def _row(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([_safe(cell) for cell in cells])
    return text.getvalue()


def _safe(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula; a negative amount stays as it is."""
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _AMOUNT.fullmatch(cell):
        return f"'{cell}"
    return cell


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())


# -- every posting -----------------------------------------------------------------------------------------

COLUMNS = (
    "date",
    "time",
    "posting_id",
    "kind",
    "phase",
    "resolves",
    "account",
    "debit",
    "credit",
    "currency",
    "code",
    "item",
    "delivery_id",
    "external_id",
    "booked_by",
    "note",
)


def csv_head() -> str:
    """Return the first line of the format ``csv``."""
    return _row(COLUMNS)


def csv_posting(posting: Posting) -> str:
    """Return a line for each entry of a posting; what it releases of a pending one has the phase ``released``."""
    lines = [(str(posting.phase), entry) for entry in posting.entries]
    lines += [("released", entry) for entry in posting.releases]
    return "".join(_csv_line(posting, phase, entry) for phase, entry in lines)


def _csv_line(posting: Posting, phase: str, entry: Entry) -> str:
    amount = str(entry.amount.decimal)
    debit, credit = (amount, "") if entry.side is Side.DEBIT else ("", amount)
    return _row(
        (
            str(posting.period),
            posting.time.isoformat(),
            posting.id,
            str(posting.kind),
            phase,
            posting.resolves or "",
            entry.account,
            debit,
            credit,
            entry.amount.currency,
            entry.code,
            entry.item or "",
            posting.delivery_id or "",
            posting.external_id or "",
            posting.booked_by or "",
            _flat(posting.note),
        )
    )


def lines_of(posting: Posting) -> Iterator[tuple[str, Entry]]:
    """Yield the account's name and the entry of each line of a posting in a plain-text ledger.

    Reserved amounts stand on accounts of their own below the real ones. Their resolution takes them off there.
    """
    if posting.phase is Phase.POSTED:
        yield from ((ledger_name(one.account), one) for one in posting.entries)
    pending = {Phase.PENDING: posting.entries, Phase.VOIDED: tuple(map(reversed_entry, posting.entries))}
    for one in pending.get(posting.phase, tuple(map(reversed_entry, posting.releases))):
        yield f"{ledger_name(one.account)}:{PENDING}", one


def _signed(entry: Entry) -> str:
    return str(Money(amount=entry.signed, currency=entry.amount.currency))


def _flag(posting: Posting) -> str:
    return "!" if posting.phase is Phase.PENDING else "*"


def hledger_head(first: date, last: date) -> str:
    """Return what a journal for hledger begins with."""
    return f"; journal of {first} to {last}, UTC days\ndecimal-mark .\n"


def hledger_posting(posting: Posting) -> str:
    """Return a transaction for hledger; a pending posting is marked ``!``."""
    about = " ".join(_plain(part) for part in (posting.delivery_id, posting.external_id, posting.note) if part)
    head = f"\n{posting.period} {_flag(posting)} ({posting.id}) {posting.kind}" + (f" | {about}" if about else "")
    lines = []
    for name, entry in lines_of(posting):
        item = f", item: {_plain(entry.item)}" if entry.item else ""
        lines.append(f"    {name}  {_signed(entry)}  ; code: {_plain(entry.code)}{item}")
    return "\n".join((head, *lines)) + "\n"


def _plain(text: str) -> str:
    """Return a text without what ends a field or begins a comment of a plain-text ledger."""
    return _flat(text).replace(";", ",").replace("|", "/").replace('"', "'").replace("\\", "/")


def beancount_head(first: date, last: date) -> str:
    """Return what a file for Beancount begins with."""
    return f'; journal of {first} to {last}, UTC days\noption "title" "crowdship {first} to {last}"\n'


def beancount_posting(posting: Posting) -> str:
    """Return a transaction for Beancount; a pending posting is marked ``!``."""
    about = " ".join(_plain(part) for part in (posting.external_id, posting.note) if part)
    head = [f'\n{posting.period} {_flag(posting)} "{posting.kind}" "{about}"', f'  posting: "{posting.id}"']
    if posting.delivery_id:
        head.append(f'  delivery: "{_plain(posting.delivery_id)}"')
    lines = []
    for name, entry in lines_of(posting):
        lines += [f"  {name}  {_signed(entry)}", f'    code: "{_plain(entry.code)}"']
        if entry.item:
            lines.append(f'    item: "{_plain(entry.item)}"')
    return "\n".join((*head, *lines)) + "\n"


def beancount_foot(accounts: Iterable[str], first: date) -> str:
    """Return the directives that open accounts; their order in the file does not matter."""
    return "\n" + "".join(f"{first} open {name}\n" for name in sorted(accounts))


# -- sums of days ------------------------------------------------------------------------------------------

QUICKBOOKS_COLUMNS = (
    "JournalNo",
    "JournalDate",
    "Currency",
    "Memo",
    "AccountName",
    "Debits",
    "Credits",
    "Description",
    "Name",
)
XERO_COLUMNS = (
    "*Narration",
    "*Date",
    "Description",
    "*AccountCode",
    "*TaxRate",
    "*Amount",
    "TrackingName1",
    "TrackingOption1",
    "TrackingName2",
    "TrackingOption2",
)


def quickbooks_head() -> str:
    """Return the first line of a journal for QuickBooks Online."""
    return _row(QUICKBOOKS_COLUMNS)


def quickbooks_day(day: date, groups: Sheet) -> str:
    """Return the journals of a day for QuickBooks Online, one for each currency: a line for each side of a group."""
    rows = []
    for name, currency, debit, credit in _sides(groups):
        number = f"{day:%Y%m%d}-{currency}"
        memo = f"crowdship {day}"
        rows.append((number, f"{day:%m/%d/%Y}", currency, memo, group_name(name), debit, credit, name, ""))
    return "".join(_row(row) for row in rows)


def xero_head() -> str:
    """Return the first line of manual journals for Xero."""
    return _row(XERO_COLUMNS)


def xero_day(day: date, groups: Sheet) -> str:
    """Return the manual journals of a day for Xero, one for each currency; a credit is below zero."""
    rows = []
    for name, currency, debit, credit in _sides(groups):
        narration = f"crowdship {day} {currency}"
        amount = debit or f"-{credit}"
        rows.append((narration, f"{day:%d %b %Y}", group_name(name), CODE_OF[name], XERO_TAX_RATE, amount, *[""] * 4))
    return "".join(_row(row) for row in rows)


def _sides(groups: Sheet) -> Iterator[Sequence[str]]:
    """Yield the lines of a day by currency: group, currency, and an amount either as debit or as credit."""
    for key, columns in sorted(groups.items(), key=lambda one: (one[0].currency, one[0].name)):
        if columns.debit:
            yield key.name, key.currency, str(Money(amount=columns.debit, currency=key.currency).decimal), ""
        if columns.credit:
            yield key.name, key.currency, "", str(Money(amount=columns.credit, currency=key.currency).decimal)
