"""What was sent in a test, and what is needed to send it."""

from datetime import timedelta

from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses import ses_backends
from moto.sns import sns_backends
from moto.sqs import sqs_backends

from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import FailureReason
from crowdship.notify.channels import senders
from crowdship.notify.customers.views import NoticeView
from crowdship.notify.store import SendingRow
from crowdship.shipment.stop_kind import StopKind
from crowdship.vault import service as vault

REGION = "us-east-1"


def sms():
    return list(sns_backends[DEFAULT_ACCOUNT_ID][REGION].sms_messages.values())


def mails():
    return ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages


def queued():
    """Return the messages on the queue of notices, whatever their delay."""
    return sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues["notices"]._messages


def back_on_the_queue():
    """Return the one message on the queue of notices, and take it off."""
    (message,) = queued()
    queued().clear()
    return message.body


def told(event):
    return {view.channel: view.state for view in map(NoticeView.of, SendingRow.of_events([event.id]))}


def moved(delivery, clock, minutes):
    """Return the event of an arrival that moved, which is stored."""
    later = clock.now() + timedelta(minutes=minutes)
    return deliveries.change(delivery.id, lambda d: d.expect(later, clock.now(), timedelta(minutes=3))).events[-1]


class Failing:
    """An AWS client whose calls fail with a code."""

    def __init__(self, code, message=""):
        self.code, self.message = code, message

    def __getattr__(self, operation):
        def call(**arguments):
            raise ClientError({"Error": {"Code": self.code, "Message": self.message}}, operation)

        return call


def failing(service_name, monkeypatch, code, message=""):
    real = senders.client
    fails = Failing(code, message)
    monkeypatch.setattr(senders, "client", lambda name: fails if name == service_name else real(name))


def came_back(delivery, clock):
    """Return the event of goods that came back to the shop, which is stored."""
    steps = [
        lambda d: d.depart(StopKind.DROPOFF, clock.now()),
        lambda d: d.arrive(StopKind.DROPOFF, clock.now()),
        lambda d: d.fail(FailureReason.CUSTOMER_ABSENT, d.dropoff, clock.now()),
        lambda d: d.return_goods(clock.now()),
    ]
    return [deliveries.change(delivery.id, step).events[-1] for step in steps][-1]


def with_failing_sms(monkeypatch, code):
    failing("sns", monkeypatch, code)


def speak(delivery, language):
    known = vault.contacts(delivery.contacts_token)
    spoken = known.with_changes(dropoff=known.dropoff.model_copy(update={"language": language}))
    work = UnitOfWork()
    vault.keep(spoken, work)
    work.commit()
