"""API of merchants for the messages to their customers: what was sent, and their own templates."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import Api, serve
from crowdship.deliveries import service as deliveries
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
from crowdship.notify.customers.views import Notices
from crowdship.notify.own_templates import service as templates
from crowdship.notify.own_templates.model import TemplateInput, TemplatePlace
from crowdship.notify.own_templates.views import Preview, Templates, TemplateView, TestSend
from crowdship.notify.reach import service as reach
from crowdship.notify.reach.model import LiftInput

api = Api()
clock, wall = clock_from(), RunningClock()
ONE = "/v1/account/templates/<kind>/<language>/<channel>"


@api.get("/v1/deliveries/<delivery_id>/notices", tags=["merchant"])
def read_notices(delivery_id: str) -> Notices:
    """Read the SMS and e-mails to the customer of a delivery in the last 30 days, sent or not."""
    merchant = api.admit(merchants.authenticate, Scope.READ)
    return reach.told(deliveries.get_of_merchant(delivery_id, merchant.id))


@api.post("/v1/deliveries/<delivery_id>/notices/lift", tags=["merchant"])
def lift_suppression(delivery_id: str, body: Annotated[LiftInput, Body()]) -> Notices:
    """Write to the customer's address again that bounced; a STOP is only lifted by the customer's START."""
    merchant = api.admit(merchants.authenticate, Scope.WRITE)
    return reach.lift(deliveries.get_of_merchant(delivery_id, merchant.id), body, merchant.id, wall)


def _account() -> str:
    return api.admit(merchants.authenticate, Scope.ACCOUNT).id


@api.get("/v1/account/templates", tags=["merchant"])
def list_templates() -> Templates:
    """List the templates of all messages to customers, and the fields that each kind may use."""
    return templates.all_of(_account())


@api.put(ONE, tags=["merchant"])
def put_template(kind: str, language: str, channel: str, body: Annotated[TemplateInput, Body()]) -> TemplateView:
    """Use an own template from now on; 422 `template_not_usable` points at what can't be sent."""
    merchant_id = _account()
    return templates.write(merchant_id, TemplatePlace.of(kind, language, channel), body, clock)


@api.delete(ONE, status_code=204, tags=["merchant"])
def remove_template(kind: str, language: str, channel: str) -> Response[None]:
    """Use our words again."""
    merchant_id = _account()
    templates.remove(merchant_id, TemplatePlace.of(kind, language, channel))
    return Response(204)


@api.post(f"{ONE}/preview", tags=["merchant"])
def preview_template(kind: str, language: str, channel: str, body: Annotated[TemplateInput, Body()]) -> Preview:
    """Show a template as a customer would read it, without using it."""
    merchant_id = _account()
    return templates.preview(merchant_id, TemplatePlace.of(kind, language, channel), body)


@api.post(f"{ONE}/test", tags=["merchant"])
def send_test(kind: str, language: str, channel: str) -> TestSend:
    """Send the template in use, for an invented order, to the account's own address or phone; at most 20 a day."""
    merchant_id = _account()
    return templates.send_test(merchant_id, TemplatePlace.of(kind, language, channel), wall)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
