"""The tariff of a merchant's orders in a zone at a moment: what prices one order, and prices it again. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crowdship.pricing.basis import PricedTrip, PriceVersions, SizeClass
from crowdship.pricing.model import Price, price_trip
from crowdship.pricing.surge import SurgeAnnouncement
from crowdship.pricing.tables import Sheet, price_again, price_by
from crowdship.tariffs.model import Validity, in_force
from crowdship.zones.model import Zone


def _no_sheet(table_id: str) -> Sheet:
    raise LookupError(f"there is no price table {table_id}")


@dataclass(frozen=True)
class Ordered:
    """Circumstances that a price depends on besides the way.

    Parameters
    ----------
    begins : datetime
        When the pickup may begin; its local day and minute choose the rows.
    further : bool
        True for a further drop-off of a job.
    """

    begins: datetime
    size: SizeClass
    goods: str | None = None
    urgent: bool = False
    further: bool = False


@dataclass(frozen=True)
class Tariff:
    """Tariff of a merchant's orders in a zone at a moment.

    Parameters
    ----------
    tables, contracts : tuple of Validity
        When which table holds for the zone, and which contract for the merchant.
    sheet : callable
        Returns what prices by a table or contract.
    surge : callable
        Returns the announcement that holds for the zone now, or None; called only if a table has rules for it.
    delivered : callable
        Returns the merchant's completed deliveries of this month; called only for a contract with tiers.
    """

    zone: Zone
    now: datetime
    tables: tuple[Validity, ...] = ()
    contracts: tuple[Validity, ...] = ()
    sheet: Callable[[str], Sheet] = _no_sheet
    surge: Callable[[], SurgeAnnouncement | None] = lambda: None
    delivered: Callable[[], int] = lambda: 0

    def price(self, ordered: Ordered, metres: float, seconds: float) -> Price:
        """Return the price of a trip, by the zone's table of the pickup's day, or by its rate card if there is none."""
        settings = self.zone.settings
        begins = max(self.now, ordered.begins)
        local = begins.astimezone(ZoneInfo(settings.time_zone))
        trip = PricedTrip(
            zone_id=self.zone.id,
            metres=round(metres),
            seconds=round(seconds),
            urgent=ordered.urgent,
            further=ordered.further,
            goods=ordered.goods,
            size=ordered.size,
            day=local.date(),
            minute=local.hour * 60 + local.minute,
        )
        holds = in_force(self.tables, trip.day, settings.rates.currency)
        if holds is None:
            made = price_trip(settings.rates, metres, seconds, urgent=ordered.urgent, further=ordered.further)
            return made.model_copy(update={"trip": trip, "versions": PriceVersions(rate_card=self.zone.stored_version)})
        agreed = in_force(self.contracts, trip.day, settings.rates.currency)
        if agreed and agreed.has_tiers:
            trip = trip.model_copy(update={"delivered": self.delivered()})
        table, contract = self.sheet(holds.table_id), self.sheet(agreed.table_id) if agreed else None
        # Orders that are fetched later are fetched by the drivers of that time.
        soon = begins <= self.now + timedelta(minutes=settings.dispatch.rounds.lead_minutes)
        surge = self.surge() if table.surge and soon else None
        if table.surge is None or surge is None:
            return price_by(table, trip, contract)
        # Another table may hold now than the one by whose rules it was announced.
        return price_by(table, trip, contract, surge.id, min(surge.percent, table.surge.cap_percent))

    def price_again(self, before: Price, ordered: Ordered, metres: float, seconds: float) -> Price:
        """Return the price of another way for a promised price: by the same tables, contract, day, hour and surge."""
        if before.versions is None or before.versions.table_id is None:
            card = self.zone.settings.rates
            made = price_trip(card, metres, seconds, urgent=ordered.urgent, further=ordered.further)
            way = {"metres": round(metres), "seconds": round(seconds)}
            trip = before.trip.model_copy(update=way) if before.trip else None
            versions = PriceVersions(rate_card=self.zone.stored_version) if trip else None
            return made.model_copy(update={"trip": trip, "versions": versions}).raised_to(before.raised)
        return price_again(before, self.sheet, round(metres), round(seconds))
