"""Every request that the functions make to AWS, counted on its way to the emulator."""

import json
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.support.prices import item_size, read_units, value_size, write_units
from local.running import RunningStack

PHONE = "phone"
"""Who asks without being a function: a driver's phone that uploads a photo."""

NOT_PASSED_ON = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


class Units:
    """What requests to DynamoDB cost, worked out from what goes over the wire.

    An index is written to when its keys change; to know that, the last keys of each item are remembered.

    Parameters
    ----------
    tables : dict
        The keys of each table; by table.
    indexes : dict
        For each index of a table, the attributes that put an item into it; by table.
    """

    def __init__(self, tables: Mapping[str, tuple[str, ...]], indexes: Mapping[str, Sequence[tuple[str, ...]]]) -> None:
        self._tables = tables
        self._indexes = indexes
        self._entries: dict[tuple[str, ...], list[tuple[str, ...] | None]] = {}
        self._sizes: dict[tuple[str, ...], int] = {}

    def of(self, operation: str, asked: dict[str, Any], answered: dict[str, Any]) -> tuple[float, float]:
        """Return the write and the read units of a request."""
        match operation:
            case "PutItem" | "UpdateItem" | "DeleteItem":
                return self._written(operation.removesuffix("Item"), asked, transaction=False), 0.0
            case "TransactWriteItems":
                return self._transaction(asked), 0.0
            case "BatchWriteItem":
                return self._batch(asked), 0.0
            case "GetItem":
                size = item_size(answered.get("Item", {}))
                return 0.0, read_units(size, consistent=asked.get("ConsistentRead", False))
            case "BatchGetItem":
                return 0.0, self._batch_read(asked, answered)
            case "Query":
                size = sum(item_size(item) for item in answered.get("Items", []))
                return 0.0, read_units(size, consistent=asked.get("ConsistentRead", False))
            case _:
                raise ValueError(f"{operation} is not priced here: add it")

    def _transaction(self, asked: dict[str, Any]) -> float:
        total = 0.0
        for entry in asked["TransactItems"]:
            ((kind, action),) = entry.items()
            total += 2 if kind == "ConditionCheck" else self._written(kind, action, transaction=True)
        return total

    def _batch(self, asked: dict[str, Any]) -> float:
        total = 0.0
        for table, requests in asked["RequestItems"].items():
            for request in requests:
                ((kind, action),) = request.items()
                total += self._written(kind.removesuffix("Request"), {"TableName": table, **action}, transaction=False)
        return total

    def _batch_read(self, asked: dict[str, Any], answered: dict[str, Any]) -> float:
        total = 0.0
        for table, request in asked["RequestItems"].items():
            items = answered.get("Responses", {}).get(table, [])
            sizes = [item_size(item) for item in items] + [0] * (len(request["Keys"]) - len(items))
            consistent = request.get("ConsistentRead", False)
            total += sum(read_units(size, consistent=consistent) for size in sizes)
        return total

    def _written(self, kind: str, action: dict[str, Any], *, transaction: bool) -> float:
        table = action["TableName"]
        item = action.get("Item") or action["Key"]
        key = (table, *(str(item.get(name)) for name in self._tables[table]))
        before = self._sizes.get(key, 0)
        if kind == "Update":
            size = item_size(item) + sum(value_size(v) for v in action.get("ExpressionAttributeValues", {}).values())
        else:
            size = item_size(item) if kind == "Put" else 0
        self._sizes[key] = size
        units = write_units(max(before, size), transaction=transaction)
        return units + (0 if kind == "Update" else self._index_writes(table, key, item if kind == "Put" else {}))

    def _index_writes(self, table: str, key: tuple[str, ...], item: Mapping[str, Any]) -> int:
        indexes = self._indexes.get(table, ())
        before = self._entries.get(key, [None] * len(indexes))
        after = [
            tuple(str(item[name]) for name in names) if all(name in item for name in names) else None
            for names in indexes
        ]
        self._entries[key] = after
        moved = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
        return sum(entry is not None for pair in moved for entry in pair)

    @classmethod
    def on(cls, stack: RunningStack) -> "Units":
        """Return the units for the tables of a running stack."""
        dynamodb = stack.client("dynamodb")
        tables, indexes = {}, defaultdict(list)
        for output, name in stack.outputs.items():
            if output.endswith("Table"):
                table = dynamodb.describe_table(TableName=name)["Table"]
                tables[name] = tuple(key["AttributeName"] for key in table["KeySchema"])
                for index in table.get("GlobalSecondaryIndexes", []):
                    indexes[name].append(tuple(key["AttributeName"] for key in index["KeySchema"]))
        return cls(tables, indexes)


class Tally:
    """What was counted, by function."""

    def __init__(self) -> None:
        self.calls: Counter[tuple[str, str, str]] = Counter()
        """Requests by function, service and operation."""

        self.write_units: defaultdict[str, float] = defaultdict(float)
        self.read_units: defaultdict[str, float] = defaultdict(float)
        self.events: Counter[tuple[str, str]] = Counter()
        """Events put on the bus by function and type."""

        self.details: list[tuple[str, dict[str, Any]]] = []
        """Type and data of the events put on the bus."""


class Wire:
    """The way between the functions and the emulator, while it is watched."""

    def __init__(self, stack: RunningStack) -> None:
        self._units = Units.on(stack)
        self._lock = threading.Lock()
        self._target = urlsplit(stack.endpoint_url)
        self.tally = Tally()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                # A connection of its own: one that is kept may be closed at the other end just then.
                upstream = HTTPConnection(str(outer._target.hostname), outer._target.port, timeout=60)
                upstream.request(self.command, self.path, body, dict(self.headers.items()))
                answer = upstream.getresponse()
                content = answer.read()
                upstream.close()
                outer.note(self.command, dict(self.headers.items()), body, content)
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in NOT_PASSED_ON:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self.pass_on
                raise AttributeError(name)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Let nobody through any more."""
        self._server.shutdown()
        self._server.server_close()

    def fresh(self) -> Tally:
        """Return what was counted so far and begin anew."""
        with self._lock:
            done, self.tally = self.tally, Tally()
            return done

    def note(self, method: str, headers: dict[str, str], body: bytes, answer: bytes) -> None:
        """Count one request."""
        given = {name.lower(): value for name, value in headers.items()}
        function = asker(given.get("user-agent", ""))
        service, operation = named(method, given, body)
        with self._lock:
            self.tally.calls[function, service, operation] += 1
            if service == "dynamodb":
                writes, reads = self._units.of(operation, json.loads(body), json.loads(answer))
                self.tally.write_units[function] += writes
                self.tally.read_units[function] += reads
            if operation == "PutEvents":
                for entry in json.loads(body)["Entries"]:
                    self.tally.events[function, entry["DetailType"]] += 1
                    self.tally.details.append((entry["DetailType"], json.loads(entry["Detail"])["data"]))


def asker(user_agent: str) -> str:
    """Return which function a request is from."""
    found = re.search(r"\bapp/([\w-]+)", user_agent)
    return found.group(1) if found else PHONE


def named(method: str, headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """Return the service and the operation of a request."""
    signed = re.search(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/", headers.get("authorization", ""))
    service = signed.group(1) if signed else "s3"
    if target := headers.get("x-amz-target"):
        return service, target.rpartition(".")[2]
    if service != "s3" and (action := parse_qs(body.decode(errors="replace")).get("Action")):
        return service, action[0]
    return service, method


@contextmanager
def watching(stack: RunningStack, functions: list[str]) -> Iterator[Wire]:
    """Lead the requests of some functions over a wire, and then back as they went before."""
    client = stack.client("lambda")
    wire = Wire(stack)
    before: dict[str, dict[str, str]] = {}
    try:
        for name in functions:
            variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
            before[name] = variables
            watched = {**variables, "AWS_ENDPOINT_URL": wire.url, "AWS_SDK_UA_APP_ID": name}
            client.update_function_configuration(FunctionName=name, Environment={"Variables": watched})
        yield wire
    finally:
        for name, variables in before.items():
            client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        wire.close()
