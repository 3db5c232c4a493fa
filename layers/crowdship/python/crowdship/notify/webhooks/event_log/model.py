"""Events of the log and their positions."""

from datetime import datetime

from crowdship.kernel.events import Value
from crowdship.notify.log_keys import moment_of
from crowdship.notify.webhooks.bodies import Message


class Logged(Value):
    """An event of the log, and where it stands."""

    position: str
    message: Message

    @property
    def arrived_at(self) -> datetime:
        """When it arrived, by the wall clock."""
        return moment_of(self.position)


class Span(Value):
    """Some events of the log.

    Parameters
    ----------
    position : str
        Where to go on.
    more : bool
        Whether there is more already.
    """

    events: tuple[Logged, ...]
    position: str
    more: bool
