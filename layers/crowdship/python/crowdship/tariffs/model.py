"""A price table: rows of rates for zones, or a contract for a merchant, from a day on, approved by a second person."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.errors import Conflict, Forbidden
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.money import CurrencyCode
from crowdship.pricing.surge import SurgeRules
from crowdship.pricing.tables import PriceRow, Sheet

MOST_ZONES = 40
"""The most zones of a table; an approval writes a line for each in one transaction."""


class TableState(StrEnum):
    """States of a price table."""

    DRAFT = "draft"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class TableVerdict(StrEnum):
    """Decisions about a price table."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


Reason = Annotated[str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True)]


class TableDecision(Value):
    """A decision about a price table, and its reason."""

    verdict: TableVerdict
    reason: Reason


class DecidedTable(TableDecision):
    """A decision with the person who took it."""

    by: str
    at: Moment


class PriceTable(Aggregate):
    """A price table, which never changes after its upload except for its state.

    Parameters
    ----------
    zone_ids : tuple of str
        The zones that it prices; a contract without any holds in every zone with its currency.
    merchant_id : str or None
        The merchant whose contract it is.
    starts_on, ends_on : date, date or None
        Local days of each zone: the first on which it prices pickups, and the first on which it no longer does.
    monthly_minimum : int or None
        Of a contract: the least charge of a month, minor units; ``invoicing/minimum.py`` has the rule.
    simulation_id : str or None
        The newest simulation of it.
    """

    name: str
    currency: CurrencyCode
    zone_ids: tuple[str, ...]
    merchant_id: str | None = None
    starts_on: Day
    ends_on: Day | None = None
    rows: tuple[PriceRow, ...]
    surge: SurgeRules | None = None
    monthly_minimum: int | None = Field(default=None, ge=0)
    state: TableState = TableState.DRAFT
    made_by: str
    made_at: Moment
    decisions: tuple[DecidedTable, ...] = ()
    simulation_id: str | None = None

    @property
    def sheet(self) -> Sheet:
        """The tariff that prices trips by it."""
        return Sheet(id=self.id, currency=self.currency, rows=self.rows, surge=self.surge)

    @property
    def has_tiers(self) -> bool:
        """True if its charge depends on the deliveries of the month."""
        return any(row.delivered_from for row in self.rows)

    def decided(self, decision: TableDecision, by: str, now: datetime, *, earliest: Day) -> Self:
        """Return the table after a decision.

        Parameters
        ----------
        earliest : date
            The present local day of its zone that is furthest behind; a table can't begin before it.

        Raises
        ------
        Conflict
            ``wrong_state``, or ``starts_in_the_past``.
        Forbidden
            ``second_person_needed``, if its own maker approves it.
        """
        wanted = {TableVerdict.WITHDRAW: TableState.APPROVED}.get(decision.verdict, TableState.DRAFT)
        if self.state is not wanted:
            detail = f"The table is {self.state}; only one that is {wanted} can be decided on with {decision.verdict}."
            raise Conflict("wrong_state", detail, "/verdict")
        if decision.verdict is TableVerdict.APPROVE and by.casefold() == self.made_by.casefold():
            detail = f"{by} uploaded this table; a second person has to approve it."
            raise Forbidden("second_person_needed", detail, "/verdict")
        if decision.verdict is TableVerdict.APPROVE and self.starts_on < earliest:
            detail = f"It begins on {self.starts_on}, and today is {earliest}; upload it again from today on or later."
            raise Conflict("starts_in_the_past", detail, "/verdict")
        states = {
            TableVerdict.APPROVE: TableState.APPROVED,
            TableVerdict.REFUSE: TableState.REFUSED,
            TableVerdict.WITHDRAW: TableState.WITHDRAWN,
        }
        noted = DecidedTable(verdict=decision.verdict, reason=decision.reason, by=by, at=now)
        return self.with_changes(state=states[decision.verdict], decisions=(*self.decisions, noted))


class Validity(Value):
    """The span of local days in which an approved table prices the pickups of a zone, or of a merchant."""

    table_id: str
    currency: CurrencyCode
    starts_on: Day
    ends_on: Day | None = None
    has_tiers: bool = False
    zone_ids: tuple[str, ...] = ()

    def has_zone(self, zone_id: str) -> bool:
        """Return whether the table holds in a zone; one that names no zone holds in all."""
        return not self.zone_ids or zone_id in self.zone_ids

    def has(self, day: Day) -> bool:
        """Return whether the table holds on a local day."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


class Contract(Value):
    """Terms of a merchant's approved contract besides its rows.

    Parameters
    ----------
    monthly_minimum : int or None
        The least charge of a month, minor units.
    """

    validity: Validity
    monthly_minimum: int | None = None

    @property
    def currency(self) -> str:
        """The currency of its rows and of its minimum."""
        return self.validity.currency


def in_force(validities: tuple[Validity, ...], day: Day, currency: str) -> Validity | None:
    """Return which of some approved tables holds on a day where prices are in a currency: the one that began last.

    A table that ends leaves the day to the one before it, if that still holds: a table for the holidays is put over the
    usual one, and takes nothing from it. Neither does one in another currency, which prices nothing there.
    """
    there = (one for one in validities if one.currency == currency and one.has(day))
    return max(there, key=lambda one: one.starts_on, default=None)
