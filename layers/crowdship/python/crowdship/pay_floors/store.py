"""The table of pay floors: work and duties by driver, calculations by period, and what is due to be reckoned."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from pynamodb.exceptions import DeleteError

from crowdship.adapters.storage import Row, UnitOfWork, meta
from crowdship.kernel.retention import PAY_FLOORS
from crowdship.pay_floors.calculation import Calculation
from crowdship.pay_floors.duties import LONGEST_DUTY, DutyChange
from crowdship.pay_floors.periods import Period
from crowdship.pay_floors.work import Work

SHARDS = 8
"""Partitions of a period's calculations, and of what is due, so that none grows hot."""

LONGEST_WORK = timedelta(days=8)
"""Work that ended in a period began at most so long before it."""


def _text(moment: datetime) -> str:
    """Return a moment as a text that sorts as moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def _expiry(moment: datetime) -> int:
    return int((moment + PAY_FLOORS).timestamp())


def _shard_of(driver_id: str) -> int:
    return int.from_bytes(hashlib.sha256(driver_id.encode()).digest()[:4]) % SHARDS


def _pair(key: list[str]) -> tuple[str, str]:
    return key[0], key[1]


class WorkRow(Row):
    """Work of a driver, in the order of acceptance."""

    Meta = meta("pay_floors")

    @classmethod
    def of(cls, work: Work) -> "WorkRow":
        """Return the row of work; its version is the delivery's sequence."""
        key = f"DRIVER#{work.driver_id}", f"WORK#{_text(work.since)}#{work.delivery_id}"
        return cls(*key, version=work.sequence, body=work.model_dump_json(), expires_at=_expiry(work.until))

    @classmethod
    def known(cls, driver_id: str, since: datetime, delivery_id: str) -> Work | None:
        """Return what is known of a driver's work for a delivery, or None."""
        row = cls.find(f"DRIVER#{driver_id}", f"WORK#{_text(since)}#{delivery_id}")
        return Work.model_validate_json(row.body) if row else None

    @classmethod
    def keep(cls, work: Work, unit: UnitOfWork) -> None:
        """Add to a unit of work that work is noted; it fails if the same or something newer is known."""
        unit.put(cls.of(work), cls.pk.does_not_exist() | (cls.version < work.sequence))

    @classmethod
    def around(cls, driver_id: str, begins: datetime, ends: datetime) -> Iterator[Work]:
        """Yield the work of a driver that began in a span, or so long before it that it may have ended in it."""
        span = cls.sk.between(f"WORK#{_text(begins - LONGEST_WORK)}", f"WORK#{_text(ends)}~")
        for row in cls.query(f"DRIVER#{driver_id}", span, consistent_read=True):
            yield Work.model_validate_json(row.body)


class DutyRow(Row):
    """A change of a driver's duty, in the order of moments."""

    Meta = meta("pay_floors")

    @classmethod
    def of(cls, change: DutyChange) -> "DutyRow":
        """Return the row of a change; noting it twice changes nothing."""
        key = f"DRIVER#{change.driver_id}", f"DUTY#{_text(change.at)}#{change.sequence:09d}"
        return cls(*key, body=change.model_dump_json(), expires_at=_expiry(change.at))

    @classmethod
    def around(cls, driver_id: str, begins: datetime, ends: datetime) -> Iterator[DutyChange]:
        """Yield the changes of a driver's duty in a span and in the longest duty before it."""
        span = cls.sk.between(f"DUTY#{_text(begins - LONGEST_DUTY)}", f"DUTY#{_text(ends)}~")
        for row in cls.query(f"DRIVER#{driver_id}", span, consistent_read=True):
            yield DutyChange.model_validate_json(row.body)


class CalculationRow(Row):
    """A calculation, among those of its period in the order of drivers."""

    Meta = meta("pay_floors")

    @classmethod
    def of(cls, calculation: Calculation) -> "CalculationRow":
        """Return the row of a calculation."""
        key = cls.key_of(calculation.jurisdiction, calculation.first, calculation.driver_id)
        return cls.holding(calculation, *key, expires_at=_expiry(calculation.ends))

    @staticmethod
    def key_of(jurisdiction: str, first: date, driver_id: str) -> tuple[str, str]:
        """Return the key of the calculation of a driver, place and period."""
        return f"PERIOD#{jurisdiction}#{first}#{_shard_of(driver_id)}", f"DRIVER#{driver_id}"

    @classmethod
    def load(cls, jurisdiction: str, first: date, driver_id: str) -> Calculation | None:
        """Return a calculation, or None."""
        row = cls.find(*cls.key_of(jurisdiction, first, driver_id))
        return row.as_aggregate(Calculation) if row else None

    @classmethod
    def of_period(
        cls, jurisdiction: str, first: date, after: str = "", limit: int | None = None
    ) -> Iterator[Calculation]:
        """Yield a period's calculations after a position, shard by shard in the order of drivers."""
        shard_after, _, driver_after = after.partition("#")
        left = limit
        for shard in range(int(shard_after or 0), SHARDS):
            begins = f"DRIVER#{driver_after}!" if driver_after and shard == int(shard_after) else "DRIVER#"
            rows = cls.query(f"PERIOD#{jurisdiction}#{first}#{shard}", cls.sk.between(begins, "DRIVER#~"), limit=left)
            for row in rows:
                yield row.as_aggregate(Calculation)
                left = None if left is None else left - 1
            if left == 0:
                return

    @staticmethod
    def position_of(calculation: Calculation) -> str:
        """Return the position of a calculation among those of its period."""
        return f"{_shard_of(calculation.driver_id)}#{calculation.driver_id}"


class OwnRow(Row):
    """The key of a calculation, among its driver's in the order of periods."""

    Meta = meta("pay_floors")

    @classmethod
    def of(cls, calculation: Calculation) -> "OwnRow":
        """Return the row of a calculation."""
        key = CalculationRow.key_of(calculation.jurisdiction, calculation.first, calculation.driver_id)
        sort = f"FLOOR#{calculation.first}#{calculation.jurisdiction}"
        return cls(f"DRIVER#{calculation.driver_id}", sort, body=json.dumps(key), expires_at=_expiry(calculation.ends))

    @classmethod
    def of_driver(cls, driver_id: str, before: str = "", limit: int = 20) -> list[Calculation]:
        """Return a driver's calculations before a position, the newest first."""
        span = cls.sk.between("FLOOR#", f"FLOOR#{before or '~'}")
        rows = cls.query(f"DRIVER#{driver_id}", span, limit=limit + bool(before), scan_index_forward=False)
        keys = [_pair(json.loads(row.body)) for row in rows if row.sk != f"FLOOR#{before}"][:limit]
        found = {(row.pk, row.sk): row for row in CalculationRow.batch_get(keys)} if keys else {}
        return [found[key].as_aggregate(Calculation) for key in keys if key in found]

    @staticmethod
    def position_of(calculation: Calculation) -> str:
        """Return the position of a calculation among its driver's."""
        return f"{calculation.first}#{calculation.jurisdiction}"


WARNED_AHEAD = timedelta(days=2)
"""The time before a deadline from which something that is not reckoned yet is told of."""


class Due(NamedTuple):
    """Something that is to be reckoned: a driver's period, or what all drivers of a period are short together.

    Parameters
    ----------
    driver_id : str
        Empty for all drivers.
    row : tuple of str
        Key of its row, and what tells one row under that key from a later one.
    """

    driver_id: str
    jurisdiction: str
    first: date
    deadline: datetime
    row: tuple[str, str, str]

    def is_near(self, now: datetime) -> bool:
        """Return whether its deadline is near, or past."""
        return self.deadline - now <= WARNED_AHEAD


class DueRow(Row):
    """Something that is to be reckoned, in the order of moments."""

    Meta = meta("pay_floors")

    @classmethod
    def of(cls, period: Period, driver_id: str, due_at: datetime, deadline: datetime, mark: str = "") -> "DueRow":
        """Return the row of a driver's period, or of a whole period if no driver is named."""
        shard = str(_shard_of(driver_id)) if driver_id else "all"
        told = {"deadline": _text(deadline), "mark": mark}
        sort = f"{_text(due_at)}#{period.jurisdiction}#{period.first}#{driver_id}"
        return cls(f"DUE#{shard}", sort, body=json.dumps(told))

    @classmethod
    def until(cls, now: datetime, limit: int) -> Iterator[Due]:
        """Yield up to ``limit`` drivers' periods of each shard that are due by a moment."""
        for shard in range(SHARDS):
            yield from cls._until(f"DUE#{shard}", now, limit)

    @classmethod
    def periods_until(cls, now: datetime, limit: int) -> Iterator[Due]:
        """Yield the periods of which all drivers together are due to be reckoned by a moment."""
        yield from cls._until("DUE#all", now, limit)

    @classmethod
    def _until(cls, partition: str, now: datetime, limit: int) -> Iterator[Due]:
        for row in cls.query(partition, cls.sk <= f"{_text(now)}~", limit=limit, consistent_read=True):
            _, jurisdiction, first, driver_id = row.sk.split("#")
            deadline = datetime.fromisoformat(json.loads(row.body)["deadline"]).replace(tzinfo=UTC)
            yield Due(driver_id, jurisdiction, date.fromisoformat(first), deadline, (row.pk, row.sk, row.body))

    @classmethod
    def any_of(cls, period: Period) -> bool:
        """Return whether a driver's period waits that was due when the period closed."""
        begins = f"{_text(period.closes_at)}#{period.jurisdiction}#{period.first}#"
        return any(
            True
            for shard in range(SHARDS)
            for _ in cls.query(f"DUE#{shard}", cls.sk.startswith(begins), limit=1, consistent_read=True)
        )

    @classmethod
    def done(cls, row: tuple[str, str, str]) -> None:
        """Delete what was reckoned, unless it is due anew since it was read."""
        pk, sk, body = row
        try:
            cls(pk, sk, body=body).delete(condition=cls.body == body, add_version_condition=False)
        except DeleteError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
