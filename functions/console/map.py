"""Calls of dispatchers that look at a zone as it is now: its map and its board."""

from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.dispatch.board import service as board
from crowdship.dispatch.board.views import Board
from crowdship.dispatch.overview import service as overview
from crowdship.dispatch.overview.views import ZoneMap

api = Api()
clock = clock_from()


@api.get("/v1/staff/zones/<zone_id>/map", tags=["staff"], compress=True)
def read_map(zone_id: str) -> ZoneMap:
    """Read a zone's map: drivers on duty, and deliveries by urgency with reasons; compressed if the caller takes it."""
    api.caller(STAFF)
    return overview.of_zone(zone_id, clock)


@api.get("/v1/staff/zones/<zone_id>/board", tags=["staff"], compress=True)
def read_board(zone_id: str) -> Board:
    """Read a zone's board: open deliveries, those under way, drivers on duty, alerts, and unconfirmed plans."""
    api.caller(STAFF)
    return board.of_zone(zone_id, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
