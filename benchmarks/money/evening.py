"""An evening of many drivers: a day of deliveries, its close, its pay run with a bank file, and the mornings after it.

The bank is the imitation in ``local/imitations/bank.py``. It returns one credit in a hundred: half of these two banking
days after the day on which they were to arrive, half of them later, when they count as paid. Some accounts are
corrected. Whoever's account came back gives another one, and is paid again.
"""

import copy
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from benchmarks.money import events, machines
from benchmarks.money.drivers import certify, driver_id_of, give_account
from benchmarks.support.memory_bucket import MemoryBucket
from benchmarks.support.memory_tables import MemoryTables
from crowdship.kernel.clock import FixedClock
from crowdship.payouts import service as payouts
from crowdship.payouts.bank import returns
from crowdship.payouts.model import Payout, PayoutState
from crowdship.payouts.nacha.provider import connect
from crowdship.payouts.runs import steps as runs
from crowdship.payouts.runs.files import FileStore
from crowdship.settlement import booking
from crowdship.settlement.accounts import DRIVER_PAYABLE, PAYOUTS_IN_FLIGHT
from crowdship.settlement.balances.store import TotalsRow
from crowdship.settlement.exports import service as exports
from crowdship.settlement.exports.files import ExportFiles
from crowdship.settlement.exports.formats import Format
from crowdship.settlement.exports.views import ExportRequest
from crowdship.settlement.store import LineRow, PostingRow
from local.imitations.bank import NachaBank, Rule

FIRST = date(2026, 3, 2)
"""The Monday whose deliveries are paid."""

MORNINGS = 10
"""Days that are closed and paid one after the other, the first with deliveries."""

AT = time(4, 30, tzinfo=UTC)
"""The moment of each morning at which the cycle starts."""

MERCHANTS = 50
WITHOUT_FORM = 50
"""One driver in so many gave no tax form, so tax is withheld."""

WITHOUT_ACCOUNT = 200
"""One driver in so many gave no bank account, so the payout waits."""

ORIGINATOR = {
    "bank_routing_number": "091000019",
    "destination": "091000019",
    "destination_name": "FIRST BANK OF THE LAKES",
    "origin": "1364455667",
    "company_name": "CROWDSHIP INC",
    "company_id": "1364455667",
}


def rules_of(failures: float) -> tuple[Rule, ...]:
    """Return what the bank does with some credits: it fails a share of all, and corrects a quarter of that."""
    return (
        Rule("R03", failures / 4),
        Rule("R02", failures / 4),
        Rule("R02", failures / 2, after_days=4),
        Rule("C02", failures / 4),
    )


@dataclass
class Evening:
    """The world of one evening.

    Parameters
    ----------
    drivers, deliveries : int
        Number of drivers; each has 1 to ``deliveries`` deliveries.
    failures : float
        Share of credits that the bank returns.
    """

    drivers: int
    deliveries: int = 8
    failures: float = 0.01
    seed: int = 1
    tables: MemoryTables = field(default_factory=MemoryTables)

    def __post_init__(self) -> None:
        self.bucket = MemoryBucket(self.tables)
        self.clock = FixedClock(datetime.combine(FIRST, time(12, tzinfo=UTC)))
        self.provider = connect(**ORIGINATOR)
        self.bank = NachaBank(seed=self.seed, rules=rules_of(self.failures))
        self.postings = 0

    @property
    def days(self) -> list[date]:
        """The days of the world."""
        return [FIRST + timedelta(days=number) for number in range(MORNINGS)]

    def files(self) -> FileStore:
        """Return the bucket of bank files."""
        return FileStore("bank-files", self.bucket)

    # -- what happens

    def fill(self) -> None:
        """Give drivers their accounts and forms, and book their day."""
        drawn = random.Random(self.seed)
        before = datetime(2026, 1, 5, tzinfo=UTC)
        for number in range(self.drivers):
            if number % WITHOUT_ACCOUNT != WITHOUT_ACCOUNT - 1:
                give_account(number, before, before.date())
            if number % WITHOUT_FORM != WITHOUT_FORM - 1:
                certify(number, before)
            for _ in range(drawn.randint(1, self.deliveries)):
                self._delivery(number, drawn)

    def _delivery(self, driver: int, drawn: random.Random) -> None:
        self.postings += 1
        about = {
            "delivery_id": f"dlv_{self.postings:020d}",
            "external_id": f"order-{self.postings}",
            "merchant_id": f"mer_{drawn.randrange(MERCHANTS):020d}",
            "driver_id": driver_id_of(driver),
        }
        price = events.price("USD", 599, drawn.randrange(100, 900), 325, drawn.randrange(50, 600), drawn.randrange(500))
        at = datetime.combine(FIRST, time(tzinfo=UTC)) + timedelta(seconds=drawn.randrange(86_400))
        booking.post(events.ended(drawn.choices(("delivered", "returned"), (49, 1))[0], about, price, at))

    def morning(self, day: date) -> None:
        """Do what the clock starts on the morning after a day; it may be repeated."""
        for act in self.acts(day):
            act()

    def acts(self, day: date) -> tuple[Callable[[], None], ...]:
        """Return what a morning is made of; each may be killed and repeated."""
        return partial(self.news, day), partial(self.close, day), partial(self.pay, day)

    def close(self, day: date) -> None:
        """Close a day."""
        machines.close(day, self.clock)

    def news(self, day: date) -> None:
        """Take in what the bank returned by the morning after a day; whoever's account came back gives another one."""
        self.clock.moment = datetime.combine(day + timedelta(days=1), AT)
        runs.count_as_paid(self.provider, self.clock)
        for due_on in self.bank.days():
            if due_on == self.clock.moment.date() and (content := self.bank.due(due_on)):
                taken = returns.take_in(content, 0, "ana", self.provider, self.clock)
                for line in taken.lines:
                    if line.payout_id and line.code.startswith("R"):
                        driver = int(payouts.find(line.payout_id).driver_id.removeprefix("drv_"))
                        give_account(driver, self.clock.moment + timedelta(minutes=5), self.clock.moment.date(), 1)

    def pay(self, day: date) -> None:
        """Pay a closed day, and bring its file to the bank."""
        run = machines.pay_run(day, self.provider, self.files, self.clock)
        if run.file:
            assert self.bank.take(self.bucket.objects[run.file.key]), self.bank.faults

    # -- what came of it

    def state(self) -> dict[str, dict[Any, Any]]:
        """Return all that is stored, without the numbers of versions."""
        return {
            name: {
                table.key(item): {attribute: value for attribute, value in item.items() if attribute != "version"}
                for table in (table,)
                for item in table.every()
            }
            for name, table in self.tables.tables.items()
        }

    def every_payout(self) -> Iterator[Payout]:
        """Yield all payouts."""
        for day in self.days:
            yield from runs.every_of_run(day)

    def totals(self) -> dict[str, Any]:
        """Return what the evening came to."""
        found: dict[str, Any] = {state: [0, 0] for state in PayoutState}
        for payout in self.every_payout():
            found[payout.state][0] += 1
            found[payout.state][1] += payout.net.amount
        files = {key: content for key, content in self.bucket.objects.items() if key.endswith(".ach")}
        return {
            "payouts": {str(state): tuple(sums) for state, sums in found.items() if sums[0]},
            "bank": sum(self.bank.paid.values()),
            "files": {key: hashlib.sha256(content).hexdigest() for key, content in sorted(files.items())},
            "days": {str(one.period): one.hash for one in TotalsRow.between(self.days[0], self.days[-1])},
        }

    def faults(self) -> list[str]:
        """Return what is wrong with the books and the bank; nothing if all agrees."""
        found, sums = [], Counter[str]()
        for day in {*self.days, self.clock.moment.date()}:  # what the last news booked is on an open day
            for posting in PostingRow.of_period(day):
                for entry in posting.entries:
                    sums[entry.account] += entry.signed
        if off := sum(sums.values()):
            found.append(f"the books are off by {off}")
        net, held = Counter[PayoutState](), Counter[str]()
        for payout in self.every_payout():
            net[payout.state] += payout.net.amount
            held[payout.driver_id] += payout.amount.amount if payout.state is PayoutState.HELD else 0
        sent, arrived = net[PayoutState.PAID] + net[PayoutState.IN_TRANSIT], sum(self.bank.paid.values())
        if sent != arrived + self._coming_back():
            found.append(f"{sent} cents were sent; the bank has {arrived}, {self._coming_back()} will come back")
        if -sums[PAYOUTS_IN_FLIGHT.group] != net[PayoutState.IN_TRANSIT]:
            flying = f"{-sums[PAYOUTS_IN_FLIGHT.group]} in the books, {net[PayoutState.IN_TRANSIT]} in transit"
            found.append(f"payouts in flight: {flying}")
        for number in range(self.drivers):
            driver_id = driver_id_of(number)
            due = -sums[DRIVER_PAYABLE.of(driver_id)]
            if due != held[driver_id] + self._back_since_the_close(driver_id):
                found.append(f"{driver_id} is due {due} cents and {held[driver_id]} wait")
        return found

    def _coming_back(self) -> int:
        """Return the cents of credits that the bank did not pay and will only return."""
        today = self.clock.moment.date()
        later = (one for one in self.bank.answers if one.rule.code.startswith("R") and one.due_on > today)
        return sum(int(one.entry["amount"]) for one in later)

    def _back_since_the_close(self, driver_id: str) -> int:
        """Return what came back to a driver on the day that is open; its statement is still to come."""
        lines = LineRow.of_driver(driver_id, self.clock.moment.date())
        return sum(line.total.amount for line in lines)

    def journal(self, format: Format) -> bytes:
        """Return the journal of all days in a format, by the real export."""
        asked = ExportRequest(first=self.days[0], last=self.days[-1], format=format)
        view = exports.request(asked, "ana", self.clock)
        event = events.event(
            "journal_export.requested", view.export_id, 1, self.clock.now(), {"export_id": view.export_id}
        )
        exports.make(event, ExportFiles("exports", self.bucket), self.clock, self.clock)
        (key,) = (key for key in self.bucket.objects if view.export_id in key)
        return self.bucket.objects.pop(key)

    # -- kills

    def saved(self) -> Any:
        """Return the world as it is now; ``restore`` brings it back."""
        return self.tables.saved(), dict(self.bucket.objects), copy.deepcopy(self.bank), self.clock.moment

    def restore(self, saved: Any) -> None:
        """Let the world be as it was."""
        tables, objects, bank, self.clock.moment = saved
        self.tables.restore(tables)
        self.bucket.objects, self.bank = dict(objects), copy.deepcopy(bank)

    def writes_of(self, act: Callable[[], None]) -> int:
        """Return how many writes something makes, which it makes."""
        counted = 0

        def count(operation: str) -> None:
            nonlocal counted
            counted += 1

        self.tables.before_write = count
        try:
            act()
        finally:
            self.tables.before_write = None
        return counted

    def killed_at(self, number: int, after: bool, act: Callable[[], None]) -> None:
        """Do something that is killed at its n-th write, counted from 1, before or after it, and started again."""
        left = number

        def kill(operation: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                self.tables.before_write = self.tables.after_write = None
                raise machines.Killed(operation)

        self.tables.before_write, self.tables.after_write = (None, kill) if after else (kill, None)
        machines.restarted(act)
        assert left <= 0, f"there was no write {number}"
