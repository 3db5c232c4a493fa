"""Vault table: one row of personal data per token."""

from collections.abc import Iterable
from datetime import datetime

from crowdship.adapters.storage import Row, UnitOfWork, meta
from crowdship.kernel.events import Aggregate
from crowdship.vault.words import SHORTEST


class VaultRow(Row):
    """A record of personal data under its token."""

    Meta = meta("vault")

    @classmethod
    def of(cls, record: Aggregate, until: datetime | None = None) -> "VaultRow":
        """Return the row for a record, whose id is the token; DynamoDB deletes it some time after ``until``."""
        expires_at = int(until.timestamp()) if until else None
        return cls.holding(record, record.id, "RECORD", expires_at=expires_at)

    @classmethod
    def load[T: Aggregate](cls, token: str, kind: type[T]) -> T | None:
        """Return a record by token; None if it was erased."""
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


class WordRow(Row):
    """A word by which a person is found: a part of their name, or their plate."""

    Meta = meta("vault")

    @classmethod
    def list_under(cls, words: Iterable[str], subject: str, work: UnitOfWork) -> None:
        """Add the lines of a person, whose id here is ``subject``, to a unit of work."""
        for word in words:
            work.put(cls(cls._beginning(word), f"{word}#{subject}", body=subject), None)

    @classmethod
    def unlist(cls, words: Iterable[str], subject: str, work: UnitOfWork) -> None:
        """Add the deletion of lines to a unit of work; a line that is not there is no error."""
        for word in words:
            work.delete(cls(cls._beginning(word), f"{word}#{subject}"))

    @classmethod
    def found(cls, beginning: str, limit: int) -> list[str]:
        """Return up to ``limit`` ids of persons with a word that begins like that; three characters at least."""
        rows = cls.query(cls._beginning(beginning), cls.sk.startswith(beginning), limit=limit)
        return [row.body for row in rows]

    @staticmethod
    def _beginning(word: str) -> str:
        return f"WORD#{word[:SHORTEST]}"
