"""The adapter of the provider of background checks against the imitation, over real HTTP."""

import json
import time
from datetime import date

import boto3
import pytest

from crowdship.adapters import providers, secrets
from crowdship.onboarding.screening.http import HttpScreening
from crowdship.onboarding.screening.model import CheckOrder, ScreeningRefused, ScreeningUnavailable
from crowdship.onboarding.screening.registry import provider, signing_secret
from local.imitations.receivers import Receivers
from local.imitations.screening import SCREENING_KEY, SIGNING_SECRET, Behaviour
from tests.integration.onboarding.conftest import ADDRESS

ORDER = CheckOrder.model_validate(
    {
        "reference": "app_1.1",
        "candidate_id": "drv_1",
        "legal_name": "Nia Okoro",
        "born_on": date(1990, 5, 5),
        "address": ADDRESS,
        "email": "nia@example.com",
        "phone": "+13125550177",
    }
)


@pytest.fixture
def receivers():
    with Receivers(0) as receivers:
        yield receivers


@pytest.fixture
def adapter(receivers):
    url = f"{receivers.url}/screening"
    return HttpScreening(url, SCREENING_KEY, SIGNING_SECRET, plain_http_allowed=True)


def test_an_order_that_is_repeated_is_one_check(adapter, receivers):
    assert adapter.order(ORDER) == adapter.order(ORDER) == "chk-app_1.1"
    assert (len(receivers.screening.orders), receivers.screening.asked) == (1, 2)
    assert receivers.screening.orders["app_1.1"]["address"]["zip"] == "60601"


def test_a_provider_takes_orders_that_we_signed_and_no_others(receivers):
    stranger = HttpScreening(
        f"{receivers.url}/screening", SCREENING_KEY, "whsec_c29tZWJvZHkgZWxzZQ==", plain_http_allowed=True
    )
    with pytest.raises(ScreeningUnavailable, match="401"):
        stranger.order(ORDER)
    assert receivers.screening.refused


def test_a_provider_that_is_down_is_asked_again_later(adapter, receivers):
    receivers.screening.unavailable_until = time.monotonic() + 60
    with pytest.raises(ScreeningUnavailable, match="503"):
        adapter.order(ORDER)
    receivers.screening.unavailable_until = 0
    assert adapter.order(ORDER)


def test_a_refused_order_is_told_apart_and_names_nobody(adapter, receivers):
    receivers.screening.behave("drv_1", Behaviour(refuse=True))
    with pytest.raises(ScreeningRefused) as refusal:
        adapter.order(ORDER)
    assert "Nia" not in str(refusal.value)


def test_nobody_answers_at_a_wrong_address_and_plain_http_is_refused():
    with pytest.raises(ScreeningUnavailable, match="no answer"):
        HttpScreening("http://127.0.0.1:9", "k", SIGNING_SECRET, plain_http_allowed=True).order(ORDER)
    with pytest.raises(ValueError, match="https"):
        HttpScreening("http://screening.example", "k", SIGNING_SECRET)


@pytest.mark.usefixtures("aws")
def test_the_stage_connects_the_provider_by_its_secret(monkeypatch, receivers):
    secrets._provider = None
    providers._connection.cache_clear()
    fields = {"url": f"{receivers.url}/screening", "api_key": SCREENING_KEY, "signing_secret": SIGNING_SECRET}
    kept = boto3.client("secretsmanager").create_secret(Name="screening", SecretString=json.dumps(fields))
    monkeypatch.setenv("SCREENING_SECRET_ARN", kept["ARN"])
    monkeypatch.setenv("STAGE", "local")
    assert signing_secret() == SIGNING_SECRET
    assert provider().order(ORDER) == "chk-app_1.1"
