import uuid
from dataclasses import dataclass, field

import pytest

from crowdship.intake.orders.model import QuoteRequest, Spot
from crowdship.intake.quotes import service as quotes
from crowdship.tariffs import current, surging
from crowdship.tariffs import service as tariffs
from crowdship.tariffs.model import TableDecision, TableVerdict
from crowdship.tariffs.service import TableInput
from crowdship.zones import service as zones
from tests.city import City, at

RATES = {"charge_base": "7.00", "charge_per_km": "1.00", "pay_base": "4.00", "pay_per_km": "0.50"}
SURGE = {
    "curve": [{"pressure": 1, "percent": 100}, {"pressure": 3, "percent": 200}],
    "notice_seconds": 60,
    "every_seconds": 120,
}


@dataclass
class Prices:
    """A city whose prices staff change."""

    city: City = field(default_factory=City.open)

    @property
    def today(self):
        return self.city.clock.now().date()

    def upload(self, *rows, by="ana", **fields):
        """Upload a table for the zone as a draft."""
        given = {
            "request_id": str(uuid.uuid4()),
            "name": "Summer",
            "currency": "USD",
            "zone_ids": ["testville"],
            "starts_on": str(self.today),
            "rows": [{**RATES, **row} for row in rows or ({},)],
        }
        return tariffs.upload(TableInput.model_validate({**given, **fields}), by, self.city.clock)

    def contract(self, *rows, merchant_id=None, **fields):
        """Upload and approve a contract of the bakery."""
        its = {"merchant_id": merchant_id or self.city.merchant.id, "zone_ids": [], "rows": list(rows)}
        return self.decide(self.upload(**{**its, **fields}))

    def decide(self, table, verdict=TableVerdict.APPROVE, by="ben"):
        """Decide on a table."""
        return tariffs.decide(table.id, TableDecision(verdict=verdict, reason="as agreed"), by, self.city.clock)

    def approved(self, *rows, **fields):
        """Upload and approve a table."""
        return self.decide(self.upload(*rows, **fields))

    def quote(self, east_m=2000, **fields):
        """Return a quote of the bakery."""
        asked = QuoteRequest(dropoff=Spot(point=at(east_m, 0)), **fields)
        return quotes.quote(self.city.merchant, asked, self.city.clock)

    def short_of_drivers(self):
        """Measure a zone with nine orders for each driver, and let the notice pass."""
        surging.measure(zones.get("testville"), 9, 1, None, self.city.clock.now())
        self.city.later(seconds=61)
        current.forget()


@pytest.fixture
def prices(aws):
    surging._measured.clear()
    return Prices()
