"""DynamoDB in this process: the operations that the ledger's steps use, with pages of one megabyte and capacity units.

It is asked by the same client as AWS and answers in the same form, so the code under measurement is the real one. What
it can't tell is the time on the wire; calls and units are counted, from which time and price on AWS follow.
"""

import bisect
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

PAGE = 1024 * 1024
Item = dict[str, dict[str, Any]]


def size_of(item: Item) -> int:
    """Return the bytes of an item, as DynamoDB counts them: names and values."""
    return sum(len(name) + len(str(next(iter(value.values())))) for name, value in item.items())


class Tables:
    """Partitions in memory, by partition key, each in the order of its sort keys."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Item]] = {}
        self._order: dict[str, list[str]] = {}
        self.calls: Counter[str] = Counter()
        self.read_units = self.write_units = 0.0
        self._answers = {
            "GetItem": self._get,
            "PutItem": self._put_one,
            "BatchGetItem": self._batch_get,
            "BatchWriteItem": self._batch_write,
            "TransactWriteItems": self._transact,
            "Query": self._query,
        }

    def put(self, item: Item) -> None:
        """Store an item without counting it."""
        pk, sk = item["pk"]["S"], item["sk"]["S"]
        rows = self._rows.setdefault(pk, {})
        if sk not in rows:
            self._order.pop(pk, None)
        rows[sk] = item

    def drop(self, pk: str) -> None:
        """Forget a partition."""
        self._rows.pop(pk, None)
        self._order.pop(pk, None)

    def call(self, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        """Answer a call."""
        self.calls[operation] += 1
        return self._answers[operation](given)

    def _read(self, size: int, consistent: bool) -> None:
        self.read_units += -(-size // 4096) * (1 if consistent else 0.5)

    def _write(self, item: Item, times: int = 1) -> None:
        self.write_units += -(-size_of(item) // 1024) * times

    def _get(self, given: dict[str, Any]) -> dict[str, Any]:
        key = given["Key"]
        item = self._rows.get(key["pk"]["S"], {}).get(key["sk"]["S"])
        self._read(size_of(item) if item else 1, given.get("ConsistentRead", False))
        return {"Item": item} if item else {}

    def _put_one(self, given: dict[str, Any]) -> dict[str, Any]:
        self.put(given["Item"])
        self._write(given["Item"])
        return {}

    def _batch_get(self, given: dict[str, Any]) -> dict[str, Any]:
        ((table, asked),) = given["RequestItems"].items()
        found = [self._rows.get(key["pk"]["S"], {}).get(key["sk"]["S"]) for key in asked["Keys"]]
        for item in found:
            self._read(size_of(item) if item else 1, asked.get("ConsistentRead", False))
        return {"Responses": {table: [item for item in found if item]}, "UnprocessedKeys": {}}

    def _batch_write(self, given: dict[str, Any]) -> dict[str, Any]:
        ((_, asked),) = given["RequestItems"].items()
        for one in asked:
            if "PutRequest" in one:
                self.put(one["PutRequest"]["Item"])
                self._write(one["PutRequest"]["Item"])
        return {"UnprocessedItems": {}}

    def _transact(self, given: dict[str, Any]) -> dict[str, Any]:
        for one in given["TransactItems"]:
            if "Put" in one:
                self.put(one["Put"]["Item"])
                self._write(one["Put"]["Item"], 2)
            else:
                self.write_units += 2
        return {}

    def _query(self, given: dict[str, Any]) -> dict[str, Any]:
        names, values = given.get("ExpressionAttributeNames", {}), given["ExpressionAttributeValues"]
        pk, low, high, prefix = _span(given["KeyConditionExpression"], names, values)
        order = self._order.get(pk)
        if order is None:
            order = self._order[pk] = sorted(self._rows.get(pk, {}))
        start = bisect.bisect_left(order, low)
        if "ExclusiveStartKey" in given:
            start = bisect.bisect_right(order, given["ExclusiveStartKey"]["sk"]["S"])
        items, size, last = [], 0, None
        for sk in order[start:]:
            if sk > high or not sk.startswith(prefix):
                break
            item = self._rows[pk][sk]
            items.append(item)
            size += size_of(item)
            if size >= PAGE or len(items) == given.get("Limit"):
                last = {"pk": {"S": pk}, "sk": {"S": sk}}
                break
        self._read(max(size, 1), given.get("ConsistentRead", False))
        answer: dict[str, Any] = {"Count": len(items), "ScannedCount": len(items)}
        if given.get("Select") != "COUNT":
            answer["Items"] = items
        return {**answer, "LastEvaluatedKey": last} if last else answer


def _span(expression: str, names: dict[str, str], values: dict[str, Any]) -> tuple[str, str, str, str]:
    """Return partition key, lowest and highest sort key, and prefix of a key condition."""

    def value(name: str) -> str:
        return str(values[name]["S"])

    pk, low, high, prefix = "", "", "\U0010ffff", ""
    for name, sign, one in re.findall(r"(#\w+) (=|>=|<=|>|<) (:\w+)", expression):
        if names[name] == "pk":
            pk = value(one)
        elif sign in (">", ">="):
            low = value(one) + ("\x00" if sign == ">" else "")
        elif sign in ("<", "<="):
            high = value(one)
    for one, other in re.findall(r"BETWEEN (:\w+) AND (:\w+)", expression):
        low, high = value(one), value(other)
    for one in re.findall(r"begins_with \(#\w+, (:\w+)\)", expression):
        low = prefix = value(one)
    return pk, low, high, prefix


@contextmanager
def tables() -> Iterator[Tables]:
    """Let every call of DynamoDB in this process be answered by tables in memory."""
    made = Tables()

    def call(client: Any, operation: str, given: dict[str, Any]) -> Any:
        return made.call(operation, given)

    with patch.object(BaseClient, "_make_api_call", call):
        yield made
