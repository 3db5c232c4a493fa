"""Calls of staff about price tables and surge."""

import re
from typing import Annotated, Any

import boto3
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, STAFF, Api, serve
from crowdship.adapters.settings import settings
from crowdship.kernel.cursors import cursor_of, position_of
from crowdship.pricing.surge import SurgeOverride
from crowdship.tariffs import current, surging
from crowdship.tariffs import service as tariffs
from crowdship.tariffs.model import TableDecision
from crowdship.tariffs.service import TableInput
from crowdship.tariffs.simulation import service as simulations
from crowdship.tariffs.simulation.service import Steps
from crowdship.tariffs.simulation.views import TableWithSimulation
from crowdship.tariffs.views import SurgeView, TableList
from crowdship.zones import service as zones

api = Api()
clock = clock_from()
steps = Steps(boto3.client("sqs"), lambda: settings().simulations_queue_url)
POSITION = re.compile(r"[0-9T:.-]{26}#ptb_[0-9a-z]{1,40}")


@api.get("/v1/staff/price-tables", tags=["staff"])
def list_price_tables(
    cursor: Annotated[str | None, Query(max_length=200)] = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> TableList:
    """List price tables and contracts, the newest upload first."""
    api.caller(STAFF)
    tables, following = tariffs.page(position_of(cursor, POSITION) if cursor else None, limit)
    return TableList.of(tables, cursor_of(following) if following else None)


@api.post("/v1/staff/price-tables", status_code=201, tags=["staff"])
def upload_price_table(body: Annotated[TableInput, Body()]) -> Response[TableWithSimulation]:
    """Upload a price table or a contract as a draft. 422 `wrong_table` names the row of each fault."""
    table = tariffs.upload(body, api.caller(STAFF), clock)
    return Response(201, JSON, TableWithSimulation.with_simulation(table, simulations.of_table(table)))


@api.get("/v1/staff/price-tables/<table_id>", tags=["staff"])
def read_price_table(table_id: str) -> TableWithSimulation:
    """Read a price table with its rows and its newest simulation; old ones stay readable."""
    api.caller(STAFF)
    table = current.stored(table_id)
    return TableWithSimulation.with_simulation(table, simulations.of_table(table))


@api.post("/v1/staff/price-tables/<table_id>/decisions", tags=["staff"])
def decide_price_table(table_id: str, body: Annotated[TableDecision, Body()]) -> TableWithSimulation:
    """Approve, refuse or withdraw a price table. Somebody else than its maker approves it."""
    table = tariffs.decide(table_id, body, api.caller(STAFF), clock)
    return TableWithSimulation.with_simulation(table, simulations.of_table(table))


@api.post("/v1/staff/price-tables/<table_id>/simulations", status_code=202, tags=["staff"])
def simulate_price_table(table_id: str) -> Response[TableWithSimulation]:
    """Price the deliveries of the last 30 days again by a table; the result is in the table's view."""
    table = simulations.simulate(table_id, api.caller(STAFF), clock, steps.send)
    return Response(202, JSON, TableWithSimulation.with_simulation(table, simulations.of_table(table)))


@api.get("/v1/staff/zones/<zone_id>/surge", tags=["staff"])
def read_surge(zone_id: str) -> SurgeView:
    """Read a zone's surge: the multiplier now, its rules, and the last measures."""
    api.caller(STAFF)
    zone, now = zones.get(zone_id), clock.now()
    return SurgeView.of(surging.stored(zone.id), surging.rules_of(zone, now), now)


@api.put("/v1/staff/zones/<zone_id>/surge", tags=["staff"])
def set_surge(zone_id: str, body: Annotated[SurgeOverride, Body()]) -> SurgeView:
    """Set a zone's multiplier until a moment. 100 stops the surge at once, as an emergency demands."""
    by, zone = api.caller(STAFF), zones.get(zone_id)
    surge, now = surging.override(zone, body, by, clock), clock.now()
    return SurgeView.of(surge, surging.rules_of(zone, now), now)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
