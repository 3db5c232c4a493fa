"""TIN Matching over HTTP, against the imitation: late, down, asked twice, and with two answers."""

import json

import boto3
import pytest

from crowdship.adapters import providers, secrets
from crowdship.tax.matching.http import HttpMatcher
from crowdship.tax.matching.model import MatchingUnavailable, TinQuestion
from crowdship.tax.matching.registry import matcher
from crowdship.tax.model import TinMatchCode
from crowdship.tax.payer import payer
from local.imitations.receivers import Receivers
from local.imitations.tin import PAYER, TIN_KEY

QUESTION = TinQuestion(reference="drv_1.1", name="Nia Okoro", tin="123456789", tin_kind="ssn")


@pytest.fixture(scope="module")
def receivers():
    with Receivers(0) as answering:
        yield answering


@pytest.fixture
def agency(receivers):
    receivers.tin.__init__()
    return receivers.tin


@pytest.fixture
def http(receivers, agency):
    return HttpMatcher(f"{receivers.url}/tin", TIN_KEY, plain_http_allowed=True)


def test_a_question_that_comes_twice_is_taken_once(http, agency):
    http.ask(QUESTION)
    http.ask(QUESTION)
    assert (len(agency.questions), agency.asked) == (1, 2)
    assert http.answer("drv_1.1") is TinMatchCode.MATCH


def test_an_answer_may_be_late(http, agency):
    agency.looks = 1
    http.ask(QUESTION)
    assert http.answer("drv_1.1") is None
    assert http.answer("drv_1.1") is TinMatchCode.MATCH


@pytest.mark.parametrize("code", range(9))
def test_each_code_of_the_agency_is_known(http, code):
    question = QUESTION.model_copy(update={"reference": f"drv_{code}.1", "tin": f"12345600{code}"})
    http.ask(question)
    assert http.answer(f"drv_{code}.1") == code


def test_two_different_answers_come_as_they_are(http, agency):
    agency.codes["123456789"] = [0, 3]
    http.ask(QUESTION)
    assert (http.answer("drv_1.1"), http.answer("drv_1.1")) == (TinMatchCode.MATCH, TinMatchCode.NO_MATCH)


def test_trouble_of_any_kind_means_to_ask_again_and_names_nobody(receivers, http, agency):
    agency.down = 1
    with pytest.raises(MatchingUnavailable, match="503") as trouble:
        http.ask(QUESTION)
    assert "123456789" not in str(trouble.value)
    with pytest.raises(MatchingUnavailable, match="404"):
        http.answer("drv_nobody.1")
    http.ask(QUESTION)
    agency.codes["123456789"] = [42]
    with pytest.raises(MatchingUnavailable, match="unknown code"):
        http.answer("drv_1.1")
    with pytest.raises(MatchingUnavailable, match="401"):
        HttpMatcher(f"{receivers.url}/tin", "wrong", plain_http_allowed=True).ask(QUESTION)
    with pytest.raises(MatchingUnavailable, match="no answer"):
        HttpMatcher("http://127.0.0.1:9", "k", plain_http_allowed=True).ask(QUESTION)
    with pytest.raises(ValueError, match="https"):
        HttpMatcher("http://tin.example", "k")


def test_the_stage_chooses_the_provider_and_has_the_payer_in_its_secret(aws, receivers, monkeypatch):
    secrets._provider = None
    providers._connection.cache_clear()
    fields = {"url": f"{receivers.url}/tin", "api_key": TIN_KEY, **PAYER}
    kept = boto3.client("secretsmanager").create_secret(Name="tax", SecretString=json.dumps(fields))
    monkeypatch.setenv("TAX_SECRET_ARN", kept["ARN"])
    monkeypatch.setenv("STAGE", "local")
    matcher().ask(QUESTION)
    assert payer().name == PAYER["payer_name"]
    monkeypatch.setenv("TIN_MATCHER", "pigeons")
    with pytest.raises(LookupError, match="TIN_MATCHER is 'pigeons'"):
        matcher()
