"""Performance: what says how drivers work is counted."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue


class Performance(Construct):
    """A consumer of ends of deliveries, ratings and ends of offers."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Performance")
        score = RoomFunction(self, platform, "events/score", reads=["deliveries"], writes=["drivers", "standing"])
        scores = WorkQueue(self, platform, "scores", score)
        platform.bus.tells(
            scores,
            "delivery.delivered",
            "delivery.failed",
            "delivery.corrected",
            "delivery.pay_refused",
            "delivery.reopened",
            "rating.given",
            livemode=True,
        )
        platform.bus.tells(scores, "offer.accepted", "offer.declined", "offer.expired", rule="Offers")
