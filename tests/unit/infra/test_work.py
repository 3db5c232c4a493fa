"""Queues, streams, rules: no work is lost, and none is lost unseen."""

import json
from typing import Any

import pytest

from tests.unit.infra.conftest import Synthesised, last_part


def _dead(queues: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, queue in queues.items() if queue["QueueName"].endswith("-dead")}


def test_every_queue_has_a_dead_letter_queue(prod: Synthesised) -> None:
    queues = prod.all("AWS::SQS::Queue")
    dead = _dead(queues)

    for name in queues.keys() - dead:
        policy = queues[name]["RedrivePolicy"]
        target = policy["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert target in dead
        assert queues[target]["QueueName"] == queues[name]["QueueName"] + "-dead"
        assert policy["maxReceiveCount"] == 5


def test_every_dead_letter_wakes_somebody(prod: Synthesised) -> None:
    (topic,) = (one for one in prod.all("AWS::SNS::Topic").values() if one["TopicName"].endswith("-alarms"))
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in prod.all("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        and (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
        and [last_part(action) for action in alarm["AlarmActions"]] == [topic["TopicName"]]
    }

    assert watched == _dead(prod.all("AWS::SQS::Queue"))


def test_alarms_reach_the_topic(prod: Synthesised) -> None:
    assert _may_publish(prod, "Alarm") == {"cloudwatch.amazonaws.com"}


def test_what_becomes_of_messages_is_reported_by_providers_and_nobody_else(prod: Synthesised) -> None:
    assert _may_publish(prod, "Reports") == {"ses.amazonaws.com", "sms-voice.amazonaws.com"}


def _may_publish(stack: Synthesised, topic: str) -> set[str]:
    """Return the services that may publish to a topic, all of which may do so for this account alone."""
    (policy,) = (one for name, one in stack.all("AWS::SNS::TopicPolicy").items() if topic in name)
    allowed = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert {s["Action"] for s in allowed} == {"sns:Publish"}
    for statement in allowed:
        equal = {key.lower(): value for key, value in statement["Condition"]["StringEquals"].items()}
        assert equal["aws:sourceaccount"] == {"Ref": "AWS::AccountId"}
    return {s["Principal"]["Service"] for s in allowed}


def test_a_message_stays_hidden_for_as_long_as_its_function_may_retry(prod: Synthesised) -> None:
    queues, functions = prod.all("AWS::SQS::Queue"), prod.all("AWS::Lambda::Function")
    sources = _sources(prod, "AWS::SQS::Queue")

    assert len(sources) == len(queues) - len(_dead(queues))
    for queue, source in sources:
        function = functions[source["FunctionName"]["Ref"]]
        # A batch of one message waits behind no throttled one.
        times = 1.5 if source["BatchSize"] == 1 else 6
        assert queues[queue]["VisibilityTimeout"] >= times * function["Timeout"]
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_slow_zone_holds_up_no_other(prod: Synthesised) -> None:
    (batch_size,) = (
        source["BatchSize"]
        for queue, source in _sources(prod, "AWS::SQS::Queue")
        if prod.all("AWS::SQS::Queue")[queue]["QueueName"] == "crowdship-prod-ticks"
    )

    assert batch_size == 1


def test_every_table_with_a_stream_has_its_events_published_in_order(prod: Synthesised) -> None:
    with_stream = {name for name, table in prod.all("AWS::DynamoDB::Table").items() if "StreamSpecification" in table}
    streams = {
        parameter["Name"]: parameter["Value"]["Fn::GetAtt"]
        for parameter in prod.all("AWS::SSM::Parameter").values()
        if parameter["Name"].endswith("StreamArn")
    }
    sources = {
        name: mapping
        for mapping in prod.all("AWS::Lambda::EventSourceMapping").values()
        if (name := prod.parameter(mapping["EventSourceArn"])) in streams
    }

    assert sorted(streams.values()) == sorted([table, "StreamArn"] for table in with_stream)
    assert sources.keys() == streams.keys()
    for source in sources.values():
        assert prod.function_names[source["FunctionName"]["Ref"]] == "tasks/publish"
        assert source["ParallelizationFactor"] == 1
        assert source["BisectBatchOnFunctionError"] is True
        assert source.get("MaximumRetryAttempts", -1) == source.get("MaximumRecordAgeInSeconds", -1) == -1
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert source["FilterCriteria"]["Filters"] == [
            {"Pattern": '{"dynamodb":{"NewImage":{"events":{"S":[{"exists":true}]}}}}'}
        ]


def test_an_event_that_cannot_be_delivered_to_a_queue_is_kept(prod: Synthesised) -> None:
    queues = {queue["QueueName"]: name for name, queue in prod.all("AWS::SQS::Queue").items()}
    rules = [rule for rule in prod.all("AWS::Events::Rule").values() if "Targets" in rule]
    (kept,) = {prod.queue_name(target["DeadLetterConfig"]["Arn"]) for rule in rules for target in rule["Targets"]}
    (allowed,) = (
        statement
        for policy in prod.all("AWS::SQS::QueuePolicy").values()
        if {"Ref": queues[kept]} in policy["Queues"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    )

    assert len(rules) > 8
    assert (allowed["Action"], allowed["Principal"]) == ("sqs:SendMessage", {"Service": "events.amazonaws.com"})
    senders = [last_part(one) for one in allowed["Condition"]["ArnLike"]["aws:SourceArn"]]
    # A rule on the bus is `rule/<bus>/<name>`, one that follows the clock `rule/<name>`; names begin with the stack's.
    assert senders == ["rule/crowdship-prod/*", "rule/Crowdship-prod-*"]
    assert all(rule.get("EventBusName", "crowdship-prod") == "crowdship-prod" for rule in rules)
    assert all(name.startswith("Crowdship-prod-") for name in prod.templates)


def test_each_queue_hears_of_the_events_it_is_for(prod: Synthesised) -> None:
    heard = {}
    for rule in prod.all("AWS::Events::Rule").values():
        if "EventBusName" in rule and "Targets" in rule and rule.get("Description"):
            types, _, queue = rule["Description"].partition(" -> ")
            heard[queue] = ", ".join(filter(None, (heard.get(queue), types)))
            assert rule["EventPattern"]["source"] == ["crowdship"]
            assert rule["EventPattern"]["detail-type"] == [
                {"prefix": kind.removesuffix("*")} if kind.endswith("*") else kind for kind in types.split(", ")
            ]

    assert heard == {
        "wake": "delivery.created, delivery.reopened, delivery.ready, delivery.reassigned, driver.on_duty",
        "resequence": "delivery.assigned, delivery.reassigned, delivery.cancelled, delivery.returning, "
        "delivery.corrected, delivery.ready, delivery.updated, delivery.eta_changed",
        "polish": "delivery.assigned, driver.on_duty",
        "observations": "delivery.arrived_at_pickup, delivery.picked_up, delivery.arrived_at_dropoff, "
        "delivery.delivered, tracking.left_stop",
        "notices": "delivery.*, endpoint.*, source.*, surge.changed, claim.opened, claim.decided, claim.withdrawn, "
        "refund.granted, invoice.issued, invoice.payment_recorded, invoice.payment_returned, invoice.overdue",
        "conversations": "message.sent",
        "pushes": "offer.made, offer.expired, offer.withdrawn, offer.accepted, route.changed, message.sent, "
        "driver.documents_expiring, driver.documents_expired, driver.work_resumed, document.approved, "
        "document.refused, standing.changed, surge.changed, claim.opened, claim.decided, claim.withdrawn, "
        "incentive.earned, "
        "incentive.reversed, incentive.not_funded, block.moved_up, block.missed, block.guaranteed, pay_floor.due, "
        "payout.paid, payout.failed, payout.returned, payout.canceled, payout.held, payout.account_corrected",
        "journal-exports": "journal_export.requested",
        "letters": "application.pre_adverse, application.refused, application.approved, tax.*",
        "sandbox": "delivery.created",
        "postings": "delivery.delivered, delivery.returned, delivery.failed, delivery.cancelled, delivery.tipped, "
        "delivery.pay_released, delivery.corrected, delivery.handed_over, incentive.earned, incentive.reversed, "
        "block.guaranteed, pay_floor.due, "
        "claim.decided, claim.held, claim.released, refund.granted, invoice.issued, invoice.payment_recorded, "
        "invoice.payment_settled, invoice.payment_returned, invoice.written_off",
        "engagements": "delivery.delivered, delivery.returned, delivery.failed, delivery.cancelled, delivery.expired, "
        "delivery.corrected, delivery.handed_over, delivery.pay_released, delivery.pay_refused, driver.on_duty, "
        "driver.off_duty",
        "rewards": "offer.accepted, delivery.delivered, delivery.returned, delivery.failed, delivery.cancelled, "
        "delivery.corrected, delivery.pay_released, delivery.pay_refused, driver.on_duty, driver.off_duty",
        "exports": "export.requested",
        "scores": "delivery.delivered, delivery.failed, delivery.corrected, delivery.pay_refused, delivery.reopened, "
        "rating.given, offer.accepted, offer.declined, offer.expired",
        "measures": "delivery.*, offer.*, payout.*, tracking.alert_raised",
        "tallies": "delivery.assigned, delivery.cancelled, delivery.corrected, delivery.created, delivery.delivered, "
        "delivery.expired, delivery.failed, delivery.pay_refused, delivery.reassigned, delivery.returned, "
        "block.guaranteed, delivery.tipped, incentive.earned, incentive.reversed, pay_floor.due, refund.granted, "
        "payout.failed, payout.returned, claim.decided",
    }


def _sources(stack: Synthesised, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the event source mappings of a kind of resource of the same stack, each with its logical id."""
    mappings = [
        (mapping["EventSourceArn"]["Fn::GetAtt"][0], mapping)
        for mapping in stack.all("AWS::Lambda::EventSourceMapping").values()
        if "Fn::GetAtt" in mapping["EventSourceArn"]
    ]
    return [(name, mapping) for name, mapping in mappings if stack.resources[name]["Type"] == kind]


def _on_time(stack: Synthesised) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the rate and the target of each rule that calls a function again and again, by the function."""
    rules = [r for r in stack.all("AWS::Events::Rule").values() if "rate" in r.get("ScheduleExpression", "")]
    assert all(rule["State"] == "ENABLED" for rule in rules)
    return {
        stack.function_names[target["Arn"]["Fn::GetAtt"][0]]: (rule["ScheduleExpression"], target)
        for rule in rules
        for target in rule["Targets"]
    }


def test_erasures_that_wait_are_looked_at_again_and_again_and_a_lost_call_is_kept(
    prod: Synthesised, local: Synthesised
) -> None:
    for stack in (prod, local):
        rate, target = _on_time(stack)["tasks/retention"]
        assert rate == "rate(15 minutes)"
        assert target["DeadLetterConfig"]


def test_zones_that_nobody_looks_after_are_searched_for_everywhere_and_ring(
    prod: Synthesised, local: Synthesised
) -> None:
    for stack in (prod, local):
        rate, target = _on_time(stack)["events/wake"]
        assert rate == "rate(5 minutes)"
        assert json.loads(target["Input"]) == {"sweep": True}
        (alarm,) = (a for a in stack.all("AWS::CloudWatch::Alarm").values() if a["MetricName"] == "ZonesOverdue")
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
        assert alarm["Dimensions"] == [{"Name": "service", "Value": "dispatch"}]


@pytest.mark.parametrize(("queue", "livemode"), [("sandbox", False), ("scores", True)])
def test_the_sandbox_hears_of_tests_alone_and_drivers_ratings_of_no_test(
    prod: Synthesised, queue: str, livemode: bool
) -> None:
    pattern, *others = (
        rule["EventPattern"]
        for rule in sorted(prod.all("AWS::Events::Rule").values(), key=lambda rule: "offer." in str(rule))
        if rule.get("Description", "").endswith(f"-> {queue}")
    )
    assert all(kind.startswith("offer.") for other in others for kind in other["detail-type"])  # no test has an offer

    assert pattern["detail"] == {"data": {"livemode": [livemode]}}
