"""Loading of a price table: text or rows become rows of rates, or every fault is told with the number of its row. Pure.

Two rows meet if they name the same values, and have a day and a minute in common; between them nobody could say which
one prices, so the table is refused. Rows that name nothing but a zone, days and hours have to cover every minute of
every day of the table, so that each trip has a row, whatever is carried.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

from pydantic import ValidationError

from crowdship.kernel.errors import Unprocessable, counted, said
from crowdship.pricing.basis import MINUTES_OF_DAY
from crowdship.pricing.rates import Rates
from crowdship.pricing.tables import Band, PriceRow
from crowdship.tariffs import cells
from crowdship.tariffs.cells import CHARGES, COLUMNS, DAYS, PAYS, any_or

MOST_ROWS = 300
"""The most rows of a table: some 100 kB as stored, far below what DynamoDB takes."""

MOST_TOLD = 50
"""The most faults that an answer names."""

ENDLESS = date.max

WORST_RATIO = 4
"""The most that a driver's pay for a usual trip may be, as a multiple of its charge: beyond is a mistyped figure."""

Fault = tuple[str, str]
"""A JSON pointer, and a sentence."""


def read_csv(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV with a head, without empty ones.

    Raises
    ------
    Unprocessable
        ``not_csv``, if it can't be read, or a row has more cells than the head.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), restkey="", strict=True)
    try:
        rows = [dict(row) for row in reader]
    except csv.Error as error:
        raise Unprocessable("not_csv", f"Line {reader.line_num} is no CSV: {error}.", "/csv") from error
    head = list(reader.fieldnames or ())
    if twice := sorted({name for name in head if head.count(name) > 1}):
        raise Unprocessable("not_csv", f"The head has {', '.join(twice)} twice.", "/csv")
    for number, row in enumerate(rows, 1):
        if "" in row:
            raise Unprocessable("not_csv", f"Row {number} has more cells than the head.", f"/csv/{number}")
    return [{name: value or "" for name, value in row.items()} for row in rows]


def load(
    given: Sequence[Mapping[str, str]],
    *,
    currency: str,
    zone_ids: tuple[str, ...],
    starts_on: date,
    ends_on: date | None,
    contract: bool,
    where: str = "/rows",
) -> tuple[PriceRow, ...]:
    """Return the rows of a table.

    Parameters
    ----------
    zone_ids : tuple of str
        The zones of the table; a row may name these.
    contract : bool
        Whether it is a contract, which sets the charge alone and need not cover everything.
    where : str
        JSON pointer to the rows in the request.

    Raises
    ------
    Unprocessable
        ``wrong_table``, with a pointer and a sentence for each fault, which name the row as the file counts it.
    """
    if not given or len(given) > MOST_ROWS:
        detail = f"The table has {counted(len(given), 'row', 'rows')}; 1 to {MOST_ROWS} are allowed."
        raise Unprocessable("wrong_table", detail, where)
    unknown = sorted({name for row in given for name in row} - set(COLUMNS))
    if unknown:
        detail = f"There is no column {', '.join(map(repr, unknown))}; the columns are {', '.join(COLUMNS)}."
        raise Unprocessable("wrong_table", detail, where)
    rows: list[PriceRow] = []
    faults: list[Fault] = []
    for number, texts in enumerate(given, 1):
        found = _Row(number, texts, currency, zone_ids, contract, where)
        row = found.read()
        faults += found.faults
        if row:
            rows.append(row)
    if not faults:
        faults += _spans(rows, starts_on, ends_on, where)
    if not faults:
        faults += _meeting(rows, where)
    if not faults and not contract:
        faults += _gaps(rows, zone_ids, starts_on, ends_on, where)
    if faults:
        detail = f"{counted(len(faults), 'fault', 'faults')}; {faults[0][1]}"
        raise Unprocessable("wrong_table", detail, errors=faults[:MOST_TOLD])
    return tuple(rows)


class _Row:
    """The reading of one row; ``faults`` has what is wrong with it."""

    def __init__(
        self, number: int, texts: Mapping[str, str], currency: str, zones: tuple[str, ...], contract: bool, where: str
    ) -> None:
        self.number, self._where, self._currency, self._zones, self._contract = number, where, currency, zones, contract
        self._texts = {name: text.strip() for name, text in texts.items()}
        self.faults: list[Fault] = []

    def _fault(self, column: str, sentence: str) -> None:
        self.faults.append((f"{self._where}/{self.number}/{column}", f"Row {self.number}, {column}: {sentence}."))

    def _cell(self, column: str, read: Any) -> Any:
        try:
            return read(self._texts.get(column, ""))
        except ValueError as error:
            self._fault(column, str(error))
            return None

    def read(self) -> PriceRow | None:
        """Return the row, or None if anything is wrong with it."""
        stated = self._texts.get("currency", "")
        if stated and stated != self._currency:
            self._fault("currency", f"it is {stated}, and the table is in {self._currency}; make a table for each")
        fields: dict[str, Any] = {
            "number": self.number,
            "zone_id": self._cell("zone", any_or(self._zone)),
            "goods": self._cell("goods", any_or(cells.goods)),
            "urgent": self._cell("urgency", any_or(cells.urgency)),
            "size": self._cell("size", any_or(cells.size)),
            "since": self._cell("valid_from", any_or(cells.day)),
            "until": self._cell("valid_to", any_or(cells.day)),
            "band": self._band(),
            "delivered_from": self._cell("delivered_from", any_or(cells.whole(1_000_000))) or 0,
            "charge": self._rates("charge", CHARGES),
            "pay": None if self._contract else self._rates("pay", PAYS),
        }
        if self._texts.get("return_percent"):
            fields["return_percent"] = self._cell("return_percent", cells.whole(100))
        self._refuse_foreign()
        if self.faults:
            return None
        row = PriceRow(**fields)
        self._refuse_absurd(row)
        return None if self.faults else row

    def _zone(self, text: str) -> str:
        if self._zones and text not in self._zones:
            raise ValueError(f"{text} is no zone of this table; its zones are {', '.join(self._zones)}")
        return text

    def _band(self) -> Band | None:
        texts = [self._texts.get(name, "") for name in ("days", "from", "to")]
        if all(text in ("", cells.ANY) for text in texts):
            return None
        given = {
            "days": self._cell("days", any_or(cells.days)),
            "since": self._cell("from", any_or(cells.minute)),
            "until": self._cell("to", any_or(cells.minute)),
        }
        try:
            return Band(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            self._fault("to", said(error.errors()[0]["msg"]))
            return None

    def _rates(self, prefix: str, columns: Sequence[str]) -> Rates | None:
        found: dict[str, int] = {}
        for column in columns:
            name = column.removeprefix(f"{prefix}_")
            if self._texts.get(column):
                amount = self._cell(column, lambda text, name=name: cells.rate(text, name, self._currency))
                if amount is not None:
                    found[name] = amount
            elif name == "base":
                self._fault(column, "it is empty; write the amount for a delivery, 0 if there is none")
        return Rates(**found) if "base" in found else None

    def _refuse_foreign(self) -> None:
        """Refuse what does not belong to this kind of table."""
        if self._contract:
            for column in (*PAYS, "return_percent"):
                if self._texts.get(column):
                    self._fault(column, "a contract sets the charge alone; pay and return are the zone's")
        elif self._texts.get("delivered_from"):
            self._fault("delivered_from", "a zone's table has no tiers of volume; make a contract for the merchant")

    def _refuse_absurd(self, row: PriceRow) -> None:
        for prefix, rates in (("charge", row.charge), ("pay", row.pay)):
            if rates and rates.further is not None and rates.further > rates.base:
                self._fault(f"{prefix}_further", "it is more than the base; a further drop-off costs at most as much")
        if row.pay and not row.pay.usual:
            self._fault("pay_base", "a usual trip of 3 km and 10 minutes would pay nothing")
        if row.pay and row.charge.usual and row.pay.usual > WORST_RATIO * row.charge.usual:
            self._fault("pay_base", f"a usual trip would pay more than {WORST_RATIO} times its charge")


def _spans(rows: Iterable[PriceRow], starts_on: date, ends_on: date | None, where: str) -> Iterator[Fault]:
    """Yield the rows whose dates are the wrong way round, or outside of the table's."""
    for row in rows:
        since, until = row.since or starts_on, row.until or ends_on or ENDLESS
        if since >= until:
            yield f"{where}/{row.number}/valid_to", f"Row {row.number}, valid_to: it ends on {until}, before it begins."
        elif since < starts_on or until > (ends_on or ENDLESS):
            span = f"{starts_on} to {ends_on or 'no end'}"
            yield f"{where}/{row.number}/valid_from", f"Row {row.number}: it reaches beyond the table's days, {span}."


def _meeting(rows: Sequence[PriceRow], where: str) -> Iterator[Fault]:
    """Yield each row that is as specific as an earlier one and meets it."""
    groups: dict[object, list[PriceRow]] = {}
    for row in rows:
        groups.setdefault((row.named, row.rank), []).append(row)
    for group in groups.values():
        for one, other in combinations(group, 2):
            if _dates_meet(one, other) and (one.band is None or other.band is None or one.band.meets(other.band)):
                sentence = f"Row {other.number} overlaps row {one.number}: both would price the same deliveries."
                yield f"{where}/{other.number}", sentence


def _dates_meet(one: PriceRow, other: PriceRow) -> bool:
    begin = max(one.since or date.min, other.since or date.min)
    return begin < min(one.until or ENDLESS, other.until or ENDLESS)


def _gaps(
    rows: Sequence[PriceRow], zone_ids: tuple[str, ...], starts_on: date, ends_on: date | None, where: str
) -> Iterator[Fault]:
    """Yield the first minute of each zone and day of the week that no general row prices, by the spans of dates."""
    general = [row for row in rows if row.goods is None and row.urgent is None and row.size is None]
    for zone_id in zone_ids:
        here = [row for row in general if row.zone_id in (None, zone_id)]
        marks = {starts_on, ends_on or ENDLESS}
        marks |= {day for row in here for day in (row.since, row.until) if day and day > starts_on}
        ordered = sorted(marks)
        for begin, end in pairwise(ordered):
            holding = [row for row in here if row.has_day(begin)]
            for weekday in _weekdays(begin, end):
                minute = _first_free(holding, weekday)
                if minute is not None:
                    at = f"{minute // 60:02d}:{minute % 60:02d}"
                    near = max((row.number for row in holding), default=0)
                    told = f"after row {near} " if near else ""
                    sentence = (
                        f"Zone {zone_id} has no general row {told}for {DAYS[weekday]} at {at} from {begin} on; "
                        "a row without goods, urgency and size has to cover each minute."
                    )
                    yield f"{where}/{near}" if near else where, sentence
                    break


def _weekdays(begin: date, end: date) -> list[int]:
    length = min(7, (end - begin).days)
    return [(begin + timedelta(days=number)).weekday() for number in range(length)]


def _first_free(rows: Iterable[PriceRow], weekday: int) -> int | None:
    """Return the first minute of a day of the week that none of some rows has, or None."""
    spans = sorted(
        (row.band.since, row.band.until) if row.band else (0, MINUTES_OF_DAY)
        for row in rows
        if row.band is None or weekday in row.band.days
    )
    covered = 0
    for since, until in spans:
        if since > covered:
            break
        covered = max(covered, until)
    return covered if covered < MINUTES_OF_DAY else None
