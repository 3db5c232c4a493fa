"""The claims table: claims with their indexes, lists of each party's claims, and the sums that limit them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.claims.claim import Claim
from crowdship.claims.refunds import Refunds
from crowdship.claims.values import ClaimState
from crowdship.kernel.clock import written
from crowdship.settlement.proposals import BookedAlone

CLAIM = "CLAIM#"
DUE = "DUE"


class ByState(GlobalSecondaryIndex["ClaimRow"]):
    """Open claims by state, those that are to be decided first before the others."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_state"
        projection = KeysOnlyProjection()

    waits_for = UnicodeAttribute(hash_key=True)
    decide_by = UnicodeAttribute(range_key=True)


class ByDue(GlobalSecondaryIndex["ClaimRow"]):
    """Claims that time changes, by when."""

    class Meta:
        """Name and projection of the index."""

        index_name = "by_due"
        projection = KeysOnlyProjection()

    due = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class ClaimRow(AggregateRow[Claim]):
    """A claim."""

    Meta = meta("claims")
    AGGREGATE = Claim
    SORT = "CLAIM"

    waits_for = UnicodeAttribute(null=True)
    decide_by = UnicodeAttribute(null=True)
    by_state = ByState()
    due = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    by_due = ByDue()

    @classmethod
    def indexed(cls, claim: Claim) -> dict[str, Any]:
        """Return the state of an open claim with its deadline, and the next moment that changes it."""
        if claim.is_closed or claim.due_at is None:
            return {}
        state = {"waits_for": str(claim.state), "decide_by": written(claim.decide_by)}
        return {**state, "due": DUE, "due_at": written(claim.due_at)}

    @classmethod
    def waiting_ids(cls, state: ClaimState, limit: int) -> list[str]:
        """Return the ids of claims in a state, those to be decided first before the others (eventually consistent)."""
        return [row.pk for row in cls.by_state.query(str(state), limit=limit)]

    @classmethod
    def due_ids(cls, until: datetime, limit: int) -> list[str]:
        """Return the ids of claims with a moment that has come, the earliest first (eventually consistent)."""
        return [row.pk for row in cls.by_due.query(DUE, ByDue.due_at <= written(until), limit=limit)]


class ClaimLine(Row):
    """A line of the list of the claims of a delivery, of a driver, or of a merchant in a month."""

    Meta = meta("claims")

    @classmethod
    def add(cls, claim: Claim, work: UnitOfWork) -> None:
        """Add the lines of a new claim to a unit of work."""
        for partition in cls._partitions(claim):
            work.put(cls(partition, f"{CLAIM}{written(claim.opened_at)}#{claim.id}", body=claim.id), None)

    @classmethod
    def _partitions(cls, claim: Claim) -> Iterable[str]:
        yield claim.delivery_id
        yield merchant_month(claim.merchant_id, f"{claim.opened_at:%Y-%m}")
        if claim.driver_id and claim.answer_by:
            yield drivers_list(claim.driver_id)

    @classmethod
    def ids(cls, partition: str, limit: int, after: str | None = None) -> list[str]:
        """Return the ids of the newest claims of a list, those that are older than the one a cursor names."""
        condition = cls.sk.between(CLAIM, after) if after else cls.sk.startswith(CLAIM)
        rows = cls.query(partition, condition, scan_index_forward=False, consistent_read=True)
        found: list[str] = []
        for row in rows:
            if row.sk != after:
                found.append(row.body)
            if len(found) == limit:
                break
        return found


def merchant_month(merchant_id: str, month: str) -> str:
    """Return the list of a merchant's claims that were opened in a month, such as 2026-06."""
    return f"{merchant_id}#{month}"


def drivers_list(driver_id: str) -> str:
    """Return the list of the claims that a driver is asked about."""
    return f"{driver_id}#CLAIMS"


def cursor_of(claim: Claim) -> str:
    """Return the place of a claim in its lists."""
    return f"{CLAIM}{written(claim.opened_at)}#{claim.id}"


class RefundsRow(AggregateRow[Refunds]):
    """The sums that claims granted on a delivery."""

    Meta = meta("claims")
    AGGREGATE = Refunds
    SORT = "REFUNDS"


class AloneRow(AggregateRow[BookedAlone]):
    """The sum that was granted to a merchant on a day without a second person."""

    Meta = meta("claims")
    AGGREGATE = BookedAlone
    SORT = "SUM"
