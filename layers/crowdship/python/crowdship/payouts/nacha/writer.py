"""Writer of bank files: credits come one by one and leave as records, so memory does not grow with their number."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from crowdship.kernel.money import Money
from crowdship.payouts.nacha.model import (
    CREDIT_CODES,
    CREDITS_ONLY,
    CURRENCY,
    ENTRY_CLASS,
    FORMAT,
    LAST_SEQUENCE,
    MODIFIERS,
    PAYROLL,
    Credit,
    FileNames,
    Limits,
    Originator,
    UnfitCredit,
    fit,
)
from crowdship.payouts.nacha.records import (
    ADDENDA,
    BATCH_CONTROL,
    BATCH_HEADER,
    ENTRY,
    FILE_CONTROL,
    FILE_HEADER,
    MODULUS,
    blocks_of,
    padding_after,
)

BATCH_NUMBER = 1
"""A file has one batch, because all its credits have one description, class and effective date."""

END = b"\n"


@dataclass(frozen=True, slots=True)
class Line:
    """A credit in the manifest of a run: where it is, and the number by which the bank knows it.

    Parameters
    ----------
    file : int
        Number of its file in the run, from 0.
    """

    file: int
    trace_number: str
    reference: str
    amount: Money


class TooManyCredits(ValueError):  # noqa: N818 - a limit, not a fault of the code
    """A run has more credits than trace numbers or file id modifiers are left for."""


class BankFile:
    """One file that is being written.

    Parameters
    ----------
    names : FileNames
        With the modifier of this very file.
    sink : BinaryIO
        Takes the records.
    sequence : int
        Of the first trace number.
    """

    def __init__(self, originator: Originator, names: FileNames, limits: Limits, sink: BinaryIO, sequence: int) -> None:
        self._originator, self._names, self._limits, self._sink = originator, names, limits, sink
        self._next = sequence
        self._lines = self._records = self._hash = self._cents = 0
        self._put(self._file_header())
        self._put(self._batch_header())

    @property
    def next_sequence(self) -> int:
        """The sequence of the next trace number."""
        return self._next

    def has_room_for(self, credit: Credit) -> bool:
        """Return whether a credit still fits within the limits of a file."""
        records = self._records + 1 + bool(credit.note)
        return records <= self._limits.records and self._cents + credit.amount.amount <= self._limits.total

    def add(self, credit: Credit) -> str:
        """Write a credit that was made fit, and return its trace number.

        Raises
        ------
        TooManyCredits
            If all trace numbers are used.
        """
        if self._next > LAST_SEQUENCE:
            raise TooManyCredits(f"{LAST_SEQUENCE} is the last sequence of a trace number")
        trace = f"{self._originator.odfi}{self._next:07d}"
        self._put(
            ENTRY.record(
                record_type=6,
                transaction_code=CREDIT_CODES[credit.kind],
                receiving_bank=credit.routing_number[:8],
                check_digit=credit.routing_number[8],
                account_number=credit.account_number,
                amount=credit.amount.amount,
                individual_id=credit.reference,
                individual_name=credit.name,
                addenda_indicator=int(bool(credit.note)),
                trace_number=trace,
            )
        )
        if credit.note:
            self._put(
                ADDENDA.record(
                    record_type=7,
                    addenda_type=5,
                    payment_information=credit.note,
                    addenda_sequence=1,
                    entry_sequence=trace[-7:],
                )
            )
        self._next += 1
        self._records += 1 + bool(credit.note)
        self._hash = (self._hash + int(credit.routing_number[:8])) % MODULUS
        self._cents += credit.amount.amount
        return trace

    def finish(self) -> None:
        """Write the controls and fill the last block."""
        self._put(
            BATCH_CONTROL.record(
                record_type=8,
                service_class=CREDITS_ONLY,
                entry_count=self._records,
                entry_hash=self._hash,
                total_credit=self._cents,
                company_id=self._originator.company_id,
                odfi=self._originator.odfi,
                batch_number=BATCH_NUMBER,
            )
        )
        self._put(
            FILE_CONTROL.record(
                record_type=9,
                batch_count=1,
                block_count=blocks_of(self._lines + 1),
                entry_count=self._records,
                entry_hash=self._hash,
                total_credit=self._cents,
            )
        )
        for record in padding_after(self._lines):
            self._put(record)

    def _file_header(self) -> str:
        return FILE_HEADER.record(
            record_type=1,
            priority=1,
            destination=f" {self._originator.destination}",
            origin=self._originator.origin,
            creation_date=f"{self._names.created_at:%y%m%d}",
            creation_time=f"{self._names.created_at:%H%M}",
            file_id_modifier=self._names.modifier,
            record_size=94,
            blocking_factor=10,
            format_code=1,
            destination_name=self._originator.destination_name,
            origin_name=self._originator.company_name,
        )

    def _batch_header(self) -> str:
        return BATCH_HEADER.record(
            record_type=5,
            service_class=CREDITS_ONLY,
            company_name=self._originator.company_name,
            company_id=self._originator.company_id,
            entry_class=ENTRY_CLASS,
            entry_description=f"{PAYROLL}{self._originator.description}",
            effective_date=f"{self._names.effective_on:%y%m%d}",
            originator_status=1,
            odfi=self._originator.odfi,
            batch_number=BATCH_NUMBER,
        )

    def _put(self, record: str) -> None:
        self._sink.write(record.encode("ascii") + END)
        self._lines += 1


def write(
    originator: Originator,
    names: FileNames,
    credits: Iterable[Credit],
    sink_of: Callable[[int], BinaryIO],
    limits: Limits = FORMAT,
) -> Iterator[Line]:
    """Write credits into one file, or into several if a limit of files is reached; yield a line for each credit.

    The same originator, names and credits give the same bytes. Nothing is written unless the lines are taken to their
    end.

    Parameters
    ----------
    sink_of : callable
        Returns where the file with a number, from 0, is written to.

    Raises
    ------
    UnfitCredit
        If a credit can't be in any file. The files that were begun are to be thrown away.
    TooManyCredits
        If no trace number or no file id modifier is left.
    """
    limits = limits.for_day(names)
    number, file = 0, None
    for given in credits:
        credit = fit(given, limits)
        if credit.amount.amount > limits.total:
            raise UnfitCredit(credit.reference, "limit", f"{limits.total} cents are the most of a file")
        if file is not None and not file.has_room_for(credit):
            file.finish()
            number, file = number + 1, _file(originator, names, limits, sink_of, number + 1, file.next_sequence)
        if file is None:
            file = _file(originator, names, limits, sink_of, number, names.first_sequence)
        trace = file.add(credit)
        yield Line(number, trace, credit.reference, Money(amount=credit.amount.amount, currency=CURRENCY))
    if file is not None:
        file.finish()


def _file(
    originator: Originator,
    names: FileNames,
    limits: Limits,
    sink_of: Callable[[int], BinaryIO],
    number: int,
    sequence: int,
) -> BankFile:
    place = MODIFIERS.index(names.modifier) + number
    if place >= len(MODIFIERS):
        raise TooManyCredits(f"a day has {len(MODIFIERS)} files at most")
    of_this = FileNames(names.created_at, names.effective_on, MODIFIERS[place], names.first_sequence)
    return BankFile(originator, of_this, limits, sink_of(number), sequence)
