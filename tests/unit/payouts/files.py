"""Payroll files for tests, and ways to damage them."""

import io
from datetime import UTC, date, datetime

from crowdship.kernel.money import Money
from crowdship.payouts.nacha.model import FORMAT, Credit, FileNames, Originator
from crowdship.payouts.nacha.records import ADDENDA, BATCH_CONTROL, BATCH_HEADER, ENTRY, FILE_CONTROL, FILE_HEADER
from crowdship.payouts.nacha.writer import write

ORIGINATOR = Originator(
    bank_routing_number="091000019",
    destination="091000019",
    destination_name="FIRST BANK OF THE LAKES",
    origin="1364455667",
    company_name="CROWDSHIP INC",
    company_id="1364455667",
)
NAMES = FileNames(datetime(2026, 11, 30, 8, 30, tzinfo=UTC), date(2026, 12, 1))
BANKS = ("021000021", "011401533", "091000019", "121042882")


def usd(cents):
    return Money(amount=cents, currency="USD")


def credit(number=1, **changes):
    """Return the credit of a driver by number."""
    fields = {
        "reference": f"REF{number:012d}",
        "routing_number": BANKS[number % len(BANKS)],
        "account_number": str(4_000_000 + number),
        "kind": ("checking", "savings")[number % 2],
        "name": ("Ana Núñez", "Ben O'Hara", "Zoë Łukasik-Müller")[number % 3],
        "amount": usd(12_345 + number),
    }
    return Credit(**{**fields, **changes})


def written(credits, names=NAMES, limits=FORMAT, originator=ORIGINATOR):
    """Return the files of some credits, and their lines in the manifest."""
    sinks = []

    def sink_of(number):
        sinks.append(io.BytesIO())
        return sinks[number]

    lines = list(write(originator, names, credits, sink_of, limits))
    return [sink.getvalue() for sink in sinks], lines


def one_file(credits, **options):
    """Return the only file of some credits."""
    (content,), _ = written(credits, **options)
    return content


def lines_of(content):
    return content.splitlines(keepends=True)


def damaged(content, record, layout, field, value):
    """Return a file in which a field of a record, counted from 1, has another value."""
    lines = lines_of(content)
    place = layout.fields[field]
    text = lines[record - 1]
    assert len(value) == place.length
    changed = text[: place.first - 1] + value.encode("latin-1") + text[place.last :]
    assert changed != text
    return b"".join([*lines[: record - 1], changed, *lines[record:]])


def change(record, layout, field, value, rule):
    """Return the damage that changes one field, and where it is told."""
    return lambda file: damaged(file, record, layout, field, value), record, field, rule


def all_of(*changes, told):
    """Return the damage of several changes, and where it is told."""

    def damage(file):
        for one, *_ in changes:
            file = one(file)
        return file

    return damage, *told


def _swapped(content):
    lines = lines_of(content)
    lines[2], lines[4] = lines[4], lines[2]
    return b"".join(lines)


def _without(content, record):
    lines = lines_of(content)
    return b"".join(lines[: record - 1] + lines[record:])


def _short(content):
    lines = lines_of(content)
    lines[2] = lines[2].rstrip(b"\n")[:-1] + b"\n"
    return b"".join(lines)


HEAD, BATCH, FIRST, SECOND, LAST, CONTROL, END = 1, 2, 3, 4, 5, 6, 7
"""Records of a file with three credits; three records of nines follow."""

DAMAGES = {
    "amount changed": (
        lambda file: damaged(file, FIRST, ENTRY, "amount", "0000099999"),
        CONTROL,
        "total_credit",
        "total_credit",
    ),
    "routing check digit": change(FIRST, ENTRY, "check_digit", "9", "routing_number"),
    "record length": (_short, FIRST, "record", "record_length"),
    "blocking": (lambda file: _without(file, 10), 9, "record", "blocking"),
    "a block of nines too many": (lambda file: file + (b"9" * 94 + b"\n") * 10, 20, "record", "padding"),
    "block count": change(END, FILE_CONTROL, "block_count", "000002", "block_count"),
    "entry hash of the batch": change(CONTROL, BATCH_CONTROL, "entry_hash", "0000000001", "entry_hash"),
    "entry hash of the file": change(END, FILE_CONTROL, "entry_hash", "0000000001", "entry_hash"),
    "batch count": change(END, FILE_CONTROL, "batch_count", "000002", "batch_count"),
    "batch number": change(BATCH, BATCH_HEADER, "batch_number", "0000007", "batch_number"),
    "entry count": change(CONTROL, BATCH_CONTROL, "entry_count", "000002", "entry_count"),
    "total of the file": change(END, FILE_CONTROL, "total_credit", "000000000001", "total_credit"),
    "total of debits": change(CONTROL, BATCH_CONTROL, "total_debit", "000000000001", "total_debit"),
    "trace order": (_swapped, SECOND, "trace_number", "trace_order"),
    "trace twice": change(SECOND, ENTRY, "trace_number", "091000010000001", "trace_duplicate"),
    "trace of another bank": change(SECOND, ENTRY, "trace_number", "091000020000002", "trace_bank"),
    "entry class of companies": change(BATCH, BATCH_HEADER, "entry_class", "CCD", "entry_class"),
    "unknown entry class": change(BATCH, BATCH_HEADER, "entry_class", "XYZ", "entry_class"),
    "zero amount": change(FIRST, ENTRY, "amount", "0000000000", "zero"),
    "amount above that of the day": all_of(
        change(HEAD, FILE_HEADER, "creation_date", "261201", ""),
        change(FIRST, ENTRY, "amount", "0100000001", ""),
        told=(FIRST, "amount", "limit"),
    ),
    "no ASCII": change(FIRST, ENTRY, "individual_name", "ZOË LUKASIK-MULLER    ", "characters"),
    "a tab": change(FIRST, ENTRY, "individual_name", "ZOE\tLUKASIK-MULLER    ", "characters"),
    "impossible date": change(HEAD, FILE_HEADER, "creation_date", "260231", "date"),
    "impossible effective date": change(BATCH, BATCH_HEADER, "effective_date", "261301", "date"),
    "effective on a holiday": change(BATCH, BATCH_HEADER, "effective_date", "261225", "banking_day"),
    "effective before the file": change(BATCH, BATCH_HEADER, "effective_date", "261127", "past"),
    "impossible time": change(HEAD, FILE_HEADER, "creation_time", "2460", "time"),
    "service class of debits": all_of(
        change(BATCH, BATCH_HEADER, "service_class", "225", ""),
        change(CONTROL, BATCH_CONTROL, "service_class", "225", ""),
        told=(BATCH, "service_class", "service_class"),
    ),
    "mixed service class": all_of(
        change(BATCH, BATCH_HEADER, "service_class", "200", ""),
        change(CONTROL, BATCH_CONTROL, "service_class", "200", ""),
        told=(BATCH, "service_class", "service_class"),
    ),
    "service classes differ": change(CONTROL, BATCH_CONTROL, "service_class", "225", "batch_control"),
    "a debit": change(FIRST, ENTRY, "transaction_code", "27", "transaction_code"),
    "a prenote with money": change(FIRST, ENTRY, "transaction_code", "23", "transaction_code"),
    "small letters in the description": change(BATCH, BATCH_HEADER, "entry_description", "Payroll   ", "capitals"),
    "small letter as modifier": change(HEAD, FILE_HEADER, "file_id_modifier", "a", "modifier"),
    "no PAYROLL": change(BATCH, BATCH_HEADER, "entry_description", "EARNINGS  ", "payroll"),
    "no company name": change(BATCH, BATCH_HEADER, "company_name", " " * 16, "empty"),
    "no individual name": change(FIRST, ENTRY, "individual_name", " " * 22, "empty"),
    "no account number": change(FIRST, ENTRY, "account_number", " " * 17, "empty"),
    "account number moved": change(FIRST, ENTRY, "account_number", "          4000001", "left_justified"),
    "company ids differ": change(CONTROL, BATCH_CONTROL, "company_id", "1999999999", "batch_control"),
    "settlement date written": change(BATCH, BATCH_HEADER, "settlement_date", "335", "constant"),
    "addenda announced and missing": (
        lambda file: damaged(file, LAST, ENTRY, "addenda_indicator", "1"),
        CONTROL,
        "record_type",
        "addenda",
    ),
    "no batch control": (lambda file: _without(file, CONTROL), CONTROL, "record_type", "record_order"),
    "no file control": (lambda file: _without(file, END), END, "record", "file_control"),
    "a record of no kind": change(FIRST, ENTRY, "record_type", "4", "record_type"),
    "letters in the amount": change(FIRST, ENTRY, "amount", "00000I2346", "number"),
    "record size": change(HEAD, FILE_HEADER, "record_size", "080", "constant"),
    "destination's check digit": change(HEAD, FILE_HEADER, "destination", " 091000018", "routing_number"),
    "reserved characters used": change(END, FILE_CONTROL, "reserved", "HELLO".ljust(39), "constant"),
}
"""Damages of a file with three credits: what is done, and the record, field and rule that tell it."""

THREE = [credit(number) for number in (1, 2, 3)]
WITH_NOTE = [credit(1, note="Pay of the week to 2026-11-29")]
NOTE_DAMAGES = {
    "addenda type": change(4, ADDENDA, "addenda_type", "99", "constant"),
    "entry of the addenda": change(4, ADDENDA, "entry_sequence", "0000009", "addenda_sequence"),
    "addenda not announced": (
        lambda file: damaged(file, FIRST, ENTRY, "addenda_indicator", "0"),
        4,
        "record_type",
        "addenda",
    ),
}
"""Damages of a file with one credit and its addenda record, which is the fourth."""
