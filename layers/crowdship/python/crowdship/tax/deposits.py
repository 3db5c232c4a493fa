"""Use cases of deposits: record one, list what is left of each month, use what was deposited too much for another."""

from crowdship.adapters.storage import persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.settlement import booking
from crowdship.settlement.accounts import CASH, TAX_WITHHELD
from crowdship.settlement.ledger import Posting, PostingKind, entry
from crowdship.tax.figures import CURRENCY, tax_day
from crowdship.tax.requests import DepositInput
from crowdship.tax.store import DayBookRow, DepositedRow, DepositRow, OffsetRow
from crowdship.tax.year import Deposited, MonthOfTax, TaxDeposit, TaxOffset, months_of, offset_among

DEPOSITED = "deposited"
"""Code of the entries of a deposit."""

OFFSET = "offset"
"""Code of the entries by which what was deposited too much for a month is used for another."""


def months(year: int) -> tuple[MonthOfTax, ...]:
    """Return the months of a year with withheld tax; a month's tax may stand in the next year's books as well."""
    days = (*DayBookRow.of_year(year), *DayBookRow.of_year(year + 1))
    return months_of(year, days, DepositRow.of_year(year), OffsetRow.of_year(year))


def use_over_deposits(clock: Clock) -> int:
    """Use, within this year and the last, what was deposited too much for a month; return how many offsets were booked.

    A payout that comes back after its tax was deposited leaves too much with the agency. It lowers what is left to
    deposit of another month of the same year. What no month of the year can use stays an open item.
    """
    this, made = tax_day(clock.now()).year, 0
    for year in (this - 1, this):
        while _offset_next(year, clock):
            made += 1
    return made


def _offset_next(year: int, clock: Clock) -> TaxOffset | None:
    def attempt() -> TaxOffset | None:
        before = _counted(year)
        offset = offset_among(months(year))
        if offset:
            rows = OffsetRow.of(offset, before.count), DepositedRow.of(before.and_also())
            booking.book(offset_posting(offset, before.count, clock), *rows)
        return offset

    return persistently(attempt)


def _counted(year: int) -> Deposited:
    return DepositedRow.load(Deposited.id_of(year)) or Deposited(id=Deposited.id_of(year))


def record(year: int, request: DepositInput, by: str, clock: Clock) -> TaxDeposit:
    """Record a deposit of withheld tax and book it, once for each reference.

    Raises
    ------
    Conflict
        If the reference was used for another deposit, of any year, or less tax of the month is left than that. Of two
        deposits of a month at once the second one is looked at again.
    Unprocessable
        If the month is of another year, the amount is no dollars, or the day is to come.
    """
    if not request.month.startswith(f"{year}-"):
        raise Unprocessable("month", f"{request.month} is no month of {year}.", "/change/month")
    if request.amount.currency != CURRENCY or request.amount.amount <= 0:
        raise Unprocessable(
            "amount", f"{request.amount} can't be deposited; give US dollars above zero.", "/change/amount"
        )
    if request.deposited_on > tax_day(clock.now()):
        raise Unprocessable("day_to_come", f"{request.deposited_on} is to come.", "/change/deposited_on")

    def attempt() -> TaxDeposit:
        known = DepositRow.load(year, request.reference)
        if known is not None:
            return _same(known, request)
        before = _counted(year)
        _must_be_left(year, request)
        deposit = _deposit(request, by, clock)
        rows = DepositRow.of(deposit), DepositedRow.of(before.and_also())
        booking.book(posting_of(deposit), *rows)
        # Nothing was written if the posting of this reference was booked before: for another year, or at this moment.
        return _same(DepositRow.load(year, request.reference), request)

    return persistently(attempt)


def _deposit(request: DepositInput, by: str, clock: Clock) -> TaxDeposit:
    return TaxDeposit(
        id=derived_id("dep", request.reference),
        month=request.month,
        amount=request.amount.amount,
        deposited_on=request.deposited_on,
        reference=request.reference,
        booked_by=by,
        booked_at=clock.now(),
    )


def _same(known: TaxDeposit | None, request: DepositInput) -> TaxDeposit:
    if known is None:
        detail = f"{request.reference} is a deposit for another year; give another one."
        raise Conflict("reference_used", detail, "/change/reference")
    if (known.month, known.amount) != (request.month, request.amount.amount):
        detail = f"{known.reference} is the deposit of {known.amount} minor units for {known.month}; give another one."
        raise Conflict("reference_used", detail, "/change/reference")
    return known


def _must_be_left(year: int, request: DepositInput) -> None:
    left = next((one.left for one in months(year) if one.month == request.month), 0)
    if request.amount.amount > left:
        shown = Money(amount=left, currency=CURRENCY)
        detail = f"Of {request.month} {shown} is left to deposit in the closed days, not {request.amount}."
        raise Conflict("more_than_withheld", detail, "/change/amount")


def offset_posting(offset: TaxOffset, number: int, clock: Clock) -> Posting:
    """Return the posting of an offset, which moves no money: it is deposited for another month than was said."""
    amount = Money(amount=offset.amount, currency=CURRENCY)
    entries = (
        *entry(TAX_WITHHELD.group, amount, OFFSET, offset.month),
        *entry(TAX_WITHHELD.group, -amount, OFFSET, offset.over),
    )
    cause = f"tax_offset/{offset.month[:4]}/{number}"
    note = f"tax deposited for {offset.over} is used for {offset.month}"
    return Posting.caused_by(cause, PostingKind.TAX_OFFSET, clock.now(), entries, note=note)


def posting_of(deposit: TaxDeposit) -> Posting:
    """Return the posting of a deposit: withheld tax leaves the bank."""
    amount = Money(amount=deposit.amount, currency=CURRENCY)
    entries = (
        *entry(TAX_WITHHELD.group, amount, DEPOSITED, deposit.month),
        *entry(CASH, -amount, DEPOSITED),
    )
    about = {"note": f"tax of {deposit.month}, {deposit.reference}", "booked_by": deposit.booked_by}
    return Posting.caused_by(
        f"tax_deposit/{deposit.reference}", PostingKind.TAX_DEPOSIT, deposit.booked_at, entries, **about
    )
