"""DynamoDB's tables in this process, for simulations of millions of calls and for tests.

The tables answer botocore's calls in the wire's form, so that all code above them runs as it is deployed: conditions,
transactions with their reasons, request tokens, pages of 1 MB, limits of keys, items and transactions. A test compares
them with moto, call by call. Each write may fail or end the process (``before_write``), as a simulation decides.
Calls and request units are counted, from which time and price on AWS follow.
"""

import os
import re
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import RLock
from typing import Any
from unittest.mock import patch

import botocore.session
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from benchmarks.support import prices
from benchmarks.support.expressions import Item, condition_of, update_of, value_of
from benchmarks.support.items import size_of, stored
from infra.tables import TABLES, Shape

PAGE_BYTES = 1_000_000
LARGEST_ITEM = 400_000
MOST_IN_TRANSACTION = 100
TOKENS_KEPT = 10_000
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")

WRITES = frozenset(("PutItem", "DeleteItem", "UpdateItem", "TransactWriteItems", "BatchWriteItem"))

Key = tuple[Any, ...]

_COMPARED = re.compile(r"([#:]?\w+) (=|>=|<=|>|<) (:\w+)")
_BETWEEN = re.compile(r"([#:]?\w+) BETWEEN (:\w+) AND (:\w+)")
_BEGINS = re.compile(r"begins_with \(([#:]?\w+), (:\w+)\)")
_END = "\U0010ffff"


@dataclass
class _Ordered:
    """Items under one partition, found by their place in its order."""

    places: list[Key] = field(default_factory=list)
    items: dict[Key, Item] = field(default_factory=dict)

    def put(self, place: Key, item: Item) -> None:
        if place not in self.items:
            insort(self.places, place)
        self.items[place] = item

    def copied(self) -> "_Ordered":
        return _Ordered(list(self.places), dict(self.items))

    def drop(self, place: Key) -> None:
        if self.items.pop(place, None) is not None:
            del self.places[bisect_left(self.places, place)]


@dataclass
class Table:
    """A table with its indexes, each a mapping from partition to ordered items."""

    shape: Shape
    rows: dict[Any, _Ordered] = field(default_factory=lambda: defaultdict(_Ordered))
    indexes: dict[str, dict[Any, _Ordered]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.indexes = {index.name: defaultdict(_Ordered) for index in self.shape.indexes}

    def key(self, item: Item) -> tuple[Any, Key]:
        """Return the partition of an item, and its place there."""
        sort = self.shape.sort
        return value_of(item[self.shape.partition]), (value_of(item[sort]),) if sort else ()

    def get(self, key: Item) -> Item | None:
        """Return the item under a key, or None."""
        partition, place = self.key(key)
        found = self.rows.get(partition)
        return found.items.get(place) if found else None

    def set(self, key: Item, item: Item | None) -> None:
        """Put an item under its key, or delete it if it is None."""
        item = item if item is None else stored(item)
        partition, place = self.key(key)
        before = self.get(key)
        for index in self.shape.indexes:
            pages = self.indexes[index.name]
            for one, keeps in ((before, False), (item, True)):
                if one and index.partition in one and index.sort in one:
                    at = (value_of(one[index.sort]), partition, *place)
                    if keeps:
                        pages[value_of(one[index.partition])].put(at, one)
                    else:
                        pages[value_of(one[index.partition])].drop(at)
        if item is None:
            self.rows[partition].drop(place)
        else:
            self.rows[partition].put(place, item)

    def copied(self) -> "Table":
        """Return a table that holds the same items."""
        copy = Table(self.shape)
        copy.rows.update({partition: one.copied() for partition, one in self.rows.items() if one.items})
        for name, pages in self.indexes.items():
            copy.indexes[name].update({partition: one.copied() for partition, one in pages.items() if one.items})
        return copy

    def every(self) -> Iterator[Item]:
        """Return all items, for checks of a simulation or a test."""
        for rows in self.rows.values():
            yield from rows.items.values()


class MemoryTables:
    """All tables of ``infra/tables.py``, or of other shapes.

    Attributes
    ----------
    calls : Counter
        How often each operation was called.
    read_units, write_units : float
        Request units of all calls, as DynamoDB counts them on demand.
    stream : callable or None
        Called with the events of each item that is put with some, as the table's stream carries them.
    before_write : callable or None
        Called with the operation before each write; it may raise. Set ``after_write`` for what is raised when the write
        took effect and its answer is lost.

    Examples
    --------
    >>> tables = MemoryTables()
    >>> with tables.answering():
    ...     store.book(posting)
    >>> tables.calls["TransactWriteItems"]
    1
    """

    def __init__(
        self,
        shapes: Mapping[str, Shape] = TABLES,
        named: Callable[[str], str] = "crowdship-{}".format,
        stream: Callable[[str], None] | None = None,
    ) -> None:
        self.tables = {named(name): Table(shape) for name, shape in shapes.items()}
        self.stream = stream
        self.calls: Counter[str] = Counter()
        self.read_units = self.write_units = 0.0
        self.before_write: Callable[[str], None] | None = None
        self.after_write: Callable[[str], None] | None = None
        self._tokens: dict[str, Any] = {}
        self._operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "GetItem": self._get_item,
            "PutItem": self._put_item,
            "DeleteItem": self._delete_item,
            "UpdateItem": self._update_item,
            "BatchGetItem": self._batch_get,
            "BatchWriteItem": self._batch_write,
            "TransactWriteItems": self._transact,
            "Query": self._query,
            "Scan": self._scan,
        }
        self._one_at_a_time = RLock()

    @contextmanager
    def answering(self, *, only: bool = True) -> Iterator["MemoryTables"]:
        """Let every client of DynamoDB in this process ask these tables.

        Parameters
        ----------
        only : bool
            Whether calls to other services are refused; they go where they went if not.
        """
        elsewhere = BaseClient._make_api_call  # type: ignore[attr-defined]

        def call(client: Any, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
            if client.meta.service_model.service_name != "dynamodb":
                if only:
                    raise AssertionError(f"{operation} of {client.meta.service_model.service_name} in a simulation")
                answer: dict[str, Any] = elsewhere(client, operation, parameters)
                return answer
            try:
                return self.answer(operation, parameters)
            except ClientError as error:
                raise client.exceptions.from_code(error.response["Error"]["Code"])(error.response, operation) from None

        # Each table has a client, and each client would read botocore's descriptions of services anew.
        once = patch.object(botocore.session, "create_loader", cache(botocore.session.create_loader))
        # PynamoDB makes a client anew for each call while it finds no credentials, and botocore asks the network for
        # some; that took longer than all else.
        someone = patch.dict(os.environ, {name: os.environ.get(name, "none") for name in CREDENTIALS})
        with once, someone, patch.object(BaseClient, "_make_api_call", call):
            yield self

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what DynamoDB would answer.

        Raises
        ------
        ClientError
            As DynamoDB refuses.
        """
        act = self._operations[operation]
        with self._one_at_a_time:
            return self.around(operation, lambda: act(asked), writes=operation in WRITES)

    def around[T](self, operation: str, act: Callable[[], T], *, writes: bool = True) -> T:
        """Count a call and do it between the hooks of writes; also for other stores whose writes a simulation kills."""
        self.calls[operation] += 1
        if writes and self.before_write:
            self.before_write(operation)
        answer = act()
        if writes and self.after_write:
            self.after_write(operation)
        return answer

    # -- without a call

    def saved(self) -> Any:
        """Return what all tables hold; ``restore`` brings it back. Stored items are never changed, only replaced."""
        return {name: table.copied() for name, table in self.tables.items()}, dict(self._tokens)

    def restore(self, saved: Any) -> None:
        """Let all tables hold what they held."""
        tables, tokens = saved
        self.tables, self._tokens = {name: table.copied() for name, table in tables.items()}, dict(tokens)

    def put(self, table: str, item: Item) -> None:
        """Store an item without counting it."""
        self.tables[table].set(item, item)

    def drop(self, table: str, partition: str) -> None:
        """Forget a partition without counting it."""
        for item in list(self.tables[table].rows[partition].items.values()):
            self.tables[table].set(item, None)
        del self.tables[table].rows[partition]

    def _streamed(self, item: Item | None) -> None:
        if self.stream and item and "events" in item:
            self.stream(item["events"]["S"])

    def _read(self, size: int, asked: Mapping[str, Any]) -> None:
        self.read_units += prices.read_units(size, consistent=bool(asked.get("ConsistentRead")))

    def _wrote(self, item: Item | None, *, transaction: bool = False) -> None:
        self.write_units += prices.write_units(size_of(item) if item else 1, transaction=transaction)

    # -- single items

    def _get_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = self.tables[asked["TableName"]].get(asked["Key"])
        self._read(size_of(found) if found else 1, asked)
        return {"Item": dict(found)} if found else {}

    def _put_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._write(asked["TableName"], asked["Item"], asked["Item"], asked, "PutItem")
        return {}

    def _delete_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._write(asked["TableName"], asked["Key"], None, asked, "DeleteItem")
        return {}

    def _update_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        table = self.tables[asked["TableName"]]
        if not self._holds(table.get(asked["Key"]), asked):
            raise _refused("ConditionalCheckFailedException", "UpdateItem")
        after = self._updated(table, asked)
        table.set(asked["Key"], after)
        self._wrote(after)
        return {"Attributes": dict(after)} if asked.get("ReturnValues", "NONE").startswith("ALL_NEW") else {}

    def _write(self, table_name: str, key: Item, item: Item | None, asked: dict[str, Any], operation: str) -> None:
        table = self.tables[table_name]
        if not self._holds(table.get(key), asked):
            raise _refused("ConditionalCheckFailedException", operation)
        item = item and stored(item)
        if item and size_of(item) > LARGEST_ITEM:
            raise _refused("ValidationException", operation, "Item size has exceeded the maximum allowed size")
        table.set(key, item)
        self._wrote(item)
        self._streamed(item)

    def _holds(self, found: Item | None, asked: dict[str, Any]) -> bool:
        text = asked.get("ConditionExpression")
        if not text:
            return True
        names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
        return condition_of(text)(found or {}, names, values)

    def _updated(self, table: Table, asked: dict[str, Any]) -> Item:
        names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
        before = table.get(asked["Key"]) or asked["Key"]
        return update_of(asked["UpdateExpression"])(dict(before), names, values)

    # -- several items

    def _batch_get(self, asked: dict[str, Any]) -> dict[str, Any]:
        answers = {}
        for name, wanted in asked["RequestItems"].items():
            if len(wanted["Keys"]) > MOST_IN_TRANSACTION:
                raise _refused("ValidationException", "BatchGetItem", "Too many items requested for the call")
            found = [self.tables[name].get(key) for key in wanted["Keys"]]
            for one in found:
                self._read(size_of(one) if one else 1, wanted)
            answers[name] = [dict(item) for item in found if item]
        return {"Responses": answers, "UnprocessedKeys": {}}

    def _batch_write(self, asked: dict[str, Any]) -> dict[str, Any]:
        for name, requests in asked["RequestItems"].items():
            for request in requests:
                if "PutRequest" in request:
                    item = request["PutRequest"]["Item"]
                    item = stored(item)
                    self.tables[name].set(item, item)
                    self._wrote(item)
                else:
                    self.tables[name].set(request["DeleteRequest"]["Key"], None)
                    self._wrote(None)
        return {"UnprocessedItems": {}}

    def _transact(self, asked: dict[str, Any]) -> dict[str, Any]:
        token, items = asked.get("ClientRequestToken"), asked["TransactItems"]
        if token and token in self._tokens:
            if self._tokens[token] != items:
                raise _refused("IdempotentParameterMismatchException", "TransactWriteItems")
            return {}
        acts = [(kind, _with_size(act)) for one in items for kind, act in one.items()]
        self._check_transaction(acts)
        reasons = [self._holds(self.tables[act["TableName"]].get(_key_in(act)), act) for _, act in acts]
        if not all(reasons):
            raise _cancelled(reasons)
        for kind, act in acts:
            table = self.tables[act["TableName"]]
            if kind == "Put":
                table.set(act["Item"], act["Item"])
            elif kind == "Delete":
                table.set(act["Key"], None)
            elif kind == "Update":
                table.set(act["Key"], self._updated(table, act))
            self._wrote(table.get(_key_in(act)) if kind in ("Put", "Update") else None, transaction=True)
            self._streamed(act.get("Item"))
        if token:
            self._tokens[token] = items
            if len(self._tokens) > TOKENS_KEPT:
                self._tokens.pop(next(iter(self._tokens)))
        return {}

    def _check_transaction(self, acts: list[tuple[str, dict[str, Any]]]) -> None:
        keys = {(act["TableName"], self.tables[act["TableName"]].key(_key_in(act))) for _, act in acts}
        refusal = ""
        if len(keys) < len(acts):
            refusal = "Transaction request cannot include multiple operations on one item"
        elif len(acts) > MOST_IN_TRANSACTION:
            refusal = "Member must have length less than or equal to 100"
        elif any(size_of(act["Item"]) > LARGEST_ITEM for kind, act in acts if kind == "Put"):
            refusal = "Item size has exceeded the maximum allowed size"
        if refusal:
            raise _refused("ValidationException", "TransactWriteItems", refusal)

    # -- queries

    def _query(self, asked: dict[str, Any]) -> dict[str, Any]:
        table = self.tables[asked["TableName"]]
        index = next((one for one in table.shape.indexes if one.name == asked.get("IndexName")), None)
        pages = table.indexes[index.name] if index else table.rows
        partition_name = index.partition if index else table.shape.partition
        names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
        holds = condition_of(asked["KeyConditionExpression"])
        partition = _partition(asked["KeyConditionExpression"], partition_name, names, values)
        ordered = pages.get(partition) or _Ordered()
        places, forward = ordered.places, asked.get("ScanIndexForward", True)
        sort = index.sort if index else table.shape.sort
        low, high = _bounds(asked["KeyConditionExpression"], sort or "", names, values)
        first, end = bisect_left(places, (low,)), bisect_left(places, (f"{high}\0",)) if high else len(places)
        if after := asked.get("ExclusiveStartKey"):
            at = self._place(table, index, after)
            if forward:
                first = max(first, bisect_right(places, at))
            else:
                end = min(end, bisect_left(places, at))
        limit = asked.get("Limit") or len(places) + 1
        filtering = condition_of(asked["FilterExpression"]) if asked.get("FilterExpression") else None
        found: list[Item] = []
        scanned = used = 0
        last, more = None, False
        for n in range(first, end) if forward else range(end - 1, first - 1, -1):
            item = ordered.items[places[n]]
            if not holds(item, names, values):
                if scanned:
                    break  # a key condition is one range
                continue
            if scanned == limit or used > PAGE_BYTES:
                more = True
                break
            scanned, used, last = scanned + 1, used + size_of(item), item
            if filtering is None or filtering(item, names, values):
                found.append(item)
        self._read(max(used, 1), asked)
        answer: dict[str, Any] = {"Count": len(found), "ScannedCount": scanned}
        if asked.get("Select") != "COUNT":
            answer["Items"] = [self._keys_of(table, index, item) if index else dict(item) for item in found]
        if last is not None and (more or scanned == limit):
            answer["LastEvaluatedKey"] = self._keys_of(table, index, last)
        return answer

    def _scan(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return all items of a table, for tests; no code of ours may scan."""
        found = [dict(item) for item in self.tables[asked["TableName"]].every()]
        return {"Items": found, "Count": len(found), "ScannedCount": len(found)}

    def _place(self, table: Table, index: Any, key: Item) -> Key:
        partition, place = table.key(key)
        return (value_of(key[index.sort]), partition, *place) if index else place

    def _keys_of(self, table: Table, index: Any, item: Item) -> Item:
        names = [table.shape.partition, table.shape.sort]
        names += [index.partition, index.sort] if index else []
        return {name: item[name] for name in names if name}


def _with_size(act: dict[str, Any]) -> dict[str, Any]:
    return {**act, "Item": stored(act["Item"])} if "Item" in act else act


def _key_in(act: dict[str, Any]) -> Item:
    key: Item = act.get("Item") or act["Key"]
    return key


def _partition(text: str, wanted: str, names: Mapping[str, str], values: Mapping[str, Any]) -> Any:
    """Return the partition that a key condition names, which PynamoDB writes first."""
    left, _, right = text.strip("( ").partition("=")
    name = left.strip()
    assert names.get(name, name) == wanted, f"{text} does not begin with {wanted}"
    return value_of(values[right.strip().split()[0].strip("()")])


def _bounds(text: str, sort: str, names: Mapping[str, str], values: Mapping[str, Any]) -> tuple[str, str]:
    """Return the lowest and the highest sort key that a key condition may hold for; empty for no bound.

    The condition itself decides; the bounds only spare the way through a large partition.
    """
    low = high = ""
    for name, sign, given in _COMPARED.findall(text):
        if names.get(name, name) == sort:
            bound = str(value_of(values[given]))
            low = bound if sign in ("=", ">", ">=") else low
            high = bound if sign in ("=", "<", "<=") else high
    for name, least, most in _BETWEEN.findall(text):
        if names.get(name, name) == sort:
            low, high = str(value_of(values[least])), str(value_of(values[most]))
    for name, given in _BEGINS.findall(text):
        if names.get(name, name) == sort:
            low = str(value_of(values[given]))
            high = f"{low}{_END}"
    return low, high


def _refused(code: str, operation: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message or code}}, operation)


def _cancelled(reasons: list[bool]) -> ClientError:
    told = [{"Code": "None" if fine else "ConditionalCheckFailed"} for fine in reasons]
    message = f"Transaction cancelled, please refer cancellation reasons [{', '.join(one['Code'] for one in told)}]"
    answer: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": message},
        "CancellationReasons": told,
    }
    return ClientError(answer, "TransactWriteItems")
