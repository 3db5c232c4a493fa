"""The functions of the room, called as Lambda calls them."""

import json
from datetime import UTC, date, datetime
from email import message_from_string, policy

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses import ses_backends

from crowdship.insight import service as insight
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.merchants.model import MerchantInput
from crowdship.payouts.provider import Accepted, NewsState
from crowdship.settlement import booking
from crowdship.settlement.cycle import record, steps
from tests.contracts import sample
from tests.integration.payouts.conftest import settle
from tests.integration.settlement.test_functions import Context, function, sqs
from tests.unit.settlement.test_postings import closed

DAY = date(2026, 3, 2)

pytestmark = pytest.mark.usefixtures("aws")


class Rail:
    """Pays everything at once."""

    collects = False

    def transfer(self, instruction):
        return Accepted(transfer_id=f"trf_{instruction.payout_id}", state=NewsState.PAID)


@pytest.fixture
def clock():
    return FixedClock(datetime(2026, 3, 3, 4, 30, tzinfo=UTC))


@pytest.fixture
def finance_report(clock, monkeypatch):
    monkeypatch.setenv("SENDER_EMAIL", "crowdship@example.com")
    monkeypatch.setenv("FINANCE_EMAIL", "finance@example.com")
    insight._ses.cache_clear()
    boto3.client("ses").verify_email_identity(EmailAddress="crowdship@example.com")
    return function("tasks/finance_report", clock)


def sent():
    return ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages


def test_finance_gets_one_mail_per_settled_period(finance_report, clock):
    merchant = merchants.sign_up(MerchantInput(name="Corner Bakery", billing_email="bakery@example.com"), clock)
    booking.post(closed(number=1, merchant_id=merchant.id))
    booking.post(closed(number=2, merchant_id="mer_gone"))
    settle(DAY, Rail(), clock)
    assert finance_report.handler({"period": "2026-03-02"}, Context()) == {
        "period": "2026-03-02",
        "sent": True,
    }
    assert finance_report.handler({}, Context()) == {"period": "2026-03-02", "sent": False}
    [mail] = sent()
    assert set(mail.destinations) == {"finance@example.com"}
    message = message_from_string(mail.raw_data, policy=policy.default)
    assert message["Subject"] == "Settlement of 2026-03-02: 16.00 USD paid"
    [attachment] = message.iter_attachments()
    assert "Corner Bakery" in attachment.get_content()
    assert record.find(DAY).reported_at == clock.now()


def test_a_period_that_is_not_finished_is_not_reported(finance_report, clock):
    steps.open_period(DAY, clock)
    with pytest.raises(Conflict, match="reported when it is finished"):
        finance_report.handler({"period": "2026-03-02"}, Context())
    assert sent() == []


def emf(line):
    """Return what a log line tells CloudWatch of the metrics in it."""
    [metrics] = line["_aws"]["CloudWatchMetrics"]
    return metrics


def test_a_kpi_by_zone_is_a_metric_of_the_same_room_with_the_zone_as_a_dimension(capsys):
    measure = function("events/measure")
    measure.handler(sqs(DomainEvent.model_validate(sample("delivery.created"))), Context())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    [of_zone], [of_all] = ([line for line in lines if ("zone" in line) is zoned] for zoned in (True, False))
    assert (of_zone["zone"], of_zone["DeliveriesCreated"]) == ("san-francisco", [1.0])
    assert of_zone["service"] == of_all["service"]
    assert set(*emf(of_zone)["Dimensions"]) == {"service", "zone"}
    assert emf(of_zone)["Metrics"] == emf(of_all)["Metrics"] == [{"Name": "DeliveriesCreated", "Unit": "Count"}]


def test_events_become_metrics(capsys):
    names = ("delivery.created", "offer.made", "payout.sent", "delivery.delivered", "proof.captured")
    events = [DomainEvent.model_validate(sample(name)) for name in names]
    assert function("events/measure").handler(sqs(*events), Context()) == {"batchItemFailures": []}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    [written] = [line for line in lines if "zone" not in line]
    assert emf(written)["Namespace"] == "Crowdship"
    assert emf(written)["Dimensions"] == [["service"]]
    for name in ("DeliveriesCreated", "OffersMade", "PayoutsSent", "DeliveriesDelivered"):
        assert written[name] == [1.0]
    assert {"OnTime", "ClickToDoorMinutes"} < written.keys()
