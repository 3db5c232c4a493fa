"""The registry of sources: each name of ``SourceName`` is a module of this folder."""

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from crowdship.intake.sources.model import OrderSource
from crowdship.kernel.errors import NotFound
from crowdship.merchants.connections import SourceName

SOURCES: Mapping[SourceName, OrderSource] = {
    name: cast(OrderSource, import_module(f"crowdship.intake.sources.{name}")) for name in SourceName
}
"""Every kind of source by its name.

>>> SOURCES[SourceName.WEBHOOK].TITLE
'system that signs its orders'
"""


def source_of(name: str) -> OrderSource:
    """Return a kind of source by its name.

    Raises
    ------
    NotFound
        If there is no such kind.
    """
    if name not in SOURCES:
        raise NotFound("no_such_source", f"There is no source {name}; there are {', '.join(sorted(SOURCES))}.")
    return SOURCES[SourceName(name)]
