"""A tax office: payees with a W-9, the agency, the ledger's days, and files that are kept in memory."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.kernel.money import Money
from crowdship.onboarding.tax import TaxFormInput
from crowdship.settlement import store
from crowdship.settlement.accounts import CASH, DRIVER_PAYABLE, FEES, TAX_WITHHELD
from crowdship.settlement.cycle.model import Settlement
from crowdship.settlement.ledger import ADJUSTED, PAID_OUT, RETURNED, TIP, Posting, PostingKind, entry
from crowdship.settlement.store import SettlementRow
from crowdship.tax import due, service, tally, years
from crowdship.tax.matching.model import MatchingUnavailable
from crowdship.tax.model import TinMatchCode
from crowdship.tax.notices import write_letter
from crowdship.tax.parties import Payer
from crowdship.tax.year import YearTask
from tests.city import City

PAYER = Payer(
    name="Crowdship Sample Inc.",
    tin="123456789",
    street="1 Sample Plaza",
    city="Chicago",
    state="IL",
    zip="60601",
    phone="312-555-0100",
)
ADDRESS = {"street": "1 Main Street", "city": "Chicago", "state": "IL", "zip": "60601"}
W9 = {
    "name": "Nia Okoro",
    "classification": "individual",
    "address": ADDRESS,
    "tin_kind": "ssn",
    "tin": "123-45-6789",
    "signed_by": "Nia Okoro",
    "certified": True,
}


@dataclass
class Agency:
    """TIN matching that answers as a test says: by number of the question, None while it has no answer."""

    codes: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    down: int = 0
    name: str = "test"

    def ask(self, question):
        self._must_be_up()
        self.asked.append(question)

    def answer(self, reference):
        self._must_be_up()
        code = self.codes.get(reference, 0)
        return None if code is None else TinMatchCode(code)

    def _must_be_up(self):
        if self.down:
            self.down -= 1
            raise MatchingUnavailable("down")


@dataclass
class Files:
    """Files by key."""

    kept: dict = field(default_factory=dict)

    def put(self, key, body, kind):
        self.kept[key] = body

    def link(self, key):
        return f"https://files.example/{key}"


def usd(cents):
    return Money(amount=cents, currency="USD")


@dataclass
class Office:
    """Everything of a tax office."""

    city: City
    agency: Agency = field(default_factory=Agency)
    files: Files = field(default_factory=Files)
    jobs: list = field(default_factory=list)

    @property
    def clock(self):
        return self.city.clock

    def on(self, day, hour=17):
        self.clock.moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)

    def payee(self, **changes):
        driver = self.city.driver()
        self.certify(driver.id, **changes)
        return driver.id

    def certify(self, driver_id, **changes):
        return service.certify(driver_id, TaxFormInput.model_validate({**W9, **changes}), self.clock)

    def sweep(self):
        return due.sweep(self.agency, lambda payee: write_letter(payee, PAYER, self.files, self.clock), self.clock)

    def earned(self, driver_id, day, pay, tip=0):
        """Book earnings of a day."""
        payable = DRIVER_PAYABLE.of(driver_id)
        entries = (
            *entry(payable, usd(-pay), ADJUSTED),
            *entry(payable, usd(-tip), TIP),
            *entry(FEES, usd(pay + tip), ADJUSTED),
        )
        self._book(f"earned/{driver_id}/{day}", PostingKind.ADJUSTMENT, day, entries)

    def paid(self, driver_id, day, gross):
        """Pay a driver as a payout does, with the tax that the room says; return what was withheld."""
        kept = service.withholding_for(driver_id, day, usd(gross))
        withheld = kept.amount.amount if kept else 0
        entries = (
            *entry(DRIVER_PAYABLE.of(driver_id), usd(gross), PAID_OUT),
            *entry(CASH, usd(withheld - gross), PAID_OUT),
            *entry(TAX_WITHHELD.group, usd(-withheld), "withheld", kept.deposit if kept else None),
        )
        self._book(f"pay_{driver_id}_{day}", PostingKind.PAYOUT, day, entries)
        return withheld

    def came_back(self, driver_id, paid_on, day, gross, withheld, deposit):
        """Book a payout of a day that the bank returned on another one, as a payout does."""
        entries = (
            *entry(CASH, usd(gross - withheld), RETURNED),
            *entry(TAX_WITHHELD.group, usd(withheld), RETURNED, deposit),
            *entry(DRIVER_PAYABLE.of(driver_id), usd(-gross), RETURNED),
        )
        self._book(f"pay_{driver_id}_{paid_on}/back", PostingKind.PAYOUT_REVERSAL, day, entries)

    def _book(self, cause, kind, day, entries):
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        store.book(Posting.caused_by(cause, kind, moment, entries))

    def close(self, *days):
        """Close days as the cycle does, and tally them."""
        for day in days:
            work, now = UnitOfWork(), self.clock.now()
            work.store(SettlementRow.of(Settlement.of(day, now)))
            work.commit()
            store.close(day, now)
        return tally.tally_closed_days(self.clock)

    def run(self, year, task, by="fin", most=50):
        """Do a task of a year to its end."""
        years.begin(year, YearTask(task), by, self.jobs.append, self.clock)
        return self.go_on(most)

    def go_on(self, most=50):
        for _ in range(most):
            if not self.jobs:
                return
            following = years.go_on(self.jobs.pop(0), lambda: PAYER, lambda: self.files, self.clock)
            if following:
                self.jobs.append(following)
        raise AssertionError("the task runs in a circle")


@pytest.fixture
def office(aws):
    return Office(City.open())


__all__ = ["PAYER", "W9", "Office", "date", "timedelta", "usd"]
