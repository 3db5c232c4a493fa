"""Events of the log and their positions."""

from datetime import datetime

from crowdship.kernel.events import Value
from crowdship.notify.log_keys import moment_of
from crowdship.notify.webhooks.bodies import WebhookMessage


class Logged(Value):
    """An event of the log and its position."""

    position: str
    message: WebhookMessage

    @property
    def arrived_at(self) -> datetime:
        """The moment of wall time at which it arrived."""
        return moment_of(self.position)


class EventSpan(Value):
    """Successive events of the log.

    Parameters
    ----------
    position : str
        The position after which to read on.
    more : bool
        Whether more events are there already.
    """

    events: tuple[Logged, ...]
    position: str
    more: bool
