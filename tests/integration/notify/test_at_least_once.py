"""Each message of a delivery is sent at least once and shown once, however its events come in and providers answer."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crowdship.contact import messages
from crowdship.contact.message import MessageInput, Party
from crowdship.contact.store import MessageIdRow, MessageRow
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.ids import new_id
from crowdship.notify import service
from crowdship.notify.sendings import LEASE
from crowdship.notify.service import on_event, on_message
from crowdship.notify.store import LastNoticeRow
from tests.integration.notify.conftest import DRIVER
from tests.integration.notify.outbox import queued

TOLD = ("delivery.en_route_to_dropoff", "delivery.approaching", "delivery.delivered")
ANSWERS = ("taken", "taken", "busy", "refuses us")

MOST_REFUSALS = 3
"""Refusals whose waits, of one, two and four minutes, end while a message about the way is still of use."""


def is_soon_over(answers):
    """True if a provider refuses us for less than the time after which a customer needs no word about the way."""
    return answers.count("refuses us") <= MOST_REFUSALS


class Provider:
    """SES and SNS: takes a message, is busy, or refuses us; remembers what it showed to whom."""

    def __init__(self, answers):
        self.answers, self.shown = list(answers), Counter()

    def takes(self, address, what):
        answer = self.answers.pop(0) if self.answers else "taken"
        if answer == "busy":
            raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": ""}}, "Send")
        if answer == "refuses us":
            raise ClientError({"Error": {"Code": "MessageRejected", "Message": "Sending suspended"}}, "Send")
        self.shown[address, what] += 1


@pytest.fixture
def through(monkeypatch):
    """Send everything through a provider."""

    def use(provider):
        monkeypatch.setattr(service, "send_sms", lambda phone, text: provider.takes(phone, text.partition(" http")[0]))
        monkeypatch.setattr(service, "send_mail", lambda address, letter, tags: provider.takes(address, letter.subject))

    return use


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.lists(st.sampled_from(TOLD), max_size=6).flatmap(lambda more: st.permutations([*TOLD, *more])),
    answers=st.lists(st.sampled_from(ANSWERS), max_size=12).filter(is_soon_over),
)
@example(order=[*reversed(TOLD), *[TOLD[0]] * 6], answers=["refuses us"] * MOST_REFUSALS)
@example(order=[*TOLD, *TOLD, *TOLD], answers=[*["taken"] * 3, *["refuses us", "busy"] * MOST_REFUSALS])
def test_every_message_is_shown_once(events, through, clock, wall, order, answers):
    """A queue brings an event again until it was taken; so does this test."""
    run = new_id("evt")  # another run of hypothesis has other events
    provider = Provider(answers)
    through(provider)
    play([events[name].model_copy(update={"id": f"{run}-{name}"}) for name in order], clock, wall)
    assert len(provider.shown) == len(TOLD) * 2
    assert set(provider.shown.values()) == {1}


def play(waiting, clock, wall):
    """Tell of events until all is told or given up; then set the clocks back."""
    now, then = clock.moment, wall.moment
    bodies: list[str] = []
    for _ in range(100):
        if not waiting and not bodies:
            break
        event, body = (waiting.pop(0), None) if waiting else (None, bodies.pop(0))
        try:
            on_event(event, clock, wall) if event else on_message(body, clock, wall)
        except ExceptionGroup:
            wall.advance(LEASE)
            if event:
                waiting.append(event)
            else:
                bodies.append(body)
        bodies += [message.body for message in queued()]
        queued().clear()
        clock.advance(timedelta(seconds=10))
    clock.moment, wall.moment = now, then
    assert (waiting, bodies) == ([], [])


@pytest.fixture
def written(departed, delivery, clock, wall):
    """The events of three messages of the driver to the customer."""
    events = []
    for _ in range(3):
        thread = messages.of_driver(delivery.id, departed.data["driver_id"], clock, writes=True)
        said = MessageInput(message_id=str(uuid4()), text="Which door is it?")
        messages.send(thread, Party.DRIVER, said, clock, wall)
        kept = MessageRow.load(delivery.id, MessageIdRow.lookup(delivery.id, said.message_id))
        data = {"message_id": said.message_id, "to": "customer", "driver_id": DRIVER, "delivery_id": delivery.id}
        events.append(
            DomainEvent(id=kept.event_ids[0], type="message.sent", time=kept.at, subject=kept.id, sequence=1, data=data)
        )
    return events


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ages=st.tuples(st.sampled_from((0, 14.5)), st.sampled_from((0, 14.5)), st.just(0)),
    answers=st.lists(st.sampled_from(ANSWERS), max_size=3),
)
@example(ages=(14.5, 0, 0), answers=["refuses us", "refuses us"])
def test_of_messages_that_come_together_one_is_told_whatever_the_provider_refused(
    written, delivery, through, clock, wall, ages, answers
):
    """A message is told for 15 minutes, so one that was refused and is nearly that old is told no more.

    Refusals of ours last up to seven minutes here: less than the ten for which one notice keeps others away.
    """
    for row in LastNoticeRow.query(f"LAST-NOTICE#{delivery.id}"):
        row.delete(add_version_condition=False)
    run = new_id("evt")
    provider = Provider(answers)
    through(provider)
    aged = zip(written, ages, strict=True)
    came = [
        one.model_copy(update={"id": f"{run}-{place}", "time": clock.now() - timedelta(minutes=age)})
        for place, (one, age) in enumerate(aged)
    ]
    play(came, clock, wall)
    assert set(provider.shown.values()) == {1}
    assert len(provider.shown) == 2 or 14.5 in ages, "by one way at least, by both if none was too old"
