import json
from base64 import b64encode
from datetime import UTC, datetime

import pytest
import requests
from standardwebhooks.webhooks import Webhook

from local.imitations.receivers import BANK_KEY, Receivers

SECRET = "whsec_" + b64encode(b"a secret that only two know, 32b").decode()


@pytest.fixture
def receivers():
    with Receivers(0) as running:
        running.endpoints.trust("/hooks/shop", SECRET)
        yield running


def send(receivers, message_id="msg-1", secret=SECRET, sequence="1"):
    now = datetime.now(UTC)
    body = json.dumps(
        {"type": "delivery.created", "timestamp": "t", "data": {"delivery_id": "d", "sequence": sequence}}
    )
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, now, body),
    }
    return requests.post(f"{receivers.url}/hooks/shop", data=body, headers=headers, timeout=5).status_code


def transfer(receivers, key="po-1", driver="drv-1", credential=BANK_KEY):
    body = {"payout_id": key, "driver_id": driver, "amount": 100, "currency": "USD", "reference": "r"}
    headers = {"Authorization": f"Bearer {credential}", "Idempotency-Key": key}
    return requests.post(f"{receivers.url}/bank/transfers", json=body, headers=headers, timeout=5)


def test_a_webhook_with_a_good_signature_is_kept_once(receivers):
    assert [send(receivers), send(receivers)] == [204, 204]
    assert [hook.type for hook in receivers.endpoints.of_delivery("d")] == ["delivery.created"]
    assert receivers.endpoints.repeated == {"/hooks/shop": 1}


def test_a_forged_webhook_is_refused_and_counted(receivers):
    assert send(receivers, secret="whsec_" + b64encode(b"some other secret").decode()) == 401
    assert receivers.endpoints.hooks == []
    assert len(receivers.endpoints.refused) == 1


def test_an_endpoint_can_fail_for_a_while(receivers):
    receivers.endpoints.fail_for("/hooks/shop", 60)
    assert send(receivers) == 503
    receivers.endpoints.fail_for("/hooks/shop", 0)
    assert send(receivers) == 204


def test_what_is_told_of_a_delivery_is_in_the_order_it_happened(receivers):
    for number in ("10", "9", "2"):
        send(receivers, f"msg-{number}", sequence=number)
    assert [hook.data["sequence"] for hook in receivers.endpoints.of_delivery("d")] == ["2", "9", "10"]
    assert receivers.endpoints.newest()["d"].data["sequence"] == "10"


def test_the_bank_makes_one_transfer_for_a_key_however_often_it_is_asked(receivers):
    first, second = transfer(receivers), transfer(receivers)
    assert first.json() == second.json()
    assert len(receivers.bank.transfers) == 1
    assert receivers.bank.asked == 2


def test_the_bank_may_refuse_a_driver_or_an_unknown_caller(receivers):
    receivers.bank.reject["drv-2"] = "account closed"
    assert transfer(receivers, "po-2", "drv-2").status_code == 422
    assert transfer(receivers, "po-3", credential="guessed").status_code == 401
    assert receivers.bank.paid_to({"drv-1", "drv-2"}) == []


def test_a_second_one_on_the_same_port_takes_another(receivers):
    port = int(receivers.url.rpartition(":")[2])
    with Receivers(port) as other:
        assert other.url != receivers.url
