"""Fields of messages to drivers."""

from crowdship.notify.notices import Facts


class RouteFacts(Facts):
    """Fields of a message about a route; no name and no address, as an SMS can be read by others.

    Parameters
    ----------
    stops : int
        Open stops of the route as it is now.
    """

    stops: int
