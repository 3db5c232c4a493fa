"""A payment rail that knows repeated requests by their key, and is late, silent, wrong and unreliable by a seed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import ClassVar

from benchmarks.money.machines import Killed
from crowdship.kernel.money import Money
from crowdship.payouts.provider import (
    Accepted,
    BankReturn,
    FileHeading,
    NewsState,
    PaymentRailUnavailable,
    PayoutInstruction,
    PayoutRejected,
    Speed,
)

REJECTED, SILENT_BEFORE, SILENT_AFTER, DIES, PAID_AT_ONCE, DEGRADED = 0.03, 0.03, 0.03, 0.01, 0.3, 0.2
"""Shares of requests that are refused, get no answer before or after they took effect, or end the caller; of those that
are taken, the share that is paid at once, and of instant ones that become standard."""

FAILS, COMES_BACK, CORRECTED, TWICE = 0.05, 0.05, 0.03, 0.2
"""Shares of transfers that fail before they arrive, come back later, have their account corrected; news told twice."""

RETURN_CODES = ("R01", "R02", "R03")


@dataclass
class Transfer:
    """Money that the rail moves under one key."""

    instruction: PayoutInstruction
    answer: Accepted
    arrives: bool = True


Telling = Callable[[timedelta, str, Transfer, NewsState, str | None], None]
"""Tells news later: after a time, by ``event`` or ``report``, of a transfer, its state, and a code."""


@dataclass
class Rail:
    """The rail.

    Attributes
    ----------
    transfers : dict of str to Transfer
        By idempotency key.
    refused : dict of str to str
        Codes of refusals by key: the same request is refused again.
    """

    random: Random
    tell: Telling
    transfers: dict[str, Transfer] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    calm: bool = False
    collects: ClassVar[bool] = False

    def transfer(self, instruction: PayoutInstruction) -> Accepted:
        """Take a payout, once per key.

        Raises
        ------
        PayoutRejected
            If it is refused.
        PaymentRailUnavailable
            If there is no answer.
        """
        key = instruction.payout_id
        if key in self.refused:
            raise PayoutRejected(self.refused[key], "refused before")
        drawn = 1.0 if self.calm else self.random.random()
        if drawn < SILENT_BEFORE:
            self.faults["rail: no answer, nothing done"] += 1
            raise PaymentRailUnavailable("no answer")
        if key not in self.transfers:
            if drawn < SILENT_BEFORE + REJECTED:
                self.faults["rail: refused"] += 1
                self.refused[key] = self.random.choice(("account_closed", "limit"))
                raise PayoutRejected(self.refused[key], "refused")
            self._take(key, instruction)
        if 1 - SILENT_AFTER - DIES < drawn < 1 - DIES:
            self.faults["rail: no answer, done"] += 1
            raise PaymentRailUnavailable("no answer")
        if 1 - DIES <= drawn < 1:
            self.faults["killed after a request"] += 1
            raise Killed("transfer")
        return self.transfers[key].answer

    def _take(self, key: str, instruction: PayoutInstruction) -> None:
        at_once = self.random.random() < PAID_AT_ONCE
        degraded = instruction.speed is Speed.INSTANT and self.random.random() < DEGRADED
        answer = Accepted(
            transfer_id=f"trf_{key}",
            state=NewsState.PAID if at_once else NewsState.IN_TRANSIT,
            speed=Speed.STANDARD if degraded else instruction.speed,
            degraded_by="bank_not_instant" if degraded else None,
        )
        moved = self.transfers[key] = Transfer(instruction, answer)
        drawn, hours = self.random.random(), self.random.randrange(2, 72)
        if not at_once and drawn < FAILS:
            self.faults["rail: failed later"] += 1
            self.tell(timedelta(days=3), "event", moved, NewsState.FAILED, "account_closed")
            return
        if not at_once:
            self.tell(timedelta(hours=hours), "event", moved, NewsState.PAID, None)
        if drawn > 1 - COMES_BACK:
            self.faults["rail: came back"] += 1
            kind = self.random.choice(("event", "report"))
            late = timedelta(hours=hours if self.random.random() < 0.3 else hours + 48)  # news may come out of order
            self.tell(late, kind, moved, NewsState.RETURNED, self.random.choice(RETURN_CODES))
        elif drawn > 1 - COMES_BACK - CORRECTED:
            self.faults["rail: account corrected"] += 1
            self.tell(timedelta(hours=hours + 1), "report", moved, NewsState.PAID, "C01")

    def file_of(self, heading: FileHeading, instructions: object) -> bytes:
        """Raise NotImplementedError: the rail takes no files."""
        raise NotImplementedError

    def unwritable(self, instruction: PayoutInstruction) -> PayoutRejected | None:
        """Return None: nothing is written into a file."""
        return None

    def returns_in(self, content: bytes) -> list[BankReturn]:
        """Return the records of a report: a line each of reference, code and corrected account number."""
        rows = (line.split(",") for line in content.decode().splitlines())
        return [
            BankReturn(line=n, reference=row[0], code=row[1], corrections={"account_number": row[2]} if row[2] else {})
            for n, row in enumerate(rows, start=1)
        ]

    @staticmethod
    def key_of(payout_id: str) -> str:
        """Return the name under which the rail knows a payout: its id."""
        return payout_id

    def moved(self, key: str) -> Money | None:
        """Return what stayed with the driver under a key; None if nothing did."""
        transfer = self.transfers.get(key)
        return transfer.instruction.amount if transfer and transfer.arrives else None
