"""Report to finance on a settled period, as text, page, CSV file and mail."""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from email.message import EmailMessage
from typing import Any, Self

from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.notify.rendering import Letter, Line, rendered
from crowdship.payouts.model import BACK, Payout, PayoutState
from crowdship.settlement.accounts import FEES, owner_id
from crowdship.settlement.statements import Statement, Sums
from crowdship.settlement.trial_balance import TrialBalance, totals


class OwnerTotals(Value):
    """Line of the report for one merchant or driver in one currency; merchants have no payout."""

    id: str
    name: Line
    currency: str
    sums: Sums
    payout: Payout | None = None


class Report(Value):
    """Sums of a settled period.

    Parameters
    ----------
    fees : tuple of Money
        What the platform kept of charges, per currency; below zero if it paid more than it charged.
    sent, failed : tuple of Money
        Sums of payouts that the provider has, and of those that did not stay paid, per currency.
    off_by : tuple of Money
        Debits less credits, per currency; zero unless the books are wrong.
    """

    period: date
    merchants: tuple[OwnerTotals, ...]
    drivers: tuple[OwnerTotals, ...]
    fees: tuple[Money, ...]
    sent: tuple[Money, ...]
    failed: tuple[Money, ...]
    off_by: tuple[Money, ...]

    @classmethod
    def of(
        cls,
        period: date,
        statements: Sequence[Statement],
        payouts: Sequence[Payout],
        balance: TrialBalance,
        names: Mapping[str, str],
    ) -> Self:
        """Return the report on a settlement; ``names`` are the merchants' by id."""
        payout_of = {part.statement_id: payout for payout in payouts for part in payout.settles}

        def line(statement: Statement) -> OwnerTotals:
            identity = owner_id(statement.owner)
            return OwnerTotals(
                id=identity,
                name=names.get(identity, ""),
                currency=statement.currency,
                sums=statement.sums,
                payout=payout_of.get(statement.id),
            )

        def in_states(states: Collection[PayoutState]) -> tuple[Money, ...]:
            return totals(payout.amount for payout in payouts if payout.state in states)

        return cls(
            period=period,
            merchants=tuple(line(s) for s in statements if s.driver_id is None),
            drivers=tuple(line(s) for s in statements if s.driver_id),
            fees=totals(-account.balance for account in balance.accounts if account.account == FEES),
            sent=in_states({PayoutState.IN_TRANSIT, PayoutState.PAID}),
            failed=in_states(BACK),
            off_by=balance.difference,
        )

    @property
    def refused(self) -> tuple[Payout, ...]:
        """Payouts that did not stay paid."""
        payouts = (line.payout for line in self.drivers)
        return tuple(payout for payout in payouts if payout and payout.state in BACK)


FOLDER = "insight/templates"
COLUMNS = (
    "kind",
    "id",
    "name",
    "currency",
    "trips",
    "tips",
    "extra",
    "corrections",
    "instant",
    "carried",
    "total",
    "payout",
    "payout_id",
    "payout_reason",
)


def _cells(kind: str, line: OwnerTotals) -> tuple[str, ...]:
    payout = line.payout
    sums = line.sums
    amounts = (sums.trips, sums.tips, sums.extra, sums.corrections, sums.instant, sums.carried, sums.total)
    of_payout = (payout.state, payout.id, payout.reason or "") if payout else ("", "", "")
    return (kind, line.id, line.name, line.currency, *(str(amount.decimal) for amount in amounts), *of_payout)


def _rows(report: Report) -> Iterable[tuple[str, ...]]:
    yield from (_cells("merchant", line) for line in report.merchants)
    yield from (_cells("driver", line) for line in report.drivers)


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula: one that begins like a formula gets an apostrophe."""
    return f"'{cell}" if cell[:1] in {"=", "+", "@", "\t", "\r"} or (cell[:1] == "-" and not _is_number(cell)) else cell


def _is_number(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).isdigit()


def as_csv(report: Report) -> str:
    """Return the report's lines as CSV (RFC 4180), amounts in major units."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(cell) for cell in row] for row in _rows(report))
    return text.getvalue()


def _money(amounts: tuple[Money, ...]) -> str:
    return ", ".join(str(amount) for amount in amounts) or "nothing"


def _fields(report: Report) -> dict[str, Any]:
    """Return the fields of the mail's templates."""
    return {
        "period": report.period,
        "charged": _money(totals(line.sums.total for line in report.merchants)),
        "due": _money(totals(line.sums.total for line in report.drivers)),
        "tips": _money(totals(line.sums.tips for line in report.drivers)),
        "extra": _money(totals(line.sums.extra for line in report.drivers)),
        "fees": _money(report.fees),
        "sent": _money(report.sent),
        "failed": _money(report.failed),
        "off_by": _money(report.off_by),
        "is_off": any(money.amount for money in report.off_by),
        "refused": report.refused,
        "merchants": report.merchants,
        "drivers": report.drivers,
    }


def as_letter(report: Report) -> Letter:
    """Return the subject and the plain text of the mail."""
    return Letter.of(f"{FOLDER}/settlement.mail.txt.j2", _fields(report))


def as_html(report: Report) -> str:
    """Return the mail's page, with a table of sums and a table of all lines."""
    return rendered(f"{FOLDER}/settlement.html.j2", {**_fields(report), "columns": COLUMNS, "rows": [*_rows(report)]})


def as_email(report: Report, sender: str, recipient: str) -> EmailMessage:
    """Return the mail: plain text, the page as its alternative, and the CSV file."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = recipient
    letter = as_letter(report)
    message["Subject"] = letter.subject
    message.set_content(letter.text)
    message.add_alternative(as_html(report), subtype="html")
    message.add_attachment(as_csv(report), subtype="csv", filename=f"settlement-{report.period}.csv")
    return message
