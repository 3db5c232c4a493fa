"""The merchants' table."""

from datetime import date

from pynamodb.attributes import UnicodeAttribute

from crowdship.adapters.buckets import DAY_S, BucketRow
from crowdship.adapters.storage import AggregateRow, Row, meta
from crowdship.kernel import retention
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


LAST_USE_KEPT_DAYS = retention.KEY_USES.days


class UsageRow(BucketRow):
    """The state of a merchant's bucket, and the day on which each of its keys was used last."""

    Meta = meta("usage")

    used_on = UnicodeAttribute(null=True)

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
