from typing import Any

from benchmarks.idle import lines, metrics, polled_queues

TEMPLATE: dict[str, dict[str, Any]] = {
    "Key": {"Type": "AWS::KMS::Key"},
    "Work": {"Type": "AWS::SQS::Queue"},
    "Dead": {"Type": "AWS::SQS::Queue"},
    "FromQueue": {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {"EventSourceArn": {"Fn::GetAtt": ["Work", "Arn"]}},
    },
    "FromStream": {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {"EventSourceArn": {"Ref": "DeliveriesStreamArn"}},
    },
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {"Namespace": "Crowdship-prod", "MetricName": "Difference"},
    },
    "Page": {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            "DashboardBody": {
                "Fn::Join": [
                    "",
                    [
                        '{"region":"',
                        {"Ref": "AWS::Region"},
                        '","metrics":[["Crowdship-prod","OnTime","service","insight"]]}',
                    ],
                ]
            }
        },
    },
}


def test_only_queues_that_a_function_works_off_are_polled() -> None:
    assert polled_queues(TEMPLATE) == 1


def test_a_month_costs_what_stands_there() -> None:
    found = {line.what: line.month for line in lines(TEMPLATE)}

    assert found["keys of our own"] == 1.00
    assert found["alarms"] == 0.10
    assert found["secrets"] == 0
    assert round(found["empty queues that Lambda polls"], 2) == 0.26


def test_our_own_metrics_are_found_on_the_dashboard_and_under_alarms() -> None:
    assert metrics(TEMPLATE) == {"Difference", "OnTime"}
