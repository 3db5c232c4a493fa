from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest

from crowdship.adapters.bus import EVENTS
from crowdship.adapters.storage import UnitOfWork
from crowdship.drivers import service as drivers
from crowdship.incentives import closing, counting, expected
from crowdship.incentives import service as incentives
from crowdship.incentives.model import IncentiveInput
from crowdship.incentives.promises import Promise
from crowdship.incentives.store import BudgetRow, IncentiveRow, PromiseRow
from crowdship.kernel.clock import FixedClock
from crowdship.settlement import booking
from tests.city import City, driver_input
from tests.contracts import validate_event
from tests.extra_pay import FRIDAY

QUEST = {"kind": "quest", "steps": [{"deliveries": 2, "amount": 1000}, {"deliveries": 4, "amount": 3000}]}
PEAK = {"kind": "peak_bonus", "amount": 250}
BATCH = {"kind": "batch_bonus", "deliveries": 2, "amount": 400}
GUARANTEE = {"kind": "guarantee", "amount": 2000, "duty_percent": 80}


@dataclass
class Evening:
    """A zone on a Friday evening, its drivers, and all that was counted."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(FRIDAY - timedelta(days=1)))
    told: list = field(default_factory=list)

    def driver(self, **fields):
        return drivers.register(driver_input(**fields), self.clock, lambda *_: None)

    def applicant(self, **fields):
        """A person with a sign-in whose application is open."""
        driver, work = self.driver(**fields), UnitOfWork()
        drivers.keep(drivers.get(driver.id).with_changes(onboarding=True), work)
        work.commit()
        return driver

    def make(self, terms, budget=9000, **fields):
        asked = {
            "request_id": str(uuid4()),
            "zone_id": "testville",
            "title": "Friday evening",
            "terms": terms,
            "starts_at": FRIDAY,
            "ends_at": FRIDAY + timedelta(hours=5),
            "budget": {"amount": budget, "currency": "USD"} if isinstance(budget, int) else budget,
        }
        request = IncentiveInput.model_validate({**asked, **fields})
        return incentives.make(request, "fin", self.clock).incentive_id

    def join(self, driver, incentive_id):
        return incentives.join(driver.id, incentive_id, self.clock)

    def count(self, *events):
        for event in events:
            self.clock.moment = max(self.clock.moment, event.time)
            counting.count(event, self.clock)

    def close(self, **after):
        self.clock.moment = FRIDAY + timedelta(**after)
        return closing.close_due(self.clock)

    @property
    def promises(self):
        return [row.as_aggregate(Promise) for row in PromiseRow.scan() if row.pk.startswith("PROMISES#")]

    def budget(self, incentive_id):
        row = BudgetRow.load(incentive_id)
        return int(row.committed), int(row.paid), int(row.promises)

    def incentive(self, incentive_id):
        return IncentiveRow.load(incentive_id)

    @property
    def kinds(self):
        return Counter(event.type for event in self.told)

    @property
    def booked(self):
        """The ledger's bookings for each driver, by kind."""
        sums = Counter()
        for event in self.told:
            posting = booking.post(event)
            if posting:
                (entry,) = [one for one in posting.entries if one.account.startswith("driver:")]
                sums[event.data["driver_id"], str(posting.kind)] -= entry.signed
        return +sums


@pytest.fixture
def evening(aws, monkeypatch):
    City.open()
    expected._cache.clear()
    evening, commit = Evening(), UnitOfWork.commit

    def noted(work):
        commit(work)
        for row, _ in work._puts:
            for event in EVENTS.validate_json(getattr(row, "events", None) or "[]"):
                validate_event(event.model_dump(mode="json"))
                evening.told.append(event)

    monkeypatch.setattr(UnitOfWork, "commit", noted)
    return evening
