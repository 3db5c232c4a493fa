"""The fields that templates of each kind of message to customers may use, and those that they have to."""

from collections.abc import Mapping
from dataclasses import dataclass

from crowdship.notify.channel import Channel

ALWAYS = frozenset({"merchant_name", "customer_name", "order_number", "link", "support"})


@dataclass(frozen=True)
class Kind:
    """A kind of message to customers, as its templates see it.

    Parameters
    ----------
    fields : frozenset of str
        Fields beside those that every kind has.
    needs_link : bool
        Whether its SMS has to hold the link, outside of every optional part.
    shows_pin : bool
        Whether its mail shows the PIN and the age to prove, below the text.
    """

    fields: frozenset[str] = frozenset()
    needs_link: bool = False
    shows_pin: bool = False

    @property
    def all_fields(self) -> frozenset[str]:
        """All fields that its templates may use."""
        return ALWAYS | self.fields

    def needed(self, channel: Channel) -> frozenset[str]:
        """Return the fields that a template for a channel has to use; a mail has the link in its button."""
        return frozenset({"link"}) if self.needs_link and channel is Channel.SMS else frozenset()


AT_THE_DOOR = frozenset({"pin", "minimum_age", "have_ready"})

KINDS: Mapping[str, Kind] = {
    "out_for_delivery": Kind(AT_THE_DOOR | {"minutes", "arrival"}, needs_link=True, shows_pin=True),
    "nearly_there": Kind(AT_THE_DOOR, shows_pin=True),
    "arrival_moved": Kind(frozenset({"minutes", "arrival"})),
    "delivered": Kind(frozenset({"proof_link"})),
    "not_delivered": Kind(),
    "failed": Kind(frozenset({"reason", "next"})),
    "still_coming": Kind(),
    "returned": Kind(),
    "driver_wrote": Kind(needs_link=True),
}
"""By the name of the notice; ``notify/customers/notices.py`` says when each is sent."""
