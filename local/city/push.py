"""Push notifications: a driver's phone rings when the platform makes them an offer."""

from __future__ import annotations

import threading

from botocore.exceptions import BotoCoreError, ClientError

from local.city.day import Day
from local.running import RunningStack
from local.tap import Tap

LOOK_WALL_S = 0.25


class Push(threading.Thread):
    """Thread that rings the phones of all drivers whom an offer asks, until the day is over.

    Parameters
    ----------
    keys : dict of str to str
        The key of each driver in the plan, by the platform's driver id.
    """

    def __init__(self, stack: RunningStack, day: Day, keys: dict[str, str]) -> None:
        super().__init__(name="push", daemon=True)
        self._tap = Tap(stack, ("offer.made",))
        self._day, self._keys = day, keys

    def run(self) -> None:
        """Ring until the day is over; a lost ring loses no offer, as apps also ask for offers now and then."""
        while not self._day.stopping.wait(LOOK_WALL_S):
            try:
                offers = [envelope["detail"]["data"] for envelope in self._tap.take()]
            except (BotoCoreError, ClientError) as error:
                self._day.trouble.append(f"notifications: {error}")
                continue
            for offer in offers:
                for candidate in offer["candidates"]:
                    if key := self._keys.get(candidate["driver_id"]):
                        self._day.ring(key)
        self._tap.close()
