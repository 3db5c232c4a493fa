"""Calls of applicants about their application, and of all drivers about their bank account."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.onboarding import service as onboarding
from crowdship.onboarding.application import Application
from crowdship.onboarding.bank import BankAccountInput
from crowdship.onboarding.executions import Executions
from crowdship.onboarding.requests import ConsentInput, DisputeInput, IdentityInput, VehicleInput
from crowdship.onboarding.views import OnboardingView, PayDetails

api = Api()
clock = clock_from()


def _view(application: Application) -> OnboardingView:
    Executions.configured().start(application)
    return OnboardingView.of(application.driver_id, clock)


@api.get("/v1/driver/onboarding", tags=["driver"])
def read_onboarding() -> OnboardingView:
    """Read the calling applicant's steps: what is missing, why, and who acts next.

    Once a report stands against the applicant, it has a copy of it. 404 `no_application` for drivers whom staff
    registered.
    """
    return OnboardingView.of(api.caller(DRIVERS), clock)


@api.post("/v1/driver/onboarding/consent", tags=["driver"])
def agree(body: Annotated[ConsentInput, Body()]) -> OnboardingView:
    """Agree to the background check; 409 `text_changed` with a version that is not the present one."""
    return _view(onboarding.agree(api.caller(DRIVERS), body, clock))


@api.put("/v1/driver/onboarding/identity", tags=["driver"])
def identify(body: Annotated[IdentityInput, Body()]) -> OnboardingView:
    """Give name, date of birth and address; 409 `identity_used` once the check was ordered, 422 `age` below 18."""
    return _view(onboarding.identify(api.caller(DRIVERS), body, clock))


@api.put("/v1/driver/onboarding/vehicle", tags=["driver"])
def give_vehicle(body: Annotated[VehicleInput, Body()]) -> OnboardingView:
    """Describe the vehicle; 422 `vehicle` if drivers in the zone drive others."""
    return _view(onboarding.give_vehicle(api.caller(DRIVERS), body.vehicle, clock))


@api.post("/v1/driver/onboarding/dispute", tags=["driver"])
def dispute(body: Annotated[DisputeInput, Body()]) -> OnboardingView:
    """Dispute the report: the wait stops until staff have looked; 409 `nothing_to_dispute`."""
    return _view(onboarding.dispute(api.caller(DRIVERS), body, clock))


@api.get("/v1/driver/money", tags=["driver"])
def read_money() -> PayDetails:
    """Read the tax form and the bank account, by their last four digits."""
    return PayDetails.of(api.caller(DRIVERS))


@api.put("/v1/driver/bank-account", tags=["driver"])
def give_bank_account(body: Annotated[BankAccountInput, Body()]) -> PayDetails:
    """Give the bank account that pay is sent to; a change counts from `payable_from` on."""
    driver_id = api.caller(DRIVERS)
    onboarding.give_bank_account(driver_id, body, clock)
    return PayDetails.of(driver_id)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
