"""Filters of a list of deliveries: the index that answers them, and what is left to check on each delivery. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import CLOSED, State
from crowdship.kernel.clock import Day
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value

POSITION = re.compile(r"[0-9T:.Z-]{20,32}#dlv_[0-9a-z]{1,40}", re.ASCII)
"""The form of a position in a list: the moment of creation and the delivery."""


class Filters(Value):
    """The deliveries that a caller wants listed; a filter that is left out lets all through.

    Parameters
    ----------
    driver_id : str, optional
        The driver who has the delivery, or had it when it ended.
    day : date, optional
        The UTC day on which the delivery was created.
    """

    state: State | None = None
    driver_id: str | None = None
    merchant_id: str | None = None
    zone_id: str | None = None
    day: Day | None = None

    @property
    def given(self) -> dict[str, object]:
        """The filters that are not left out, by name."""
        return {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}

    def match(self, delivery: Delivery) -> bool:
        """Return whether a delivery passes all filters."""
        same = all(getattr(delivery, name) == value for name, value in self.given.items() if name != "day")
        return same and self.day in (None, delivery.created_at.astimezone(UTC).date())


class ListIndex(StrEnum):
    """An index of the deliveries' table in the order of creation; ``store.py`` has the keys of each."""

    BY_DRIVER = "by_driver"
    BY_MERCHANT = "by_merchant"
    BY_STATE = "by_state"


@dataclass(frozen=True)
class Answer:
    """An index, and the filters that the index does not answer: these are checked on each delivery."""

    index: ListIndex
    unanswered: frozenset[str]


WITH_DAY = {
    "driver_id": ListIndex.BY_DRIVER,
    "merchant_id": ListIndex.BY_MERCHANT,
    "zone_id": ListIndex.BY_STATE,
}
"""By filter, the index that answers it together with a day.

Of several filters the first one counts: a driver has fewer deliveries a day than a merchant,
and a merchant fewer than a zone.
"""

RIGHT_FILTERS = (
    f"Give day with {', '.join(list(WITH_DAY)[:-1])} or {list(WITH_DAY)[-1]}, "
    f"or zone_id with a state that is no end: {', '.join(state for state in State if state not in CLOSED)}."
)


def answer_to(filters: Filters) -> Answer:
    """Return the index that answers some filters, and the filters that the index leaves to be checked.

    Raises
    ------
    Unprocessable
        If only reading all deliveries would answer them; the message says which filters are right.

    Examples
    --------
    >>> answer = answer_to(Filters(zone_id="loop", state=State.ASSIGNED))
    >>> str(answer.index), sorted(answer.unanswered)
    ('by_state', ['state'])
    """
    given = filters.given
    named = [name for name in WITH_DAY if name in given]
    if "day" in given and named:
        answered = {"day", named[0]}
        index = WITH_DAY[named[0]]
    elif "zone_id" in given and "state" in given and filters.state not in CLOSED:
        answered = {"zone_id"}
        index = ListIndex.BY_STATE
    else:
        missing = "day" if named else "zone_id"
        detail = f"No index answers {' with '.join(given) or 'a list without a filter'}. {RIGHT_FILTERS}"
        raise Unprocessable("no_such_list", detail, f"/query/{missing}")
    if index is ListIndex.BY_STATE and filters.state in CLOSED:
        answered.add("state")
    return Answer(index, frozenset(given) - answered)
