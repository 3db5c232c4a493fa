"""The systems that send a merchant's orders by themselves: their names, and what connects one."""

from enum import StrEnum

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.merchants.shop_settings import ShopSettings


class SourceName(StrEnum):
    """A kind of system that sends orders by itself."""

    # A line registers a kind: the module of that name in ``intake/sources`` holds everything else about it. Only the
    # names stand in this room, because merchants, the actors of a delivery and the API's document need them.
    BIGCOMMERCE = "bigcommerce"
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    WEBHOOK = "webhook"


class Source(Value):
    """A system that is connected to a merchant and sends orders.

    Parameters
    ----------
    shop : str or None
        The domain, address or id by which the system calls itself; None if it has none.
    settings : ShopSettings
        How the shop writes what has to be understood.
    """

    source: SourceName
    shop: str | None = None
    connected_at: Moment
    settings: ShopSettings = ShopSettings()


class ShopApi(Value):
    """The API of a shop whose messages only name an order, kept with the secrets of the connection.

    Parameters
    ----------
    url : str
        Beginning of the addresses of this shop's API, without a slash at its end.
    headers : dict of str to str
        The credential that opens it, as the headers of a request.
    """

    url: str
    headers: dict[str, str]


class Connection(Value):
    """Input of staff that connect a system; each kind of source adds its own fields with their meaning."""

    @property
    def shop(self) -> str | None:
        """The name by which the system's messages call it; None if they have none."""
        return None

    @property
    def chosen_secret(self) -> str | None:
        """The secret that the system signs with, if it chose that itself; None if it takes ours."""
        return None

    @property
    def api(self) -> ShopApi | None:
        """The system's API, if orders have to be fetched there."""
        return None
