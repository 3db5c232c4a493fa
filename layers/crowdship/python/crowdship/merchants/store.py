"""The merchants' table."""

from crowdship.kernel.storage import Row, meta
from crowdship.merchants.model import Merchant

DIRECTORY = "MERCHANTS"


class MerchantRow(Row):
    """A merchant with its keys and endpoints, under its id."""

    Meta = meta("merchants")

    @classmethod
    def of(cls, merchant: Merchant) -> "MerchantRow":
        """Return the row for a merchant."""
        return cls.holding(merchant, merchant.id, "MERCHANT")

    @classmethod
    def load(cls, merchant_id: str) -> Merchant | None:
        """Return a merchant, or None."""
        row = cls.find(merchant_id, "MERCHANT")
        return row.as_aggregate(Merchant) if row else None


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
