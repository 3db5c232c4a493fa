"""A zone with two weeks of orders, a settled day, and functions with queue and sender."""

from datetime import UTC, date, datetime, timedelta
from email import message_from_string, policy

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses import ses_backends

from crowdship.adapters.settings import settings
from crowdship.insight import store
from crowdship.insight.finance import queue, service
from crowdship.insight.store import ZoneDayRow
from crowdship.insight.zone_days.model import ZoneDay
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.money import Money
from tests.city import put_zone
from tests.city import settings as zone_settings
from tests.integration.settlement.conftest import two_shards  # noqa: F401 - a fixture
from tests.integration.settlement.test_functions import function

DAY = date(2026, 3, 2)


def usd(amount):
    return Money(amount=amount, currency="USD")


@pytest.fixture
def clock():
    return FixedClock(datetime(2026, 3, 3, 7, 15, tzinfo=UTC))


@pytest.fixture
def world(aws, clock, two_shards, monkeypatch):  # noqa: F811 - the fixture
    """Queue, sender and a zone; the mails are planned since the day before."""
    monkeypatch.setattr(store, "SHARDS", 2)
    for name, value in {
        "SENDER_EMAIL": "crowdship@example.com",
        "FINANCE_EMAIL": "finance@example.com",
        "PAGES_URL": "https://pages.example",
    }.items():
        monkeypatch.setenv(name, value)
    url = boto3.client("sqs").create_queue(QueueName="mailings")["QueueUrl"]
    monkeypatch.setenv("MAILINGS_QUEUE_URL", url)
    settings.cache_clear()
    service._ses.cache_clear()
    queue._sqs.cache_clear()
    boto3.client("ses").verify_email_identity(EmailAddress="crowdship@example.com")
    put_zone(zone_settings())
    yield World(url, clock)
    settings.cache_clear()


class World:
    """The platform around the mails."""

    def __init__(self, url, clock):
        self.url, self.clock = url, clock
        self.planner = function("tasks/finance_mail_plan", clock)
        self.sender = function("tasks/finance_mail", clock)
        self.sender.wall = clock

    def waiting(self):
        """The bodies of all messages on the queue, which are gone then."""
        found = []
        while got := boto3.client("sqs").receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in got:
                boto3.client("sqs").delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                found.append(message["Body"])
        return found

    def send(self, *bodies):
        """Hand messages to the sender as Lambda does; return how many it could not do."""
        records = [
            {"messageId": f"m{number}", "body": body, "eventSource": "aws:sqs"} for number, body in enumerate(bodies)
        ]
        return len(self.sender.handler({"Records": records}, CONTEXT)["batchItemFailures"])

    def tick(self):
        """Plan once and send what that queued; return the mails that were sent."""
        before = len(self.sent())
        self.planner.handler({}, CONTEXT)
        bodies = self.waiting()
        assert not bodies or self.send(*bodies) == 0
        return self.sent()[before:]

    def sent(self):
        """All messages that SES accepted, parsed."""
        raw = ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages
        return [message_from_string(one.raw_data, policy=policy.default) for one in raw]

    def days(self, last=DAY, count=28):
        """Write days of the zone as they are summed."""
        for back in range(count):
            busy = back % 7
            hours = [0] * 24
            hours[11], hours[12], hours[18] = 1, 14 + 2 * busy, 9 + busy
            delivered = sum(hours) - 1
            day = ZoneDay(
                zone_id="testville",
                day=last - timedelta(days=back),
                currency="USD",
                orders=sum(hours),
                delivered=delivered,
                on_time=delivered - 2,
                unfinished=0,
                charge=usd(delivered * 1100),
                pay=usd(delivered * (650 + 10 * busy)),
                tips=usd(delivered * 200),
                costs={"incentives": usd(1500)},
                engaged_minutes=delivered * 8,
                by_hour=tuple(hours),
                summed_at=self.clock.now(),
            )
            store.replace([ZoneDayRow.of(day)])


CONTEXT = type("Context", (), dict.fromkeys(("function_name", "memory_limit_in_mb"), "x"))()
CONTEXT.invoked_function_arn = CONTEXT.aws_request_id = "x"
