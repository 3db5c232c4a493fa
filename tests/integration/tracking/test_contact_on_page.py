"""Contact, proof and pictures on the customer's page, through their functions."""

import base64
import json
from io import BytesIO

import boto3
import pytest
from PIL import Image

from crowdship.adapters import secrets
from crowdship.deliveries import service as deliveries
from crowdship.kernel.hours import WEEK, OpeningHours
from crowdship.proof.images import ImageStore
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import service as stops
from crowdship.tracking.page.service import customer_view
from crowdship.zones import service as zones
from tests.buckets import proof_bucket
from tests.city import City
from tests.city import settings as zone_settings
from tests.integration.contact.test_messages import as_customer, as_driver, note
from tests.integration.erasing import erase_now
from tests.integration.settlement.test_functions import Context, function
from tests.integration.stops.test_hand_over import at_the_door, handed, upload
from tests.integration.tracking.test_acts import SECRET, fetched, token_of

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def city(monkeypatch):
    secrets._provider = None
    kept = boto3.client("secretsmanager").create_secret(Name="tracking", SecretString=SECRET)
    monkeypatch.setenv("TRACKING_SECRET_ARN", kept["ARN"])
    monkeypatch.setenv("PROOF_BUCKET", "proofs")
    monkeypatch.setenv("PROOF_LOCK_DAYS", "1")
    proof_bucket()
    return City.open()


def look(city, path, headers=None, module="customer/proof", group=None):
    claims = {"username": "ana", "cognito:groups": f"[{group}]"} if group else {}
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers or {},
        "requestContext": {
            "http": {"method": "GET", "path": path},
            "requestId": "rid",
            "stage": "$default",
            "authorizer": {"jwt": {"claims": claims}},
        },
        "isBase64Encoded": False,
    }
    return function(module, city.clock).handler(event, Context())


def handed_over(city):
    driver = city.driver()
    order = at_the_door(city, driver, requirements=Requirements(photo=True, signature=True))
    for kind in ("photo", "signature"):
        upload(city, driver, order, kind, ImageStore("proofs"))
    return order, lambda: stops.deliver(order.id, driver.id, handed(city), ImageStore("proofs"), city.clock)


def test_a_customer_sees_the_pictures_once_the_goods_are_there(city):
    order, deliver = handed_over(city)
    token = token_of(order)
    path = f"/v1/track/{token}/proof/photo"
    assert customer_view(order.id, city.clock, token).proof == ()
    assert json.loads(look(city, path)["body"])["code"] == "no_picture"
    deliver()
    shown = customer_view(order.id, city.clock, token).proof
    assert [(one.kind, one.url) for one in shown] == [
        ("photo", path),
        ("signature", path.replace("photo", "signature")),
    ]
    for one in shown:
        answer = look(city, one.url)
        assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "image/jpeg")
        assert answer["headers"]["Cache-Control"].startswith("private, ")
        with Image.open(BytesIO(base64.b64decode(answer["body"]))) as read:
            assert read.format == "JPEG"


def test_no_picture_is_shown_once_the_customers_data_is_erased(city):
    order, deliver = handed_over(city)
    deliver()
    erase_now(order.id, city.clock)
    token = token_of(order)
    assert customer_view(order.id, city.clock, token).proof == ()
    assert json.loads(look(city, f"/v1/track/{token}/proof/signature")["body"])["code"] == "no_picture"


def test_a_browser_that_has_the_picture_is_told_so(city):
    order, deliver = handed_over(city)
    deliver()
    path = f"/v1/track/{token_of(order)}/proof/photo"
    tag = look(city, path)["headers"]["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        answer = look(city, path, {"if-none-match": known})
        assert (answer["statusCode"], answer.get("body") or "") == (304, "")
    assert look(city, path, {"if-none-match": '"other"'})["statusCode"] == 200


def test_staff_see_a_picture_too_and_strangers_none(city):
    order, deliver = handed_over(city)
    deliver()
    path = f"/v1/staff/deliveries/{order.id}/proof/photo"
    assert look(city, path, module="console/proof", group="administrator")["statusCode"] == 200
    assert look(city, path, module="console/proof", group="drivers")["statusCode"] == 403
    assert look(city, "/v1/track/nonsense/proof/photo")["statusCode"] == 401
    wrong = look(city, f"/v1/track/{token_of(order)}/proof/passport")
    assert wrong["statusCode"] == 422


def test_the_page_says_whether_the_driver_can_be_reached_and_what_is_unread(city):
    driver = city.driver()
    order = city.assigned(driver)
    assert not customer_view(order.id, city.clock).contact
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.pick_up(order.id, driver.id, None, city.clock)
    as_driver(city, driver, "POST", f"deliveries/{order.id}/messages", note(1, "I am here"))
    view = customer_view(order.id, city.clock)
    assert (view.contact, view.unread) == (True, 1)
    as_customer(city, order, "POST", body=note(2, "coming"))
    assert customer_view(order.id, city.clock).unread == 0


def test_times_are_those_of_the_zone_wherever_the_phone_is(city):
    order = fetched(city, city.driver())
    assert customer_view(order.id, city.clock).time_zone is None
    week = [{"day": day, "opens": "00:00", "closes": "00:00"} for day in WEEK]
    hours = OpeningHours.model_validate({"time_zone": "America/Chicago", "week": week})
    zones.put("testville", zone_settings().model_copy(update={"hours": hours}))
    zones._cache.clear()
    assert customer_view(order.id, city.clock).time_zone == "America/Chicago"
    assert deliveries.get(order.id).zone_id == "testville"
