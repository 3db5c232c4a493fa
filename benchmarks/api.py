"""Latency and throughput of the API, compared with handlers that do next to nothing on the same stack.

Four peers are added to the running platform's HTTP API during the benchmark: a handler that answers 200 and imports
nothing; the same behind the JWT authorizer; one that has the layers and answers through the resolver that all our
handlers use; and one that reads one item through PynamoDB. Cases take turns in every round, with one client and with
eight, so that the machine's load affects all alike.

    python -m benchmarks.api [--rounds N]
"""

import argparse
import io
import json
import threading
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import cycle
from statistics import median
from textwrap import dedent
from urllib.parse import urlsplit

from benchmarks.support.measuring import in_turns, quantile, ratio
from benchmarks.support.report import Finding, conclude, console, keep_picture, show
from benchmarks.support.stage import drain, stage
from local.city.api import SignIn
from local.running import RunningStack
from local.scenarios.actors import Actor
from local.scenarios.scene import Scene

GOAL = 1.5
ROUNDS = 5
REQUESTS = {1: 32, 8: 96}
"""Requests of a case in a round, by the number of clients."""

ORDERS = {1: 8, 8: 24}
"""Fewer orders, because each causes work in the rest of the platform, which has to end before the next case."""

AT_ONCE = 8
TRIVIAL = "nothing"
PEERS = {
    TRIVIAL: """
        def handler(event, context):
            return {"statusCode": 200, "body": "{}"}
        """,
    "nothing, but signed in": """
        def handler(event, context):
            return {"statusCode": 200, "body": "{}"}
        """,
    "our resolver": """
        from crowdship.adapters.http import Api, serve
        api = Api()

        @api.get("/benchmarks/<name>")
        def read(name: str) -> dict[str, str]:
            return {}

        def handler(event, context):
            return serve(api, event, context)
        """,
    "one GetItem": """
        from crowdship.deliveries.store import DeliveryRow

        def handler(event, context):
            DeliveryRow.find("none", "DELIVERY")
            return {"statusCode": 200, "body": "{}"}
        """,
}
SIGNED_IN = "nothing, but signed in"
WITH_LAYERS = ("our resolver", "one GetItem")
MODEL = "crowdship-local-merchant-deliveries"
"""The function whose layers, role and environment the peers borrow."""


@dataclass(frozen=True)
class Request:
    """One HTTP request, as it goes over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: str | None = None


@dataclass(frozen=True)
class Case:
    """A request that is repeated."""

    name: str
    make: Callable[[], Request]
    status: int = 200
    real: bool = True
    changes: bool = False


def archive(source: str) -> bytes:
    """Return a function's code as Lambda takes it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as files:
        files.writestr("peer.py", dedent(source))
    return content.getvalue()


class Peers:
    """The trivial functions on the platform's API."""

    def __init__(self, stack: RunningStack) -> None:
        self._lambda, self._api = stack.client("lambda"), stack.client("apigatewayv2")
        self._id = stack.outputs["ApiId"]
        self._functions: list[str] = []
        self._routes: list[str] = []
        self._integrations: list[str] = []
        self.paths: dict[str, str] = {}

    def __enter__(self) -> "Peers":
        """Add them."""
        model = self._lambda.get_function_configuration(FunctionName=MODEL)
        routes = self._api.get_routes(ApiId=self._id, MaxResults="200")["Items"]
        authorizer = next(route["AuthorizerId"] for route in routes if route.get("AuthorizerId"))
        for number, (name, source) in enumerate(PEERS.items()):
            function = f"crowdship-benchmark-{number}"
            with suppress(self._lambda.exceptions.ResourceNotFoundException):
                self._lambda.delete_function(FunctionName=function)
            layers = [layer["Arn"] for layer in model["Layers"]] if name in WITH_LAYERS else []
            arn = self._lambda.create_function(
                FunctionName=function,
                Runtime=model["Runtime"],
                Role=model["Role"],
                Handler="peer.handler",
                Code={"ZipFile": archive(source)},
                MemorySize=model["MemorySize"],
                Timeout=15,
                Layers=layers,
                Environment={"Variables": model["Environment"]["Variables"] if layers else {}},
            )["FunctionArn"]
            self._functions.append(function)
            integration = self._api.create_integration(
                ApiId=self._id, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
            )["IntegrationId"]
            self._integrations.append(integration)
            guard = {"AuthorizationType": "JWT", "AuthorizerId": authorizer} if name == SIGNED_IN else {}
            self.paths[name] = f"/benchmarks/{number}"
            route = self._api.create_route(
                ApiId=self._id, RouteKey=f"GET {self.paths[name]}", Target=f"integrations/{integration}", **guard
            )
            self._routes.append(route["RouteId"])
        return self

    def __exit__(self, *_: object) -> None:
        """Take them away."""
        for route in self._routes:
            self._api.delete_route(ApiId=self._id, RouteId=route)
        for integration in self._integrations:
            self._api.delete_integration(ApiId=self._id, IntegrationId=integration)
        for function in self._functions:
            self._lambda.delete_function(FunctionName=function)


class Client:
    """One client on a connection of its own."""

    def __init__(self, api_url: str) -> None:
        address = urlsplit(api_url)
        self._base = address.path
        self._connection = HTTPConnection(str(address.hostname), address.port, timeout=30)

    def ask(self, request: Request, status: int) -> float:
        """Make a request and return how many seconds the answer took."""
        began = time.perf_counter()
        self._connection.request(request.method, self._base + request.path, request.body, request.headers)
        answer = self._connection.getresponse()
        content = answer.read()
        took = time.perf_counter() - began
        if answer.status != status:
            raise RuntimeError(f"{request.method} {request.path} answered {answer.status}: {content[:300]!r}")
        return took


def run(case: Case, clients: list[Client], count: int) -> tuple[list[float], float]:
    """Let clients make requests of a case; return the seconds of each and of all together."""
    requests = [case.make() for _ in range(count)]
    taken: list[float] = []
    faults: list[Exception] = []

    def work(client: Client, share: list[Request]) -> None:
        try:
            taken.extend([client.ask(request, case.status) for request in share])
        except Exception as fault:
            faults.append(fault)

    threads = [
        threading.Thread(target=work, args=(client, requests[number :: len(clients)]))
        for number, client in enumerate(clients)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return taken, time.perf_counter() - began


@contextmanager
def cases(scene: Scene) -> Iterator[list[Case]]:
    """Yield what is asked for; the peers are there for as long."""
    drivers = scene.open(AT_ONCE, rounds={"batch_seconds": 900, "retry_seconds": 900})
    for driver in drivers:
        driver.go_on_duty()
    delivery = scene.order()
    signed = [sign_in(scene, f"a{number + 1}") for number in range(AT_ONCE)]
    # A phone sends one batch at a time: each client is another driver.
    phones = cycle(list(zip(drivers, signed, strict=True)))
    shop = scene.town.register.merchants["shop"]
    unlimited = {"rate_limit": {"per_minute": 60_000, "burst": 60_000}}
    scene.staff.patch(f"/v1/staff/merchants/{shop.merchant_id}", unlimited)
    keyed = {"Authorization": f"Bearer {shop.api_key}"}
    sending = {"Content-Type": "application/json"}

    def order() -> Request:
        body = scene.order_body()
        key = {"Idempotency-Key": body["external_id"]}
        return Request("POST", "/v1/deliveries", {**keyed, **sending, **key}, json.dumps(body))

    with Peers(scene.stack) as peers:
        plain = [
            Case(name, asking("GET", path, signed[0] if name == SIGNED_IN else {}), real=False)
            for name, path in peers.paths.items()
        ]
        yield [
            *plain,
            Case("GET /v1/deliveries/{id}", asking("GET", f"/v1/deliveries/{delivery['id']}", keyed)),
            Case("GET /v1/driver/offers", asking("GET", "/v1/driver/offers", signed[0])),
            Case("POST /v1/driver/positions", lambda: positions(scene, *next(phones))),
            Case("POST /v1/deliveries", order, status=201, changes=True),
        ]


def asking(method: str, path: str, headers: dict[str, str]) -> Callable[[], Request]:
    """Return a function that makes the same request each time."""
    return lambda: Request(method, path, headers)


def sign_in(scene: Scene, key: str) -> dict[str, str]:
    """Return the header that a driver's requests carry."""
    stack, account = scene.stack, scene.town.register.drivers[key]
    token = SignIn(stack, account.driver_id, account.password)(False)
    return {"Authorization": f"Bearer {token}"}


def positions(scene: Scene, driver: Actor, signed: dict[str, str]) -> Request:
    """Return a batch of four fixes, as a driver's app sends it every minute; none of them is known yet."""
    now = datetime.fromtimestamp(scene.stack.sim_now(), UTC)
    moments = [now - timedelta(microseconds=4 - number) for number in range(4)]
    fixes = [{"point": driver.at.json(), "device_at": at.isoformat(), "accuracy_m": 8} for at in moments]
    headers = {**signed, "Content-Type": "application/json"}
    return Request("POST", "/v1/driver/positions", headers, json.dumps({"fixes": fixes}))


def measure(scene: Scene, rounds: int) -> dict[tuple[str, int], list[dict[str, float]]]:
    """Return p50, p95 and requests per second of each round, by case and clients."""
    found = defaultdict(list)
    with cases(scene) as all_cases:
        clients = [Client(scene.stack.api_url) for _ in range(AT_ONCE)]
        for case in all_cases:  # as many workers as will ever be busy
            run(case, clients, 2 * AT_ONCE)
        drain(scene.stack)
        for _, (case, count) in in_turns([(case, count) for count in REQUESTS for case in all_cases], rounds):
            number = (ORDERS if case.changes else REQUESTS)[count]
            taken, elapsed = run(case, clients[:count], number)
            found[case.name, count].append(
                {"p50": quantile(taken, 0.5), "p95": quantile(taken, 0.95), "per_second": number / elapsed}
            )
            if case.changes:
                drain(scene.stack)
    return dict(found)


def draw(found: dict[tuple[str, int], list[dict[str, float]]]) -> None:
    """Draw the latencies side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4))
    axes = figure.subplots()
    names = [name for name, clients in found if clients == 1][::-1]
    for offset, clients in ((0.2, 1), (-0.2, 8)):
        heights = [place + offset for place in range(len(names))]
        middles = [1000 * median(one["p50"] for one in found[name, clients]) for name in names]
        tails = [1000 * median(one["p95"] for one in found[name, clients]) for name in names]
        axes.barh(heights, tails, 0.36, alpha=0.35, color=f"C{clients % 7}")
        axes.barh(heights, middles, 0.36, color=f"C{clients % 7}", label=f"p50 (light: p95), {clients} at once")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("ms on the local stack")
    axes.legend(fontsize="small")
    keep_picture("api", figure)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.api", description=str(__doc__).splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    with stage("api") as scene:
        found = measure(scene, rounds)
    ratios = {
        key: ratio([one["p50"] for one in rows], [one["p50"] for one in found[TRIVIAL, key[1]]])
        for key, rows in found.items()
    }
    to_item = {
        key: ratio([one["p50"] for one in rows], [one["p50"] for one in found["one GetItem", key[1]]])
        for key, rows in found.items()
    }
    rows = [
        (
            name,
            clients,
            f"{1000 * median(one['p50'] for one in found[name, clients]):.1f}",
            f"{1000 * median(one['p95'] for one in found[name, clients]):.1f}",
            f"{median(one['per_second'] for one in found[name, clients]):.0f}",
            f"{ratios[name, clients]:.2f}",
            f"{to_item[name, clients]:.2f}",
        )
        for name, clients in sorted(found, key=lambda key: key[1])
    ]
    columns = ("handler", "at once", "p50 ms", "p95 ms", "per second", "of nothing", "of one GetItem")
    show("the API on the local stack", columns, rows, f"medians of {rounds} rounds in turns; ratios are of p50")
    draw(found)
    findings = [
        Finding(
            f"p50 of {name}, one client",
            f"{ratios[name, 1]:.2f} times a handler that does nothing, {to_item[name, 1]:.2f} times one GetItem",
            f"{GOAL} times the former",
            ratios[name, 1] <= GOAL,
        )
        for name, clients in found
        if clients == 1 and name not in PEERS
    ]
    conclude(
        "api", findings, {"rounds": {f"{name}, {clients} at once": rows for (name, clients), rows in found.items()}}
    )
    console.print()


if __name__ == "__main__":
    main()
