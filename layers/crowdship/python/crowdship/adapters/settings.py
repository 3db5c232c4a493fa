"""Settings of this process, which differ between deployments and functions; read from the environment once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Self

RESOURCES = frozenset(
    {
        "ADDRESS_SECRET_ARN",
        "BUS_NAME",
        "DOCUMENTS_BUCKET",
        "EDGE_SECRET_ARN",
        "EXPORTS_BUCKET",
        "FINANCE_EMAIL",
        "INVOICES_BUCKET",
        "INVOICES_QUEUE_URL",
        "FLOORS_QUEUE_URL",
        "LOST_QUEUE_URL",
        "MAILINGS_QUEUE_URL",
        "NOTICES_QUEUE_URL",
        "ONBOARDING_WORKFLOW_ARN",
        "PAGES_BUCKET",
        "PAGES_URL",
        "PAYMENT_RAIL_SECRET_ARN",
        "PAYOUTS_BUCKET",
        "PAY_RUN_ARN",
        "PROOF_BUCKET",
        "PROOF_LOCK_DAYS",
        "PUSH_SECRET_ARN",
        "RELAY_SECRET_ARN",
        "REPLAYS_QUEUE_URL",
        "SIMULATIONS_QUEUE_URL",
        "SANDBOX_QUEUE_URL",
        "SCREENING_SECRET_ARN",
        "SENDER_EMAIL",
        "SESSION_SECRET_ARN",
        "SETTLEMENT_CYCLE_ARN",
        "TAX_BUCKET",
        "TAX_SECRET_ARN",
        "TAX_YEARS_QUEUE_URL",
        "TRACKING_SECRET_ARN",
        "USER_POOL_CLIENT_ID",
        "USER_POOL_ID",
        "WEBHOOKS_DEAD_QUEUE_URL",
        "WEBHOOKS_QUEUE_URL",
    }
)
"""Variables that ``infra`` gives to those functions only that need them."""


@dataclass(frozen=True)
class Settings:
    """Settings of one process.

    A setting that only some functions get is a property; without the variable it raises LookupError with its name.

    Parameters
    ----------
    stage : str
        ``local``, ``sandbox`` or ``prod``.
    region : str
        The AWS region.
    payout_provider : str
        The provider that pays drivers, one of ``payouts/registry.py``.
    pay_cadence : str
        How often drivers are paid who chose nothing: ``daily`` or ``weekly``.
    geocoder : str
        ``amazon`` if Amazon Location finds addresses, or ``none``.
    relay_provider : str
        The provider that connects calls, one of ``contact/relay/registry.py``, or ``none``.
    screening_provider : str
        The provider that checks applicants' background, one of ``onboarding/screening/registry.py``.
    tin_matcher : str
        The provider that checks taxpayer numbers, one of ``tax/matching/registry.py``.
    sms_opt_outs : str
        ``sns`` if SNS keeps a list of numbers that replied STOP, or ``none``.
    maps_bucket : str or None
        The bucket with street maps, for functions that compute travel times.
    ticks_queue_url : str
        The queue of ticks; empty in functions that send none.
    clock_file : str
        The file that sets the time of a local stack; empty elsewhere.
    resources : mapping of str to str
        Variables of ``RESOURCES`` that this function has.
    tables : mapping of str to str
        Names of tables, by variable (``DELIVERIES_TABLE``).

    Examples
    --------
    >>> here = Settings.from_environment({"STAGE": "sandbox", "PAGES_URL": "https://pages.example"})
    >>> here.stage, here.pages_url, here.table("deliveries")
    ('sandbox', 'https://pages.example', 'crowdship-deliveries')
    >>> here.proof_bucket
    Traceback (most recent call last):
    LookupError: PROOF_BUCKET is not set; infra must give it to this function
    """

    stage: str = "prod"
    region: str = "us-east-1"
    geocoder: str = "none"
    payout_provider: str = "rail"
    pay_cadence: str = "daily"
    relay_provider: str = "none"
    screening_provider: str = "http"
    tin_matcher: str = "http"
    sms_opt_outs: str = "sns"
    maps_bucket: str | None = None
    ticks_queue_url: str = ""
    clock_file: str = ""
    resources: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings that environment variables hold."""
        return cls(
            stage=environment.get("STAGE", "prod"),
            region=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1",
            geocoder=environment.get("GEOCODER", "none"),
            payout_provider=environment.get("PAYOUT_PROVIDER", "rail"),
            pay_cadence=environment.get("PAY_CADENCE", "daily"),
            relay_provider=environment.get("RELAY_PROVIDER", "none"),
            screening_provider=environment.get("SCREENING_PROVIDER", "http"),
            tin_matcher=environment.get("TIN_MATCHER", "http"),
            sms_opt_outs=environment.get("SMS_OPT_OUTS", "sns"),
            maps_bucket=environment.get("MAPS_BUCKET") or None,
            ticks_queue_url=environment.get("TICKS_QUEUE_URL", ""),
            clock_file=environment.get("CLOCK_FILE", ""),
            resources={name: environment[name] for name in RESOURCES if name in environment},
            tables={name: value for name, value in environment.items() if name.endswith("_TABLE")},
        )

    def table(self, name: str) -> str:
        """Return the name of a table: what ``<NAME>_TABLE`` says, or ``crowdship-<name>``."""
        return self.tables.get(f"{name.upper()}_TABLE", f"crowdship-{name}")

    def _given(self, variable: str) -> str:
        if variable not in self.resources:
            raise LookupError(f"{variable} is not set; infra must give it to this function")
        return self.resources[variable]

    @property
    def bus_name(self) -> str:
        """The event bus."""
        return self._given("BUS_NAME")

    @property
    def documents_bucket(self) -> str:
        """The bucket of drivers' documents."""
        return self._given("DOCUMENTS_BUCKET")

    @property
    def exports_bucket(self) -> str:
        """The bucket of exports of drivers' data."""
        return self._given("EXPORTS_BUCKET")

    @property
    def finance_email(self) -> str:
        """The recipient of financial reports."""
        return self._given("FINANCE_EMAIL")

    @property
    def invoices_bucket(self) -> str:
        """The bucket of invoices."""
        return self._given("INVOICES_BUCKET")

    @property
    def invoices_queue_url(self) -> str:
        """The queue of merchants whose invoices are to be made."""
        return self._given("INVOICES_QUEUE_URL")

    @property
    def floors_queue_url(self) -> str:
        """The queue of pay periods that are to be reckoned."""
        return self._given("FLOORS_QUEUE_URL")

    @property
    def lost_queue_url(self) -> str:
        """The queue of events that the bus did not take."""
        return self._given("LOST_QUEUE_URL")

    @property
    def pages_bucket(self) -> str:
        """The bucket that the pages are served from."""
        return self._given("PAGES_BUCKET")

    @property
    def relay_secret(self) -> str:
        """The secret with the address and the key of the provider that connects calls."""
        return self._given("RELAY_SECRET_ARN")

    @property
    def pages_url(self) -> str:
        """The address of the pages, without a slash at its end."""
        return self._given("PAGES_URL")

    @property
    def onboarding_workflow(self) -> str:
        """The state machine of applications."""
        return self._given("ONBOARDING_WORKFLOW_ARN")

    @property
    def screening_secret(self) -> str:
        """The secret with address, key and signing secret of the provider of background checks."""
        return self._given("SCREENING_SECRET_ARN")

    @property
    def tax_bucket(self) -> str:
        """The bucket of drivers' copies of tax forms, letters, and files for the agency."""
        return self._given("TAX_BUCKET")

    @property
    def tax_secret(self) -> str:
        """The secret with address and key of TIN matching, and the payer of forms."""
        return self._given("TAX_SECRET_ARN")

    @property
    def tax_years_queue_url(self) -> str:
        """The queue of tasks over a year's tax forms."""
        return self._given("TAX_YEARS_QUEUE_URL")

    @property
    def payout_secret(self) -> str:
        """The secret with the address and the key of the payout provider."""
        return self._given("PAYMENT_RAIL_SECRET_ARN")

    @property
    def payouts_bucket(self) -> str:
        """The bucket of bank files."""
        return self._given("PAYOUTS_BUCKET")

    @property
    def pay_run(self) -> str:
        """The state machine of pay runs."""
        return self._given("PAY_RUN_ARN")

    @property
    def proof_bucket(self) -> str:
        """The bucket of proof pictures."""
        return self._given("PROOF_BUCKET")

    @property
    def proof_lock_days(self) -> int:
        """The days for which a picture that became proof can't be deleted."""
        return int(self._given("PROOF_LOCK_DAYS"))

    @property
    def push_secret(self) -> str:
        """The secret that the key pair of push messages follows from."""
        return self._given("PUSH_SECRET_ARN")

    @property
    def mailings_queue_url(self) -> str:
        """The queue of finance's mails."""
        return self._given("MAILINGS_QUEUE_URL")

    @property
    def replays_queue_url(self) -> str:
        """The queue of pages of replays."""
        return self._given("REPLAYS_QUEUE_URL")

    @property
    def simulations_queue_url(self) -> str:
        """The queue of pages of simulations."""
        return self._given("SIMULATIONS_QUEUE_URL")

    @property
    def sandbox_queue_url(self) -> str:
        """The queue of the sandbox's turns."""
        return self._given("SANDBOX_QUEUE_URL")

    @property
    def sender_email(self) -> str:
        """The sender of all mails."""
        return self._given("SENDER_EMAIL")

    @property
    def session_secret(self) -> str:
        """The secret that seals what browsers keep of a session."""
        return self._given("SESSION_SECRET_ARN")

    @property
    def settlement_cycle(self) -> str:
        """The state machine of the settlement cycle."""
        return self._given("SETTLEMENT_CYCLE_ARN")

    @property
    def address_secret(self) -> str:
        """The secret with which addresses are hashed that are to be recognised."""
        return self._given("ADDRESS_SECRET_ARN")

    @property
    def notices_queue_url(self) -> str:
        """The queue of events that people are told of."""
        return self._given("NOTICES_QUEUE_URL")

    @property
    def tracking_secret(self) -> str:
        """The secret that signs tracking links."""
        return self._given("TRACKING_SECRET_ARN")

    @property
    def edge_secret(self) -> str:
        """The secret that CloudFront sends with what it passes on."""
        return self._given("EDGE_SECRET_ARN")

    @property
    def user_pool_client_id(self) -> str:
        """The app client by which pages sign in to the user pool."""
        return self._given("USER_POOL_CLIENT_ID")

    @property
    def user_pool_id(self) -> str:
        """The user pool of drivers and staff."""
        return self._given("USER_POOL_ID")

    @property
    def webhooks_dead_queue_url(self) -> str:
        """The queue of webhooks that were given up."""
        return self._given("WEBHOOKS_DEAD_QUEUE_URL")

    @property
    def webhooks_queue_url(self) -> str:
        """The queue of webhooks that are due."""
        return self._given("WEBHOOKS_QUEUE_URL")


@cache
def settings() -> Settings:
    """Return the settings of this process.

    They are read at the first call. ``settings.cache_clear()`` has them read anew, which tests do that set a variable.
    """
    return Settings.from_environment(os.environ)


def stage() -> str:
    """Return the stage of this deployment: local, sandbox or prod; prod if it is not set."""
    return settings().stage


def on_one_machine() -> bool:
    """Return whether this is the local stage in the emulator, the only one that is less strict than prod."""
    return stage() == "local"


def private_urls_allowed() -> bool:
    """Return whether webhooks and payments may go to plain http and private addresses.

    In AWS never, whatever the stage: a private address there is the function's own runtime API.
    """
    return on_one_machine()


def open_days_may_be_settled() -> bool:
    """Return whether a day may be settled before it is over. In AWS never: the day's orders go on."""
    return on_one_machine()


def secret_path(*parts: str) -> str:
    """Return the Secrets Manager name of a secret that is created while this stage runs."""
    return "/".join(("crowdship", stage(), *parts))


def geocoder() -> str:
    """Return which service finds the point of an address: ``amazon``, or ``none``."""
    return settings().geocoder
