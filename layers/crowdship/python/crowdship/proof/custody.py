"""Chain of custody of a delivery: an entry for each step that proves something, and the checks that find a change.

Each entry is a JSON text that is written once. It holds the hash of the entry before it, so that none can be taken out,
put in or moved, and the hash of the proof as the step left it. The proof lists the hashes of all entries.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Self

from crowdship.deliveries.delivery.values import Step
from crowdship.deliveries.holds import Doubt
from crowdship.deliveries.states import State
from crowdship.kernel.clock import Moment, written
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point, distance_m
from crowdship.proof.model import ProofRecord
from crowdship.proof.uploads import Image


class CustodyStep(StrEnum):
    """A step of which the chain has an entry."""

    PICKED_UP = "picked_up"
    WRONG_PIN = "wrong_pin"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"
    CORRECTED = "corrected"


STEP_INTO = {
    State.PICKED_UP: CustodyStep.PICKED_UP,
    State.DELIVERED: CustodyStep.DELIVERED,
    State.FAILED: CustodyStep.FAILED,
    State.RETURNED: CustodyStep.RETURNED,
}
"""The states into which a delivery comes by a step of which there is an entry."""

NO_ENTRY = "0" * 64
"""The first entry's text in place of the hash of an entry before it."""

OF_WORK = frozenset({"uploads", "replaced", "driver_id"})
"""Fields that change between two steps, and are no evidence before the hand-over."""


class Statement(Value):
    """A step as its driver or a member of staff stated it.

    Parameters
    ----------
    at : datetime
        When it came in, by our clock.
    said_at : datetime or None
        When it was made, by the phone's clock, unchecked.
    made_at : datetime or None
        The same moment by our clock, as far as the phone's clock is known; None if it is impossible.
    position : Point or None
        Where the phone says it is.
    stop : Point or None
        The place of the stop.
    doubt : Doubt or None
        Why the positions that the phone sent before don't confirm that it was there; None if they do.
    """

    step: CustodyStep
    actor: str
    at: Moment
    reason: str | None = None
    said_at: Moment | None = None
    made_at: Moment | None = None
    position: Point | None = None
    stop: Point | None = None
    doubt: Doubt | None = None


class Entry(Value):
    """An entry of the chain; fields that ``Statement`` has as well mean the same.

    Parameters
    ----------
    number : int
        0, 1, 2 ... per delivery.
    previous : str
        The hash of the entry before; ``NO_ENTRY`` for the first one.
    distance_m : float or None
        Metres from the stated position to the stop.
    images : tuple of Image
        The pictures that count after the step.
    evidence : str
        The hash of the proof as the step left it.
    """

    delivery_id: str
    number: int
    previous: str
    step: CustodyStep
    actor: str
    at: Moment
    reason: str | None
    said_at: Moment | None
    made_at: Moment | None
    position: Point | None
    distance_m: float | None
    doubt: Doubt | None
    images: tuple[Image, ...]
    evidence: str

    @classmethod
    def after(cls, record: ProofRecord, stated: Statement) -> Self:
        """Return the entry that follows on those which a proof lists."""
        away = distance_m(stated.position, stated.stop) if stated.position and stated.stop else None
        return cls(
            delivery_id=record.id,
            number=len(record.custody),
            previous=record.custody[-1] if record.custody else NO_ENTRY,
            distance_m=None if away is None else round(away, 1),
            images=record.images,
            evidence=evidence_hash(record),
            **stated.model_dump(exclude={"stop"}),
        )

    def text(self) -> str:
        """Return the text that is stored, whose bytes are hashed."""
        return canonical(self.model_dump(mode="json"))


def canonical(content: dict[str, Any]) -> str:
    """Return the one JSON text of some content: sorted, without spaces, in ASCII."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def evidence_hash(record: ProofRecord) -> str:
    """Return the hash of what a proof says. Fields that were never set do not count, so a new kind of field may come.

    Before the hand-over, pictures that are still on their way say nothing.
    """
    beside = {"sequence", "custody"} | (set() if record.captured_at else OF_WORK)
    return hash_of(canonical(record.model_dump(mode="json", exclude=beside, exclude_defaults=True)))


def appended(record: ProofRecord, stated: Statement) -> tuple[ProofRecord, Entry]:
    """Return a proof that lists one more entry, and that entry."""
    entry = Entry.after(record, stated)
    return record.with_changes(custody=(*record.custody, hash_of(entry.text()))), entry


class FaultKind(StrEnum):
    """A fault of a proof."""

    ENTRY_CHANGED = "entry_changed"
    ENTRY_MISSING = "entry_missing"
    ENTRY_FOREIGN = "entry_foreign"
    LIST_CHANGED = "list_changed"
    PROOF_CHANGED = "proof_changed"
    STEP_MISSING = "step_missing"
    STEP_FOREIGN = "step_foreign"
    PICTURE_CHANGED = "picture_changed"
    PICTURE_MISSING = "picture_missing"


class Fault(NamedTuple):
    """Something that is wrong with a proof.

    Parameters
    ----------
    entry : int or None
        The entry that it concerns; None if it concerns the proof as a whole.
    """

    kind: FaultKind
    entry: int | None
    detail: str


class Chain(NamedTuple):
    """The chain of a delivery as it is stored.

    Parameters
    ----------
    hashes : tuple of str
        The hashes that the proof lists.
    texts : mapping of int to str
        The stored texts, by number.
    """

    hashes: tuple[str, ...]
    texts: Mapping[int, str]

    @property
    def entries(self) -> dict[int, Entry]:
        """The entries that the proof lists and that can be read, by number."""
        read = {}
        for number, text in sorted(self.texts.items()):
            if not 0 <= number < len(self.hashes):
                continue
            try:
                read[number] = Entry.model_validate_json(text)
            except ValueError:
                continue
        return read

    def faults(self) -> list[Fault]:
        """Return the entries that were changed, taken out, put in or moved.

        Two others vouch for each entry but the last: the proof's list and the entry after it. If only the list differs,
        the list was changed.
        """
        found, entries = [], self.entries
        for number, listed in enumerate(self.hashes):
            text = self.texts.get(number)
            if text is None:
                found.append(Fault(FaultKind.ENTRY_MISSING, number, "The proof lists it, and it is not there."))
            elif hash_of(text) != listed:
                following = entries.get(number + 1)
                if following and following.previous == hash_of(text):
                    kind, what = FaultKind.LIST_CHANGED, "The entry after it confirms it; the proof lists another hash."
                else:
                    kind, what = FaultKind.ENTRY_CHANGED, f"Its SHA-256 is {hash_of(text)}; the proof lists {listed}."
                found.append(Fault(kind, number, what))
            elif not self._is_linked(number, entries):
                found.append(Fault(FaultKind.ENTRY_CHANGED, number, "It does not follow on the entry before it."))
        foreign = sorted(number for number in self.texts if not 0 <= number < len(self.hashes))
        found += [Fault(FaultKind.ENTRY_FOREIGN, number, "The proof does not list it.") for number in foreign]
        return found

    def _is_linked(self, number: int, entries: Mapping[int, Entry]) -> bool:
        entry, before = entries.get(number), self.texts.get(number - 1)
        if entry is None or entry.number != number:
            return False
        return entry.previous == (self.hashes[number - 1] if number else NO_ENTRY) or (
            before is not None and entry.previous == hash_of(before)
        )


def faults_of_proof(record: ProofRecord, earlier: Sequence[ProofRecord], entries: Mapping[int, Entry]) -> list[Fault]:
    """Return where a proof, or one of an ending that was taken back, is not as the steps left it."""
    found = []
    last = max(entries, default=None)
    if last is not None and entries[last].evidence != evidence_hash(record):
        found.append(Fault(FaultKind.PROOF_CHANGED, last, "The proof is not as this step left it."))
    corrected = [number for number, entry in entries.items() if entry.step is CustodyStep.CORRECTED]
    if len(earlier) != record.earlier:
        detail = f"{record.earlier} endings were taken back; the proofs of {len(earlier)} are there."
        found.append(Fault(FaultKind.PROOF_CHANGED, None, detail))
    for number, before in zip(corrected, earlier, strict=False):
        left = entries.get(number - 1)
        if left and left.evidence != evidence_hash(before):
            detail = "The proof of the ending that was taken back is not as this step left it."
            found.append(Fault(FaultKind.PROOF_CHANGED, number - 1, detail))
    return found


def faults_of_steps(timeline: Sequence[Step], entries: Mapping[int, Entry]) -> list[Fault]:
    """Return the steps of a delivery's timeline that have no entry, and entries that have no such step."""
    made = {(step, each.at) for each in timeline if (step := _step_of(each))}
    kept = {(entry.step, entry.at): number for number, entry in entries.items()}
    missing = sorted(made - kept.keys(), key=lambda one: one[1])
    found = [
        Fault(FaultKind.STEP_MISSING, None, f"The timeline has {step} at {written(at)}, and no entry has it.")
        for step, at in missing
    ]
    for (step, at), number in kept.items():
        if step is not CustodyStep.WRONG_PIN and (step, at) not in made:
            detail = f"It has {step} at {written(at)}, and the timeline has no such step."
            found.append(Fault(FaultKind.STEP_FOREIGN, number, detail))
    return found


def _step_of(step: Step) -> CustodyStep | None:
    return CustodyStep.CORRECTED if step.corrects else STEP_INTO.get(step.state)
