"""Use cases of price tables: upload, list, read, decide."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from crowdship.adapters.storage import UnitOfWork
from crowdship.kernel.clock import Clock, Day
from crowdship.kernel.errors import Conflict, NotFound, StaleWrite, Unprocessable
from crowdship.kernel.events import Value
from crowdship.kernel.ids import ClientId, derived_id
from crowdship.kernel.money import CurrencyCode
from crowdship.merchants import service as merchants
from crowdship.pricing.surge import SurgeRules
from crowdship.tariffs import current
from crowdship.tariffs.loading import load, read_csv
from crowdship.tariffs.model import MOST_ZONES, PriceTable, TableDecision, TableVerdict
from crowdship.tariffs.store import DirectoryRow, TableRow, ValidityRow, owners_of, tables_with
from crowdship.zones import service as zones
from crowdship.zones.model import Zone, ZoneId

Cell = Annotated[str, StringConstraints(max_length=40)]
Column = Annotated[str, StringConstraints(max_length=40)]


class TableInput(Value):
    """A price table to upload; its rows are a CSV with a head, or objects with the same columns.

    Parameters
    ----------
    zone_ids : tuple of str
        The zones that it prices. A contract may leave them out, and then holds wherever the merchant orders.
    merchant_id : str or None
        Makes it the contract of a merchant, which sets the charge alone.
    starts_on, ends_on : date, date or None
        Local days of the zones: the first, and the first on which it no longer holds.
    surge : SurgeRules or None
        Rules of surge; without them prices don't move.
    """

    request_id: ClientId = Field(description="A UUID of the caller; the same request again makes no second table")
    name: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    currency: CurrencyCode
    zone_ids: tuple[ZoneId, ...] = Field(default=(), max_length=MOST_ZONES)
    merchant_id: Annotated[str, StringConstraints(pattern=r"^mer_[0-9a-z]{1,40}$")] | None = None
    starts_on: Day
    ends_on: Day | None = None
    csv: Annotated[str, StringConstraints(max_length=200_000)] | None = Field(
        default=None, description="Columns and rules: docs/pricing.md"
    )
    rows: tuple[dict[Column, Cell], ...] | None = Field(default=None, max_length=1000)
    surge: SurgeRules | None = None
    monthly_minimum: int | None = Field(
        default=None, ge=0, le=100_000_000, description="Of a contract: the least charge of a month, minor units"
    )


def upload(request: TableInput, by: str, clock: Clock) -> PriceTable:
    """Check a price table and keep it as a draft, once per ``request_id``.

    Raises
    ------
    Unprocessable
        ``wrong_table`` with a pointer and a sentence for each fault, ``not_csv``, ``wrong_currency`` or
        ``no_such_zone``.
    NotFound
        If there is no such merchant.
    """
    if (request.csv is None) == (request.rows is None):
        raise Unprocessable("wrong_table", "Send the rows either as csv or as rows.", "/rows")
    _check_scope(request)
    given = read_csv(request.csv) if request.csv is not None else (request.rows or ())
    rows = load(
        given,
        currency=request.currency,
        zone_ids=request.zone_ids,
        starts_on=request.starts_on,
        ends_on=request.ends_on,
        contract=request.merchant_id is not None,
        where="/csv" if request.csv is not None else "/rows",
    )
    table = PriceTable(
        id=derived_id("ptb", by, request.request_id),
        **request.model_dump(exclude={"request_id", "csv", "rows", "surge"}),
        surge=request.surge,
        rows=rows,
        made_by=by,
        made_at=clock.now(),
    )
    work = UnitOfWork()
    work.store(TableRow.of(table))
    work.put(DirectoryRow.of(table), None)
    try:
        work.commit()
    except StaleWrite:
        made = current.stored(table.id)
        if made.rows != table.rows or made.starts_on != table.starts_on:
            detail = f"Request {request.request_id} made table {made.id} before, with other content; use a new id."
            raise Conflict("request_used", detail, "/request_id") from None
        return made
    return table


def _check_scope(request: TableInput) -> None:
    """Check the days, zones, merchant and currency of a table."""
    if request.ends_on and request.ends_on <= request.starts_on:
        detail = f"It ends on {request.ends_on}, which is not after its first day, {request.starts_on}."
        raise Unprocessable("wrong_table", detail, "/ends_on")
    if len(set(request.zone_ids)) < len(request.zone_ids):
        raise Unprocessable("wrong_table", "A zone is named twice.", "/zone_ids")
    known = {zone.id: zone for zone in zones.every()}
    for number, zone_id in enumerate(request.zone_ids):
        if zone_id not in known:
            detail = f"There is no zone {zone_id}; the zones are {', '.join(sorted(known)) or 'none'}."
            raise Unprocessable("no_such_zone", detail, f"/zone_ids/{number}")
        _check_currency(known[zone_id], request.currency, f"/zone_ids/{number}")
    if request.merchant_id is None:
        if not request.zone_ids:
            raise Unprocessable("wrong_table", "Name at least one zone that it prices.", "/zone_ids")
        if request.monthly_minimum is not None:
            detail = "Only a contract has a least charge of a month; name its merchant, or leave it out."
            raise Unprocessable("wrong_table", detail, "/monthly_minimum")
        return
    if request.surge:
        detail = "A contract sets no surge; its rules are in the table of the zone."
        raise Unprocessable("wrong_table", detail, "/surge")
    _check_merchant(request, known)


def _check_merchant(request: TableInput, known: Mapping[str, Zone]) -> None:
    """Check that a merchant orders in the currency of its contract."""
    merchant = merchants.get(request.merchant_id or "")
    for number, zone_id in enumerate(request.zone_ids):
        if not merchant.may_send_from(zone_id):
            detail = f"{merchant.id} may not send from zone {zone_id}, only from {', '.join(merchant.zone_ids)}."
            raise Unprocessable("zone_not_theirs", detail, f"/zone_ids/{number}")
    if request.zone_ids:
        return
    its = [zone for zone in known.values() if merchant.may_send_from(zone.id)]
    foreign = {zone.settings.rates.currency for zone in its} - {request.currency}
    if foreign and (merchant.zone_ids or all(zone.settings.rates.currency in foreign for zone in its)):
        detail = f"{merchant.id} orders in {', '.join(sorted(foreign))}, and the contract is in {request.currency}."
        raise Unprocessable("wrong_currency", detail, "/currency")


def _check_currency(zone: Zone, currency: str, pointer: str) -> None:
    if zone.settings.rates.currency != currency:
        detail = f"Zone {zone.id} has prices in {zone.settings.rates.currency}, and the table is in {currency}."
        raise Unprocessable("wrong_currency", detail, pointer)


def decide(table_id: str, decision: TableDecision, by: str, clock: Clock) -> PriceTable:
    """Approve, refuse or withdraw a price table; the same decision by the same person again changes nothing.

    Raises
    ------
    Conflict
        As ``PriceTable.decided``, or ``day_taken`` if another table holds from the same day on in one of its zones, or
        another contract of its merchant in its currency.
    Forbidden
        If its own maker approves it.
    """
    now = clock.now()
    before = current.stored(table_id)
    if before.decisions and (before.decisions[-1].verdict, before.decisions[-1].by) == (decision.verdict, by):
        return before
    after = before.decided(decision, by, now, earliest=_earliest_day(before, now))
    work = UnitOfWork()
    work.store(TableRow.of(after))
    for owner in owners_of(after):
        row = ValidityRow.of(after, owner)
        if decision.verdict is TableVerdict.APPROVE:
            work.put(row, ValidityRow.pk.does_not_exist())
        elif decision.verdict is TableVerdict.WITHDRAW:
            work.delete(row, ValidityRow.body == row.body)
    try:
        work.commit()
    except StaleWrite as error:
        _refuse_taken(after)
        detail = f"Somebody else decided on {table_id} meanwhile; read it again."
        raise Conflict("changed_meanwhile", detail) from error
    finally:
        current.forget()
    return after


def _refuse_taken(table: PriceTable) -> None:
    for owner in owners_of(table):
        for other in ValidityRow.every(owner):
            begins_together = (other.starts_on, other.currency) == (table.starts_on, table.currency)
            if begins_together and other.table_id != table.id:
                detail = f"{other.table_id} holds from {other.starts_on} on already; withdraw it, or begin another day."
                raise Conflict("day_taken", detail, "/verdict")


def _earliest_day(table: PriceTable, now: datetime) -> date:
    """Return the present local day of a table's zone that is furthest behind; the UTC day without zones."""
    days = []
    for zone_id in table.zone_ids:
        try:
            days.append(now.astimezone(ZoneInfo(zones.get(zone_id).settings.time_zone)).date())
        except NotFound:
            continue
    return min(days, default=now.date())


def page(before: str | None, limit: int) -> tuple[list[PriceTable], str | None]:
    """Return up to ``limit`` tables, the newest upload first, and the position after which to go on."""
    found = DirectoryRow.page(before, limit)
    tables = tables_with(table_id for _, table_id in found)
    following = found[-1][0] if len(found) == limit else None
    return [tables[table_id] for _, table_id in found if table_id in tables], following
