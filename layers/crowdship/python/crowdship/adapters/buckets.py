"""Token buckets in a table: one row each, taken from by conditional writes, so a limit holds across containers."""

from dataclasses import dataclass

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from crowdship.adapters.storage import Row
from crowdship.kernel.buckets import Bucket

DAY_S = 86_400
SORT = "RATE"


@dataclass(frozen=True)
class Drawn:
    """The result of taking a token: when the bucket is full again in Unix microseconds, and whether there was one."""

    full_at_us: int
    allowed: bool


class BucketRow(Row):
    """The state of one bucket; a subclass names the table. A row that nobody takes from is gone after a day."""

    body = UnicodeAttribute(null=True)
    full_at_us = NumberAttribute(null=True)

    @classmethod
    def draw(cls, key: str, limit: Bucket, now_us: int, *, probably_full: bool) -> Drawn:
        """Take one token of a bucket, in one write if the guess is right.

        A full bucket is begun anew and any other one is added to. The two writes have conditions that exclude each
        other, so calls in several containers never undo one another. Once ``full_at_us`` is ahead of ``now_us``, only
        tokens that are given back let it fall, so there are three attempts at most.
        """
        ahead, full_at = not probably_full, now_us
        for _ in range(3):
            drawn = cls._try(key, limit, now_us, ahead=ahead)
            if drawn is not None:
                return Drawn(drawn, allowed=True)
            row = cls.find(key, SORT)
            full_at = int(row.full_at_us or 0) if row else 0
            if limit.draw(full_at, now_us) is None:
                break
            ahead = full_at > now_us
        return Drawn(full_at, allowed=False)

    @classmethod
    def _try(cls, key: str, limit: Bucket, now_us: int, *, ahead: bool) -> int | None:
        condition: Condition
        moved: Action
        if ahead:
            condition = (cls.full_at_us > now_us) & (cls.full_at_us <= limit.latest_us(now_us))
            moved = cls.full_at_us.set(cls.full_at_us + limit.interval_us)
        else:
            condition = cls.full_at_us.does_not_exist() | (cls.full_at_us <= now_us)
            moved = cls.full_at_us.set(now_us + limit.interval_us)
        row = cls(key, SORT)
        kept_until = (now_us + limit.burst * limit.interval_us) // 1_000_000 + DAY_S
        actions: list[Action] = [moved, cls.expires_at.set(kept_until)]
        return int(row.full_at_us or 0) if _updated(row, actions, condition) else None

    @classmethod
    def give_back(cls, key: str, limit: Bucket, taken_at_us: int, now_us: int) -> None:
        """Put back what has not come back by itself of a token that was taken; a full bucket stays as it is."""
        left_us = limit.interval_us - (now_us - taken_at_us)
        if left_us > 0:
            _updated(cls(key, SORT), [cls.full_at_us.set(cls.full_at_us - left_us)], cls.full_at_us > now_us)


def _updated(row: BucketRow, actions: list[Action], condition: Condition) -> bool:
    try:
        row.update(actions=actions, condition=condition, add_version_condition=False)
    except UpdateError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise
    return True
