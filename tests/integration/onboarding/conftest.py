"""A city with people who apply, a provider that answers as a test says, and the workflow, run to where it waits."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.documents.kinds import KINDS, asked_of
from crowdship.documents.model import DocumentState, DriverDocument
from crowdship.documents.store import DocumentRow
from crowdship.drivers import service as drivers
from crowdship.drivers.compliance import Document, DocumentKind
from crowdship.drivers.credentials import Credential, with_credential
from crowdship.drivers.model import DriverChange, Vehicle
from crowdship.kernel.signatures import sign
from crowdship.onboarding import review, service, workflow
from crowdship.onboarding.application import CONSENT_VERSION
from crowdship.onboarding.bank import BankAccountInput
from crowdship.onboarding.requests import ApplicationInput, ConsentInput, IdentityInput
from crowdship.onboarding.screening.model import CheckOrder, ScreeningUnavailable
from crowdship.onboarding.screening.reports import take_in
from crowdship.onboarding.tax import TaxFormInput
from crowdship.shipment.vehicles import VehicleKind
from tests.city import City

HASHING = "a-secret"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ADDRESS = {"street": "1 Main Street", "city": "Chicago", "state": "IL", "zip": "60601"}


@dataclass
class Provider:
    """A provider that takes each order once, or is down for some of them."""

    name: str = "test"
    orders: dict[str, CheckOrder] = field(default_factory=dict)
    asked: int = 0
    down: int = 0

    def order(self, order):
        self.asked += 1
        if self.down:
            self.down -= 1
            raise ScreeningUnavailable("down")
        self.orders[order.reference] = order
        return f"chk-{order.reference}"


@dataclass
class Office:
    """Applicants, provider, workflow and staff."""

    city: City
    provider: Provider = field(default_factory=Provider)
    invited: list = field(default_factory=list)
    started: list = field(default_factory=list)

    @property
    def clock(self):
        return self.city.clock

    def apply(self, email="nia@example.com", phone="+13125550177", **changes):
        given = {"name": "Nia Okoro", "email": email, "phone": phone, "zone_id": "testville", "vehicle": "car"}
        request = ApplicationInput.model_validate({**given, **changes})
        return service.apply(request, HASHING, lambda *who: self.invited.append(who), self.clock)

    def ready(self, **changes):
        one = self.apply(**changes)
        service.agree(one.driver_id, ConsentInput(version=CONSENT_VERSION, agreed=True), self.clock)
        identity = {"legal_name": "Nia Okoro", "born_on": "1990-05-05", "address": ADDRESS}
        return service.identify(one.driver_id, IdentityInput.model_validate(identity), self.clock)

    def run(self, application, most=20):
        """Do what the state machine does, until it waits or ends; return the last act."""
        for _ in range(most):
            told = workflow.next_step(application.id, self.clock)
            match told["act"]:
                case "order":
                    workflow.order(application.id, self.provider, self.clock)
                case "remind":
                    workflow.remind(application.id, self.clock)
                case "notice":
                    workflow.notice(application.id, self.clock)
                case "end_wait":
                    workflow.end_wait(application.id, self.clock)
                case act:
                    return act
        raise AssertionError("the workflow runs in a circle")

    def report(self, application, result, records=(), wall=None, secret=SIGNING, message="msg_1", **changes):
        one = service.get(application.id)
        body = {
            "check_id": f"chk-{one.reference}",
            "reference": one.reference,
            "candidate_id": one.driver_id,
            "result": result,
            "records": list(records),
            **changes,
        }
        raw, now = json.dumps(body).encode(), wall or self.clock
        stamp = str(int(self.clock.now().timestamp()))
        headers = {
            "webhook-id": message,
            "webhook-timestamp": stamp,
            "webhook-signature": sign(secret, message, int(stamp), raw),
        }
        take_in(headers, raw, SIGNING, self.started.append, self.clock, now)
        return service.get(application.id)

    def give_everything_else(self, application):
        driver_id, day = application.driver_id, date(2030, 1, 1)
        service.give_vehicle(
            driver_id,
            Vehicle(kind=VehicleKind.CAR, max_weight_g=100_000, max_volume_l=300, plate="IL 4711"),
            self.clock,
        )
        self.give_money(application)
        papers = tuple(Document(kind=kind, valid_until=day) for kind in DocumentKind)
        passed = drivers.get(driver_id).credentials
        for name in ("safety_training", "vehicle_inspection"):
            passed = with_credential(passed, Credential(name=name))
        drivers.change(driver_id, DriverChange(documents=papers, credentials=passed))
        for kind in asked_of(VehicleKind.CAR):
            if not KINDS[kind].proves and not KINDS[kind].grants:
                self.show(driver_id, kind)

    def give_money(self, application):
        driver_id = application.driver_id
        form = {
            "name": "Nia Okoro",
            "classification": "individual",
            "address": ADDRESS,
            "tin_kind": "ssn",
            "tin": "123-45-6789",
            "signed_by": "Nia Okoro",
            "certified": True,
        }
        service.give_tax_form(driver_id, TaxFormInput.model_validate(form), self.clock)
        account = {"holder": "Nia", "kind": "checking", "routing_number": "021000021", "account_number": "000123456"}
        service.give_bank_account(driver_id, BankAccountInput.model_validate(account), self.clock)

    def show(self, driver_id, kind, state=DocumentState.APPROVED):
        """Let a document of a kind be in a state, as if a picture had come."""
        document = DriverDocument(
            id=f"doc_{driver_id}_{kind}",
            driver_id=driver_id,
            kind=kind,
            content_type="image/jpeg",
            announced_at=self.clock.now(),
            state=state,
        )
        known = {one.id: one for one in DocumentRow.of_driver(driver_id)}.get(document.id)
        work = UnitOfWork()
        work.store(DocumentRow.of(document.with_changes(stored_version=known.stored_version if known else 0)))
        work.commit()

    def later(self, **span):
        self.clock.advance(timedelta(**span))

    def approve(self, application, by="ana"):
        return review.approve(application.id, by, self.clock)


@pytest.fixture
def office(aws):
    return Office(City.open())
