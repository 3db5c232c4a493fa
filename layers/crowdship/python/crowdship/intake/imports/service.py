"""Use case of intake: a file of orders becomes deliveries, all of them or none."""

import hashlib
from collections.abc import Callable
from itertools import batched
from typing import Any

from crowdship.adapters.idempotency import once
from crowdship.adapters.storage import MAX_TRANSACTION_ITEMS, UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.intake.imports import orders_csv
from crowdship.intake.imports.orders_csv import RowFault, Sheet
from crowdship.intake.orders.service import Draft, draft
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import StaleWrite, Unprocessable, counted
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.kernel.ids import derived_id
from crowdship.merchants.model import Merchant
from crowdship.zones import service as zones
from crowdship.zones.model import Zone, cell_of

AT_ONCE = MAX_TRANSACTION_ITEMS // 3
"""Deliveries in one transaction: each is three items."""


class ImportedRow(Value):
    """The delivery of a row; without an id if the file was only checked."""

    row: int
    external_id: str
    delivery_id: str | None


class ImportReport(Value):
    """The result of importing or checking a file of orders.

    Parameters
    ----------
    rows : int
        Orders in the file.
    errors : tuple of RowFault
        The faults, row by row; empty if the deliveries were created.
    deliveries : tuple of ImportedRow
        The rows without faults.
    """

    dry_run: bool
    rows: int
    errors: tuple[RowFault, ...]
    deliveries: tuple[ImportedRow, ...]


def try_file(merchant: Merchant, data: bytes, clock: Clock) -> ImportReport:
    """Check a file and return the result of an import; nothing is written.

    Raises
    ------
    Unprocessable
        If the file as a whole can't be read.
    """
    sheet = orders_csv.read(data)
    drafts, faults = _drafts(merchant, sheet, "", clock)
    tried = tuple(
        ImportedRow(row=row, external_id=one.delivery.external_id, delivery_id=None) for row, one in drafts.items()
    )
    return ImportReport(dry_run=True, rows=sheet.rows, errors=faults, deliveries=tried)


def import_once(merchant: Merchant, data: bytes, key: str, clock: Clock, context: Any = None) -> ImportReport:
    """Create all deliveries of a file, once per Idempotency-Key.

    Ids are derived from the key and the row. A repeated request gets the answer of the first. If the first request died
    half way, the second creates the missing deliveries, checked as of the time of the first.

    Raises
    ------
    Unprocessable
        If any row has a fault; all faults are listed and nothing was created. Also if the key was used for another
        file.
    Conflict
        If the first request is still running, or another request is using an external id of the file right now.
    """

    def act() -> dict[str, Any]:
        return _create(merchant, orders_csv.read(data), key, clock).model_dump(mode="json")

    asked = {"csv_sha256": hashlib.sha256(data).hexdigest()}
    return ImportReport.model_validate(once(merchant.id, key, asked, act, context))


def _create(merchant: Merchant, sheet: Sheet, key: str, clock: Clock) -> ImportReport:
    drafts, faults = _drafts(merchant, sheet, key, clock)
    if faults:
        wrong = len({fault.row for fault in faults})
        of_them, are = counted(sheet.rows, "row", "rows"), "is" if wrong == 1 else "are"
        detail = f"{wrong} of {of_them} {are} wrong; nothing was created."
        errors = [(fault.pointer, fault.detail) for fault in faults]
        raise Unprocessable("rows_invalid", detail, errors=errors)
    made = deliveries.get_many(one.delivery.id for one in drafts.values())
    missing = [one for one in drafts.values() if one.delivery.id not in made]
    for some in batched(missing, AT_ONCE, strict=False):
        _write(merchant, some)
    rows = (
        ImportedRow(row=row, external_id=one.delivery.external_id, delivery_id=one.delivery.id)
        for row, one in drafts.items()
    )
    return ImportReport(dry_run=False, rows=sheet.rows, errors=(), deliveries=tuple(rows))


def _write(merchant: Merchant, some: tuple[Draft, ...]) -> None:
    work = UnitOfWork()
    for one in some:
        one.keep(work)
    try:
        work.commit()
    except StaleWrite:
        for one in some:
            deliveries.refuse_known(merchant.id, one.delivery.external_id)
        raise


def _drafts(merchant: Merchant, sheet: Sheet, key: str, clock: Clock) -> tuple[dict[int, Draft], tuple[RowFault, ...]]:
    """Return the draft of each good row, and the faults of the others."""
    ids = {
        row: derived_id("dlv", merchant.id, key, row, request.external_id) for row, request in sheet.requests.items()
    }
    used = deliveries.known_external(merchant.id, (request.external_id for request in sheet.requests.values()))
    begun = deliveries.get_many(set(ids.values()) & set(used.values()))
    # Rows that were valid at the first attempt may be late by now, and must still be created.
    now = min((delivery.created_at for delivery in begun.values()), default=clock.now())
    zone_of = _remembering()
    drafts: dict[int, Draft] = {}
    faults = list(sheet.faults)
    for row, request in sheet.requests.items():
        known = used.get(request.external_id)
        if known and known != ids[row]:
            detail = f"Delivery {known} has this external_id already; a new delivery needs another one."
            faults.append(RowFault(row=row, column="external_id", code="external_id_used", detail=detail))
            continue
        try:
            drafts[row] = draft(merchant, request, merchant.id, now, ids[row], zone_of)
        except Unprocessable as refusal:
            column = orders_csv.column_of(refusal.pointer or "")
            faults.append(RowFault(row=row, column=column, code=refusal.code, detail=refusal.detail))
    return drafts, tuple(sorted(faults, key=lambda fault: fault.row))


def _remembering() -> Callable[[Point, str], Zone]:
    """Return ``zones.containing`` with a cache by cell, as the drop-offs of a file are close together."""
    known: dict[str, Zone] = {}

    def zone_of(point: Point, pointer: str) -> Zone:
        cell = cell_of(point)
        if cell not in known:
            known[cell] = zones.containing(point, pointer)
        return known[cell]

    return zone_of
