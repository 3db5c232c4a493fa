"""The functions of the room, called as Lambda calls them."""

import json

import pytest

from crowdship.kernel.events import DomainEvent
from tests.contracts import sample
from tests.integration.settlement.test_functions import Context, function, sqs

pytestmark = pytest.mark.usefixtures("aws")


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
