"""Domain events and the aggregates that emit them."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from crowdship.kernel.clock import Moment
from crowdship.kernel.ids import derived_id
from crowdship.kernel.reading import exact_fields


class Value(BaseModel):
    """An immutable value that refuses fields it doesn't know, and numbers that JSON can't hold.

    A refusal is logged, so it does not show what was refused: that may be somebody's name. A value that ignores unknown
    fields reads somebody else's format, and takes numbers as they write them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema; a value that refuses unknown fields refuses numbers in quotes as well."""
        schema = handler(source)
        return exact_fields(schema) if cls.model_config.get("extra") == "forbid" else schema


class DomainEvent(Value):
    """A change of an aggregate that others are told of.

    Parameters
    ----------
    id : str
        Made from the aggregate's id and the sequence: the same on every retry.
    type : str
        ``<aggregate>.<what happened>``, for example ``delivery.picked_up``.
    time : datetime
        Business time at which it happened.
    subject : str
        Id of the aggregate.
    sequence : int
        1, 2, 3 ... per aggregate, without a gap.
    data : dict
        As described by ``events/<type>.schema.json``.
    """

    id: str
    type: str
    time: Moment
    subject: str
    sequence: int = Field(ge=1)
    data: dict[str, Any]

    @property
    def livemode(self) -> bool:
        """True if it happened in the world. A sandbox's events move no driver, no money and no metric."""
        return bool(self.data.get("livemode", True))


class Aggregate(Value):
    """A thing that changes as a whole, under a version.

    A change returns a new aggregate, which carries the events that it emits. ``stored_version`` is the version that the
    store read. The store writes the next version, and only if nobody else wrote it first.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    >>> route = Aggregate(id="drv_1").emitting("route.changed", noon, {"driver_id": "drv_1"})
    >>> route.sequence, [event.type for event in route.events], route.events[0].id == route.event_ids[0]
    (1, ['route.changed'], True)
    """

    id: str
    sequence: int = 0
    stored_version: int = Field(default=0, exclude=True)
    events: tuple[DomainEvent, ...] = Field(default=(), exclude=True)

    def id_of_event(self, sequence: int) -> str:
        """Return the id of this aggregate's event with a sequence, whether or not it has happened."""
        # With the kind of aggregate: a driver and their route, a delivery and its proof share an id.
        return derived_id("evt", self.__class__.__name__, self.id, sequence)

    @property
    def event_ids(self) -> list[str]:
        """The ids of all its events, in order."""
        return [self.id_of_event(sequence) for sequence in range(1, self.sequence + 1)]

    def emitting(self, type: str, time: Moment, data: dict[str, Any]) -> Self:
        """Return this aggregate with one more event to be published by the write that stores it."""
        sequence = self.sequence + 1
        event = DomainEvent(
            id=self.id_of_event(sequence),
            type=type,
            time=time,
            subject=self.id,
            sequence=sequence,
            data=data,
        )
        return self.model_copy(update={"sequence": sequence, "events": (*self.events, event)})

    def with_changes(self, **changes: Any) -> Self:
        """Return a copy with some fields replaced."""
        return self.model_copy(update=changes)
