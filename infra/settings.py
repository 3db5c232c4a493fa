"""Settings: everything that differs between deployments, read from the CDK context (``cdk.json``, ``--context``)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from constructs import Node

Stage = Literal["local", "sandbox", "prod"]
Geocoder = Literal["none", "amazon"]
Relay = Literal["none", "http"]
PayoutProvider = Literal["nacha", "rail", "stripe"]
PayCadence = Literal["daily", "weekly"]
PROOF_KEPT_DAYS = 400
DOCUMENTS_KEPT_DAYS = 1096
"""Photos of doors are kept for claims and chargebacks, which come within a year, and no longer."""

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """One deployment.

    Parameters
    ----------
    stage : str
        ``local`` (the emulator on this machine), ``sandbox`` (AWS, may be thrown away) or ``prod``. It is part of every
        name, so that stages share only the account. Only ``local`` is less strict than ``prod``.
    sender_email : str
        Address that customers, drivers and finance get mail from; SES asks its owner to confirm it. It belongs to one
        stage: SES knows an address once in an account and region.
    finance_email : str
        Address that gets the daily report.
    alarm_email : str, optional
        Address that alarms are mailed to; None if the alarm topic has other subscribers.
    web_origins : tuple of str
        Origins whose pages may call the API; any origin by default. That is safe because callers authenticate by a
        header and never by a cookie, so a page can't act for a user of another page.
    geocoder : str
        The geocoder of orders without coordinates: ``none``, or ``amazon`` (Amazon Location Service, which bills per
        address).
    relay : str
        The provider that connects calls of customers and drivers: ``none``, or ``http`` (a service whose address and
        key are in the secret of the stage). The local stage has ``http``, with an imitation.
    payout_provider : str
        The provider that pays drivers, one of ``crowdship/payouts/registry.py``: by default ``nacha``, which needs no
        other service, and on the local stage ``rail``, with an imitation.
    pay_cadence : str
        How often drivers are paid who chose nothing: ``daily`` or ``weekly``.
    proof_lock_days : int
        Days for which a picture that became proof can't be deleted; by default 400 in production, for which pictures
        are kept, and one elsewhere. A role that may bypass governance can delete one earlier, for an erasure.
    layers : Path
        Folder of the built third-party layers, ``<architecture>/<layer>``.
    """

    stage: Stage
    sender_email: str = ""
    finance_email: str = "finance@crowdship.example"
    alarm_email: str | None = None
    web_origins: tuple[str, ...] = ("*",)
    geocoder: Geocoder = "none"
    relay: Relay = "none"
    payout_provider: str = ""
    pay_cadence: PayCadence = "daily"
    proof_lock_days: int = 0
    layers: Path = ROOT / "build" / "layers"

    def __post_init__(self) -> None:
        if self.stage not in get_args(Stage):
            raise ValueError(f"stage is {self.stage!r}: use one of {', '.join(get_args(Stage))}")
        if not self.sender_email:
            object.__setattr__(self, "sender_email", f"reports@{self.stage}.crowdship.example")
        if self.local and self.relay == "none":
            object.__setattr__(self, "relay", "http")
        if not self.payout_provider:
            object.__setattr__(self, "payout_provider", "rail" if self.local else "nacha")
        if self.geocoder not in get_args(Geocoder):
            raise ValueError(f"geocoder is {self.geocoder!r}: use one of {', '.join(get_args(Geocoder))}")

        if not self.proof_lock_days:
            object.__setattr__(self, "proof_lock_days", PROOF_KEPT_DAYS if self.production else 1)
        if not 1 <= self.proof_lock_days <= PROOF_KEPT_DAYS:
            raise ValueError(f"proof_lock_days is {self.proof_lock_days}: use 1 to {PROOF_KEPT_DAYS}")
        chosen = {"relay": Relay, "payout_provider": PayoutProvider, "pay_cadence": PayCadence}
        for name, choices in chosen.items():
            if getattr(self, name) not in get_args(choices):
                raise ValueError(f"{name} is {getattr(self, name)!r}: use one of {', '.join(get_args(choices))}")

    @property
    def local(self) -> bool:
        """True if the deployment runs in the emulator."""
        return self.stage == "local"

    @property
    def production(self) -> bool:
        """True if its data is protected against deletion."""
        return self.stage == "prod"

    @property
    def namespace(self) -> str:
        """The namespace of our own metrics, and the beginning of all stacks' names: ``Crowdship-sandbox``."""
        return f"Crowdship-{self.stage}"

    def stack_name(self, part: str) -> str:
        """Return a stack's name, ``Crowdship-sandbox-Orders``; names that CloudFormation generates begin with it."""
        return f"{self.namespace}-{part}"

    def named(self, *parts: str) -> str:
        """Return the name of a resource of this stage: ``crowdship-sandbox-ticks``."""
        return "-".join(("crowdship", self.stage, *parts))

    def path(self, *parts: str) -> str:
        """Return the name of a log group or a secret of this stage: ``crowdship/sandbox/api``."""
        return "/".join(("crowdship", self.stage, *parts))

    def function_name(self, function: str) -> str:
        """Return the name of the function ``<audience>/<subject>``: ``crowdship-sandbox-merchant-event-log``."""
        audience, subject = function.split("/")
        return self.named(audience, subject.replace("_", "-"))

    def parameter(self, name: str) -> str:
        """Return the name of an SSM parameter, by which a stack publishes a value to others."""
        return "/" + self.path("stacks", name)

    @classmethod
    def from_context(cls, node: Node) -> "Settings":
        """Return the settings in the context of an app; a value for one stage overrides the value for all stages.

        Raises
        ------
        ValueError
            If no stage or an unknown one is named, or the sender address belongs to another stage.
        """
        stage = node.try_get_context("stage")
        if not stage:
            stages = ", ".join(get_args(Stage))
            raise ValueError(f"no stage is named, and there is no default: add --context stage=<one of {stages}>")
        by_stage: dict[str, dict[str, Any]] = node.try_get_context("stages") or {}
        own = by_stage.get(stage, {})
        names = (
            *("sender_email", "finance_email", "alarm_email", "web_origins", "proof_lock_days"),
            *("geocoder", "relay", "payout_provider", "pay_cadence"),
        )
        given = {name: value for name in names if (value := own.get(name) or node.try_get_context(name))}
        if isinstance(origins := given.get("web_origins"), str | list):
            given["web_origins"] = tuple(origins.split(",") if isinstance(origins, str) else origins)
        if days := given.get("proof_lock_days"):
            given["proof_lock_days"] = int(days)
        if folder := node.try_get_context("layers"):
            given["layers"] = Path(folder)
        settings = cls(stage=stage, **given)
        for other, theirs in by_stage.items():
            if other != stage and theirs.get("sender_email") == settings.sender_email:
                raise ValueError(f"sender_email of {stage} is that of {other}: give each stage an address of its own")
        return settings
