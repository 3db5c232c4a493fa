import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError
from svix.webhooks import Webhook as SvixWebhook

from crowdship.kernel.events import DomainEvent
from crowdship.merchants.model import new_signing_secret
from crowdship.notify.webhooks.bodies import (
    WebhookMessage,
    addressed_to,
    concerns_merchant,
    concerns_zone,
    webhook_body,
    webhook_headers,
)
from crowdship.notify.webhooks.delivery.answers import (
    MAX_WAIT_S,
    EndpointAnswer,
    Verdict,
    asked_wait_s,
    honoured_wait_s,
    judge,
)
from crowdship.notify.webhooks.delivery.retries import RETRY_AFTER, WebhookJob, retry_delay
from tests.contracts import event_types, sample, validate_event

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECRET = new_signing_secret()


def event(name="delivery.picked_up"):
    return DomainEvent.model_validate(sample(name))


def signed(secrets, body, at=None):
    # The official verifier looks at the machine's clock.
    return webhook_headers(secrets, "evt_1", int((at or datetime.now(UTC)).timestamp()), body)


@pytest.mark.parametrize("verifier", [Webhook, SvixWebhook])
def test_other_peoples_verifiers_accept_what_we_sign(verifier):
    body = webhook_body(event())
    verifier(SECRET).verify(body, signed([SECRET], body))  # raises if not
    with pytest.raises(Exception, match="signature"):
        verifier(SECRET).verify(body + b" ", signed([SECRET], body))


@given(key=st.binary(min_size=24, max_size=64), body=st.dictionaries(st.text(), st.text() | st.integers()))
def test_any_key_and_any_body_verify(key, body):
    secret = "whsec_" + b64encode(key).decode()
    raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    assert Webhook(secret).verify(raw, signed([secret], raw)) is not None


def test_during_a_rotation_both_secrets_verify():
    new, body = new_signing_secret(), webhook_body(event())
    headers = signed([new, SECRET], body)
    assert len(headers["webhook-signature"].split(" ")) == 2
    Webhook(new).verify(body, headers)
    Webhook(SECRET).verify(body, headers)


def test_one_changed_byte_an_other_secret_or_an_old_timestamp_do_not_verify():
    body = webhook_body(event())
    for secret, sent, at in (
        (SECRET, body + b" ", None),
        (new_signing_secret(), body, None),
        (SECRET, body, datetime.now(UTC) - timedelta(minutes=10)),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(sent, signed([SECRET], body, at))


def test_what_the_driver_earns_is_not_the_merchants_to_know():
    assert '"pay"' in json.dumps(sample("delivery.picked_up"))
    assert b'"pay"' not in webhook_body(event())


def told_actor(actor):
    told = event()
    return json.loads(webhook_body(told.model_copy(update={"data": {**told.data, "actor": actor}})))["data"]["actor"]


@pytest.mark.parametrize("actor", ["mer_1", "drv_1", "shopify", "dispatch"])
def test_a_merchant_is_told_who_acted(actor):
    assert told_actor(actor) == actor


@pytest.mark.parametrize("actor", ["ana.lopez", "drvana", "shopify-ana", "mer"])
def test_no_merchant_is_told_the_name_of_a_person_on_the_staff(actor):
    assert told_actor(actor) == "staff"


def test_a_body_has_type_time_and_the_data_with_what_puts_it_in_order():
    sent = json.loads(webhook_body(event()))
    told = sample("delivery.picked_up")
    assert list(sent) == ["type", "timestamp", "data"]
    assert sent["timestamp"] == told["time"]
    price = {name: part for name, part in told["data"]["price"].items() if name != "pay"}
    order = {"subject": told["subject"], "sequence": told["sequence"]}
    ours = told["data"].pop("hold", "not there")
    assert ours is None, "what is held of a driver's pay is no merchant's affair"
    assert sent["data"] == {**told["data"], **order, "price": price}
    assert len(webhook_body(event())) < 20_000


def test_merchants_get_all_deliveries_events_but_reopened():
    got = {name for name in event_types() if concerns_merchant(event(name))}
    of_merchants = ("delivery.", "source.", "claim.", "refund.", "invoice.")
    assert got == {n for n in event_types() if n.startswith(of_merchants)} - {
        "delivery.reopened",
        "delivery.handed_over",
        "delivery.pay_released",
        "delivery.pay_refused",
        "claim.answered",
        "claim.held",
        "claim.released",
        "invoice.payment_settled",
        "invoice.written_off",
    }


def test_a_surge_concerns_all_merchants_of_its_zone_and_names_none():
    assert {name for name in event_types() if concerns_zone(event(name))} == {"surge.changed"}
    assert not concerns_merchant(event("surge.changed"))
    assert "merchant_id" not in sample("surge.changed")["data"]


def test_a_surge_as_a_merchant_gets_it_keeps_its_schema_and_has_an_id_that_follows_from_both():
    surge = event("surge.changed")
    told = addressed_to(surge, "mer_1")
    validate_event(told.model_dump(mode="json"))
    assert json.loads(webhook_body(told))["data"]["merchant_id"] == "mer_1"
    assert told == addressed_to(surge, "mer_1")
    assert len({surge.id, told.id, addressed_to(surge, "mer_2").id}) == 3


def test_what_a_driver_bears_of_a_claim_is_not_the_merchants_to_read():
    told = json.loads(webhook_body(event("claim.decided")))["data"]
    assert set(told["award"]) == {"goods", "charge", "tip"}
    assert not {"bears", "answer_by", "asks_driver"} & set(told)


def test_the_schedule_is_that_of_the_specification():
    waits = [retry_delay("evt_1", n, n) for n in range(1, 10)]
    for wait, floor in zip(waits, RETRY_AFTER, strict=True):
        assert floor <= wait <= floor * 1.2
    assert retry_delay("evt_1", 10, 10) is None


def test_after_a_replay_the_schedule_starts_again():
    assert retry_delay("evt_1", 11, 1) < timedelta(seconds=6.1)


@given(st.text(min_size=1), st.integers(1, 99), st.integers(1, 9))
def test_jitter_follows_from_message_and_attempt(message_id, attempt, tries):
    assert retry_delay(message_id, attempt, tries) == retry_delay(message_id, attempt, tries)


def test_what_failed_together_does_not_come_back_together():
    assert len({retry_delay(f"evt_{n}", 1, 1) for n in range(100)}) == 100


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((status, Verdict.DONE) for status in (200, 201, 202, 204, 299)),
        (410, Verdict.GONE),
        *(
            (status, Verdict.RETRY)
            for status in (None, 100, 301, 302, 307, 400, 401, 404, 422, 429, 500, 502, 503, 504)
        ),
    ],
)
def test_only_2xx_is_success_and_410_is_goodbye(status, verdict):
    assert judge(EndpointAnswer(status=status)) is verdict


def test_retry_after_counts_in_seconds_or_as_a_date():
    assert asked_wait_s("120", NOW) == 120
    in_an_hour = format_datetime(NOW.replace(microsecond=0) + timedelta(hours=1), usegmt=True)
    assert 3598 < asked_wait_s(in_an_hour, NOW) <= 3600


@pytest.mark.parametrize("nonsense", [None, "", "soon", "-5", "1e9", "Thu, 99 Foo 2026", "²"])
def test_a_retry_after_that_means_nothing_asks_for_nothing(nonsense):
    assert asked_wait_s(nonsense, NOW) == 0


def test_nobody_makes_us_wait_for_more_than_a_day():
    assert asked_wait_s("99999999999", NOW) == MAX_WAIT_S


@pytest.mark.parametrize(("status", "seconds"), [(429, 30), (502, 30), (503, 30), (504, 30), (500, 0), (302, 0)])
def test_retry_after_counts_where_the_specification_says(status, seconds):
    assert honoured_wait_s(EndpointAnswer(status=status, retry_after="30"), NOW) == seconds


def test_a_job_survives_the_queue():
    job = WebhookJob(
        message=WebhookMessage.of(event()), merchant_id="mer_1", endpoint_id="ept_1", attempt=3, tries=3, due_at=12.5
    )
    assert WebhookJob.model_validate_json(job.model_dump_json()) == job
    assert job.afresh().model_dump(include={"attempt", "tries", "due_at"}) == {"attempt": 4, "tries": 1, "due_at": 0.0}
