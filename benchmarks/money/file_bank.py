"""A bank that takes the product's payroll files, and returns and corrects some of their credits in files of its own.

The files are written by the embedded provider, and the bank's are read by it. The bank gives a file at noon of the day
on which it is due, now and then a part of it before, or all of it again.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import ClassVar

from benchmarks.money import ach
from benchmarks.money.drivers import give_account
from benchmarks.money.evening import ORIGINATOR
from crowdship.kernel.clock import Clock
from crowdship.kernel.money import Money
from crowdship.payouts import service as payouts
from crowdship.payouts.bank import returns
from crowdship.payouts.nacha.provider import connect
from crowdship.payouts.provider import (
    Accepted,
    BankReturn,
    FileHeading,
    PayoutInstruction,
    PayoutRejected,
)
from local.imitations.bank import NachaBank, Rule

RULES = (
    *(Rule(code, 0.02) for code in ("R01", "R02", "R03")),
    Rule("R02", 0.02, after_days=4),
    *(Rule(code, 0.02) for code in ("C01", "C02", "C03")),
)
"""Shares of credits that the bank returns in time or late, and whose accounts it corrects."""

IN_PART, TWICE = 0.2, 0.4
"""Bounds of a draw below which a file is given in part before, or twice."""

ANOTHER_ACCOUNT = 0.7
"""Share of drivers who give another account after theirs was refused."""

GIVEN_AT = time(12, tzinfo=UTC)

At = Callable[[datetime, str, Callable[[], object]], None]
"""Lets something happen at a moment, by name."""


@dataclass
class FileBank:
    """The bank, and the provider that writes its files.

    Attributes
    ----------
    files : list of bytes
        Files that were brought, in their order.
    transfers : dict of str to Money
        Amounts of their entries, by reference.
    returned : set of str
        References of the entries that files of the bank gave back.
    """

    random: Random
    at: At
    clock: Clock
    faults: Counter[str] = field(default_factory=Counter)
    files: list[bytes] = field(default_factory=list)
    transfers: dict[str, Money] = field(default_factory=dict)
    returned: set[str] = field(default_factory=set)
    collects: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self._provider = connect(**ORIGINATOR)
        self._bank = NachaBank(seed=self.random.randrange(10**6), rules=RULES)
        self._days: set[date] = set()

    @property
    def calm(self) -> bool:
        """True if no credit comes back or is corrected any more."""
        return not self._bank.rules

    @calm.setter
    def calm(self, calm: bool) -> None:
        self._bank.rules = () if calm else RULES

    # -- the provider

    def transfer(self, instruction: PayoutInstruction) -> Accepted:
        """Refuse, as the provider does: instructions go into a file."""
        return self._provider.transfer(instruction)

    def unwritable(self, instruction: PayoutInstruction) -> PayoutRejected | None:
        """Return why no file can hold an instruction, or None."""
        return self._provider.unwritable(instruction)

    def file_of(self, heading: FileHeading, instructions: Iterable[PayoutInstruction]) -> bytes:
        """Return the file of a run."""
        return self._provider.file_of(heading, instructions)

    def returns_in(self, content: bytes) -> list[BankReturn]:
        """Return the records of a file of the bank."""
        return self._provider.returns_in(content)

    # -- the bank

    @staticmethod
    def key_of(payout_id: str) -> str:
        """Return the name under which the bank knows a payout."""
        return payout_id[4:19].upper()

    def moved(self, key: str) -> Money | None:
        """Return what stayed with the driver under a reference; None if nothing did."""
        return None if key in self.returned else self.transfers.get(key)

    def take(self, content: bytes) -> None:
        """Take a file that is brought; one that comes again is known.

        Raises
        ------
        ValueError
            If the bank refuses it.
        """
        if content in self.files:
            return
        self.files.append(content)
        if not self._bank.take(content):
            raise ValueError(f"the bank refuses a file: {self._bank.faults[:3]}")
        for entry in ach.entries_of(content):
            self.transfers[entry.reference] = Money(amount=entry.cents, currency="USD")
        for day in sorted({*self._bank.days()} - self._days):
            self._days.add(day)
            self._announce(day)

    def _announce(self, day: date) -> None:
        noon, drawn = datetime.combine(day, GIVEN_AT), self.random.random()
        if drawn < IN_PART:
            self.faults["bank: file in part"] += 1
            self.at(noon - timedelta(hours=1), "bank's file", partial(self._give, day, self.random.random()))
        self.at(noon, "bank's file", partial(self._give, day, 1.0))
        if IN_PART <= drawn < TWICE:
            self.faults["bank: file twice"] += 1
            self.at(noon + timedelta(hours=1), "bank's file", partial(self._give, day, 1.0))

    def _give(self, day: date, share: float) -> None:
        """Give the first part of the file of a day."""
        whole = self._bank.due(day) or b""
        content = whole[: int(len(whole) * share)]
        self.returned |= ach.returned_in(content)
        for line in returns.take_in(content, 0, "ana", self, self.clock).lines:
            self.faults[f"bank: {line.code or 'record'} {line.outcome}"] += 1
            if line.outcome is returns.ReturnOutcome.RETURNED and line.payout_id and line.code != "R01":
                self._ask_for_another(payouts.find(line.payout_id).driver_id)

    def _ask_for_another(self, driver_id: str) -> None:
        if self.random.random() < ANOTHER_ACCOUNT:
            at = self.clock.now() + timedelta(hours=self.random.randrange(1, 30))
            number, change = int(driver_id.removeprefix("drv_")), self.random.randrange(1, 90)
            self.at(at, "another account", lambda: give_account(number, at, at.date(), change))
