"""The tax table: payees with their lists, payments and earnings by driver, days, forms, years."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.adapters.storage import AggregateRow, Row, meta
from crowdship.kernel.clock import written
from crowdship.tax.payee import Payee
from crowdship.tax.payments import DayBook, Earned, Payment
from crowdship.tax.returns import InformationReturn
from crowdship.tax.year import Deposited, TaxDeposit, TaxOffset, TaxYear

DUE = "DUE"


class ByWaiting(GlobalSecondaryIndex["PayeeRow"]):
    """Payees by the list that they are on, in the order of their ids."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_waiting"
        projection = KeysOnlyProjection()

    waits_for = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class ByDue(GlobalSecondaryIndex["PayeeRow"]):
    """Payees whom time changes, by when."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_due"
        projection = KeysOnlyProjection()

    due = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class PayeeRow(AggregateRow[Payee]):
    """A payee."""

    Meta = meta("tax")
    AGGREGATE = Payee
    SORT = "PAYEE"

    waits_for = UnicodeAttribute(null=True)
    by_waiting = ByWaiting()
    due = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    by_due = ByDue()

    @classmethod
    def indexed(cls, payee: Payee) -> dict[str, Any]:
        """Return the list that a payee is on, and the next moment that changes it."""
        due_at = payee.due_at
        return {
            "waits_for": payee.waits_for,
            "due": DUE if due_at else None,
            "due_at": written(due_at) if due_at else None,
        }

    @classmethod
    def page(cls, waits_for: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        """Return up to ``limit`` ids of a list after an id, and the id after which to go on (eventually consistent)."""
        condition = ByWaiting.pk > after if after else None
        ids = [row.pk for row in cls.by_waiting.query(waits_for, condition, limit=limit)]
        return ids, ids[-1] if len(ids) == limit else None

    @classmethod
    def due_ids(cls, until: datetime, limit: int) -> list[str]:
        """Return the ids of payees with a moment that has come, the earliest first (eventually consistent)."""
        return [row.pk for row in cls.by_due.query(DUE, ByDue.due_at <= written(until), limit=limit)]


class PaymentRow(Row):
    """A payment, in the partition of its driver."""

    Meta = meta("tax")

    @classmethod
    def of(cls, payment: Payment) -> "PaymentRow":
        """Return the row of a payment."""
        return cls.holding(payment, f"PAID#{payment.driver_id}", payment.id)

    @classmethod
    def load(cls, driver_id: str, payment_id: str) -> Payment | None:
        """Return a payment, or None."""
        row = cls.find(f"PAID#{driver_id}", payment_id)
        return row.as_aggregate(Payment) if row else None

    @classmethod
    def of_driver(cls, driver_id: str) -> list[Payment]:
        """Return all payments of a driver, of all years."""
        rows = cls.query(f"PAID#{driver_id}", consistent_read=True)
        return [row.as_aggregate(Payment) for row in rows]


class EarnedRow(Row):
    """Earnings of a driver on a day."""

    Meta = meta("tax")

    @classmethod
    def of(cls, driver_id: str, earned: Earned) -> "EarnedRow":
        """Return the row of a day's earnings."""
        return cls(f"EARNED#{driver_id}", earned.day.isoformat(), body=earned.model_dump_json())

    @classmethod
    def of_driver(cls, driver_id: str) -> list[Earned]:
        """Return all days of a driver, the earliest first."""
        rows = cls.query(f"EARNED#{driver_id}", consistent_read=True)
        return [Earned.model_validate_json(row.body) for row in rows]


class PaidInRow(Row):
    """A driver with a payment in a year's books."""

    Meta = meta("tax")

    @classmethod
    def of(cls, year: int, driver_id: str) -> "PaidInRow":
        """Return the row of a driver and a year."""
        return cls(f"PAID_IN#{year}", driver_id, body="")

    @classmethod
    def page(cls, year: int, after: str | None, limit: int) -> list[str]:
        """Return up to ``limit`` drivers of a year after one."""
        condition = cls.sk > after if after else None
        return [row.sk for row in cls.query(f"PAID_IN#{year}", condition, limit=limit, consistent_read=True)]


class DayBookRow(Row):
    """Sums of a day's books, in their year."""

    Meta = meta("tax")

    @classmethod
    def of(cls, book: DayBook) -> "DayBookRow":
        """Return the row of a day."""
        return cls(f"DAYS#{book.day.year}", book.day.isoformat(), body=book.model_dump_json())

    @classmethod
    def of_year(cls, year: int) -> list[DayBook]:
        """Return the days of a year that were tallied, the earliest first."""
        rows = cls.query(f"DAYS#{year}", consistent_read=True)
        return [DayBook.model_validate_json(row.body) for row in rows]


class ReturnRow(Row):
    """A form of a driver, in its year."""

    Meta = meta("tax")

    @classmethod
    def of(cls, form: InformationReturn) -> "ReturnRow":
        """Return the row of a form."""
        return cls.holding(form, f"FORMS#{form.year}", form.driver_id)

    @classmethod
    def load(cls, year: int, driver_id: str) -> InformationReturn | None:
        """Return a driver's form of a year, or None."""
        row = cls.find(f"FORMS#{year}", driver_id)
        return row.as_aggregate(InformationReturn) if row else None

    @classmethod
    def page(cls, year: int, after: str | None, limit: int) -> list[InformationReturn]:
        """Return up to ``limit`` forms of a year after a driver, in the order of drivers."""
        condition = cls.sk > after if after else None
        rows = cls.query(f"FORMS#{year}", condition, limit=limit, consistent_read=True)
        return [row.as_aggregate(InformationReturn) for row in rows]


class YearRow(AggregateRow[TaxYear]):
    """The forms of a year as a whole."""

    Meta = meta("tax")
    AGGREGATE = TaxYear
    SORT = "YEAR"


class DepositRow(Row):
    """A deposit of withheld tax, in the year that it is for."""

    Meta = meta("tax")

    @classmethod
    def of(cls, deposit: TaxDeposit) -> "DepositRow":
        """Return the row of a deposit."""
        return cls.holding(deposit, f"DEPOSITS#{deposit.year}", deposit.reference)

    @classmethod
    def load(cls, year: int, reference: str) -> TaxDeposit | None:
        """Return the deposit of a reference, or None."""
        row = cls.find(f"DEPOSITS#{year}", reference)
        return row.as_aggregate(TaxDeposit) if row else None

    @classmethod
    def of_year(cls, year: int) -> list[TaxDeposit]:
        """Return the deposits for a year, in the order of their references."""
        return [row.as_aggregate(TaxDeposit) for row in cls.query(f"DEPOSITS#{year}", consistent_read=True)]


class OffsetRow(Row):
    """An offset between two months of a year, by its number."""

    Meta = meta("tax")

    @classmethod
    def of(cls, offset: TaxOffset, number: int) -> "OffsetRow":
        """Return the row of an offset."""
        return cls(f"OFFSETS#{offset.month[:4]}", f"{number:06d}", body=offset.model_dump_json())

    @classmethod
    def of_year(cls, year: int) -> list[TaxOffset]:
        """Return the offsets of a year in the order in which they were booked."""
        rows = cls.query(f"OFFSETS#{year}", consistent_read=True)
        return [TaxOffset.model_validate_json(row.body) for row in rows]


class DepositedRow(AggregateRow[Deposited]):
    """The number of deposits and offsets of a year."""

    Meta = meta("tax")
    AGGREGATE = Deposited
    SORT = "DEPOSITED"
