"""Payout provider ``nacha``: payroll files for the platform's own bank, with no other service between."""

import io
from collections.abc import Iterable, Iterator
from itertools import batched

from pydantic import ValidationError

from crowdship.payouts.nacha.check import check
from crowdship.payouts.nacha.model import (
    FORMAT,
    LAST_SEQUENCE,
    MODIFIERS,
    Credit,
    FileNames,
    Originator,
    UnfitCredit,
    fit,
)
from crowdship.payouts.nacha.returns import returns_in
from crowdship.payouts.nacha.writer import TooManyCredits, write
from crowdship.payouts.provider import (
    Accepted,
    BankReturn,
    FileHeading,
    PayoutInstruction,
    PayoutRejected,
    Speed,
)
from crowdship.vault import service as vault
from crowdship.vault.applicants import BankAccount

FIELDS = ("bank_routing_number", "destination", "destination_name", "origin", "company_name", "company_id")
"""Fields of the secret: an ``Originator`` as the bank's contract has it."""

READ_AT_ONCE = 100
"""Bank accounts that are read from the vault at once."""

ENTRIES_OF_FILE = LAST_SEQUENCE // len(MODIFIERS)
"""The most credits of a file: so each of a day's files has trace numbers of its own."""


class BankFileDamaged(Exception):  # noqa: N818 - an answer of the check
    """A file that was written did not pass the check, so it must not go to the bank."""


class NachaProvider:
    """Bank files of payroll credits in US dollars.

    Parameters
    ----------
    originator : Originator
        The platform as its bank knows it.
    """

    collects = True

    def __init__(self, originator: Originator) -> None:
        self._originator = originator

    def transfer(self, instruction: PayoutInstruction) -> Accepted:
        """Raise NotImplementedError: instructions go into a file."""
        raise NotImplementedError("nacha takes files, not single payouts")

    def unwritable(self, instruction: PayoutInstruction) -> PayoutRejected | None:
        """Return why no file can hold an instruction, or None; nothing of the account is repeated."""
        if instruction.speed is Speed.INSTANT:
            return PayoutRejected("instant_unavailable", "a bank file pays on the next banking day at the earliest")
        try:
            fit(next(_credits([instruction])), FORMAT)
        except UnfitCredit as unfit:
            return PayoutRejected(unfit.code, unfit.detail)
        except PayoutRejected as rejected:
            return rejected
        return None

    def file_of(self, heading: FileHeading, instructions: Iterable[PayoutInstruction]) -> bytes:
        """Return the file of a run, checked; the same heading and instructions give the same bytes.

        Raises
        ------
        PayoutRejected
            If an instruction can't be written, or the run has more credits than a file holds.
        ValueError
            If the effective date is no banking day, or the day has no file left.
        BankFileDamaged
            If the file does not pass the check.
        """
        if heading.number >= len(MODIFIERS):
            raise ValueError(f"file {heading.number} of a day; a day has {len(MODIFIERS)} files at most")
        names = FileNames(
            created_at=heading.made_at,
            effective_on=heading.effective_on,
            modifier=MODIFIERS[heading.number],
            first_sequence=heading.number * ENTRIES_OF_FILE + 1,
        )
        content = self._written(names, instructions)
        if faults := check(content.splitlines(keepends=True)):
            first = faults[0]
            raise BankFileDamaged(f"{heading.run_id}: record {first.record}, {first.field}: {first.detail}")
        return content

    def returns_in(self, content: bytes) -> list[BankReturn]:
        """Return the returns and corrections of a bank's file; what is damaged has a ``fault``."""
        return returns_in(content)

    def _written(self, names: FileNames, instructions: Iterable[PayoutInstruction]) -> bytes:
        sink = io.BytesIO()
        full = PayoutRejected("file_full", f"a file holds {ENTRIES_OF_FILE} credits and {FORMAT.total} cents")
        try:
            lines = write(self._originator, names, _credits(instructions), lambda number: sink)
            for count, line in enumerate(lines, start=1):
                if line.file or count > ENTRIES_OF_FILE:
                    raise full
        except UnfitCredit as unfit:
            raise PayoutRejected(unfit.code, str(unfit)) from None
        except TooManyCredits:
            raise full from None
        return sink.getvalue()


def _credits(instructions: Iterable[PayoutInstruction]) -> Iterator[Credit]:
    """Return the credits of instructions, with accounts from the vault that are held no longer than a hundred others.

    Raises
    ------
    PayoutRejected
        If an account was erased.
    """
    for some in batched(instructions, READ_AT_ONCE, strict=False):
        accounts = vault.bank_accounts(instruction.account for instruction in some)
        for instruction in some:
            account = accounts.get(instruction.account)
            if account is None:
                raise PayoutRejected("no_bank_account", f"there is no bank account for {instruction.payout_id}")
            yield _credit(instruction, account)


def _credit(instruction: PayoutInstruction, account: BankAccount) -> Credit:
    # A bank's statement shows company and description; an addenda record would double the file, and few banks show it.
    return Credit(
        reference=instruction.reference,
        routing_number=account.routing_number,
        account_number=account.account_number,
        kind=account.kind,
        name=account.holder,
        amount=instruction.amount,
    )


def connect(**fields: str) -> NachaProvider:
    """Return the provider of an originator.

    Raises
    ------
    ValueError
        If the bank could not know such an originator; the field and its rule are named.
    """
    try:
        return NachaProvider(Originator.model_validate(fields))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ValueError(f"the secret of nacha is wrong: {wrong}") from None
