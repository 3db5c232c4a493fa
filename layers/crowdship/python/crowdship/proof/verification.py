"""Verification of a delivery's proof: the chain of custody, the proof itself and the bytes of its pictures."""

from collections.abc import Mapping
from datetime import datetime

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.deliveries.erasure import ErasureState, kept_by_hold, state_of
from crowdship.deliveries.model import Delivery
from crowdship.kernel import retention
from crowdship.kernel.clock import Clock
from crowdship.proof.custody import Chain, Entry, Fault, FaultKind, faults_of_proof, faults_of_steps
from crowdship.proof.images import ImageStore
from crowdship.proof.model import ProofRecord
from crowdship.proof.store import CustodyRow, EarlierProofRow, ProofRow
from crowdship.proof.uploads import StoredObject
from crowdship.proof.views import EntryView, FaultView, Verification


def verify(delivery: Delivery, images: ImageStore, clock: Clock) -> Verification:
    """Return whether the proof of a delivery is as its steps left it, with everything that is not.

    A delivery of which nothing is to be proven so far is intact, without entries.
    """
    record, earlier, faults = _stored(delivery.id)
    chain = Chain(record.custody if record else (), CustodyRow.texts_of(delivery.id))
    entries = chain.entries
    steps = faults_of_steps(delivery.timeline, entries) if delivery.livemode else []
    faults += chain.faults()
    faults += faults_of_proof(record, earlier, entries) if record else []
    erased = _may_lack_pictures(delivery, clock.now())
    gone, at_pictures = _pictures(entries, images, erased=erased)
    found = [*faults, *steps, *at_pictures]
    if found:
        metrics.add_metric("ProofNotIntact", MetricUnit.Count, 1)
        kinds = sorted({str(fault.kind) for fault in found})
        logger.error("proof is not intact", delivery_id=delivery.id, faults=kinds)
    return Verification(
        delivery_id=delivery.id,
        intact=not found,
        verified_at=clock.now(),
        sha256=chain.hashes[-1] if chain.hashes else None,
        entries=tuple(EntryView.of(entry, chain.hashes[number]) for number, entry in sorted(entries.items())),
        pictures=len({image for entry in entries.values() for image in entry.images}),
        erased=erased,
        objects_gone=gone,
        faults=tuple(FaultView(kind=fault.kind, entry=fault.entry, detail=fault.detail) for fault in found),
    )


def _may_lack_pictures(delivery: Delivery, now: datetime) -> bool:
    """Return whether its pictures go or went with its customer, or have been kept for as long as they are."""
    is_erased = state_of(delivery) is not ErasureState.PENDING and not kept_by_hold(delivery, now)
    return is_erased or now - delivery.timeline[-1].at >= retention.PICTURES


def _stored(delivery_id: str) -> tuple[ProofRecord | None, list[ProofRecord], list[Fault]]:
    """Return the proof of a delivery and its earlier ones; what can't be read is a fault."""
    try:
        record = ProofRow.load(delivery_id)
    except ValueError:
        return None, [], [Fault(FaultKind.PROOF_CHANGED, None, "The proof can't be read.")]
    try:
        return record, EarlierProofRow.of_delivery(delivery_id), []
    except ValueError:
        detail = "The proof of an ending that was taken back can't be read."
        return record, [], [Fault(FaultKind.PROOF_CHANGED, None, detail)]


def _pictures(entries: Mapping[int, Entry], images: ImageStore, *, erased: bool) -> tuple[int, list[Fault]]:
    """Return the number of objects that are gone, and the faults of the others.

    Parameters
    ----------
    erased : bool
        Whether the pictures were erased or have expired: one that is gone is no fault then.
    """
    found: list[Fault] = []
    gone = 0
    for stored, number in _first_named(entries).items():
        digest = images.hash_of(stored)
        name = f"{stored.key}, version {stored.version_id}"
        if digest is None:
            gone += 1
            if not erased:
                found.append(Fault(FaultKind.PICTURE_MISSING, number, f"{name} is not in the bucket."))
        elif digest != stored.sha256:
            detail = f"The SHA-256 of {name} is {digest}; the entry has {stored.sha256}."
            found.append(Fault(FaultKind.PICTURE_CHANGED, number, detail))
    return gone, found


def _first_named(entries: Mapping[int, Entry]) -> dict[StoredObject, int]:
    """Return each object of a picture with the first entry that names it."""
    named: dict[StoredObject, int] = {}
    for number, entry in sorted(entries.items()):
        for image in entry.images:
            named.setdefault(image.original, number)
            named.setdefault(image.shown, number)
    return named
