"""A world: one seed decides who lives in it, what happens when, what is late, twice, lost, refused or killed.

Acts are the real use cases. Whatever ends an act early is followed by what queue, state machine or caller does then:
the same act again. Events leave by the stream of the table, and come to ``booking.post`` late, twice and out of order.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any
from unittest.mock import patch

from benchmarks.money import machines, months
from benchmarks.money.file_bank import FileBank
from benchmarks.money.floors import PLACES, ZONE_OF
from benchmarks.money.machines import Killed
from benchmarks.money.months import CLOSES_AT, ClosedMonth
from benchmarks.money.offline import offline
from benchmarks.money.people import Person, first_day_of, hired, put_zones
from benchmarks.money.rail import TWICE, Rail, Transfer
from benchmarks.money.trips import Trips, begin_duties
from benchmarks.support.memory_bucket import MemoryBucket
from benchmarks.support.memory_tables import MemoryTables
from crowdship.adapters import storage
from crowdship.deliveries import service as delivery_service
from crowdship.deliveries import store as deliveries
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.errors import Refusal
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.money import Money
from crowdship.pay_floors import store as floor_store
from crowdship.payouts import service as payouts
from crowdship.payouts import store as payout_store
from crowdship.payouts.bank import returns
from crowdship.payouts.model import reference_of
from crowdship.payouts.provider import NewsState, PayoutNews
from crowdship.payouts.runs import steps as runs
from crowdship.payouts.runs.files import FileStore
from crowdship.payouts.runs.model import PayoutsUndecided
from crowdship.settlement import booking, store, sums
from crowdship.settlement.causes import POSTING_OF, posting_for
from crowdship.settlement.cycle import steps
from crowdship.settlement.ledger import Posting
from crowdship.tax import deposits, tally
from crowdship.tax.figures import CURRENCY
from crowdship.tax.requests import DepositInput

FEW: tuple[tuple[Any, str, Any], ...] = (
    (store, "SHARDS", 2),
    (sums, "PARTS", 4),
    (steps, "PARTS", 4),
    (deliveries, "SHARDS", 2),
    (delivery_service, "SETTLING_SHARDS", range(2)),
    (payout_store, "PAYDAY_SHARDS", 2),
    (floor_store, "SHARDS", 2),
)
"""Numbers of shards and parts of a world's tables, by module and name."""

KILLED = 1 / 250
"""Share of writes at which the process ends, half of the times before and half after it."""

LATE, VERY_LATE, TWICE_TOLD = 0.07, 0.02, 0.08
"""Shares of events that come hours late, days late, and twice."""

MISSED = 0.1
"""Share of mornings on which nothing is paid; the next one pays both days."""

BY_FILE = 3
"""One world in so many pays by bank file, the others through the rail."""

NEAR_THE_END = 29
"""Day of a month from which on three times as many events come days late."""

WORK_DAYS = 6
MOST_DAYS = 40
MOST_TRIES = 40

Act = Callable[[], object]


def pays_by_file(seed: int) -> bool:
    """Return whether a world pays by bank file."""
    return seed % BY_FILE == 0


@dataclass
class World:
    """A world of some lives.

    Attributes
    ----------
    expected : dict of str to Posting
        The posting of each event that left, by id, by the pure rules.
    taken_back : dict of str to str
        Postings of extra pay that staff were asked to reverse, by the posting with which its promise takes it back.
    told : Counter
        What acts meant, independent of the rules: tips by driver and currency.
    months : dict of str to ClosedMonth
        The months that were closed, as they were then.
    log : list of str
        What happened, line by line, if ``verbose``.
    """

    seed: int
    lives: int = 300
    verbose: bool = False
    kills: float = KILLED
    acts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    expected: dict[str, Posting] = field(default_factory=dict)
    taken_back: dict[str, str] = field(default_factory=dict)
    told: Counter[Any] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    months: dict[str, ClosedMonth] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.first = first_day_of(self.seed)
        self.tables = MemoryTables(stream=self._leaves)
        self.bucket = MemoryBucket(self.tables)
        self.clock = FixedClock(datetime.combine(self.first, time(tzinfo=UTC)))
        self.rail = self._rail()
        self.trips = Trips(self, PLACES[self.seed // 3 % len(PLACES)])
        self._agenda: list[tuple[datetime, int, str, Act]] = []
        self._count = 0
        self._hash = hashlib.sha256()
        self._unpaid: list[date] = []
        self.people: list[Person] = []
        self.merchants = [f"mer_{number:020d}" for number in range(3)]

    def _rail(self) -> Rail | FileBank:
        """Return what moves this world's money: one in three pays by bank file."""
        if pays_by_file(self.seed):
            return FileBank(self.random, self.at, self.clock, self.faults)
        return Rail(self.random, self.tell_news, faults=self.faults)

    # -- time

    def at(self, moment: datetime, name: str, act: Act) -> None:
        """Let something happen at a moment."""
        self._count += 1
        heappush(self._agenda, (moment, self._count, name, act))

    def note(self, text: str) -> None:
        """Add a line to the log."""
        line = f"{self.clock.now():%m-%d %H:%M:%S} {text}"
        self._hash.update(line.encode())
        if self.verbose:
            self.log.append(line)

    @property
    def hash(self) -> str:
        """The digest of all that happened: the same for the same seed."""
        return self._hash.hexdigest()

    def play(
        self, live: Callable[["World", int], None], look: Callable[["World"], list[str]] = lambda world: []
    ) -> list[str]:
        """Let all lives begin, and the days pass until nothing more happens; return what a look then finds."""
        with offline(self.tables) as metrics, _small():
            months.begin(self)
            put_zones()
            floored = 2 + self.lives // 150
            for number in range(max(6, self.lives // 25)):
                zone_id = ZONE_OF[self.trips.place] if number < floored else None
                self.people.append(hired(number, self.random, self.clock, zone_id))
            begin_duties(self, WORK_DAYS)
            for number in range(self.lives):
                live(self, number)
            self._hooks(self.kills)
            day = self.first
            while (self._agenda or day < self.first + timedelta(days=WORK_DAYS + 2)) and len(self.days) < MOST_DAYS:
                self._one_day(day)
                day += timedelta(days=1)
            self.calm(day)
            self.note(f"metrics {sorted(metrics)}")
            self._hooks(0)
            return look(self)

    def sort_keys(self, room: str) -> list[str]:
        """Return the sort keys of all rows of a room."""
        return [item["sk"]["S"] for item in self.tables.tables[f"crowdship-{room}"].every()]

    def calm(self, day: date) -> None:
        """Close and pay two more days without faults, so that only what must stay open does."""
        self.rail.calm = True
        self._hooks(0)
        for _ in range(3):
            self._one_day(day)
            self.do("tax", self._deposit_tax)
            day += timedelta(days=1)
        self.clock.moment = datetime.combine(day, CLOSES_AT)
        self.violations += [f"the pay run of {one} does not finish" for one in self._unpaid]

    def _deposit_tax(self) -> None:
        """Deposit half or all of the tax of each month that closed days withheld."""
        tally.tally_closed_days(self.clock)
        deposits.use_over_deposits(self.clock)
        for month in deposits.months(self.first.year):
            if month.left > 0:
                part = month.left if self.random.random() < 0.7 else (month.left + 1) // 2
                asked = DepositInput(
                    action="deposit",
                    month=month.month,
                    amount=Money(amount=part, currency=CURRENCY),
                    deposited_on=self.clock.now().date() - timedelta(days=1),
                    reference=f"27{self.seed:06d}-{len(self.days)}",
                )
                deposits.record(self.first.year, asked, "ana", self.clock)

    def _one_day(self, day: date) -> None:
        """Let a day's acts happen; in the morning after it, it is closed and paid."""
        morning = datetime.combine(day + timedelta(days=1), CLOSES_AT)
        while self._agenda and self._agenda[0][0] < morning:
            moment, _, name, act = heappop(self._agenda)
            self.clock.moment = max(moment, self.clock.moment)
            self.do(name, act)
        self.clock.moment = max(morning, self.clock.moment)
        self.days.append(day)
        self.do("close", lambda: machines.close(day, self.clock))
        self.do("count as paid", lambda: runs.count_as_paid(self.rail, self.clock))
        self._unpaid.append(day)
        if self.rail.calm or self.random.random() > MISSED:
            self._unpaid = [one for one in self._unpaid if not self._paid(one)]
        else:
            self.faults["pay run: morning missed"] += 1
        self.do("send_again", lambda: runs.send_again(self.rail, self.clock))

    def _paid(self, day: date) -> bool:
        for _ in range(2):
            try:
                run = self.repeated("pay_run", lambda: machines.pay_run(day, self.rail, self._files, self.clock))
                if run.file and isinstance(self.rail, FileBank):
                    self.rail.take(self.bucket.objects[run.file.key])
            except PayoutsUndecided:
                self.faults["pay run: undecided"] += 1
                continue
            except Exception as error:  # what no rule foresees is a finding
                self._found("pay_run", error)
            return True
        return False

    def _files(self) -> FileStore:
        return FileStore("bank-files", self.bucket)

    # -- acts

    def do(self, name: str, act: Act) -> Any:
        """Do something, again after each kill; a refusal is an answer, another error a violation."""
        self.acts[name.split(" ", 2)[-1] if name.startswith("life ") else name] += 1
        try:
            answer = self.repeated(name, act)
        except Refusal as refusal:
            self.note(f"{name} refused: {refusal.code}")
            self.faults[f"refused: {refusal.code}"] += 1
            return None
        except Exception as error:  # what no rule foresees is a finding
            self._found(name, error)
            return None
        return answer

    def repeated(self, name: str, act: Act) -> Any:
        """Return what an act answers, done again each time that it is killed."""
        self.note(name)
        for _ in range(MOST_TRIES):
            try:
                return act()
            except Killed as killed:
                self.faults["killed"] += 1
                self.note(f"{name} killed at {killed}")
        raise AssertionError(f"{name} was killed {MOST_TRIES} times")

    def _found(self, name: str, error: Exception) -> None:
        self.violations.append(f"{self.clock.now():%m-%d} {name}: {type(error).__name__}: {error}"[:400])

    def _hooks(self, share: float) -> None:
        def maybe(operation: str) -> None:
            if self.random.random() < share / 2:
                raise Killed(operation)

        self.tables.before_write = self.tables.after_write = maybe if share else None

    # -- events

    def _leaves(self, told: str) -> None:
        for given in json.loads(told):
            if given["type"] in POSTING_OF:
                event = DomainEvent.model_validate(given)
                if event.type == "pay_floor.due":
                    self.trips.due[event.id] = event
                self.send(event)

    def expect(self, event: DomainEvent) -> None:
        """Note the posting that an event must lead to."""
        if posting := posting_for(event):
            self.expected[posting.id] = posting

    def send(self, event: DomainEvent) -> None:
        """Let an event leave for the ledger: late, twice, or in good time; near a month's end oftener days late."""
        self.expect(event)
        very_late = VERY_LATE * (3 if event.time.day >= NEAR_THE_END else 1)
        copies = 1 + (self.random.random() < TWICE_TOLD)
        self.faults["event twice"] += copies - 1
        for _ in range(copies):
            drawn = self.random.random()
            if drawn < very_late:
                self.faults["event days late"] += 1
            elif drawn < LATE:
                self.faults["event hours late"] += 1
            most = 300_000 if drawn < very_late else 20_000 if drawn < LATE else 5
            at = max(self.clock.now(), event.time) + timedelta(seconds=self.random.randrange(1, most))
            self.at(at, f"book {event.type}", lambda: self._book(event))

    def _book(self, event: DomainEvent) -> None:
        if f"{event.time:%Y-%m}" in self.months:
            self.faults["event after its month was closed"] += 1
        booking.post(event)

    def tell_news(self, late: timedelta, kind: str, transfer: Transfer, state: NewsState, code: str | None) -> None:
        """Let the rail tell of a transfer later, sometimes twice."""

        def told() -> object:
            if state in (NewsState.FAILED, NewsState.RETURNED):
                transfer.arrives = False
            payout_id = transfer.instruction.payout_id
            if kind == "report":
                corrected = "998877665" if code and code.startswith("C") else ""
                content = f"{reference_of(payout_id)},{code},{corrected}".encode()
                return returns.take_in(content, 0, "ana", self.rail, self.clock)
            news = PayoutNews(payout_id=payout_id, state=state, code=code, at=self.clock.now())
            return payouts.take_news(news, self.clock)

        self.at(self.clock.now() + late, f"news {state}", told)
        if self.random.random() < TWICE:
            self.faults["news twice"] += 1
            self.at(self.clock.now() + late * 1.5, f"news {state}", told)


@contextmanager
def _small() -> Iterator[None]:
    """Let days be in few shards and parts: few lives need no more, and their number changes no rule."""
    with ExitStack() as stack:
        for module, name, number in FEW:
            stack.enter_context(patch.object(module, name, number))
        yield


storage.BACK_OFF_S = 0  # the clock of a world stands still while writers wait for each other
