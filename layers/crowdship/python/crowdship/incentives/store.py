"""Incentives' table: incentives of zones, their budgets, promises to drivers, and drivers' work that may count."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pynamodb.attributes import NumberAttribute
from pynamodb.exceptions import PutError

from crowdship.adapters.storage import AggregateRow, Row, UnitOfWork, meta
from crowdship.incentives.model import Incentive, Use
from crowdship.incentives.promises import OFFER_KEPT, GuaranteedSpan, Promise
from crowdship.incentives.work import LONGEST_DUTY, DutyChange, Work
from crowdship.kernel.retention import EXTRA_PAY, EXTRA_PAY_WORK

DUE = "DUE"


def _text(moment: datetime) -> str:
    """Return a moment as a text that sorts as moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def _expiry(moment: datetime, kept: timedelta) -> int:
    return int((moment + kept).timestamp())


class IncentiveRow(Row):
    """An incentive, in its zone in the order of ends."""

    Meta = meta("incentives")

    @classmethod
    def of(cls, incentive: Incentive) -> "IncentiveRow":
        """Return the row of an incentive."""
        key = f"ZONE#{incentive.zone_id}", f"{_text(incentive.ends_at)}#{incentive.id}"
        return cls.holding(incentive, *key, expires_at=_expiry(incentive.ends_at, EXTRA_PAY))

    @classmethod
    def load(cls, incentive_id: str) -> Incentive | None:
        """Return an incentive, or None."""
        place = cls.find(incentive_id, "PLACE")
        row = place and cls.find(*json.loads(place.body))
        return row.as_aggregate(Incentive) if row else None

    def place(self) -> "IncentiveRow":
        """Return the row by which it is found by its id."""
        incentive_id = self.sk.rpartition("#")[2]
        return type(self)(incentive_id, "PLACE", body=json.dumps([self.pk, self.sk]), expires_at=self.expires_at)

    @classmethod
    def of_zone(cls, zone_id: str, ends_after: datetime) -> list[Incentive]:
        """Return the incentives of a zone that end after a moment, the first to end first."""
        rows = cls.query(f"ZONE#{zone_id}", cls.sk > _text(ends_after), consistent_read=True)
        return [row.as_aggregate(Incentive) for row in rows if row.sk.rpartition("#")[2].startswith("inc_")]

    @classmethod
    def work_counts(cls, zone_id: str, at: datetime) -> bool:
        """Return whether an incentive of a zone, or a block, may count work that ended at a moment."""
        rows = cls.query(f"ZONE#{zone_id}", cls.sk > _text(at - OFFER_KEPT), consistent_read=True)
        return any(datetime.fromisoformat(json.loads(row.body)["starts_at"]) <= at for row in rows)

    @classmethod
    def of_block(cls, zone_id: str, block_id: str, starts_at: datetime, ends_at: datetime) -> "IncentiveRow":
        """Return the row by which work in a block's span is noted."""
        body = json.dumps({"starts_at": starts_at.isoformat()})
        key = f"ZONE#{zone_id}", f"{_text(ends_at)}#{block_id}"
        return cls(*key, body=body, expires_at=_expiry(ends_at, EXTRA_PAY_WORK))


class BudgetRow(Row):
    """The budget of an incentive, in minor units of its currency: what is promised of it, and what was paid."""

    Meta = meta("incentives")

    most = NumberAttribute(default=0)
    committed = NumberAttribute(default=0)
    paid = NumberAttribute(default=0)
    promises = NumberAttribute(default=0)

    @classmethod
    def first(cls, incentive: Incentive) -> "BudgetRow":
        """Return the budget of a new incentive."""
        expires_at = _expiry(incentive.ends_at, EXTRA_PAY)
        return cls(incentive.id, "BUDGET", body="{}", most=incentive.budget.amount, expires_at=expires_at)

    @classmethod
    def load(cls, incentive_id: str) -> "BudgetRow":
        """Return the budget of an incentive as it is now."""
        return cls.get(incentive_id, "BUDGET", consistent_read=True)

    @classmethod
    def of_many(cls, incentive_ids: list[str]) -> dict[str, "BudgetRow"]:
        """Return the budgets of some incentives, by their ids."""
        keys = [(incentive_id, "BUDGET") for incentive_id in incentive_ids]
        return {row.pk: row for row in cls.batch_get(keys, consistent_read=True)} if keys else {}

    @property
    def use(self) -> Use:
        """The part of it that is used."""
        return Use(committed=int(self.committed), paid=int(self.paid), promises=int(self.promises))

    def change(self, work: UnitOfWork, committed: int = 0, paid: int = 0, promises: int = 0) -> None:
        """Add a change of its sums, which holds only if no more than the budget is promised after it."""
        kind = type(self)
        added = [(kind.committed, committed), (kind.paid, paid), (kind.promises, promises)]
        actions = [attribute.add(number) for attribute, number in added if number]
        if actions:
            work.update(kind(self.pk, self.sk), actions, kind.committed <= int(self.most) - max(0, committed))


class PromiseRow(Row):
    """A promise, among its driver's in the order of ends."""

    Meta = meta("incentives")

    @classmethod
    def of(cls, promise: Promise) -> "PromiseRow":
        """Return the row of a promise."""
        return cls.holding(promise, *cls.key_of(promise), expires_at=_expiry(promise.until, EXTRA_PAY))

    @staticmethod
    def key_of(promise: Promise) -> tuple[str, str]:
        """Return the key of a promise."""
        return f"PROMISES#{promise.driver_id}", f"{_text(promise.until)}#{promise.id}"

    @classmethod
    def load(cls, pk: str, sk: str) -> Promise | None:
        """Return the promise under a key, or None."""
        row = cls.find(pk, sk)
        return row.as_aggregate(Promise) if row else None

    @classmethod
    def of_driver(cls, driver_id: str, ends_after: datetime) -> list[Promise]:
        """Return a driver's promises whose span ends after a moment."""
        rows = cls.query(f"PROMISES#{driver_id}", cls.sk > _text(ends_after), consistent_read=True)
        return [row.as_aggregate(Promise) for row in rows]


class BonusRow(Row):
    """The promise of a bonus of some deliveries to a driver: one, however often the driver accepts them."""

    Meta = meta("incentives")

    @classmethod
    def of(cls, promise: Promise) -> "BonusRow":
        """Return the row of a promise of a bonus."""
        return cls(*cls._key_of(promise), body=promise.id, expires_at=_expiry(promise.until, EXTRA_PAY_WORK))

    @staticmethod
    def _key_of(promise: Promise) -> tuple[str, str]:
        return f"BONUS#{promise.driver_id}", f"{promise.incentive_id}#{'#'.join(sorted(promise.delivery_ids))}"

    @classmethod
    def is_known(cls, promise: Promise) -> bool:
        """Return whether the bonus of its deliveries is promised to its driver already."""
        return cls.find(*cls._key_of(promise)) is not None

    @classmethod
    def claim(cls, promise: Promise, work: UnitOfWork) -> None:
        """Add to a unit of work that a promise is the one of its deliveries; it fails if there is another."""
        if promise.delivery_ids:
            work.put(cls.of(promise), cls.pk.does_not_exist())


class DueRow(Row):
    """A promise that is looked at by the clock, in the order of moments."""

    Meta = meta("incentives")

    @classmethod
    def of(cls, promise: Promise) -> "DueRow":
        """Return the row of a promise that is to be looked at."""
        return cls(DUE, f"{_text(promise.due_at)}#{promise.id}", body=json.dumps(PromiseRow.key_of(promise)))

    @classmethod
    def keys_until(cls, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Return the keys of the promises that are due by a moment."""
        rows = cls.query(DUE, cls.sk <= f"{_text(now)}~", limit=limit, consistent_read=True)
        return [(key[0], key[1]) for key in (json.loads(row.body) for row in rows)]


class SpansRow(AggregateRow[GuaranteedSpan]):
    """The spans for which a driver's earnings are guaranteed."""

    Meta = meta("incentives")
    AGGREGATE = GuaranteedSpan
    SORT = "SPANS"


class WorkRow(Row):
    """The end of a delivery, among its driver's in the order of moments."""

    Meta = meta("incentives")

    @classmethod
    def note(cls, work: Work) -> None:
        """Note work, unless the same or something newer is known of it."""
        row = cls(
            f"WORK#{work.driver_id}",
            f"{_text(work.at)}#{work.id}",
            version=work.sequence,
            body=work.model_dump_json(),
            expires_at=_expiry(work.at, EXTRA_PAY_WORK),
        )
        try:
            row.save(condition=cls.pk.does_not_exist() | (cls.version < work.sequence), add_version_condition=False)
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise

    @classmethod
    def between(cls, driver_id: str, begins: datetime, ends: datetime) -> list[Work]:
        """Return a driver's work that ended in a span."""
        span = cls.sk.between(_text(begins), _text(ends))
        rows = cls.query(f"WORK#{driver_id}", span, consistent_read=True)
        return [Work.model_validate_json(row.body) for row in rows]


class DutyRow(Row):
    """A change of a driver's duty, in the order of moments."""

    Meta = meta("incentives")

    @classmethod
    def note(cls, change: DutyChange) -> None:
        """Note a change of duty; noting it twice changes nothing."""
        key = f"DUTY#{change.driver_id}", f"{_text(change.at)}#{change.sequence:09d}"
        row = cls(*key, body=change.model_dump_json(), expires_at=_expiry(change.at, EXTRA_PAY_WORK))
        row.save(add_version_condition=False)

    @classmethod
    def around(cls, driver_id: str, begins: datetime, ends: datetime) -> Iterator[DutyChange]:
        """Yield the changes of a driver's duty in a span and in the longest duty before it."""
        span = cls.sk.between(_text(begins - LONGEST_DUTY), _text(ends))
        for row in cls.query(f"DUTY#{driver_id}", span, consistent_read=True):
            yield DutyChange.model_validate_json(row.body)
