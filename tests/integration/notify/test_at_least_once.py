"""Each message of a delivery is sent at least once and shown once, however its events come in and providers answer."""

from collections import Counter
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crowdship.kernel.ids import new_id
from crowdship.notify import service
from crowdship.notify.sendings import LEASE
from crowdship.notify.service import on_event, on_message
from tests.integration.notify.outbox import queued

TOLD = ("delivery.en_route_to_dropoff", "delivery.approaching", "delivery.delivered")
ANSWERS = ("taken", "taken", "busy", "refuses us")


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
    answers=st.lists(st.sampled_from(ANSWERS), max_size=12),
)
def test_every_message_is_shown_once(events, through, clock, wall, order, answers):
    """A queue brings an event again until it was taken; so does this test."""
    now, then = clock.moment, wall.moment
    run = new_id("evt")  # another run of hypothesis has other events
    provider = Provider(answers)
    through(provider)
    waiting = [events[name].model_copy(update={"id": f"{run}-{name}"}) for name in order]
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
    assert len(provider.shown) == len(TOLD) * 2
    assert set(provider.shown.values()) == {1}
