"""Pictures that a phone sends with their hash, often long after they were taken, and often twice."""

import hashlib
from io import BytesIO

import boto3
import pytest
from PIL import Image as Pillow

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import CompletionReason
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.proof import service as proofs
from crowdship.proof.model import DeliverInput
from crowdship.proof.store import ProofRow
from crowdship.proof.uploads import MAX_SENT_BYTES
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import by_hand
from crowdship.stops import service as stops
from local.city.driver import picture
from tests.city import City, at

pytestmark = pytest.mark.usefixtures("aws")

PNG = "image/png"


def drawn(colour, kind="PNG"):
    file = BytesIO()
    Pillow.new("RGB", (64, 64), colour).save(file, kind)
    return file.getvalue()


def taken(city, driver, order, images, body, kind=ImageKind.PHOTO, content_type=PNG, sha256=None):
    digest = sha256 or hashlib.sha256(body).hexdigest()
    return proofs.take_picture(order.id, driver.id, kind, content_type, digest, body, images, city.clock)


def at_pickup(city, driver, **fields):
    order = city.assigned(driver, **fields)
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.PICKUP, city.clock.now(), city.clock)
    return order


def to_the_door(city, driver, order):
    stops.pick_up(order.id, driver.id, city.clock.now(), city.clock)
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.DROPOFF, city.clock.now(), city.clock)


def handed(city):
    return DeliverInput(device_at=city.clock.now(), position=at(2003))


def test_a_picture_with_its_hash_is_proof_and_the_newest_of_a_kind_counts(images):
    city = City.open()
    driver = city.driver()
    order = at_pickup(city, driver, requirements=Requirements(photo=True))
    to_the_door(city, driver, order)
    first, second = drawn("red"), drawn("green", "JPEG")
    taken(city, driver, order, images, first)
    kept = taken(city, driver, order, images, second, content_type="image/jpeg")
    assert (kept.sha256, kept.bytes) == (hashlib.sha256(second).hexdigest(), len(second))
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    (image,) = ProofRow.load(order.id).images
    assert image.sha256 == kept.sha256
    named = {"Bucket": "proofs", "Key": image.original.key, "VersionId": image.original.version_id}
    stored = boto3.client("s3").get_object(**named)
    assert (stored["Body"].read(), stored["ContentType"]) == (second, "image/jpeg")


def test_the_same_picture_again_changes_nothing_not_even_late_or_after_the_end(images):
    city = City.open()
    driver = city.driver()
    order = at_pickup(city, driver, requirements=Requirements(photo=True))
    to_the_door(city, driver, order)
    first, second = drawn("red"), drawn("green")
    for body in (first, second):
        taken(city, driver, order, images, body)
    before = ProofRow.load(order.id)
    assert taken(city, driver, order, images, first) == taken(city, driver, order, images, first)
    assert ProofRow.load(order.id) == before, "a late copy of a replaced picture does not come back"
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    sealed = ProofRow.load(order.id)
    assert taken(city, driver, order, images, second).sha256 == sealed.images[0].sha256
    assert ProofRow.load(order.id) == sealed
    with pytest.raises(Unprocessable, match="nothing_on_board"):
        taken(city, driver, order, images, drawn("blue"))


def test_what_arrives_other_than_it_was_taken_is_refused_and_leaves_nothing(images):
    city = City.open()
    driver = city.driver()
    order = at_pickup(city, driver)
    body = picture("photo")
    with pytest.raises(Unprocessable, match="wrong_hash"):
        taken(city, driver, order, images, body[:-9], sha256=hashlib.sha256(body).hexdigest())
    for broken in (body[: len(body) // 2], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"", b"\xff\xd8\xff"):
        with pytest.raises(Unprocessable, match="not_a_picture"):
            taken(city, driver, order, images, broken)
    with pytest.raises(Unprocessable, match="not_a_picture"):
        taken(city, driver, order, images, body, content_type="image/jpeg")
    with pytest.raises(Unprocessable, match="content_type"):
        taken(city, driver, order, images, body, ImageKind.SIGNATURE, "image/svg+xml")
    with pytest.raises(Unprocessable, match="picture_too_large"):
        taken(city, driver, order, images, body + b"\0" * MAX_SENT_BYTES)
    assert ProofRow.load(order.id) is None
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket="proofs")


def test_pictures_are_taken_from_the_arrival_at_the_pickup_on_by_the_driver_alone(images):
    city = City.open()
    driver, other = city.driver(), city.driver(east_m=3000)
    order = city.assigned(driver)
    with pytest.raises(Unprocessable, match="nothing_on_board"):
        taken(city, driver, order, images, picture("photo"), ImageKind.PICKUP_PHOTO)
    stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.arrive(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    with pytest.raises(NotFound):
        taken(city, other, order, images, picture("photo"), ImageKind.PICKUP_PHOTO)
    taken(city, driver, order, images, picture("photo"), ImageKind.PICKUP_PHOTO)
    to_the_door(city, driver, order)
    stops.deliver(order.id, driver.id, handed(city), images, city.clock)
    assert [image.kind for image in ProofRow.load(order.id).images] == ["pickup_photo"]


def test_a_photo_of_the_pickup_is_no_photo_of_the_hand_over(images):
    city = City.open()
    driver = city.driver()
    order = at_pickup(city, driver, requirements=Requirements(photo=True))
    taken(city, driver, order, images, picture("photo"), ImageKind.PICKUP_PHOTO)
    to_the_door(city, driver, order)
    with pytest.raises(Unprocessable, match="photo"):
        stops.deliver(order.id, driver.id, handed(city), images, city.clock)


def test_after_staff_completed_it_no_picture_is_added(images):
    city = City.open()
    driver = city.driver()
    order = at_pickup(city, driver)
    to_the_door(city, driver, order)
    by_hand.complete_by_hand(order.id, CompletionReason.OTHER, "ana", images, city.clock)
    with pytest.raises((Conflict, Unprocessable)):
        taken(city, driver, order, images, picture("photo"))
    assert deliveries.get(order.id).state == "delivered"
