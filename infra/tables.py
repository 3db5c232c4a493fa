"""Every table, with its indexes. The module does not import the CDK."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Index:
    """A secondary index of a table; it holds only keys, and rows are then read from the table."""

    name: str
    partition: str
    sort: str


@dataclass(frozen=True)
class Shape:
    """A table's keys, indexes and other properties.

    Parameters
    ----------
    stream : bool
        Whether its rows hold events, which a stream brings to the bus.
    indexes : tuple of Index
        Its indexes.
    expires : str, optional
        The attribute with the Unix second after which DynamoDB deletes a row; rows stay if left out.
    own_key : bool
        Whether it is encrypted with a key of its own.
    partition, sort : str
        The attributes of its key; no ``sort`` if None.
    """

    stream: bool = False
    indexes: tuple[Index, ...] = ()
    expires: str | None = None
    own_key: bool = False
    partition: str = "pk"
    sort: str | None = "sk"


TABLES = {
    "deliveries": Shape(
        stream=True,
        indexes=(
            Index("by_zone", "open_zone", "plan_from"),
            Index("by_merchant", "merchant_day", "created_key"),
            Index("by_driver", "driver_day", "created_key"),
            Index("by_state", "zone_state", "created_key"),
            Index("by_hold", "held_zone", "held_since"),
            Index("by_settling", "settles_on", "pk"),
            Index("by_reference", "reference", "created_key"),
        ),
    ),
    "intake": Shape(stream=True, expires="expires_at"),
    "dispatch": Shape(stream=True, expires="expires_at"),
    "drivers": Shape(stream=True, indexes=(Index("on_duty", "duty_zone", "pk"), Index("by_due", "due", "due_on"))),
    "onboarding": Shape(
        stream=True,
        indexes=(Index("by_stage", "stage", "submitted_key"), Index("by_due", "due", "due_at")),
        expires="expires_at",
    ),
    "routes": Shape(stream=True),
    "zones": Shape(),
    "traffic": Shape(),
    "merchants": Shape(),
    "usage": Shape(expires="expires_at"),
    "vault": Shape(own_key=True, expires="expires_at"),
    "places": Shape(expires="expires_at"),
    "tracking": Shape(stream=True, expires="expires_at"),
    "proof": Shape(stream=True),
    "documents": Shape(stream=True, indexes=(Index("by_waiting", "waits_for", "waits_since"),)),
    "training": Shape(stream=True),
    "contact": Shape(stream=True, indexes=(Index("by_waiting", "waits_for", "waits_since"),), expires="expires_at"),
    "data_rights": Shape(stream=True, indexes=(Index("by_due", "waits_for", "due_at"),), expires="expires_at"),
    "standing": Shape(
        stream=True, indexes=(Index("by_waiting", "waits_for", "waits_since"), Index("by_due", "due", "due_at"))
    ),
    "claims": Shape(
        stream=True, indexes=(Index("by_state", "waits_for", "decide_by"), Index("by_due", "due", "due_at"))
    ),
    "invoicing": Shape(stream=True, indexes=(Index("by_due", "due", "due_at"),)),
    "tariffs": Shape(stream=True, expires="expires_at"),
    "settlement": Shape(stream=True),
    "tax": Shape(stream=True, indexes=(Index("by_waiting", "waits_for", "pk"), Index("by_due", "due", "due_at"))),
    "payouts": Shape(
        stream=True,
        indexes=(
            Index("by_driver", "payee", "made_key"),
            Index("by_run", "run_day", "state_key"),
            Index("by_open", "open_state", "made_key"),
        ),
    ),
    "incentives": Shape(stream=True, expires="expires_at"),
    "pay_floors": Shape(stream=True, expires="expires_at"),
    "blocks": Shape(stream=True, expires="expires_at"),
    "insight": Shape(expires="expires_at"),
    "notify": Shape(stream=True, expires="expires_at"),
    "audit": Shape(expires="expires_at"),
    "idempotency": Shape(expires="expiration", partition="id", sort=None),
}
"""All tables; docs/data-model.md describes their keys."""
