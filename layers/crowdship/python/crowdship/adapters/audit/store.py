"""The audit table: entries by day, outcomes, and lines in the lists of persons and things; rows are only added."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import batched

from crowdship.adapters.audit.entries import READINGS, AuditEntry, day_list, subject_list
from crowdship.adapters.storage import MAX_TRANSACTION_ITEMS, Row, UnitOfWork, meta

ENTRY_LIST = "DAY#"


class AuditRow(Row):
    """An entry, its outcome, or a line that leads to an entry."""

    Meta = meta("audit")

    @classmethod
    def add(cls, entry: AuditEntry, expires_at: int) -> None:
        """Write an entry with its lines; the entry comes last, so that a line may lead nowhere but no line is missing.

        Raises
        ------
        StaleWrite
            If there is such an entry already.
        """
        rows = [cls(line, entry.position, body=entry.entry_id, expires_at=expires_at) for line in entry.lists]
        written = cls(entry.home, entry.position, body=entry.model_dump_json(), expires_at=expires_at)
        cls._write([*rows, written])

    @classmethod
    def end(cls, entry: AuditEntry, status: int, made: Sequence[str], expires_at: int) -> None:
        """Write the outcome of an entry, and lines for the things that the call created."""
        rows = [cls(subject_list(one), entry.position, body=entry.entry_id, expires_at=expires_at) for one in made]
        body = AuditEntry.model_validate({**entry.model_dump(), "outcome": status, "subjects": tuple(made)})
        outcome = cls(cls._outcomes(entry.day), entry.position, body=body.model_dump_json(), expires_at=expires_at)
        cls._write([*rows, outcome])

    @classmethod
    def _write(cls, rows: Iterable["AuditRow"]) -> None:
        for some in batched(rows, MAX_TRANSACTION_ITEMS, strict=False):
            work = UnitOfWork()
            for row in some:
                work.put(row, cls.pk.does_not_exist())
            work.commit()

    @classmethod
    def page(cls, name: str, before: str | None, limit: int) -> list[AuditEntry]:
        """Return up to ``limit`` entries of a list, the newest first, with their outcomes."""
        older = cls.sk < before if before else None
        rows = list(cls.query(name, older, limit=limit, scan_index_forward=False))
        positions = [row.sk for row in rows]
        kind = READINGS if name.startswith(READINGS) else ""
        if name.startswith(f"{kind}{ENTRY_LIST}"):
            entries = {row.sk: AuditEntry.model_validate_json(row.body) for row in rows}
        else:
            entries = dict(cls._read((f"{kind}{day_list(position[:10])}", position) for position in positions))
        # A reading is written with its outcome.
        ended = {} if kind else dict(cls._read((cls._outcomes(position[:10]), position) for position in positions))
        return [_with(entries[position], ended.get(position)) for position in positions if position in entries]

    @classmethod
    def _read(cls, keys: Iterable[tuple[str, str]]) -> Iterator[tuple[str, AuditEntry]]:
        wanted = list(keys)
        for row in cls.batch_get(wanted, consistent_read=True) if wanted else ():
            yield row.sk, AuditEntry.model_validate_json(row.body)

    @staticmethod
    def _outcomes(day: str) -> str:
        return f"OUTCOME#{day}"


def _with(entry: AuditEntry, ended: AuditEntry | None) -> AuditEntry:
    if ended is None:
        return entry
    subjects = tuple(dict.fromkeys((*entry.subjects, *ended.subjects)))
    return entry.model_copy(update={"outcome": ended.outcome, "subjects": subjects})
