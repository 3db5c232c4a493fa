"""Reading a play's deliveries back, from the platform or from the webhooks alone."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from local.city.api import Caller
from local.city.day import Ticket
from local.city.results import books
from local.city.town import Town
from local.imitations.receivers import Hook, Receivers

LOOK_S = 0.5
READERS = 4


def told_of(town: Town, tickets: Sequence[Ticket], first: date, last: date) -> dict[str, dict[str, Any]]:
    """Return the deliveries of some orders, by id, as the merchants' API lists them: one call per page of a day."""
    wanted = {str(ticket.delivery_id): ticket.shop for ticket in tickets if ticket.delivery_id}
    callers = {key: town.shop(key) for key in set(wanted.values())}
    asked = [(callers[key], day) for key in sorted(callers) for day in books.days(first, last)]
    with ThreadPoolExecutor(READERS) as pool:
        listed = [one for found in pool.map(lambda ask: _listed(*ask), asked) for one in found]
        told = {one["id"]: one for one in listed if one["id"] in wanted}
        # The list may lack deliveries that were created a moment ago.
        missing = [delivery_id for delivery_id in wanted if delivery_id not in told]
        read = pool.map(lambda id: callers[wanted[id]].get(f"/v1/deliveries/{id}"), missing)
        return told | {one["id"]: one for one in read}


def _listed(shop: Caller, day: date) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, str] = {}
    while True:
        page = shop.get(f"/v1/days/{day}/deliveries", **query)
        found += page["deliveries"]
        if not page["cursor"]:
            return found
        query = {"cursor": page["cursor"]}


def told_by_hooks(receivers: Receivers, tickets: Sequence[Ticket]) -> dict[str, dict[str, Any]]:
    """Return the deliveries of some orders, by id, put together from webhooks alone, in the shape of the API."""
    with receivers.endpoints.lock:
        hooks = list(receivers.endpoints.hooks)
    heard: dict[str, list[Hook]] = {}
    for hook in hooks:
        if "delivery_id" in hook.data:
            heard.setdefault(hook.data["delivery_id"], []).append(hook)
    told = {}
    for ticket in tickets:
        of_it = sorted(heard.get(str(ticket.delivery_id), ()), key=lambda hook: int(hook.data["sequence"]))
        if of_it:
            last = of_it[-1]
            steps: list[dict[str, Any]] = []
            for hook in of_it:
                if not steps or steps[-1]["state"] != state_of(hook):
                    steps.append({"state": state_of(hook), "at": hook.timestamp, "reason": hook.data.get("reason")})
            told[str(ticket.delivery_id)] = {
                **last.data,
                "id": ticket.delivery_id,
                "state": state_of(last),
                "timeline": steps,
            }
    return told


def hooks_of(receivers: Receivers, ids: set[str], told: Collection[dict[str, Any]], longest_s: float) -> list[Hook]:
    """Return the webhooks about some deliveries, once all their present states have come or ``longest_s`` is over."""
    ends = {(answer["id"], answer["state"]) for answer in told}
    deadline = time.monotonic() + longest_s
    while True:
        with receivers.endpoints.lock:
            hooks = [hook for hook in receivers.endpoints.hooks if hook.data.get("delivery_id") in ids]
        missing = ends - {(hook.data["delivery_id"], hook.data["state"]) for hook in hooks}
        if not missing or time.monotonic() > deadline:
            return hooks
        time.sleep(LOOK_S)


def state_of(hook: Hook) -> str:
    """Return the state after a webhook; a delivery that failed with goods on board is returning."""
    state = str(hook.data["state"])
    if state == "failed" and hook.data["previous_state"] != "arrived_at_pickup":
        return "returning"
    return state
