"""Use case of staff: take in a file of returns and corrections, line by line; the same file again changes nothing."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field, ValidationError

from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.onboarding import service as onboarding
from crowdship.payouts import holding, service
from crowdship.payouts.bank.codes import ACCOUNT_REFUSED, CORRECTIONS, RETURNS, reason_for
from crowdship.payouts.holds import HoldCode
from crowdship.payouts.model import BACK, BANK, Payout
from crowdship.payouts.provider import BankReturn, NewsState, PayoutNews, PayoutProvider
from crowdship.payouts.store import NameRow

LINES_AT_ONCE = 300
"""Records of a file that one call takes in; the answer says where to go on."""

LONGEST_FILE = 5_000_000
"""Bytes of a file; an API call holds no more than some six million."""


class ReturnOutcome(StrEnum):
    """Consequence of a record."""

    RETURNED = "returned"
    CORRECTED = "corrected"
    KNOWN = "known"
    UNMATCHED = "unmatched"
    UNREADABLE = "unreadable"
    AMOUNT_DIFFERS = "amount_differs"
    UNKNOWN_CODE = "unknown_code"
    NOT_APPLIED = "not_applied"


class ReturnLine(Value):
    """A record of a file and what followed from it."""

    line: int
    code: str
    outcome: ReturnOutcome
    payout_id: str | None = None
    detail: str | None = None


class ReturnsTaken(Value):
    """Consequences of a file, or of a part of it."""

    lines: tuple[ReturnLine, ...]
    counts: dict[str, int] = Field(description="Number of records by outcome")
    next_start: int | None = Field(description="Where the next call goes on; null at the end of the file")


def take_in(content: bytes, start: int, by: str, provider: PayoutProvider, clock: Clock) -> ReturnsTaken:
    """Take in records of a file from an index on.

    Each record stands for itself: one that can't be read or matched is told in the answer and keeps no other from being
    taken in.

    Raises
    ------
    Unprocessable
        ``no_records`` if the file has none, ``too_long`` if it is too large.
    """
    if len(content) > LONGEST_FILE:
        detail = f"The file has {len(content)} bytes; send at most {LONGEST_FILE}, its records in parts."
        raise Unprocessable("too_long", detail)
    records = provider.returns_in(content)
    if not records:
        raise Unprocessable("no_records", "The file has no record of a return or a correction; send it as it came.")
    some = records[start : start + LINES_AT_ONCE]
    lines = [_taken(one, by, clock) for one in some]
    following = start + LINES_AT_ONCE
    return ReturnsTaken(
        lines=tuple(lines), counts=_counts(lines), next_start=following if following < len(records) else None
    )


def _counts(lines: Sequence[ReturnLine]) -> dict[str, int]:
    outcomes = [line.outcome for line in lines]
    return {str(outcome): outcomes.count(outcome) for outcome in ReturnOutcome if outcome in outcomes}


def _taken(record: BankReturn, by: str, clock: Clock) -> ReturnLine:
    def told(outcome: ReturnOutcome, detail: str | None = None, payout_id: str | None = None) -> ReturnLine:
        return ReturnLine(line=record.line, code=record.code, outcome=outcome, detail=detail, payout_id=payout_id)

    if record.fault:
        return told(ReturnOutcome.UNREADABLE, record.fault)
    if record.code not in RETURNS and record.code not in CORRECTIONS:
        return told(ReturnOutcome.UNKNOWN_CODE, "This code is not known here; look at the payout and decide.")
    payout_id = NameRow.by_reference(record.reference) if record.reference else None
    if payout_id is None:
        return told(ReturnOutcome.UNMATCHED, f"No payout has the reference {record.reference}.")
    payout = service.find(payout_id)
    if record.corrects:
        return told(*_corrected(payout, record, clock), payout_id)
    if record.amount and record.amount != payout.net:
        detail = f"The record says {record.amount}, the payout {payout.net}; nothing was changed."
        return told(ReturnOutcome.AMOUNT_DIFFERS, detail, payout_id)
    return told(*_returned(payout, record, by, clock), payout_id)


def _returned(payout: Payout, record: BankReturn, by: str, clock: Clock) -> tuple[ReturnOutcome, str | None]:
    """Give a payout back; the hold on its account comes first, so that no run pays to it in between."""
    reason = reason_for(record.code)
    if payout.state in BACK:
        return ReturnOutcome.KNOWN, f"It is {payout.state} already."
    if not payout.instructed_at:
        return ReturnOutcome.UNMATCHED, f"It is {payout.state} and was never sent."
    hold_for_account(payout, record.code, by, clock)
    news = PayoutNews(payout_id=payout.id, state=NewsState.RETURNED, code=record.code, reason=reason, at=clock.now())
    service.take_news(news, clock, BANK)
    return ReturnOutcome.RETURNED, reason


def hold_for_account(payout: Payout, code: str | None, by: str, clock: Clock) -> None:
    """Hold a driver's payouts until another account is given, if a code says that this one is of no use.

    Nothing is held if the driver gave another account after the payout was instructed.
    """
    if code in ACCOUNT_REFUSED and not holding.has_other_account(payout):
        reason = reason_for(code) if code in RETURNS else code
        holding.hold(payout.driver_id, HoldCode.ACCOUNT_REFUSED, payout.id, reason, by, clock)


def _corrected(payout: Payout, record: BankReturn, clock: Clock) -> tuple[ReturnOutcome, str | None]:
    """Correct the account of a payout's driver, and tell the driver once."""
    fields = CORRECTIONS[record.code]
    new = {name: value for name, value in record.corrections.items() if name in fields}
    if set(new) != set(fields):
        return ReturnOutcome.NOT_APPLIED, f"{record.code} needs {' and '.join(fields)}; the record does not have them."
    if record.code in payout.corrections:
        return ReturnOutcome.KNOWN, "The account was corrected before."
    if holding.has_other_account(payout):
        return ReturnOutcome.NOT_APPLIED, "The driver gave another account after this payout was instructed."
    try:
        account = onboarding.correct_bank_account(payout.driver_id, new)
    except ValidationError as error:
        return ReturnOutcome.NOT_APPLIED, f"The corrected account would be no account: {error.errors()[0]['msg']}."
    if account is None:
        return ReturnOutcome.NOT_APPLIED, "The driver has no bank account any more."
    service.change(payout.id, lambda payout: payout.corrected(record.code, clock.now()), clock)
    return ReturnOutcome.CORRECTED, None
