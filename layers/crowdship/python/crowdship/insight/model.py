"""Measurements from events, and the report on a settled period."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from email.message import EmailMessage
from enum import StrEnum
from typing import Any, Self

from crowdship.kernel.events import DomainEvent, Value
from crowdship.kernel.money import Money
from crowdship.notify.rendering import Letter, Line, rendered
from crowdship.settlement.ledger import FEES, TrialBalance, totals
from crowdship.settlement.model import Overview, Payout, PayoutState
from crowdship.settlement.statements import Statement, Sums

# Measurements


class Unit(StrEnum):
    """What is measured, in CloudWatch's words; it has no minutes."""

    COUNT = "Count"
    SECONDS = "Seconds"
    NONE = "None"


class Measurement(Value):
    """One number for one metric."""

    name: str
    unit: Unit
    value: float


COUNTED = {
    "delivery.created": "DeliveriesCreated",
    "delivery.reassigned": "DeliveriesReassigned",
    "delivery.delivered": "DeliveriesDelivered",
    "delivery.failed": "DeliveriesFailed",
    "delivery.cancelled": "DeliveriesCancelled",
    "delivery.expired": "DeliveriesExpired",
    "offer.made": "OffersMade",
    "offer.accepted": "OffersAccepted",
    "offer.declined": "OffersDeclined",
    "offer.expired": "OffersExpired",
    "payout.sent": "PayoutsSent",
    "payout.failed": "PayoutsFailed",
    "tracking.alert_raised": "AlertsRaised",
}
"""Which events are counted, and under which metric."""

FIRST_CHANGE = 2
"""The sequence of what happens to a delivery next after its creation."""


def measurements(event: DomainEvent) -> tuple[Measurement, ...]:
    """Return what an event adds to the metrics; a test adds nothing."""
    if not event.livemode:
        return ()
    result = []
    if name := COUNTED.get(event.type):
        result.append(Measurement(name=name, unit=Unit.COUNT, value=1))
    if event.type == "delivery.delivered":
        closes_at = _moment(event.data["dropoff_window"]["closes_at"])
        minutes = (event.time - _moment(event.data["created_at"])).total_seconds() / 60
        result.append(Measurement(name="OnTime", unit=Unit.NONE, value=float(event.time <= closes_at)))
        result.append(Measurement(name="ClickToDoorMinutes", unit=Unit.NONE, value=minutes))
    # An offer does not know whether it is the first of its deliveries; a delivery's sequence does.
    if event.type == "delivery.offered" and event.sequence == FIRST_CHANGE:
        seconds = (event.time - _moment(event.data["created_at"])).total_seconds()
        result.append(Measurement(name="SecondsToFirstOffer", unit=Unit.SECONDS, value=seconds))
    return tuple(result)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# The report to finance


class OwnerTotals(Value):
    """One merchant's or driver's line of the report."""

    id: str
    name: Line
    currency: str
    sums: Sums
    payout: Payout | None = None


class Report(Value):
    """A settled period as finance reads it."""

    period: date
    merchants: tuple[OwnerTotals, ...]
    drivers: tuple[OwnerTotals, ...]
    fees: tuple[Money, ...]
    sent: tuple[Money, ...]
    failed: tuple[Money, ...]
    off_by: tuple[Money, ...]

    @classmethod
    def of(cls, overview: Overview, balance: TrialBalance, names: Mapping[str, str]) -> Self:
        """Return the report on a settlement; ``names`` are the merchants' by id."""
        payouts = {payout.id: payout for payout in overview.payouts}

        def line(statement: Statement) -> OwnerTotals:
            identity = statement.owner.partition(":")[2]
            return OwnerTotals(
                id=identity,
                name=names.get(identity, ""),
                currency=statement.currency,
                sums=statement.sums,
                payout=payouts.get(statement.payout_id or ""),
            )

        def paid(state: PayoutState) -> tuple[Money, ...]:
            return totals(payout.amount for payout in overview.payouts if payout.state is state)

        return cls(
            period=overview.settlement.period,
            merchants=tuple(line(s) for s in overview.statements if s.driver_id is None),
            drivers=tuple(line(s) for s in overview.statements if s.driver_id),
            fees=totals(-account.balance for account in balance.accounts if account.account == FEES),
            sent=paid(PayoutState.SENT),
            failed=paid(PayoutState.FAILED),
            off_by=balance.difference,
        )

    @property
    def refused(self) -> tuple[Payout, ...]:
        """The payouts that the rail refused."""
        payouts = (line.payout for line in self.drivers)
        return tuple(payout for payout in payouts if payout and payout.state is PayoutState.FAILED)


FOLDER = "insight/templates"
COLUMNS = (
    "kind",
    "id",
    "name",
    "currency",
    "trips",
    "tips",
    "corrections",
    "carried",
    "total",
    "payout",
    "payout_id",
    "payout_reason",
)


def _cells(kind: str, line: OwnerTotals) -> tuple[str, ...]:
    payout = line.payout
    sums = line.sums
    amounts = (sums.trips, sums.tips, sums.corrections, sums.carried, sums.total)
    of_payout = (payout.state, payout.id, payout.reason or "") if payout else ("", "", "")
    return (kind, line.id, line.name, line.currency, *(str(amount.decimal) for amount in amounts), *of_payout)


def _rows(report: Report) -> Iterable[tuple[str, ...]]:
    yield from (_cells("merchant", line) for line in report.merchants)
    yield from (_cells("driver", line) for line in report.drivers)


def _harmless(cell: str) -> str:
    """Return a cell that a spreadsheet takes for text; a name may begin like a formula."""
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
    """Return what the templates of the mail may use."""
    return {
        "period": report.period,
        "charged": _money(totals(line.sums.total for line in report.merchants)),
        "due": _money(totals(line.sums.total for line in report.drivers)),
        "tips": _money(totals(line.sums.tips for line in report.drivers)),
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
    """Return the report to read without a mail program's help."""
    return Letter.of(f"{FOLDER}/settlement.mail.txt.j2", _fields(report))


def as_html(report: Report) -> str:
    """Return the report as a page with a table of sums and one of all lines."""
    return rendered(f"{FOLDER}/settlement.html.j2", {**_fields(report), "columns": COLUMNS, "rows": [*_rows(report)]})


def as_email(report: Report, sender: str, recipient: str) -> EmailMessage:
    """Return the report as a mail: text, a table for programs that show one, and a CSV file."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = recipient
    letter = as_letter(report)
    message["Subject"] = letter.subject
    message.set_content(letter.text)
    message.add_alternative(as_html(report), subtype="html")
    message.add_attachment(as_csv(report), subtype="csv", filename=f"settlement-{report.period}.csv")
    return message
