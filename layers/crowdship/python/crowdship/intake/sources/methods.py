"""Detection of orders that customers collect: by the shipping method, never by a note."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum

from crowdship.kernel.geo import Point, distance_m
from crowdship.merchants.model import Store
from crowdship.merchants.shop_settings import ShopSettings

SAME_PLACE_M = 75
"""An address written like the store's counts as the store's if its coordinates are within this many metres of it."""


class Handling(StrEnum):
    """The party that brings an order to its customer."""

    COLLECTED = "collected"
    DELIVERED = "delivered"


_ID = re.compile(
    r"^pick_up|(^|_)(local_pickup|pickup_location|(in_)?store_pickup|pickup_(from_|in_|at_)?store|click_(and_)?collect)"
)
"""Ids of shipping methods; plugins add a prefix, an instance or a suffix (``local_pickup:3``)."""

METHOD_ATTRIBUTES = frozenset(
    {
        *("checkoutmethod", "deliverymethod", "deliverytype", "fulfillmentmethod", "fulfilmentmethod"),
        *("fulfillmenttype", "fulfilmenttype", "ordertype", "shippingmethod", "shippingtype", "deliveryoption"),
        *("liefermethode", "lieferart", "versandart", "modedelivraison", "metododeenvio", "bezorgmethode"),
    }
)
"""Names of order attributes that say how an order is handed over, without case and punctuation."""

COLLECTED_WORDS = frozenset(
    {
        *("pickup", "storepickup", "instorepickup", "localpickup", "curbside", "curbsidepickup", "collection"),
        *("collect", "clickandcollect", "clickcollect", "instore", "takeaway", "takeout", "selfpickup"),
        *("pickupinstore", "pickupatstore", "storecollection", "collectinstore", "customerpickup", "dinein", "eatin"),
        *("abholung", "selbstabholung", "abholen", "selbstabholer", "retrait", "retraitenmagasin", "ritiro"),
        *("recogida", "recogidaentienda", "afhalen", "ophalen", "gelal", "odbiórosobisty", "hämtaibutik"),
    }
)
DELIVERED_WORDS = frozenset(
    {
        *("delivery", "localdelivery", "homedelivery", "deliver", "shipping", "courier"),
        *("lieferung", "versand", "livraison", "consegna", "envío", "entrega", "bezorgen", "dostawa"),
    }
)

_COLLECTION = re.compile(
    r"\b(pick ?ups?|click ?(and|n|&) ?collect|clique et collecte|click collect"
    r"|collect(ion)? (in|at|from)\b|in store( collection)?$"
    r"|store collection|collection$|curbside|take ?away|take ?out|self collect(ion)?"
    r"|will call|bopis|dine in|eat in|(selbst)?abhol(ung|en|er)|retrait|à emporter|ritiro|recogida|recoger en|retiro en"
    r"|retirada n[ao]|levantamento em|(af|op)halen|odbiór osobisty|osobní odběr|odběr na prodejně"
    r"|mağazadan teslim|gel al"
    r"|hämta i butik|självhämtning|hent i butik|nouto|самовывоз|店頭受取|門市自取)\b"
)
"""Words in titles of shipping methods that mean that customers collect."""

_DELIVERY = re.compile(
    r"\b(deliver\w*|couriers?|shipping|shipped|versand|zustellung|liefer\w*|livraison|consegna|env[ií]o|entrega"
    r"|bezorg\w*|kurier\w*|coursier|kurye|teslimat|dostaw\w*|doručení|leverans|levering|kuljetus|доставк\w*)\b"
)
_NEGATION = re.compile(r"\b(no|not|without|non|kein\w*|ohne|sans|senza|sin|sem|geen|bez|ej|без)\b")
_STREET = re.compile(r"\bpick ?up (lane|street|st|road|rd|avenue|ave|drive|dr|way|square|court|trucks?|vans?)\b")


def squeezed(text: str) -> str:
    """Return the letters and digits of a text, in lower case, with ``&`` spelt out."""
    spelt = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ")
    return "".join(letter for letter in spelt if letter.isalnum())


def handling_of(
    methods: Iterable[Iterable[str]], attributes: Mapping[str, str], settings: ShopSettings
) -> Handling | None:
    """Return who brings an order; None if the order does not say, as most orders that are to be delivered.

    The merchant's own lists come first, then ids and attributes, and titles only where these say nothing.

    Parameters
    ----------
    methods : iterable of iterables of str
        The ids, codes and titles of each shipping method of the order.
    attributes : mapping of str to str
        The order's attributes.
    """
    lines = [[text for text in line if text] for line in methods]
    lines = [line for line in lines if line]
    theirs, ours = ({squeezed(name) for name in names} for names in _listed(settings))
    if any(squeezed(text) in ours for line in lines for text in line):
        return Handling.DELIVERED
    if lines and all(any(squeezed(text) in theirs for text in line) for line in lines):
        return Handling.COLLECTED
    for name, value in attributes.items():
        if squeezed(name).removeprefix("_") in METHOD_ATTRIBUTES:
            if squeezed(value) in COLLECTED_WORDS:
                return Handling.COLLECTED
            if squeezed(value) in DELIVERED_WORDS:
                return Handling.DELIVERED
    if lines and all(any(_is_collection(text) for text in line) and not _says_delivery(line) for line in lines):
        return Handling.COLLECTED
    return None


def _listed(settings: ShopSettings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return settings.collected_methods, settings.delivered_methods


def _is_collection(text: str) -> bool:
    lowered = unicodedata.normalize("NFKC", text).casefold().strip()
    if "_" in lowered or ":" in lowered:
        return _ID.search(re.sub(r"[^a-z]+", "_", lowered).strip("_")) is not None
    words = _words(lowered)
    spoken = _COLLECTION.search(words) and not _DELIVERY.search(words) and not _NEGATION.search(words)
    return bool(spoken) and not _STREET.search(words)


def _says_delivery(line: Iterable[str]) -> bool:
    return any(_DELIVERY.search(_words(text.casefold())) for text in line)


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^\w&]+", " ", text.replace("-", " ").replace("_", " ")).split())


def is_store(address: str, second_line: str, point: Point | None, store: Store | None) -> bool:
    """Return whether an order's address is the merchant's own store, as some shops address collected orders.

    A customer who lives in the same house has a second address line or another door.
    """
    if store is None or second_line:
        return False
    first = store.contact.address.partition(",")[0]
    near = point is None or distance_m(point, store.point) <= SAME_PLACE_M
    return near and squeezed(address) == squeezed(first) != ""
