"""Legal entities that issue invoices, and their sequences of numbers without gaps. Pure."""

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self

from crowdship.kernel.events import Aggregate, Value

FOLDER = Path(__file__).resolve().parent


class InvoiceKind(StrEnum):
    """Kinds of documents; each has numbers of its own."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class LegalEntity(Value):
    """A company that issues invoices; ``tax_id`` is its own registration."""

    id: str
    name: str
    address: str
    prefix: str
    currencies: tuple[str, ...] = ()
    tax_id: str | None = None


@cache
def entities() -> tuple[LegalEntity, ...]:
    """Return all entities; the last one bills in every currency that no other names."""
    read = tomllib.loads((FOLDER / "entities.toml").read_text(encoding="utf-8"))
    return tuple(LegalEntity.model_validate(one | {"currencies": tuple(one["currencies"])}) for one in read["entity"])


def entity_for(currency: str) -> LegalEntity:
    """Return the entity that bills in a currency."""
    return next((one for one in entities() if currency in one.currencies), entities()[-1])


class NumberSequence(Aggregate):
    """The numbers that one entity gave to one kind of document; it is written together with each document."""

    last: int = 0

    @classmethod
    def id_of(cls, entity: LegalEntity, kind: InvoiceKind) -> str:
        """Return the id of a sequence."""
        return f"NUMBERS#{entity.id}#{kind}"

    def following(self) -> Self:
        """Return the sequence with one more number."""
        return self.with_changes(last=self.last + 1)


def number_of(entity: LegalEntity, kind: InvoiceKind, number: int) -> str:
    """Return a document's number as it is written.

    Examples
    --------
    >>> number_of(entities()[-1], InvoiceKind.CREDIT_NOTE, 7)
    'US-C-000007'
    """
    letter = "I" if kind is InvoiceKind.INVOICE else "C"
    return f"{entity.prefix}-{letter}-{number:06d}"
