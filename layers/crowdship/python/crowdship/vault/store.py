"""The vault's table."""

from collections.abc import Iterable
from datetime import datetime

from crowdship.adapters.storage import Row, meta
from crowdship.kernel.events import Aggregate


class VaultRow(Row):
    """One record of personal data under its token: a driver, the contacts of a delivery, or a kept message."""

    Meta = meta("vault")

    @classmethod
    def of(cls, record: Aggregate, until: datetime | None = None) -> "VaultRow":
        """Return the row for a record, whose id is the token; DynamoDB deletes it some time after ``until``."""
        expires_at = int(until.timestamp()) if until else None
        return cls.holding(record, record.id, "RECORD", expires_at=expires_at)

    @classmethod
    def load[T: Aggregate](cls, token: str, kind: type[T]) -> T | None:
        """Return a record by token, or None if it was erased."""
        row = cls.find(token, "RECORD")
        return row.as_aggregate(kind) if row else None

    @classmethod
    def load_many[T: Aggregate](cls, tokens: Iterable[str], kind: type[T]) -> list[T]:
        """Return the records that exist among some tokens."""
        keys = [(token, "RECORD") for token in dict.fromkeys(tokens)]
        return [row.as_aggregate(kind) for row in cls.batch_get(keys)] if keys else []

    @classmethod
    def erase(cls, token: str) -> None:
        """Delete a record for good."""
        cls(token, "RECORD").delete(add_version_condition=False)
