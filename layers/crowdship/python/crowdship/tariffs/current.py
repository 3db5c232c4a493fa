"""The tariff in force: tables, contracts and surge as a container read them, for the price of one order.

What holds is at most ``CACHE_S`` seconds old, as a zone's settings are; a table never changes once it is approved. The
surge is read only where the zone's table has rules for it, so a zone without a table costs one query in ``CACHE_S``.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from crowdship.adapters.caches import Cache
from crowdship.kernel.errors import NotFound
from crowdship.pricing.surge import Surge
from crowdship.pricing.tables import Sheet
from crowdship.tariffs.model import Contract, PriceTable, Validity, in_force
from crowdship.tariffs.store import (
    CountRow,
    SurgeRow,
    TableRow,
    ValidityRow,
    merchant_key,
    month_of,
    tables_with,
    zone_key,
)
from crowdship.tariffs.tariff import Tariff
from crowdship.zones.model import Zone

CACHE_S = 20
SURGE_S = 10
TABLE_S = 3600

_validities: Cache[str, tuple[Validity, ...]] = Cache(CACHE_S, most=2000)
_tables: Cache[str, PriceTable] = Cache(TABLE_S, most=64)
_surges: Cache[str, Surge] = Cache(SURGE_S)


def tariff_of(zone: Zone, merchant_id: str, now: datetime) -> Tariff:
    """Return what prices the orders of a merchant in a zone."""
    return Tariff(
        zone,
        now,
        tables=_holding(zone_key(zone.id)),
        contracts=tuple(one for one in _holding(merchant_key(merchant_id)) if one.has_zone(zone.id)),
        sheet=sheet,
        surge=lambda: surge_of(zone.id).at(now),
        delivered=lambda: CountRow.of_month(merchant_id, month_of(now.date())),
    )


def _holding(owner: str) -> tuple[Validity, ...]:
    return _validities.get(owner, lambda: ValidityRow.every(owner))


def _table(table_id: str) -> PriceTable:
    return _tables.get(table_id, lambda: stored(table_id))


def stored(table_id: str) -> PriceTable:
    """Return a price table as it is stored.

    Raises
    ------
    NotFound
        If there is none.
    """
    table = TableRow.load(table_id)
    if table is None:
        raise NotFound("no_such_table", f"There is no price table {table_id}.")
    return table


def sheet(table_id: str) -> Sheet:
    """Return what prices by a table or contract, also by one that holds no longer."""
    return _table(table_id).sheet


def table_of(zone: Zone, now: datetime) -> PriceTable | None:
    """Return the table that holds for a zone at a moment, or None."""
    today = now.astimezone(ZoneInfo(zone.settings.time_zone)).date()
    holds = in_force(_holding(zone_key(zone.id)), today, zone.settings.rates.currency)
    return _table(holds.table_id) if holds else None


def contracts_of(merchant_id: str) -> tuple[Contract, ...]:
    """Return all contracts of a merchant that are approved and not withdrawn, as they are stored now."""
    validities = ValidityRow.every(merchant_key(merchant_id))
    tables = tables_with(validity.table_id for validity in validities)
    return tuple(
        Contract(validity=one, monthly_minimum=table.monthly_minimum)
        for one in validities
        if (table := tables.get(one.table_id))
    )


def has_tiers(merchant_id: str) -> bool:
    """Return whether a contract of a merchant, whenever it holds, counts its deliveries."""
    return any(validity.has_tiers for validity in _holding(merchant_key(merchant_id)))


def surge_of(zone_id: str) -> Surge:
    """Return the surge of a zone, at most ``SURGE_S`` seconds old."""
    return _surges.get(zone_id, lambda: SurgeRow.load(zone_id, consistent=False) or Surge(id=zone_id))


def forget() -> None:
    """Forget everything that was read, as after a change."""
    for cache in (_validities, _tables, _surges):
        cache.clear()
