"""Audit: what staff changed, for staff to read; each function of staff writes its own entries."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform


class Audit(Construct):
    """The function that lists entries of the audit trail."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Audit")
        RoomFunction(self, platform, "console/audit", reads=["audit"])
