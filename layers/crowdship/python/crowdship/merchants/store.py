"""The merchants' table."""

from crowdship.kernel.storage import AggregateRow, Row, meta
from crowdship.merchants.model import Merchant

DIRECTORY = "MERCHANTS"


class MerchantRow(AggregateRow[Merchant]):
    """A merchant with its keys and endpoints."""

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
