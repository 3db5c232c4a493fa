"""A call between two people who don't learn each other's number, and the port of providers that connect it."""

from datetime import datetime
from typing import Protocol

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value


class RelayNumber(Value):
    """The number that connects a customer and a driver; anybody else who dials it reaches nobody."""

    number: str
    expires_at: Moment


class RelayUnavailable(Exception):  # noqa: N818 - an answer of the port
    """The provider did not give a number; the same request may be sent again."""


class RelayProvider(Protocol):
    """Port to a company that connects calls."""

    def number_for(self, session_id: str, phones: tuple[str, str], expires_at: datetime) -> str:
        """Return the number that connects two phones with each other until a moment.

        Repeated calls with the same session give the same number, and move its end.

        Raises
        ------
        RelayUnavailable
            If no number can be had now.
        """
        ...
