"""What differs between deployments, read from the CDK context (``cdk.json``, ``--context``) in one place."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from constructs import Node

Stage = Literal["local", "sandbox", "prod"]
Geocoder = Literal["none", "amazon"]
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """One deployment.

    Parameters
    ----------
    stage : str
        ``local`` (the emulator on this machine), ``sandbox`` (AWS, may be thrown away) or ``prod``.
    sender_email : str
        Address that customers, drivers and finance get mail from; SES asks its owner to confirm it.
    finance_email : str
        Address that gets the daily report.
    alarm_email : str, optional
        Address that alarms are mailed to; none if other means subscribe to the alarm topic.
    web_origins : tuple of str
        Origins whose pages may call the API. Any may by default: callers prove themselves with a
        header, which no page can send for another, never with a cookie.
    geocoder : str
        Who tells where an address is, for orders without coordinates: ``none``, or ``amazon`` (Amazon Location
        Service, which costs per address).
    layers : Path
        Folder of the built third-party layers, ``<architecture>/<layer>``.
    """

    stage: Stage = "prod"
    sender_email: str = "reports@crowdship.example"
    finance_email: str = "finance@crowdship.example"
    alarm_email: str | None = None
    web_origins: tuple[str, ...] = ("*",)
    geocoder: Geocoder = "none"
    layers: Path = ROOT / "build" / "layers"

    def __post_init__(self) -> None:
        if self.stage not in get_args(Stage):
            raise ValueError(f"stage is {self.stage!r}: use one of {', '.join(get_args(Stage))}")
        if self.geocoder not in get_args(Geocoder):
            raise ValueError(f"geocoder is {self.geocoder!r}: use one of {', '.join(get_args(Geocoder))}")

    @property
    def local(self) -> bool:
        """Whether this goes to the emulator."""
        return self.stage == "local"

    @property
    def production(self) -> bool:
        """Whether its data has to outlive mistakes."""
        return self.stage == "prod"

    @classmethod
    def from_context(cls, node: Node) -> "Settings":
        """Return the settings in the context of an app."""
        names = ("stage", "sender_email", "finance_email", "alarm_email", "geocoder")
        given = {name: value for name in names if (value := node.try_get_context(name))}
        if origins := node.try_get_context("web_origins"):
            given["web_origins"] = tuple(origins.split(",") if isinstance(origins, str) else origins)
        return cls(**given)
