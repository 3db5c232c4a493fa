"""Calls for dispatchers: deliveries, drivers' routes, and a zone's plan."""

from collections.abc import Iterable
from typing import Annotated, Any

import boto3
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.adapters.settings import settings
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.filters import Filters
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import State
from crowdship.deliveries.views import DeliveryLines
from crowdship.dispatch import assignment, cancellation
from crowdship.dispatch.board.views import OffersOfDelivery, StaffDelivery
from crowdship.dispatch.by_hand import bulk, offer
from crowdship.dispatch.by_hand import round as hand_round
from crowdship.dispatch.by_hand.views import (
    AreaOffer,
    AreaOfferInput,
    BulkAssigned,
    BulkAssignInput,
    Dispatched,
    DispatchInput,
)
from crowdship.dispatch.classification import service as classification
from crowdship.dispatch.classification.views import ClassificationAudit
from crowdship.dispatch.decisions import service as decisions
from crowdship.dispatch.decisions.views import DispatchOfDelivery
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.resequence.rules import Rerouted
from crowdship.dispatch.rounds import preview
from crowdship.dispatch.rounds.ticks import TickQueue
from crowdship.dispatch.rounds.views import ZonePlan
from crowdship.dispatch.transfer import service as transfer
from crowdship.dispatch.transfer.views import (
    AssignInput,
    ReroutedView,
    RouteChanged,
    RouteOrder,
    StaffRoute,
    TransferInput,
    TransferView,
)
from crowdship.intake.orders.model import CancelRequest
from crowdship.kernel.clock import Day
from crowdship.tracking.geofences.visits import times_at_stops
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

api = Api()
clock = clock_from()
queue = TickQueue(boto3.client("sqs"), settings().ticks_queue_url, clock)


def _view(delivery: Delivery, routes: Iterable[ReroutedView] = ()) -> StaffDelivery:
    stops, rating = times_at_stops(delivery, clock), deliveries.rating_of(delivery.id)
    return StaffDelivery.of(delivery, offering.explain(delivery), stops, rating, routes)


def _compared(routes: Iterable[Rerouted], zone: Zone) -> tuple[ReroutedView, ...]:
    return tuple(ReroutedView.of(route, zone.settings.dispatch.weights.lateness) for route in routes)


@api.get("/v1/staff/deliveries", tags=["staff"])
def list_deliveries(
    state: Annotated[State | None, Query()] = None,
    driver_id: Annotated[str | None, Query(min_length=1)] = None,
    merchant_id: Annotated[str | None, Query(min_length=1)] = None,
    zone_id: Annotated[str | None, Query(min_length=1)] = None,
    day: Annotated[Day | None, Query()] = None,
    after: Annotated[str | None, Query(min_length=1)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> DeliveryLines:
    """List deliveries, the first created first; `next_after` leads to the next page as `after`, null on the last.

    Give the `day` of creation (UTC) with `driver_id`, `merchant_id` or `zone_id`, or give `zone_id` with a `state` that
    is no end; further filters narrow the list. A page may have fewer lines than `limit` and still a `next_after` if few
    of many deliveries pass the filters. The list may lack deliveries of the last seconds. Test deliveries are listed
    only under the `merchant_id` of a sandbox, without `driver_id`.
    """
    api.caller(STAFF)
    filters = Filters(state=state, driver_id=driver_id, merchant_id=merchant_id, zone_id=zone_id, day=day)
    return DeliveryLines.of(deliveries.listed(filters, after, limit, parameter="after"))


@api.get("/v1/staff/deliveries/<delivery_id>", tags=["staff"])
def read_delivery(delivery_id: str) -> StaffDelivery:
    """Read a delivery, its rating, its last offer with the drivers' scores, and times at the stops by position."""
    api.caller(STAFF)
    return _view(deliveries.get(delivery_id))


@api.post("/v1/staff/deliveries/<delivery_id>/assign", tags=["staff"])
def assign_delivery(delivery_id: str, body: Annotated[AssignInput, Body()]) -> StaffDelivery:
    """Assign a delivery to a driver by hand, at the best or a given position of their route; or preview the result."""
    given, routes = assignment.place_by_hand(
        delivery_id,
        body.driver_id,
        api.caller(STAFF),
        clock,
        position=body.places,
        revision=body.revision,
        from_driver=body.expected,
        dry_run=body.dry_run,
    )
    return _view(given, _compared(routes, zones.get(given.zone_id)))


@api.post("/v1/staff/deliveries/<delivery_id>/cancel", tags=["staff"])
def cancel_delivery(delivery_id: str, body: Annotated[CancelRequest, Body()]) -> StaffDelivery:
    """Cancel a delivery by hand."""
    return _view(cancellation.cancel(delivery_id, api.caller(STAFF), body.reason, clock))


@api.post("/v1/staff/deliveries/assign", tags=["staff"])
def assign_many(body: Annotated[BulkAssignInput, Body()]) -> BulkAssigned:
    """Assign up to 50 deliveries by hand; each row has its own result, and one that another changed is refused."""
    return bulk.assign(body, api.caller(STAFF), clock, api.lambda_context.get_remaining_time_in_millis)


@api.get("/v1/staff/deliveries/<delivery_id>/offers", tags=["staff"])
def list_offers(delivery_id: str) -> OffersOfDelivery:
    """List every offer of a delivery with the drivers' scores and answers, the newest first."""
    api.caller(STAFF)
    return OffersOfDelivery.of(offering.offers_of(deliveries.get(delivery_id)))


@api.post("/v1/staff/deliveries/<delivery_id>/offer", tags=["staff"])
def offer_delivery(delivery_id: str, body: Annotated[AreaOfferInput, Body()]) -> AreaOffer:
    """Offer a delivery to all eligible drivers in an area at once, in place of an offer that stands."""
    api.caller(STAFF)
    return offer.offer_in(delivery_id, body.area, clock)


@api.post("/v1/staff/zones/<zone_id>/dispatch", tags=["staff"])
def dispatch_zone(zone_id: str, body: Annotated[DispatchInput, Body()]) -> Dispatched:
    """Make the offers of the zone's plan now: all, or those with some deliveries; the others' reasons to wait."""
    api.caller(STAFF)
    return hand_round.dispatch(zone_id, body.delivery_ids, queue, clock)


@api.get("/v1/staff/drivers/<driver_id>/route", tags=["staff"])
def read_route(driver_id: str) -> StaffRoute:
    """Read a driver's route: stops, times, cost, and the changes that the driver has not confirmed."""
    api.caller(STAFF)
    route, sketch, zone = transfer.read(driver_id, clock)
    return StaffRoute.of(route, sketch, zone.settings.dispatch.weights.lateness)


@api.put("/v1/staff/drivers/<driver_id>/route", tags=["staff"])
def rearrange_route(driver_id: str, body: Annotated[RouteOrder, Body()]) -> RouteChanged:
    """Put a driver's stops into another order, and pin some; or preview the result."""
    wish = body.revision, body.order, body.pinned
    change, route = transfer.rearrange(driver_id, *wish, api.caller(STAFF), clock, dry_run=body.dry_run)
    (view,) = _compared([change], zones.get(route.zone_id))
    return RouteChanged(dry_run=body.dry_run, revision=route.revision, route=view)


@api.post("/v1/staff/drivers/<driver_id>/route/transfer", tags=["staff"])
def transfer_route(driver_id: str, body: Annotated[TransferInput, Body()]) -> TransferView:
    """Let other drivers take over a route or a part of it, goods on board too; or preview the result."""
    wish = body.model_dump(exclude={"revision", "transfer_point"})
    done = transfer.transfer(
        driver_id, body.revision, api.caller(STAFF), clock, transfer_point=body.transfer_point, **wish
    )
    return TransferView(
        dry_run=body.dry_run,
        moved=done.moved,
        fetched_there=tuple(sorted(done.fetched_there)),
        reopened=done.reopened,
        stays=done.stays,
        routes=_compared(done.routes, done.zone),
    )


@api.get("/v1/staff/zones/<zone_id>/plan", tags=["staff"])
def read_plan(zone_id: str) -> ZonePlan:
    """Preview the zone's next round: its offers, why other deliveries wait, and why other drivers get nothing."""
    api.caller(STAFF)
    return preview.of_zone(zone_id, clock)


@api.get("/v1/staff/deliveries/<delivery_id>/dispatch", tags=["staff"])
def read_dispatch(delivery_id: str) -> DispatchOfDelivery:
    """Read how a delivery was dispatched: who was considered in each round, excluded by which rule, and scores."""
    api.caller(STAFF)
    return decisions.of_delivery(delivery_id, clock)


@api.get("/v1/staff/classification", tags=["staff"])
def read_classification(zone_id: Annotated[str, Query(min_length=1)]) -> ClassificationAudit:
    """Audit what is asked of a zone's contractors: every setting and record that bears on it, guard by guard."""
    api.caller(STAFF)
    return classification.of_zone(zone_id, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
