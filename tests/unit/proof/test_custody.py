"""The chain of custody: whatever is changed in it afterwards is found."""

import json
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crowdship.deliveries.delivery.values import Step
from crowdship.deliveries.holds import Doubt
from crowdship.deliveries.states import State
from crowdship.proof.custody import (
    NO_ENTRY,
    Chain,
    CustodyStep,
    Entry,
    FaultKind,
    Statement,
    appended,
    canonical,
    evidence_hash,
    faults_of_proof,
    faults_of_steps,
    hash_of,
)
from crowdship.proof.model import ProofRecord
from crowdship.proof.uploads import Image, StoredObject, Taken, Upload
from tests.city import NOON, at

TEXTS = st.text('abc-_#{}",:é\n', min_size=1, max_size=12)
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
MOMENTS = st.integers(0, 10**6).map(lambda second: NOON + timedelta(seconds=second))
MAYBE_MOMENTS = st.none() | MOMENTS
POINTS = st.none() | st.builds(at, st.integers(-5000, 5000), st.integers(-5000, 5000))
OBJECTS = st.builds(StoredObject, key=TEXTS, version_id=TEXTS, sha256=HASHES, bytes=st.integers(1, 10**7))
IMAGES = st.builds(
    Image,
    kind=st.sampled_from(["photo", "signature", "pickup_photo", "failure_photo"]),
    original=OBJECTS,
    shown=OBJECTS,
    taken=st.none() | st.builds(Taken, at=st.none() | TEXTS, camera=st.none() | TEXTS, distance_m=st.integers(0, 9)),
)
STATEMENTS = st.builds(
    Statement,
    step=st.sampled_from(CustodyStep),
    actor=TEXTS,
    at=MOMENTS,
    reason=st.none() | TEXTS,
    said_at=MAYBE_MOMENTS,
    made_at=MAYBE_MOMENTS,
    position=POINTS,
    stop=POINTS,
    doubt=st.none() | st.sampled_from(Doubt),
)


@st.composite
def chains(draw, at_least=1):
    """Draw a proof after some steps, and its chain as it is stored."""
    record, texts = ProofRecord(id="dlv_1", driver_id="drv_1"), {}
    for number in range(draw(st.integers(at_least, 6))):
        record = record.with_changes(
            images=tuple(draw(st.lists(IMAGES, max_size=2))), pin_failures=draw(st.integers(0, 5))
        )
        record, entry = appended(record, draw(STATEMENTS))
        texts[number] = entry.text()
    return record, Chain(record.custody, texts)


def wrong(chain):
    return {(fault.kind, fault.entry) for fault in chain.faults()}


@given(chains())
def test_a_chain_that_nobody_touched_has_no_fault(made):
    record, chain = made
    assert chain.faults() == []
    assert faults_of_proof(record, [], chain.entries) == []
    assert chain.entries[0].previous == NO_ENTRY
    assert [entry.text() for entry in chain.entries.values()] == list(chain.texts.values()), "read as it was written"


@given(chains(), st.data())
def test_any_changed_byte_of_an_entry_is_found_where_it_is(made, data):
    _, chain = made
    number = data.draw(st.sampled_from(sorted(chain.texts)))
    body = bytearray(chain.texts[number].encode())
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] = data.draw(st.integers(32, 126).filter(lambda byte: byte != body[place]))
    changed = chain._replace(texts={**chain.texts, number: body.decode()})
    assert (FaultKind.ENTRY_CHANGED, number) in wrong(changed)
    assert all(entry == number for _, entry in wrong(changed)), "the others are not blamed"


@given(chains(at_least=2), st.data())
def test_an_entry_that_is_taken_out_or_moved_is_found(made, data):
    _, chain = made
    one, other = data.draw(st.lists(st.sampled_from(sorted(chain.texts)), min_size=2, max_size=2, unique=True))
    without = chain._replace(texts={number: text for number, text in chain.texts.items() if number != one})
    assert wrong(without) == {(FaultKind.ENTRY_MISSING, one)}
    swapped = chain._replace(texts={**chain.texts, one: chain.texts[other], other: chain.texts[one]})
    assert {entry for _, entry in wrong(swapped)} == {one, other}


@given(chains(), STATEMENTS)
def test_an_entry_that_is_put_in_is_found(made, stated):
    record, chain = made
    _, further = appended(record, stated)
    longer = chain._replace(texts={**chain.texts, further.number: further.text()})
    assert wrong(longer) == {(FaultKind.ENTRY_FOREIGN, further.number)}
    assert further.number not in longer.entries, "nothing is concluded from it"


@given(chains(), HASHES, st.data())
def test_a_changed_list_of_hashes_is_found(made, other, data):
    _, chain = made
    number = data.draw(st.sampled_from(sorted(chain.texts)))
    assume(other != chain.hashes[number])
    hashes = (*chain.hashes[:number], other, *chain.hashes[number + 1 :])
    found = wrong(chain._replace(hashes=hashes))
    last = number == len(chain.hashes) - 1
    assert (FaultKind.ENTRY_CHANGED if last else FaultKind.LIST_CHANGED, number) in found
    assert {entry for _, entry in found} == {number}
    shorter = chain._replace(hashes=chain.hashes[:-1])
    assert (FaultKind.ENTRY_FOREIGN, len(chain.hashes) - 1) in wrong(shorter)


@given(chains(at_least=2), st.data())
def test_an_entry_written_anew_with_its_hash_breaks_the_link_of_the_next(made, data):
    _, chain = made
    number = data.draw(st.integers(0, len(chain.hashes) - 2))
    forged = chain.entries[number].model_copy(update={"actor": "somebody else"}).text()
    hashes = (*chain.hashes[:number], hash_of(forged), *chain.hashes[number + 1 :])
    assert wrong(Chain(hashes, {**chain.texts, number: forged})) == {(FaultKind.ENTRY_CHANGED, number + 1)}


@given(chains(), st.data())
def test_a_field_of_the_proof_that_was_changed_afterwards_is_found(made, data):
    record, chain = made
    sealed = record.with_changes(captured_at=NOON, position=at(10), images=(data.draw(IMAGES),))
    sealed, entry = appended(sealed, data.draw(STATEMENTS))
    entries = {**chain.entries, entry.number: entry}
    assert faults_of_proof(sealed, [], entries) == []
    changes = {
        "driver_id": "drv_2",
        "captured_at": NOON + timedelta(seconds=1),
        "device_at": NOON,
        "made_at": NOON,
        "position": at(11),
        "distance_m": 1.0,
        "images": (),
        "pin_matched": True,
        "pin_failures": record.pin_failures + 1,
        "uploads": (Upload(kind="photo", object_key="x", content_type="image/png", announced_at=NOON),),
        "replaced": sealed.images,
    }
    field = data.draw(st.sampled_from(sorted(changes)))
    changed = sealed.with_changes(**{field: changes[field]})
    assert [fault.kind for fault in faults_of_proof(changed, [], entries)] == [FaultKind.PROOF_CHANGED]


def test_pictures_on_their_way_do_not_belong_to_the_proof_before_the_hand_over():
    record, entry = appended(
        ProofRecord(id="dlv_1", driver_id="drv_1"), Statement(step="picked_up", actor="d", at=NOON)
    )
    coming = record.announce(Upload(kind="photo", object_key="x", content_type="image/png", announced_at=NOON))
    assert faults_of_proof(coming, [], {0: entry}) == []


def test_the_proof_of_an_ending_that_was_taken_back_is_compared_with_the_step_before_the_correction():
    record, failed = appended(ProofRecord(id="dlv_1", driver_id="drv_1"), Statement(step="failed", actor="d", at=NOON))
    anew = ProofRecord(id="dlv_1", driver_id="drv_1", earlier=1, custody=record.custody)
    anew, corrected = appended(anew, Statement(step="corrected", actor="d", at=NOON))
    entries = {0: failed, 1: corrected}
    assert faults_of_proof(anew, [record], entries) == []
    (fault,) = faults_of_proof(anew, [record.with_changes(pin_failures=1)], entries)
    assert (fault.kind, fault.entry) == (FaultKind.PROOF_CHANGED, 0)
    (fault,) = faults_of_proof(anew, [], entries)
    assert "the proofs of 0 are there" in fault.detail


def test_a_new_kind_of_field_that_was_never_set_changes_no_hash():
    class Later(ProofRecord):
        colour: str | None = None

    record = ProofRecord(id="dlv_1", driver_id="drv_1", captured_at=NOON)
    assert evidence_hash(Later.model_validate(record.model_dump())) == evidence_hash(record)


def steps(*states):
    return [Step(state=state, at=NOON + timedelta(minutes=number), actor="d") for number, state in enumerate(states)]


def entry_of(step, minute, number=0):
    record = ProofRecord(id="dlv_1", driver_id="drv_1", custody=("0" * 64,) * number)
    return Entry.after(record, Statement(step=step, actor="d", at=NOON + timedelta(minutes=minute)))


def test_a_step_of_the_delivery_without_an_entry_is_found_and_so_is_an_entry_without_a_step():
    timeline = steps(State.ASSIGNED, State.PICKED_UP, State.DELIVERED)
    entries = {0: entry_of("picked_up", 1), 1: entry_of("wrong_pin", 1.5, 1), 2: entry_of("delivered", 2, 2)}
    assert faults_of_steps(timeline, entries) == []
    (missing,) = faults_of_steps(timeline, {0: entries[0]})
    assert (missing.kind, "delivered at 2026-06-01T12:02:00Z" in missing.detail) == (FaultKind.STEP_MISSING, True)
    (foreign,) = faults_of_steps(timeline[:2], entries)
    assert (foreign.kind, foreign.entry) == (FaultKind.STEP_FOREIGN, 2)
    assert [fault.kind for fault in faults_of_steps(timeline, {})] == [FaultKind.STEP_MISSING] * 2


def test_the_canonical_text_does_not_depend_on_the_order_of_fields():
    assert canonical({"b": 1, "a": {"d": "é", "c": None}}) == '{"a":{"c":null,"d":"\\u00e9"},"b":1}'
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": float("nan")})
    assert json.loads(canonical({"a": [1, "x"]})) == {"a": [1, "x"]}
