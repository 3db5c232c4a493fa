from typing import Any

import pytest

from benchmarks.support.wire import PHONE, Units, asker, named

TABLES = {"deliveries": ("pk", "sk"), "zones": ("pk", "sk")}
OPEN = {"open_zone": {"S": "z"}, "plan_from": {"S": "2026"}}


@pytest.fixture
def units() -> Units:
    return Units(TABLES, {"deliveries": [("open_zone", "plan_from"), ("driver_day", "created_key")]})


def row(table: str = "deliveries", **more: Any) -> dict[str, Any]:
    return {"TableName": table, "Item": {"pk": {"S": "dlv_1"}, "sk": {"S": "DELIVERY"}, **more}}


def test_an_index_is_written_to_when_an_item_enters_moves_and_leaves(units: Units) -> None:
    def writes(**more: Any) -> float:
        return units.of("PutItem", row(**more), {})[0]

    assert writes(**OPEN) == 1 + 1
    assert writes(**OPEN) == 1
    assert writes(**{**OPEN, "plan_from": {"S": "2027"}}) == 1 + 2
    assert writes() == 1 + 1
    assert writes() == 1


def test_each_index_of_a_table_is_written_to_by_itself(units: Units) -> None:
    listed = {"driver_day": {"S": "drv_1#2026-06-01"}, "created_key": {"S": "2026-06-01T12"}}
    deeds = (OPEN, {**OPEN, **listed}, listed, {**listed, "driver_day": {"S": "drv_2#2026-06-01"}}, {})

    assert [units.of("PutItem", row(**more), {})[0] - 1 for more in deeds] == [1, 1, 1, 2, 1]


def test_an_item_that_shrinks_costs_what_it_was(units: Units) -> None:
    assert units.of("PutItem", row("zones", body={"S": "x" * 3000}), {}) == (3, 0)
    assert units.of("PutItem", row("zones"), {}) == (3, 0)
    assert units.of("PutItem", row("zones"), {}) == (1, 0)


def test_a_transaction_costs_twice_but_for_its_index(units: Units) -> None:
    check = {"TableName": "zones", "Key": {"pk": {"S": "z"}, "sk": {"S": "ZONE"}}}
    asked = {"TransactItems": [{"Put": row(**OPEN)}, {"ConditionCheck": check}]}

    assert units.of("TransactWriteItems", asked, {}) == (2 + 1 + 2, 0)


def test_a_batch_of_reads_is_priced_item_by_item_and_those_not_found_too(units: Units) -> None:
    keys = [{"pk": {"S": str(number)}} for number in range(3)]
    asked = {"RequestItems": {"zones": {"Keys": keys, "ConsistentRead": True}}}
    answered = {"Responses": {"zones": [{"body": {"S": "x" * 5000}}]}}

    assert units.of("BatchGetItem", asked, answered) == (0, 2 + 1 + 1)


def test_a_query_is_priced_as_a_whole(units: Units) -> None:
    items = [{"pk": {"S": "x" * 100}} for _ in range(30)]

    assert units.of("Query", {"TableName": "zones"}, {"Items": items}) == (0, 0.5)


def test_what_is_not_priced_is_not_passed_over(units: Units) -> None:
    with pytest.raises(ValueError, match="Scan"):
        units.of("Scan", {}, {})


def test_a_request_says_which_function_makes_it() -> None:
    assert asker("Boto3/1 md/x app/crowdship-bus-publish") == "crowdship-bus-publish"
    assert asker("python-requests/2") == PHONE


@pytest.mark.parametrize(
    ("headers", "body", "name"),
    [
        ({"x-amz-target": "DynamoDB_20120810.GetItem"}, b"{}", ("dynamodb", "GetItem")),
        ({}, b"Action=Publish&Message=x", ("dynamodb", "Publish")),
        ({}, b"{}", ("dynamodb", "POST")),
    ],
)
def test_a_request_is_named_by_its_target_its_action_or_its_method(
    headers: dict[str, str], body: bytes, name: tuple[str, str]
) -> None:
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/dynamodb/aws4_request, x"}

    assert named("POST", {**signed, **headers}, body) == name


def test_an_upload_without_a_signature_in_its_head_goes_to_the_bucket() -> None:
    assert named("POST", {}, b"--form") == ("s3", "POST")
