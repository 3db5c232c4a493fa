"""A payment rail that is a real server, a bank that takes files, and the way through close and pay run."""

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.drivers import service as drivers
from crowdship.onboarding import service as onboarding
from crowdship.onboarding.bank import BankAccountInput
from crowdship.payouts import queries
from crowdship.payouts.provider import BankReturn, PaymentRailUnavailable, PayoutRejected
from crowdship.payouts.rail import HttpRail
from crowdship.payouts.runs import steps
from crowdship.payouts.runs.files import FileStore
from crowdship.payouts.store import DriverRow
from crowdship.settlement import booking
from crowdship.settlement.store import PostingRow
from crowdship.tax import service as tax
from crowdship.tax.model import OnFile, TinKind
from crowdship.tax.payee import Payee
from tests.city import driver_input, put_zone, settings
from tests.integration.settlement.conftest import clock, run_cycle, two_shards  # noqa: F401 - fixtures
from tests.integration.settlement.test_cycle import DAY
from tests.unit.settlement.test_postings import closed

API_KEY = "rail-key"
LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)
ACCOUNT = {"holder": "Kim Lee", "kind": "checking", "routing_number": "021000021", "account_number": "12345678"}
DRIVERS = ("drv_1", "drv_2", "drv_3", "drv_4")


def certify(driver_id):
    """Let a driver have given a tax form, so that nothing is withheld; return the driver's id."""
    form = OnFile(certified_at=LONG_AGO, tin_kind=TinKind.SSN, last_four="1234", classification="individual")
    work = UnitOfWork()
    tax.keep(Payee(id=driver_id, form=form), work)
    work.commit()
    return driver_id


@pytest.fixture
def driver(clock):  # noqa: F811 - the fixture
    """A driver with an account that was given long before, who earned 8.00 on the day."""
    put_zone(settings())
    driver = certify(drivers.register(driver_input(), clock, lambda *_: None).id)
    now = clock.moment
    clock.moment = now - timedelta(days=30)
    onboarding.give_bank_account(driver, BankAccountInput(**ACCOUNT), clock)
    clock.moment = now
    booking.post(closed(number=1, driver_id=driver))
    return driver


def payout_of(driver, period=DAY):
    [payout] = [one for one in queries.made_by_run(period) if one.driver_id == driver]
    return payout


@pytest.fixture(autouse=True)
def certified(aws):
    """Let the drivers that tests name have given a tax form."""
    for driver_id in DRIVERS:
        certify(driver_id)


@dataclass
class FakeRail:
    """Remembers idempotency keys, as a rail does; ``refuses`` and ``stumbles`` say whom it fails."""

    url: str = ""
    transfers: dict[str, dict] = field(default_factory=dict)
    asked: Counter = field(default_factory=Counter)
    refuses: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    stumbles: dict[str, list[int]] = field(default_factory=dict)
    tells: dict[str, dict] = field(default_factory=dict)

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
        told = {"state": "in_transit"} if driver_id in self.slow else {}
        return 201, {"transfer_id": f"trf_{key}", **told, **self.tells.get(driver_id, {})}

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


@dataclass
class FakeBank:
    """A provider that takes files: a line for each payout, and returns as lines ``reference,code``."""

    collects = True
    without_account: set[str] = field(default_factory=set)
    refuses: set[str] = field(default_factory=set)

    def transfer(self, instruction):
        raise NotImplementedError

    def unwritable(self, instruction):
        if instruction.driver_id in self.without_account:
            return PayoutRejected("no_account", "there is no account")
        return PayoutRejected("name", "no such letters") if instruction.driver_id in self.refuses else None

    def file_of(self, heading, instructions):
        lines = [f"{heading.made_at.isoformat()} {heading.effective_on} {heading.number}"]
        lines += [f"{one.reference} {one.driver_id} {one.amount} {one.effective_on}" for one in instructions]
        return "\n".join(lines).encode()

    def returns_in(self, content):
        return [_record(number, line.split(",")) for number, line in enumerate(content.decode().split(), start=1)]


def _record(number, row):
    if len(row) == 1:
        return BankReturn(line=number, fault="damaged")
    corrections = dict(pair.split("=") for pair in row[2:])
    return BankReturn(line=number, reference=row[0], code=row[1], corrections=corrections)


@pytest.fixture
def bank():
    return FakeBank()


@pytest.fixture
def bucket(aws):
    boto3.client("s3").create_bucket(Bucket="bank-files")
    return lambda: FileStore("bank-files")


def pay(period, provider, clock, bucket=None):  # noqa: F811 - the clock, not the fixture
    """Go through the steps of a pay run as the state machine does; return the run."""
    steps.open_run(period, clock)
    cursor = None
    while cursor := steps.take_in(period, cursor):
        pass
    for number in range(steps.make_batches(period)):
        try:
            steps.pay_batch(period, number, provider, clock)
        except PaymentRailUnavailable:
            continue
    steps.write_file(period, provider, bucket, clock)
    start = 0
    while start is not None:
        start = steps.note_filed(period, start, bucket, clock)
    return steps.finish(period, clock)


def settle(period, provider, clock, bucket=None):  # noqa: F811 - the clock, not the fixture
    """Close the books of a period and pay what is due; return the run."""
    run_cycle(period, clock)
    return pay(period, provider, clock, bucket)


def everything_stored():
    """Return all items of the books and of payouts, by key."""
    rows = [*PostingRow.scan(), *DriverRow.scan()]
    return {(row.pk, row.sk): (int(row.version), row.body, row.events) for row in rows}
