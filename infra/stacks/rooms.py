"""The stacks of the rooms, and the rooms that each stack deploys together."""

from collections.abc import Callable

from aws_cdk import App, Environment
from constructs import Construct

from infra.parts.platform import Platform
from infra.parts.stage_stack import StageStack
from infra.rooms.audit import Audit
from infra.rooms.claims import Claims
from infra.rooms.contact import Contact
from infra.rooms.data_rights import DataRights
from infra.rooms.dispatch import Dispatch
from infra.rooms.documents import Documents
from infra.rooms.drivers import Drivers
from infra.rooms.extra_pay import ExtraPay
from infra.rooms.insight import Insight
from infra.rooms.intake import Intake
from infra.rooms.invoicing import Invoicing
from infra.rooms.merchants import Merchants
from infra.rooms.notify import Notify
from infra.rooms.onboarding import Onboarding
from infra.rooms.pay_floors import PayFloors
from infra.rooms.payouts import Payouts
from infra.rooms.performance import Performance
from infra.rooms.proof import Proof
from infra.rooms.sandbox import Sandbox
from infra.rooms.sessions import Sessions
from infra.rooms.settlement import Settlement
from infra.rooms.standing import Standing
from infra.rooms.tariffs import Tariffs
from infra.rooms.tax import Tax
from infra.rooms.tracking import Tracking
from infra.settings import Settings

type Room = Callable[[Construct, Platform], Construct]

STACKS: dict[str, dict[str, Room]] = {
    "Orders": {"merchants": Merchants, "intake": Intake, "sandbox": Sandbox},
    "Drivers": {
        "sessions": Sessions,
        "drivers": Drivers,
        "onboarding": Onboarding,
        "tracking": Tracking,
        "proof": Proof,
        "performance": Performance,
        "standing": Standing,
        "documents": Documents,
    },
    "Dispatch": {"dispatch": Dispatch},
    "Messages": {"notify": Notify, "contact": Contact},
    "Insight": {"insight": Insight, "audit": Audit, "datarights": DataRights},
    "Money": {
        "tariffs": Tariffs,
        "settlement": Settlement,
        "tax": Tax,
        "payouts": Payouts,
        "extrapay": ExtraPay,
        "payfloors": PayFloors,
        "claims": Claims,
        "invoicing": Invoicing,
    },
}
"""The rooms of each stack, by name. These stacks do not refer to each other."""


class RoomsStack(StageStack):
    """The functions and queues of some rooms, with the alarms on them.

    Parameters
    ----------
    part : str
        A key of ``STACKS``.
    """

    def __init__(self, app: App, settings: Settings, part: str, env: Environment | None = None) -> None:
        rooms = STACKS[part]
        super().__init__(app, settings, part, ", ".join(rooms), env)
        self.platform = Platform(self, settings)
        for room in rooms.values():
            room(self, self.platform)
        self.platform.alarms.watch(rooms)
        self.platform.finish()
