from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from crowdship.drivers import service as drivers
from crowdship.incentives import closing, counting, expected
from crowdship.incentives import service as incentives
from crowdship.incentives.model import IncentiveInput
from crowdship.incentives.store import BudgetRow, IncentiveRow, PromiseRow
from crowdship.kernel.clock import FixedClock
from crowdship.settlement.postings import posting_for
from tests.city import City, driver_input
from tests.contracts import events_of_stream, validate_event
from tests.extra_pay import FRIDAY
from tests.integration.conftest import items_of

QUEST = {
    "kind": "quest",
    "steps": [{"deliveries": 2, "amount": 1000}, {"deliveries": 4, "amount": 3000}],
}


@dataclass
class Evening:
    """A zone on a Friday evening, its drivers, and all that was counted."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(FRIDAY - timedelta(days=1)))

    def driver(self, **fields):
        return drivers.register(driver_input(**fields), self.clock, lambda driver_id, person: None)

    def make(self, terms, budget=9000, **fields):
        asked = {
            "zone_id": "testville",
            "title": "Friday evening",
            "terms": terms,
            "starts_at": FRIDAY.isoformat(),
            "ends_at": (FRIDAY + timedelta(hours=5)).isoformat(),
            "budget": {"amount": budget, "currency": "USD"},
        }
        request = IncentiveInput.model_validate({**asked, **fields})
        return incentives.make(request, "fin", self.clock).incentive_id

    def join(self, driver, incentive_id):
        return incentives.join(driver.id, incentive_id, self.clock)

    def count(self, *events):
        for event in events:
            self.clock.moment = max(self.clock.moment, event.time)
            counting.count(event, self.clock)

    def close(self, after=timedelta(hours=30)):
        self.clock.moment = FRIDAY + after
        return closing.close_due(self.clock)

    @property
    def promises(self):
        items = items_of(PromiseRow.Meta.table_name)
        rows = [row for key, some in items.items() if key.startswith("PROMISES#") for row in some]
        return [PromiseRow.load(key[len("") :], row) for key in items if key.startswith("PROMISES#") for row in items[key]]

    def budget(self, incentive_id):
        return BudgetRow.load(incentive_id)


@pytest.fixture
def evening(aws):
    City.open()
    expected._cache.clear()
    return Evening()
