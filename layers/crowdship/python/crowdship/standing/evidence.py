"""Evidence of a case: things that it rests on, each with a hash of what it said then. Pure."""

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Self

from pydantic import StringConstraints

from crowdship.deliveries.model import Delivery
from crowdship.kernel.events import Value

EvidenceId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{3,63}$")]


class EvidenceKind(StrEnum):
    """Kinds of evidence."""

    DELIVERY = "delivery"
    EVENT = "event"
    EMERGENCY = "emergency"
    MESSAGE = "message"
    REPORT = "report"


class Reference(Value):
    """A thing that a case rests on: a delivery, an event, or a record under its id."""

    kind: EvidenceKind
    id: EvidenceId


class EvidenceItem(Reference):
    """A reference with the SHA-256 of what it said when it was taken.

    Parameters
    ----------
    events, steps : int
        Of a delivery, how many events and steps it had then; both are hashed, and what came later is not.
    """

    digest: str
    events: int = 0
    steps: int = 0

    @classmethod
    def of(cls, reference: Reference, delivery: Delivery | None) -> Self:
        """Return a reference as evidence; ``delivery`` is the one that it names, if it names one."""
        named = {"kind": reference.kind, "id": reference.id}
        if delivery is None:
            return cls(**named, digest=_hash([reference.kind, reference.id]))
        events, steps = delivery.sequence, len(delivery.timeline)
        return cls(**named, digest=_said(delivery, events, steps), events=events, steps=steps)

    def still_says(self, delivery: Delivery) -> bool:
        """Return whether the delivery that it names still says what it said then."""
        return _said(delivery, self.events, self.steps) == self.digest


def _said(delivery: Delivery, events: int, steps: int) -> str:
    made = [step.model_dump(mode="json") for step in delivery.timeline[:steps]]
    return _hash([delivery.id, delivery.event_ids[:events], made])


def digest_of(evidence: Iterable[EvidenceItem]) -> str:
    """Return the SHA-256 of a list of evidence; it changes with every part of it and with their order."""
    return _hash([one.model_dump(mode="json") for one in evidence])


def _hash(said: object) -> str:
    return hashlib.sha256(json.dumps(said, separators=(",", ":"), sort_keys=True).encode()).hexdigest()
