"""Calls for drivers: list, accept and decline offers."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.dispatch.decisions import service as decisions
from crowdship.dispatch.decisions.views import DriverDecisions
from crowdship.dispatch.offers import answers, reading
from crowdship.dispatch.offers.views import DeclineInput, OfferList, OfferOutcome
from crowdship.kernel.clock import Moment

api = Api()
clock = clock_from()


@api.get("/v1/driver/offers", tags=["driver"])
def list_offers() -> OfferList:
    """List the offers that the calling driver can still answer, each with its trip and the pay per hour."""
    return reading.offers_of(api.caller(DRIVERS), clock)


@api.post("/v1/driver/offers/<offer_id>/accept", tags=["driver"])
def accept_offer(offer_id: str) -> OfferOutcome:
    """Accept an offer; of several drivers the first wins, the others get a 409."""
    return OfferOutcome(offer_id=offer_id, state=answers.accept(api.caller(DRIVERS), offer_id, clock).state)


@api.post("/v1/driver/offers/<offer_id>/decline", tags=["driver"])
def decline_offer(offer_id: str, body: Annotated[DeclineInput, Body()]) -> OfferOutcome:
    """Decline an offer, without any penalty."""
    offer = answers.decline(api.caller(DRIVERS), offer_id, body.reason, clock)
    return OfferOutcome(offer_id=offer.id, state=offer.state)


@api.get("/v1/driver/decisions", tags=["driver"])
def list_decisions(before: Annotated[Moment | None, Query()] = None) -> DriverDecisions:
    """List why the calling driver was or was not offered orders of the last 24 hours near by, the newest first."""
    return decisions.of_driver(api.caller(DRIVERS), before, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
