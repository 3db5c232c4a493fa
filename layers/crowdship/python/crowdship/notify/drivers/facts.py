"""What the messages to a driver are made of."""

from crowdship.notify.notices import Facts


class RouteFacts(Facts):
    """What a message about a route is made of; no name and no address, as an SMS can be read by others.

    Parameters
    ----------
    stops : int
        Open stops of the route as it is now.
    """

    stops: int
