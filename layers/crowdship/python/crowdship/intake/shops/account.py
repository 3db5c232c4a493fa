"""Use cases of a merchant on its own shops: their settings and their ignored messages."""

from typing import Any

from crowdship.adapters.clock import RunningClock
from crowdship.intake.shops import ignored, receiving
from crowdship.intake.shops.ignored import IgnoredPage, IgnoredView, SourceView
from crowdship.intake.sources.registry import source_of
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound
from crowdship.merchants import service as merchants
from crowdship.merchants.connections import Source, SourceName
from crowdship.merchants.model import Merchant
from crowdship.merchants.shop_settings import ShopSettings

WALL = RunningClock()


def read(merchant_id: str, name: str, wall: Clock = WALL) -> SourceView:
    """Return a connected source, with the number of its ignored messages.

    Raises
    ------
    NotFound
        If none of that kind is connected.
    """
    return _view(merchants.get(merchant_id), source_of(name).NAME, wall)


def change_settings(merchant_id: str, name: str, asked: ShopSettings, wall: Clock = WALL) -> SourceView:
    """Change the settings by which a shop's orders are read; settings left out stay.

    Raises
    ------
    NotFound
        If none of that kind is connected.
    """
    kind = source_of(name).NAME
    given = {field: getattr(asked, field) for field in asked.model_fields_set}

    def apply(merchant: Merchant) -> tuple[Merchant, Merchant]:
        before = _connected(merchant, kind)
        changed = merchant.connect(before.model_copy(update={"settings": before.settings.model_copy(update=given)}))
        return changed, changed

    return _view(merchants.change(merchant_id, apply), kind, wall)


def _connected(merchant: Merchant, kind: SourceName) -> Source:
    if (connected := merchant.source(kind)) is None:
        raise NotFound("no_such_source", f"No {kind} source is connected; our staff connect it.")
    return connected


def _view(merchant: Merchant, kind: SourceName, wall: Clock) -> SourceView:
    return SourceView.of(_connected(merchant, kind), ignored.counted(merchant.id, kind, wall.now()))


def messages(merchant_id: str, name: str, before: str | None, limit: int) -> IgnoredPage:
    """Return ignored messages of a source, the newest first, even if it is not connected any more.

    Raises
    ------
    NotFound
        If none of that kind is connected and none sent anything.
    """
    kind = source_of(name).NAME
    found = ignored.page(merchant_id, kind, before, limit)
    if not found.messages and before is None:
        _connected(merchants.get(merchant_id), kind)
    return found


def retry(merchant_id: str, name: str, message_id: str, clock: Clock, context: Any = None) -> IgnoredView:
    """Try a message again; see ``receiving.retry``."""
    return receiving.retry(source_of(name), merchant_id, message_id, clock, context)
