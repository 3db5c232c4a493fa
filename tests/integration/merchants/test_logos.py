"""Logos of merchants: what is taken, what is kept, and where."""

import base64
import json
from io import BytesIO

import boto3
import pytest
from PIL import Image

from crowdship.intake import logos
from crowdship.intake.accounts import AccountChange, change_account
from crowdship.kernel.errors import Unprocessable
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
from crowdship.tracking.page.views import TrackedMerchant
from tests.city import City
from tests.integration.settlement.test_functions import Context, function
from tests.unit.pictures.test_decoding import picture, png, with_metadata

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def city(monkeypatch):
    monkeypatch.setenv("PAGES_BUCKET", "pages")
    boto3.client("s3").create_bucket(Bucket="pages")
    return City.open()


def kept(path):
    return boto3.client("s3").get_object(Bucket="pages", Key=path.removeprefix("/"))


def call(city, method, body=b"", kind="image/png"):
    key = merchants.issue_key(city.merchant.id, frozenset({Scope.ACCOUNT}), city.clock)
    event = {
        "version": "2.0",
        "routeKey": f"{method} /v1/account/logo",
        "rawPath": "/v1/account/logo",
        "rawQueryString": "",
        "headers": {"content-type": kind, "authorization": f"Bearer {key}"},
        "requestContext": {
            "http": {"method": method, "path": "/v1/account/logo"},
            "requestId": "rid",
            "stage": "$default",
        },
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    answer = function("merchant/account", city.clock).handler(event, Context())
    return answer["statusCode"], json.loads(answer["body"] or "null")


def test_a_logo_is_kept_beside_the_pages_under_a_name_with_its_hash(city):
    wide = BytesIO()
    Image.new("RGB", (900, 300), "teal").save(wide, "PNG")
    status, told = call(city, "PUT", wide.getvalue())
    path = told["logo_url"]
    assert (status, path.startswith(f"/logos/{city.merchant.id}-")) == (200, True)
    found = kept(path)
    assert (found["ContentType"], "immutable" in found["CacheControl"]) == ("image/png", True)
    with Image.open(BytesIO(found["Body"].read())) as read:
        assert (read.format, read.size) == ("PNG", (512, 171))
    merchants._cache.clear()
    assert TrackedMerchant.of(merchants.known(city.merchant.id)).logo_url == path
    assert call(city, "DELETE")[0] == 204
    merchants._cache.clear()
    assert TrackedMerchant.of(merchants.known(city.merchant.id)).logo_url is None


def test_the_same_logo_again_has_the_same_name(city):
    logo = picture("PNG")
    assert logos.put(city.merchant.id, logo) == logos.put(city.merchant.id, logo)


def test_a_logo_keeps_what_is_transparent_and_loses_metadata(city):
    made = BytesIO()
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(made, "PNG")
    with Image.open(BytesIO(kept(logos.put(city.merchant.id, made.getvalue()).logo_url)["Body"].read())) as read:
        assert read.getpixel((9, 9))[3] == 0
    shown = kept(logos.put(city.merchant.id, with_metadata()).logo_url)["Body"].read()
    assert b"PhoneMaker" not in shown


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture"),
        (picture("GIF"), "not_a_picture"),
        (picture("PNG")[:-200], "not_a_picture"),
        (picture("PNG", (8, 200)), "logo_too_small"),
        (png(6_000, 5_000, b"\0" * 1000), "logo_too_large"),
        (png(30_000, 30_000, b"\0" * 1000), "not_a_picture"),
        (b"\0" * 500_001, "logo_too_large"),
    ],
    ids=["nothing", "svg", "gif", "cut off", "too small", "too many pixels", "a bomb", "too many bytes"],
)
def test_what_is_no_logo_is_refused(city, body, code):
    with pytest.raises(Unprocessable) as refused:
        logos.put(city.merchant.id, body)
    assert refused.value.code == code
    assert merchants.get(city.merchant.id).branding.logo_url is None


def test_a_body_of_another_kind_is_refused(city):
    assert call(city, "PUT", b"%PDF-1.7", "application/pdf")[0] == 415


def test_other_words_leave_the_logo_and_only_the_upload_changes_it(city):
    path = logos.put(city.merchant.id, picture("PNG")).logo_url

    def change(**branding):
        change_account(city.merchant.id, AccountChange.model_validate({"branding": branding}))
        return merchants.get(city.merchant.id).branding.logo_url

    assert change(sender_name="Crusty") == path
    assert change(colour="#0a7d4f", logo_url=path) == path
    with pytest.raises(ValueError, match="PUT /v1/account/logo"):
        change(logo_url="https://cdn.example/logo.png")
    with pytest.raises(Unprocessable, match="logo_is_uploaded"):
        change(logo_url="/logos/mer_other-0000.png")
