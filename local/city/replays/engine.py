"""The production matching round for meal-delivery replays: it turns a minute's orders and couriers into assignments.

The module converts the replay's minutes and metres to seconds and travel times. All decisions are made by
``crowdship.planner.matching.rounds.plan_trips``, which a zone's tick calls too.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crowdship.planner.matching.model import Driver, MatchingRules, Order, Xy
from crowdship.planner.matching.rounds import plan_trips

MINUTE = 60.0
BUDGET_S = 0.35
"""Wall seconds after which the search for a minute's assignments ends with the best plan so far."""

FAILS_AFTER = 85 * MINUTE
"""Seconds from click to door after which an order counts as failed in the plan; the replay's limit is a bit later."""

UNSERVED_S = 42_000.0
"""Cost of an order that nobody gets; a replay counts it as 180 minutes, so leaving one beats delaying all others."""

PAY_WEIGHT = 0.3
PAY_SPAN = 30.0
"""Amount by which a courier's earnings have to exceed the guarantee before an order costs its whole price."""


@dataclass
class Engine:
    """The matching engine of one replay, with the plan of the last minute."""

    parameters: Mapping[str, float]
    shops: Mapping[str, Xy]
    plan: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    @property
    def rules(self) -> MatchingRules:
        """The matching rules with the replay's parameters."""
        return MatchingRules(
            pickup_s=self.parameters["pickup_service"] * MINUTE,
            dropoff_s=self.parameters["dropoff_service"] * MINUTE,
            unserved=UNSERVED_S,
        )

    def travel(self, a: Xy, b: Xy) -> float:
        """Return the replay's travel time in seconds: whole minutes, rounded up."""
        return math.ceil(math.dist(a, b) / self.parameters["meters_per_minute"]) * MINUTE

    def decide(self, tick: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the assignments of one minute."""
        now = tick["now"]
        target = self.parameters["target_ctd"] * MINUTE
        orders = [
            Order(
                id=order["id"],
                pickup=self.shops[order["restaurant"]],
                dropoff=(order["x"], order["y"]),
                placed_at=order["placed"] * MINUTE,
                ready_at=order["ready"] * MINUTE,
                due_at=order["placed"] * MINUTE + target,
                fails_at=order["placed"] * MINUTE + FAILS_AFTER,
                pay=self.parameters["pay_per_order"],
            )
            for order in tick["orders"]
        ]
        drivers = [self._driver(courier, now) for courier in tick["couriers"]]
        ends = time.perf_counter() + BUDGET_S
        planned = plan_trips(
            orders,
            drivers,
            self.travel,
            now * MINUTE,
            self.rules,
            before=self.plan,
            may_go_on=lambda: time.perf_counter() < ends,
        )
        self.plan = planned.plan
        return [{"courier": out.driver_id, "orders": list(out.order_ids)} for out in planned.hand_outs]

    def _driver(self, courier: Mapping[str, Any], now: float) -> Driver:
        per_order, per_hour = self.parameters["pay_per_order"], self.parameters["pay_per_hour"]
        earned, guaranteed = courier["delivered"] * per_order, per_hour * (now - courier["on"]) / 60
        ahead = min(1.0, max(0.0, (earned + per_order - guaranteed) / PAY_SPAN))
        return Driver(
            id=courier["id"],
            at=(courier["x"], courier["y"]),
            free_at=courier["free_at"] * MINUTE,
            off_at=courier["off"] * MINUTE,
            free=courier["idle"],
            pay_price=ahead * PAY_WEIGHT * MINUTE,
        )
