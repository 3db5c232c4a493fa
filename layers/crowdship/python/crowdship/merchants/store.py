"""The merchants' table."""

from dataclasses import dataclass
from datetime import date

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from crowdship.adapters.storage import AggregateRow, Row, meta
from crowdship.merchants.limits import RateLimit
from crowdship.merchants.model import Merchant

DIRECTORY = "MERCHANTS"


class MerchantRow(AggregateRow[Merchant]):
    """A merchant with its keys."""

    Meta = meta("merchants")
    AGGREGATE = Merchant
    SORT = "MERCHANT"


class MerchantEntry(Row):
    """A line of the directory that staff page through."""

    Meta = meta("merchants")

    @classmethod
    def of(cls, merchant: Merchant) -> "MerchantEntry":
        """Return the directory's line for a merchant."""
        return cls(DIRECTORY, merchant.id, body=merchant.name)

    @classmethod
    def page(cls, after: str | None, limit: int) -> list[str]:
        """Return up to ``limit`` merchant ids after an id."""
        condition = cls.sk > after if after else None
        return [row.sk for row in cls.query(DIRECTORY, condition, limit=limit)]


DAY_S = 86_400
LAST_USE_KEPT_DAYS = 400


@dataclass(frozen=True)
class Drawn:
    """The result of taking a token: when the bucket is full again in Unix microseconds, and whether there was one."""

    full_at_us: int
    allowed: bool


class UsageRow(Row):
    """The state of a merchant's bucket, and the day on which each of its keys was used last."""

    Meta = meta("usage")

    body = UnicodeAttribute(null=True)
    full_at_us = NumberAttribute(null=True)
    used_on = UnicodeAttribute(null=True)

    @classmethod
    def draw(cls, merchant_id: str, limit: RateLimit, now_us: int, *, probably_full: bool) -> Drawn:
        """Take one token of a merchant's bucket, in one write if the guess is right.

        A full bucket is begun anew and any other one is added to. The two writes have conditions that exclude each
        other, so calls in several containers never undo one another. ``full_at_us`` only grows: once it is ahead of
        ``now_us`` only the second condition can hold, so there are three attempts at most.
        """
        ahead, full_at = not probably_full, now_us
        for _ in range(3):
            drawn = cls._try(merchant_id, limit, now_us, ahead=ahead)
            if drawn is not None:
                return Drawn(drawn, allowed=True)
            row = cls.find(merchant_id, "RATE")
            full_at = int(row.full_at_us or 0) if row else 0
            if limit.draw(full_at, now_us) is None:
                break
            ahead = full_at > now_us
        return Drawn(full_at, allowed=False)

    @classmethod
    def _try(cls, merchant_id: str, limit: RateLimit, now_us: int, *, ahead: bool) -> int | None:
        condition: Condition
        moved: Action
        if ahead:
            condition = (cls.full_at_us > now_us) & (cls.full_at_us <= limit.latest_us(now_us))
            moved = cls.full_at_us.set(cls.full_at_us + limit.interval_us)
        else:
            condition = cls.full_at_us.does_not_exist() | (cls.full_at_us <= now_us)
            moved = cls.full_at_us.set(now_us + limit.interval_us)
        row = cls(merchant_id, "RATE")
        actions: list[Action] = [moved, cls.expires_at.set(now_us // 1_000_000 + DAY_S)]
        try:
            row.update(actions=actions, condition=condition, add_version_condition=False)
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return None
            raise
        return int(row.full_at_us or 0)

    @classmethod
    def note_use(cls, merchant_id: str, key_id: str, day: date, now_us: int) -> None:
        """Note the day on which a key was used last."""
        expires = cls.expires_at.set(now_us // 1_000_000 + LAST_USE_KEPT_DAYS * DAY_S)
        row = cls(merchant_id, f"KEY#{key_id}")
        row.update(actions=[cls.used_on.set(day.isoformat()), expires], add_version_condition=False)

    @classmethod
    def last_uses(cls, merchant_id: str) -> dict[str, date]:
        """Return the day on which each key of a merchant was used last, by key, without keys that were never used."""
        rows = cls.query(merchant_id, cls.sk.startswith("KEY#"))
        return {row.sk.removeprefix("KEY#"): date.fromisoformat(row.used_on) for row in rows if row.used_on}
