"""Reading of events: fields of their data that a cause needs."""

from pydantic import ConfigDict

from crowdship.kernel.events import Value


class EventData(Value):
    """Fields of an event's data that are read here; others are ignored."""

    model_config = ConfigDict(extra="ignore")
