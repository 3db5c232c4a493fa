"""The event contracts as code: what is on the bus must look as `events/` says."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from crowdship.adapters.bus import events_of_record
from crowdship.kernel.events import DomainEvent

EVENTS = Path(__file__).parents[1] / "events"
SAMPLES = EVENTS / "samples"


def events_of_stream(records: Iterable[dict[str, Any]]) -> list[DomainEvent]:
    """Return the events that the writes in some stream records emitted, in order."""
    return [event for record in records for event in events_of_record(record)]


def schema_files() -> list[Path]:
    """Return all schema files, the common parts included."""
    return sorted(EVENTS.glob("*.schema.json"))


def event_types() -> list[str]:
    """Return the types that have a schema."""
    return [name for path in schema_files() if (name := path.name.removesuffix(".schema.json")) != "common"]


@cache
def _registry() -> Registry:
    schemas = (json.loads(path.read_text()) for path in schema_files())
    return Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas)


@cache
def _validator(event_type: str) -> Draft202012Validator:
    if event_type not in event_types():
        raise AssertionError(f"there is no events/{event_type}.schema.json; describe every event that is emitted")
    return Draft202012Validator(json.loads((EVENTS / f"{event_type}.schema.json").read_text()), registry=_registry())


def validate_event(event: dict[str, Any]) -> None:
    """Check a domain event, as it stands in an EventBridge detail, against the schema of its type.

    Raises
    ------
    AssertionError
        With all that is wrong, each with its place.
    """
    faults = [f"{fault.json_path}: {fault.message}" for fault in _validator(event["type"]).iter_errors(event)]
    if faults:
        raise AssertionError(f"{event['type']} breaks its contract: " + "; ".join(faults))


def sample(name: str) -> Any:
    """Return a sample of `events/samples/`, for example ``delivery.created`` or ``lambda/notices.sqs``."""
    return json.loads((SAMPLES / f"{name}.json").read_text())
