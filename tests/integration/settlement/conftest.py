"""A payment rail that is a real server, and the state machine's way through the steps."""

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crowdship.adapters import storage
from crowdship.kernel.clock import FixedClock
from crowdship.settlement import store
from crowdship.settlement.cycle import stating, steps
from crowdship.settlement.payouts import making
from crowdship.settlement.payouts import service as payouts
from crowdship.settlement.payouts.model import PaymentRailUnavailable, PayoutRejected
from crowdship.settlement.payouts.rail import HttpRail

API_KEY = "rail-key"


@dataclass
class FakeRail:
    """Remembers idempotency keys, as a rail does; ``refuses`` and ``stumbles`` say whom it fails."""

    url: str = ""
    transfers: dict[str, dict] = field(default_factory=dict)
    asked: Counter = field(default_factory=Counter)
    refuses: set[str] = field(default_factory=set)
    stumbles: dict[str, list[int]] = field(default_factory=dict)

    def answer(self, key, authorization, body):
        if authorization != f"Bearer {API_KEY}":
            return 401, {"reason": "who are you?"}
        self.asked[key] += 1
        driver_id = body["driver_id"]
        if self.stumbles.get(driver_id):
            return self.stumbles[driver_id].pop(0), {"reason": "try later"}
        if driver_id in self.refuses:
            return 422, {"reason": "account_closed"}
        self.transfers.setdefault(key, body)
        return 201, {"transfer_id": f"trf_{key}"}

    @property
    def paid(self):
        """Minor units that left, by driver."""
        paid = Counter()
        for body in self.transfers.values():
            paid[body["driver_id"]] += body["amount"]
        return paid


@pytest.fixture
def fake_rail():
    rail = FakeRail()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = rail.answer(self.headers["Idempotency-Key"], self.headers["Authorization"], body)
            if self.path != "/transfers":
                status, answer = 404, {}
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    rail.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield rail
    server.shutdown()
    server.server_close()


@pytest.fixture
def rail(fake_rail):
    return HttpRail(fake_rail.url, API_KEY, plain_http_allowed=True)


@pytest.fixture
def clock():
    """The morning after the day that is settled."""
    return FixedClock(datetime(2026, 3, 3, 4, 30, tzinfo=UTC))


@pytest.fixture
def two_shards(monkeypatch):
    """Fewer calls to count; the number of shards changes no rule."""
    monkeypatch.setattr(store, "SHARDS", 2)
    monkeypatch.setattr(storage, "BACK_OFF_S", 0)


def caught(error):
    """Return an error as the state machine hands it on."""
    cause = {"errorMessage": str(error), "errorType": type(error).__name__}
    return {"Error": type(error).__name__, "Cause": json.dumps(cause)}


def close_day(period, clock):
    """Go through the steps until a period is finished, as the state machine does."""
    shards = steps.open_period(period, clock)
    steps.close_period(period, clock)
    return compare_day(shards, clock)


def compare_day(shards, clock):
    """Go through the steps that sum, state and compare a closed period."""
    stating.sum_shards(shards.period, shards.items)
    parts = steps.plan_parts(shards.period)
    stating.state_parts(parts.period, parts.items, clock)
    return steps.finish_period(shards.period, clock)


def run_cycle(period, rail, clock):
    """Go through the steps as the state machine does; return what each answered."""
    totals = close_day(period, clock)
    decided = []
    for payout_id in making.due_in(period):
        try:
            decided.append(payouts.pay(payout_id, rail, clock))
        except (PayoutRejected, PaymentRailUnavailable) as error:
            decided.append(payouts.compensate(payout_id, caught(error), clock))
    making.check_paid(period)
    return decided, totals


def everything_stored():
    """Return all items of the settlement table, by key."""
    return {(row.pk, row.sk): (int(row.version), row.body, row.events) for row in store.PostingRow.scan()}
