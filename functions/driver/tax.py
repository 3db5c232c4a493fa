"""Calls of drivers about their tax: the W-9, what is withheld and why, and the forms of years."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.onboarding.executions import Executions
from crowdship.onboarding.service import application_id, find
from crowdship.onboarding.tax import TaxFormInput
from crowdship.onboarding.views import PayDetails
from crowdship.tax import service as tax
from crowdship.tax.bucket import TaxFiles
from crowdship.tax.views import OwnTax

api = Api()
clock = clock_from()


@api.get("/v1/driver/tax", tags=["driver"])
def read_tax() -> OwnTax:
    """Read the calling driver's tax form, why tax is withheld, what to do, and the forms of the last years.

    A link saves the copy of Form 1099-NEC for ten minutes.
    """
    return OwnTax.of(api.caller(DRIVERS), TaxFiles.configured(), clock)


@api.put("/v1/driver/tax-form", tags=["driver"])
def give_tax_form(body: Annotated[TaxFormInput, Body()]) -> PayDetails:
    """Certify the tax form W-9; its number is never shown again but for the last four digits, and is checked.

    It answers a first notice about the number, not a second one. 409 `foreign_person` if `us_person` is false: staff
    are told, and the form is not kept.
    """
    driver_id = api.caller(DRIVERS)
    tax.certify(driver_id, body, clock)
    application = find(application_id(driver_id))
    if application:
        Executions.configured().start(application)
    return PayDetails.of(driver_id)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
