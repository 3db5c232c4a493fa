"""The imitation of a bank that takes payroll files, and returns credits and corrects accounts by seeded rules.

The same seed, rules and file give the same answers, whenever and in whatever order they are asked for.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from crowdship.kernel.workdays import banking_day_from
from crowdship.payouts.nacha.check import check
from crowdship.payouts.nacha.codes import CHANGES
from crowdship.payouts.nacha.records import (
    BATCH_CONTROL,
    BATCH_HEADER,
    CHANGE_ADDENDA,
    ENTRY,
    FILE_CONTROL,
    FILE_HEADER,
    MODULUS,
    RETURN_ADDENDA,
    blocks_of,
    check_digit,
    padding_after,
)

USUAL_DAYS = 2
"""Banking days until a bank returns a credit to an account that it does not have."""

MISTAKEN = {"22": "21", "32": "31"}
"""Transaction code of a return or correction by that of the credit."""


@dataclass(frozen=True)
class Rule:
    """Rule of the bank for some credits.

    Attributes
    ----------
    code
        ``R..`` returns the money, ``C..`` corrects the account and keeps it.
    share
        Part of all credits, from 0 to 1.
    after_days
        Banking days after the effective date.
    corrected
        Corrected data of a correction; by default the account with another last digit.
    """

    code: str
    share: float = 0.0
    after_days: int = USUAL_DAYS
    corrected: str | None = None


@dataclass(frozen=True)
class Answer:
    """A return or correction of one credit."""

    rule: Rule
    entry: Mapping[str, str]
    batch: Mapping[str, str]
    due_on: date


@dataclass
class NachaBank:
    """The bank.

    Attributes
    ----------
    seed
        Of the choice of credits by share.
    rules
        The first whose share has a credit is taken.
    accounts
        Rules by account number, before all others.
    paid
        Cents by account number: what arrived and was not returned.
    faults
        Of files that it refused.
    """

    seed: int = 1
    rules: tuple[Rule, ...] = ()
    accounts: dict[str, Rule] = field(default_factory=dict)
    paid: Counter[str] = field(default_factory=Counter)
    answers: list[Answer] = field(default_factory=list)
    files: set[bytes] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def take(self, content: bytes) -> bool:
        """Take a file; return whether it is without faults. One that comes again is paid once."""
        digest = hashlib.sha256(content).digest()
        if digest in self.files:
            return True
        if faults := check(content.splitlines(keepends=True)):
            self.faults += [f"{fault.record} {fault.field}: {fault.detail}" for fault in faults]
            return False
        self.files.add(digest)
        for batch, entry in _entries(content):
            self._pay(batch, entry)
        return True

    def _pay(self, batch: Mapping[str, str], entry: Mapping[str, str]) -> None:
        account = entry["account_number"].strip()
        rule = self.accounts.get(account) or self._by_share(entry["trace_number"] + entry["individual_id"])
        if rule is None or rule.code.startswith("C"):
            self.paid[account] += int(entry["amount"])
        if rule:
            self.answers.append(Answer(rule, entry, batch, _days_after(_day(batch["effective_date"]), rule.after_days)))

    def _by_share(self, credit: str) -> Rule | None:
        drawn = int.from_bytes(hashlib.sha256(f"{self.seed} {credit}".encode()).digest()[:8]) / 2**64
        for rule in self.rules:
            if drawn < rule.share:
                return rule
            drawn -= rule.share
        return None

    def due(self, day: date) -> bytes | None:
        """Return the file of what is due on a banking day, or None if nothing is."""
        answers = [answer for answer in self.answers if answer.due_on == day]
        return _file(answers, day) if answers else None

    def days(self) -> list[date]:
        """Return the days on which files are due, in order."""
        return sorted({answer.due_on for answer in self.answers})


def _entries(content: bytes) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    batch: dict[str, str] = {}
    for record in content.decode("ascii").splitlines():
        if record.startswith("5"):
            batch = BATCH_HEADER.read(record)
        elif record.startswith("6"):
            yield batch, ENTRY.read(record)


def _day(text: str) -> date:
    return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))


def _days_after(day: date, count: int) -> date:
    for _ in range(count):
        day = banking_day_from(day + timedelta(days=1))
    return day


def _file(answers: list[Answer], day: date) -> bytes:
    first = answers[0]
    bank = first.batch["odfi"] + str(check_digit(first.batch["odfi"]))
    records = [
        FILE_HEADER.record(
            record_type=1,
            priority=1,
            destination=f" {bank}",
            origin=" 061000146",
            creation_date=f"{day:%y%m%d}",
            creation_time="0600",
            file_id_modifier="1",
            record_size=94,
            blocking_factor=10,
            format_code=1,
            destination_name="OUR BANK",
            origin_name="ACH OPERATOR",
        )
    ]
    totals = Counter[str]()
    for number, kind in enumerate(("R", "C"), start=1):
        batch = [answer for answer in answers if answer.rule.code.startswith(kind)]
        if batch:
            totals["batches"] += 1
            records += _batch(batch, kind, number, day, totals)
    records.append(
        FILE_CONTROL.record(
            record_type=9,
            batch_count=totals["batches"],
            block_count=blocks_of(len(records) + 1),
            entry_count=totals["records"],
            entry_hash=totals["hash"] % MODULUS,
            total_credit=totals["cents"],
        )
    )
    records += padding_after(len(records))
    return "".join(f"{record}\n" for record in records).encode("ascii")


def _batch(answers: Iterable[Answer], kind: str, number: int, day: date, totals: Counter[str]) -> Iterator[str]:
    answers = list(answers)
    header = answers[0].batch
    common: dict[str, str | int] = {
        "service_class": 220,
        "company_id": header["company_id"].strip(),
        "odfi": "06100014",
        "batch_number": number,
    }
    yield BATCH_HEADER.record(
        record_type=5,
        company_name=header["company_name"].rstrip(),
        entry_class="COR" if kind == "C" else header["entry_class"],
        entry_description=header["entry_description"].rstrip(),
        effective_date=header["effective_date"],
        settlement_date=f"{day:%j}",
        originator_status=1,
        **common,
    )
    sums = Counter[str]()
    for sequence, answer in enumerate(answers, start=1):
        yield from _pair(answer, f"06100014{number:02d}{sequence:05d}")
        sums["records"] += 2
        sums["hash"] += int(answer.batch["odfi"])
        sums["cents"] += int(answer.entry["amount"]) if kind == "R" else 0
    totals.update(sums)
    yield BATCH_CONTROL.record(
        record_type=8,
        entry_count=sums["records"],
        entry_hash=sums["hash"] % MODULUS,
        total_credit=sums["cents"],
        **common,
    )


def _pair(answer: Answer, trace: str) -> Iterator[str]:
    """Return the entry of a return or correction, and its addenda record."""
    entry, odfi = answer.entry, answer.batch["odfi"]
    yield ENTRY.record(
        record_type=6,
        transaction_code=MISTAKEN[entry["transaction_code"]],
        receiving_bank=odfi,
        check_digit=check_digit(odfi),
        account_number=entry["account_number"].rstrip(),
        amount=entry["amount"] if answer.rule.code.startswith("R") else 0,
        individual_id=entry["individual_id"],
        individual_name=entry["individual_name"].rstrip(),
        addenda_indicator=1,
        trace_number=trace,
    )
    common: dict[str, str | int] = {
        "record_type": 7,
        "original_trace": entry["trace_number"],
        "original_receiving_bank": entry["receiving_bank"],
        "trace_number": trace,
    }
    if answer.rule.code.startswith("R"):
        yield RETURN_ADDENDA.record(addenda_type=99, reason_code=answer.rule.code, **common)
        return
    corrected = answer.rule.corrected or corrected_data(answer.rule.code, entry)
    yield CHANGE_ADDENDA.record(addenda_type=98, change_code=answer.rule.code, corrected=corrected, **common)


def corrected_data(code: str, entry: Mapping[str, str]) -> str:
    """Return the corrected data of a correction: the account with one more digit, another bank, the other kind."""
    account = entry["account_number"].strip()
    parts = {
        "account_number": f"{account[:16]}7",
        "routing_number": "021000021",
        "transaction_code": {"22": "32", "32": "22"}[entry["transaction_code"]],
        "holder": "CORRECTED NAME",
        "individual_id": entry["individual_id"].strip(),
    }
    places = CHANGES[code]
    text = [" "] * max(last for _, last in places.values())
    for name, (first, last) in places.items():
        text[first - 1 : last] = parts[name].ljust(last - first + 1)
    return "".join(text).rstrip()
