"""The simulations' tables answer as moto's do, call by call."""

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from benchmarks.support.expressions import UnknownExpressionError, condition_of
from benchmarks.support.memory_tables import MemoryTables
from infra.tables import Index, Shape

TABLE = "crowdship-things"
SHAPE = Shape(indexes=(Index("by_due", "due", "due_at"),))

keys = st.fixed_dictionaries(
    {
        "pk": st.sampled_from("ab").map(lambda s: {"S": s}),
        "sk": st.sampled_from(["A#1", "A#2", "B#1", "B"]).map(lambda s: {"S": s}),
    }
)
attributes = st.fixed_dictionaries(
    {"version": st.integers(1, 3).map(lambda n: {"N": str(n)})},
    optional={
        "due": st.sampled_from("xy").map(lambda s: {"S": s}),
        "due_at": st.sampled_from(["1", "2", "3"]).map(lambda s: {"S": s}),
    },
)
items = st.builds(lambda key, more: {**key, **more}, keys, attributes)
guards = st.sampled_from(
    [
        {},
        {"ConditionExpression": "attribute_not_exists (#0)", "ExpressionAttributeNames": {"#0": "pk"}},
        {
            "ConditionExpression": "(#0 = :0 AND attribute_exists (#1))",
            "ExpressionAttributeNames": {"#0": "version", "#1": "pk"},
            "ExpressionAttributeValues": {":0": {"N": "2"}},
        },
        {
            "ConditionExpression": "(#0 < :0 OR attribute_not_exists (#0))",
            "ExpressionAttributeNames": {"#0": "version"},
            "ExpressionAttributeValues": {":0": {"N": "3"}},
        },
    ]
)
puts = st.builds(lambda item, guard: ("put_item", {"TableName": TABLE, "Item": item, **guard}), items, guards)
gets = keys.map(lambda key: ("get_item", {"TableName": TABLE, "Key": key, "ConsistentRead": True}))
deletions = st.builds(lambda key, guard: ("delete_item", {"TableName": TABLE, "Key": key, **guard}), keys, guards)
COUNTING = {
    "UpdateExpression": "SET #9 = :9 ADD #8 :8",
    "ConditionExpression": "attribute_exists (#7)",
    "ExpressionAttributeNames": {"#9": "note", "#8": "version", "#7": "pk"},
    "ExpressionAttributeValues": {":9": {"S": "n"}, ":8": {"N": "2"}},
}
updates = keys.map(lambda key: ("update_item", {"TableName": TABLE, "Key": key, **COUNTING}))


def _in_transaction(act):
    operation, asked = act
    name = {"put_item": "Put", "delete_item": "Delete", "update_item": "Update"}[operation]
    return {name: asked}


transactions = st.lists(st.one_of(puts, deletions, updates).map(_in_transaction), min_size=2, max_size=3).map(
    lambda acts: ("transact_write_items", {"TransactItems": acts})
)


@st.composite
def queries(draw):
    asked = {"TableName": TABLE, "ExpressionAttributeNames": {"#0": "pk"}, "KeyConditionExpression": "#0 = :0"}
    asked["ExpressionAttributeValues"] = {":0": {"S": draw(st.sampled_from("ab"))}}
    more = draw(st.sampled_from(["", "begins_with (#1, :1)", "#1 > :1", "#1 <= :1", "#1 BETWEEN :1 AND :2"]))
    if more:
        asked["KeyConditionExpression"] = f"(#0 = :0 AND {more})"
        asked["ExpressionAttributeNames"]["#1"] = "sk"
        asked["ExpressionAttributeValues"][":1"] = {"S": draw(st.sampled_from(["A", "A#1", "B"]))}
    if ":2" in more:
        asked["ExpressionAttributeValues"][":2"] = {"S": "B#0"}
    if draw(st.booleans()):
        asked["ScanIndexForward"] = False
    if limit := draw(st.sampled_from([None, 1, 2])):
        asked["Limit"] = limit
    if draw(st.booleans()):
        asked["Select"] = "COUNT"
    return "query", asked


by_due = st.sampled_from("xy").map(
    lambda due: (
        "query",
        {
            "TableName": TABLE,
            "IndexName": "by_due",
            "KeyConditionExpression": "#0 = :0",
            "ExpressionAttributeNames": {"#0": "due"},
            "ExpressionAttributeValues": {":0": {"S": due}},
        },
    )
)
batches = st.lists(keys, min_size=1, max_size=3, unique_by=lambda key: (key["pk"]["S"], key["sk"]["S"])).map(
    lambda wanted: ("batch_get_item", {"RequestItems": {TABLE: {"Keys": wanted, "ConsistentRead": True}}})
)
acts = st.lists(st.one_of(puts, puts, gets, deletions, updates, transactions, queries(), by_due, batches), max_size=25)


def _told(client, operation, asked):
    try:
        answer = getattr(client, operation)(**asked)
    except ClientError as error:
        reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", ())]
        return error.response["Error"]["Code"], reasons
    for told in ("ResponseMetadata", "ConsumedCapacity", "ItemCollectionMetrics"):
        answer.pop(told, None)
    if "Responses" in answer:
        answer["Responses"][TABLE].sort(key=str)
    return answer


def _walked(client, asked):
    """All pages of a query."""
    pages, start = [], {}
    while start is not None:
        page = _told(client, "query", {**asked, **start})
        pages.append(page)
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]} if "LastEvaluatedKey" in page else None
    return [item for page in pages for item in page.get("Items", ())], sum(page["Count"] for page in pages)


def _keys_schema():
    return [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]


@settings(max_examples=40)
@given(acts)
def test_each_call_is_answered_as_moto_answers_it(acts):
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        client.create_table(
            TableName=TABLE,
            KeySchema=_keys_schema(),
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "due", "due_at")
            ],
            BillingMode="PAY_PER_REQUEST",
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by_due",
                    "KeySchema": [
                        {"AttributeName": "due", "KeyType": "HASH"},
                        {"AttributeName": "due_at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )
        theirs = [_walked(client, asked) if name == "query" else _told(client, name, asked) for name, asked in acts]
    with MemoryTables({"things": SHAPE}).answering():
        ours = [_walked(client, asked) if name == "query" else _told(client, name, asked) for name, asked in acts]
    for (name, asked), our, their in zip(acts, ours, theirs, strict=True):
        if name == "query" and "IndexName" in asked:
            our, their = sorted(map(str, our[0])), sorted(map(str, their[0]))  # equal sort keys have no order
        assert our == their, (name, asked)


def test_a_repeated_request_token_writes_once_and_another_body_under_it_is_refused():
    tables = MemoryTables({"things": SHAPE})
    put = {"Put": {"TableName": TABLE, "Item": {"pk": {"S": "a"}, "sk": {"S": "A"}, "version": {"N": "1"}}}}
    other = {"Put": {"TableName": TABLE, "Item": {"pk": {"S": "b"}, "sk": {"S": "A"}, "version": {"N": "1"}}}}
    count = {"Update": {"TableName": TABLE, "Key": {"pk": {"S": "a"}, "sk": {"S": "A"}}, **COUNTING}}
    tables.answer("TransactWriteItems", {"TransactItems": [put], "ClientRequestToken": "1"})
    for _ in range(2):
        tables.answer("TransactWriteItems", {"TransactItems": [count], "ClientRequestToken": "2"})
    assert tables.tables[TABLE].get({"pk": {"S": "a"}, "sk": {"S": "A"}})["version"] == {"N": "3"}
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        tables.answer("TransactWriteItems", {"TransactItems": [other], "ClientRequestToken": "2"})


def test_an_expression_of_another_form_is_refused_and_not_guessed():
    with pytest.raises(UnknownExpressionError):
        condition_of("size (#0) > :0")
