"""What was captured can't be swapped afterwards: a changed byte is found, and a later upload changes nothing."""

import hashlib
from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.delivery.corrections import CORRECTABLE_FOR
from crowdship.deliveries.erasure import ErasureState
from crowdship.deliveries.holds import Doubt
from crowdship.deliveries.states import CompletionReason, CorrectionReason, FailureReason
from crowdship.intake.erasure import erase_contacts
from crowdship.kernel import retention
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.proof import service as proofs
from crowdship.proof.store import CustodyRow, EarlierProofRow, ProofRow
from crowdship.proof.verification import verify
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.requirements.registry import Requirements
from crowdship.stops import by_hand, corrections
from crowdship.stops import service as stops
from crowdship.stops.views import CorrectInput
from crowdship.vault import service as vault
from local.city.driver import picture
from tests.city import City, at
from tests.integration.stops.test_hand_over import at_the_door, handed, upload
from tests.integration.stops.test_pictures import drawn, taken
from tests.unit.pictures.test_decoding import with_metadata

pytestmark = pytest.mark.usefixtures("aws")


def delivered(images, *, seen=False, **requirements):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(photo=True, **requirements))
    if seen:
        city.seen(driver, 2003)
    taken(city, driver, order, images, drawn("red"))
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    return city, driver, order


def verified(city, order, images):
    return verify(deliveries.get(order.id), images, city.clock)


def faults(city, order, images):
    found = verified(city, order, images)
    assert found.intact == (not found.faults)
    return [(fault.kind, fault.entry) for fault in found.faults]


def stored(order):
    (image,) = ProofRow.load(order.id).images
    return image


def overwritten(order, sk, change):
    """Change the text of a row as somebody with access to the table would."""
    row = ProofRow.get(order.id, sk)
    before, row.body = row.body, change(row.body)
    assert row.body != before
    row.save(add_version_condition=False)


def test_each_step_has_its_entry_with_both_clocks_and_the_distance_to_the_stop(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(photo=True))
    taken(city, driver, order, images, drawn("red"))
    said_at = city.clock.now()
    city.later(minutes=1)
    stops.deliver(order.id, driver.id, handed(city).model_copy(update={"device_at": said_at}), images, city.clock)
    found = verified(city, order, images)
    assert (found.intact, found.pictures, [entry.step for entry in found.entries]) == (
        True,
        1,
        ["picked_up", "delivered"],
    )
    last = found.entries[-1]
    assert (last.actor, last.at, last.said_at, last.made_at) == (driver.id, city.clock.now(), said_at, said_at)
    assert last.distance_m == pytest.approx(3, abs=1)
    assert last.pictures == (hashlib.sha256(drawn("red")).hexdigest(),)
    assert last.sha256 == found.sha256 == ProofRow.load(order.id).custody[-1]


@pytest.mark.parametrize("which", ["original", "shown"])
def test_other_bytes_under_the_same_version_are_found(images, which):
    city, _, order = delivered(images)
    there = getattr(stored(order), which)
    versions = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets["proofs"].keys.getlist(there.key)
    (version,) = [each for each in versions if each.version_id == there.version_id]
    assert faults(city, order, images) == []
    version.value = version.value[:-1] + b"\0"
    assert faults(city, order, images) == [("picture_changed", 1)]
    if which == "shown":
        with pytest.raises(Conflict, match="picture_changed"):
            images.body(stored(order))


def test_an_upload_after_the_capture_changes_nothing(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(photo=True))
    upload(city, driver, order, "photo", images)
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    before, seen = images.body(stored(order)), proofs.view(order.id, images)
    for key in (stored(order).original.key, stored(order).shown.key):
        boto3.client("s3").put_object(Bucket="proofs", Key=key, Body=drawn("blue"))
    assert images.body(stored(order)) == before
    assert proofs.view(order.id, images).images[0].sha256 == seen.images[0].sha256
    assert faults(city, order, images) == []


def test_what_became_proof_is_locked_and_a_deleted_version_is_found(images):
    city, _, order = delivered(images)
    s3 = boto3.client("s3")
    there = stored(order).original
    named = {"Bucket": "proofs", "Key": there.key, "VersionId": there.version_id}
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**named)
    s3.delete_object(**named, BypassGovernanceRetention=True)
    assert faults(city, order, images) == [("picture_missing", 1)]


def test_an_announced_picture_is_locked_at_the_step_that_makes_it_proof(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(photo=True))
    upload(city, driver, order, "photo", images)
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    for there in (stored(order).original, stored(order).shown):
        named = {"Bucket": "proofs", "Key": there.key, "VersionId": there.version_id}
        with pytest.raises(ClientError, match="AccessDenied"):
            boto3.client("s3").delete_object(**named)


def test_pictures_that_were_erased_with_their_people_are_no_fault(images):
    city, _, order = delivered(images, seen=True)
    city.clock.advance(CORRECTABLE_FOR + timedelta(seconds=1))
    assert erase_contacts(order.id, images, city.clock).state is ErasureState.DONE
    found = verified(city, order, images)
    assert (found.intact, found.erased, found.objects_gone) == (True, True, 2)


@pytest.mark.parametrize(("kept", "intact"), [(retention.PICTURES, True), (retention.PICTURES / 2, False)])
def test_pictures_that_are_gone_are_no_fault_once_they_have_been_kept_for_as_long_as_they_are(images, kept, intact):
    city, _, order = delivered(images)
    images.erase(order.id)
    city.clock.advance(kept)
    assert verified(city, order, images).intact is intact


def test_a_changed_row_of_the_table_is_found(images):
    city, _, order = delivered(images)
    overwritten(order, "CUSTODY#0000", lambda body: body.replace("picked_up", "delivered"))
    assert ("entry_changed", 0) in faults(city, order, images)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"distance_m":', '"distance_m":1', "proof_changed"),
        ('"lat":41', '"lat":40', "proof_changed"),
        ('"captured_at":"2026', '"captured_at":"2025', "proof_changed"),
        ('"kind":"photo"', '"kind":"signature"', "proof_changed"),
        ('"custody":["', '"custody":["0', "list_changed"),
        ("{", "[", "proof_changed"),
    ],
)
def test_a_changed_proof_is_found(images, old, new, fault):
    city, _, order = delivered(images)
    overwritten(order, "PROOF", lambda body: body.replace(old, new, 1))
    assert fault in {kind for kind, _ in faults(city, order, images)}


def test_a_chain_that_was_taken_away_altogether_is_found_by_the_delivery_s_own_steps(images):
    city, _, order = delivered(images)
    for row in list(ProofRow.query(order.id)):
        row.delete(add_version_condition=False)
    assert faults(city, order, images) == [("step_missing", None)] * 2


def test_entries_are_written_once(images):
    city, driver, order = delivered(images)
    row = next(iter(CustodyRow.query(order.id, CustodyRow.sk == "CUSTODY#0000")))
    assert (row.version, row.body) == (1, CustodyRow.texts_of(order.id)[0])
    assert stops.deliver(order.id, driver.id, handed(city), images, city.clock).state == "delivered"
    assert list(CustodyRow.texts_of(order.id)) == [0, 1], "the same step again adds nothing"


def test_failure_correction_and_hand_over_are_one_chain_with_the_earlier_proof(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    taken(city, driver, order, images, drawn("red"), ImageKind.FAILURE_PHOTO)
    now = city.clock.now()
    stops.fail(order.id, driver.id, FailureReason.CUSTOMER_ABSENT, at(2003), now, city.clock, images)
    city.later(minutes=1)
    made = CorrectInput(device_at=city.clock.now(), reason=CorrectionReason.PRESSED_BY_MISTAKE)
    corrections.correct(order.id, driver.id, made, city.clock)
    city.later(minutes=1)
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    found = verified(city, order, images)
    assert [(entry.step, entry.reason) for entry in found.entries] == [
        ("picked_up", None),
        ("failed", "customer_absent"),
        ("corrected", "pressed_by_mistake"),
        ("delivered", None),
    ]
    assert (found.intact, found.pictures) == (True, 1)
    overwritten(order, "EARLIER#0000", lambda body: body.replace("failure_photo", "photo"))
    assert faults(city, order, images) == [("proof_changed", 1)]
    assert len(EarlierProofRow.of_delivery(order.id)) == 1


def test_goods_that_come_back_and_steps_of_staff_have_entries_too(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    by_hand.fail_by_hand(order.id, FailureReason.CUSTOMER_REFUSED, "ana", city.clock)
    city.later(minutes=5)
    stops.return_goods(order.id, driver.id, city.clock.now(), city.clock, at(10))
    found = verified(city, order, images)
    assert [(entry.step, entry.actor) for entry in found.entries[1:]] == [("failed", "ana"), ("returned", driver.id)]
    assert found.intact
    assert [entry.actor for entry in found.for_merchants().entries[1:]] == ["staff", driver.id]


def test_who_vouched_for_a_hand_over_is_in_the_chain_and_is_staff_for_merchants(images):
    city = City.open()
    order = at_the_door(city, city.driver())
    by_hand.complete_by_hand(order.id, CompletionReason.OTHER, "ana", images, city.clock)
    found = verified(city, order, images)
    assert (found.intact, found.entries[-1].actor, found.entries[-1].reason) == (True, "ana", "other")
    assert found.for_merchants().entries[-1].actor == "staff"


def test_each_wrong_pin_has_an_entry_and_locks_after_five(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(pin=True))
    pin = vault.contacts(order.contacts_token).pin
    for number in range(5):
        city.later(seconds=10)
        wrong = f"{(int(pin) + 1 + number) % 10_000:04d}"
        with pytest.raises(Unprocessable, match="wrong_pin"):
            stops.deliver(order.id, driver.id, handed(city, pin=wrong), images, city.clock)
    with pytest.raises(Conflict, match="pin_locked"):
        stops.deliver(order.id, driver.id, handed(city, pin=pin), images, city.clock)
    locked = deliveries.get(order.id)
    assert (locked.state, locked.pin_locked_at) == ("arrived_at_dropoff", city.clock.now())
    found = verified(city, order, images)
    assert [entry.step for entry in found.entries] == ["picked_up", *["wrong_pin"] * 5]
    assert found.intact
    assert all(entry.distance_m is not None for entry in found.entries[1:])
    by_hand.complete_by_hand(order.id, CompletionReason.OTHER, "ana", images, city.clock)
    assert verified(city, order, images).intact


def test_a_doubt_about_the_place_is_in_the_entry(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    city.later(minutes=1)
    city.seen(driver, -3000)
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    assert verified(city, order, images).entries[-1].doubt is Doubt.OFF_TRACK


def test_of_the_place_in_a_picture_only_the_distance_to_the_stop_is_kept(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(photo=True))
    taken(city, driver, order, images, with_metadata(), content_type="image/jpeg")
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    (view,) = proofs.view(order.id, images).images
    assert (view.taken.at, view.taken.camera) == ("2026-06-01T12:00:05-05:00", "PhoneMaker X 1")
    assert view.taken.distance_m == pytest.approx(2290, rel=0.02)
    assert "41.01" not in ProofRow.of(ProofRow.load(order.id)).body
    assert verified(city, order, images).intact


def test_a_delivery_of_which_nothing_is_to_be_proven_is_intact_without_entries(images):
    city = City.open()
    found = verified(city, city.assigned(city.driver()), images)
    assert (found.intact, found.entries, found.sha256) == (True, (), None)


def test_a_picture_named_by_another_s_hash_is_not_taken_for_it(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(photo=True))
    with pytest.raises(Unprocessable, match="wrong_hash"):
        taken(city, driver, order, images, picture("photo"), sha256=hashlib.sha256(drawn("red")).hexdigest())
