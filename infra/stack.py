"""The one stack: what is there, in the order of an order's life."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.alarms import Alarms, business_metric
from infra.api import Api
from infra.bus import Bus
from infra.data import Data
from infra.dispatch import Dispatch
from infra.drivers import Drivers
from infra.functions import Clock, Code, Platform, camel
from infra.identity import Identity
from infra.insight import Dashboard, Insight
from infra.intake import Intake
from infra.merchants import Merchants
from infra.notify import Notify
from infra.proof import Proof
from infra.sandbox import Sandbox
from infra.settings import Settings
from infra.settlement import Settlement
from infra.tracking import Tracking

MANY_IGNORED = 10
"""Messages in five minutes: single ones are ignored rightly, as an order that nobody delivers is."""

FOR_ALL = {
    "MapsNotUsable": (
        "A street map or Amazon Location could not be used: ways are estimated by the great circle. The log says why."
    ),
    "CallsNotCounted": (
        "The table usage did not answer: merchants' calls are let in uncounted, so their limits do not hold."
    ),
}
"""What any room may meet, and what it means."""


class Crowdship(Stack):
    """All of crowdship.

    What triggers a function stands in one of three places: HTTP routes in ``api.ROUTES``, queues and the
    events that fill them next to the function in its room's module, table streams in ``bus``.
    """

    def __init__(self, scope: Construct, settings: Settings, **properties: Any) -> None:
        super().__init__(
            scope,
            "Crowdship",
            description="A crowdsourced delivery network",
            termination_protection=settings.production,
            analytics_reporting=False,
            **properties,
        )
        alarms = Alarms(self, settings)
        platform = Platform(settings, Data(self, settings), Code(self, settings), Clock(self, settings), alarms)
        identity = Identity(self, settings)
        api = Api(self, settings, identity, alarms)
        bus = Bus(self, platform)

        Merchants(self, platform)
        Drivers(self, platform, identity)
        Intake(self, platform, identity, api)
        Dispatch(self, platform, bus)
        Tracking(self, platform, bus)
        Proof(self, platform)
        Sandbox(self, platform, bus)
        insight = Insight(self, platform, bus)
        settlement = Settlement(self, platform, bus, insight.finance_report)
        Notify(self, platform, bus, api)

        for name, means in FOR_ALL.items():
            alarms.above(self, name, business_metric("platform", name), 0, means)
        alarms.above(
            self,
            "SourceMessagesIgnored",
            business_metric("intake", "SourceMessagesIgnored"),
            MANY_IGNORED,
            "Many orders of shops are ignored. The log of intake/sources_api has merchant and code: a connection that "
            "was set up wrongly loses each of its orders.",
        )

        api.connect(platform.functions)
        Dashboard(self, platform)

        self._tell(
            ApiId=api.http_api.api_id,
            ApiUrl=api.url,
            UserPoolId=identity.pool.user_pool_id,
            UserPoolClientId=identity.client.user_pool_client_id,
            BusName=bus.bus.event_bus_name,
            MapsBucket=platform.data.maps.bucket_name,
            ProofBucket=platform.data.proofs.bucket_name,
            TrackingSecretArn=platform.data.tracking_secret.secret_arn,
            StateMachineArn=settlement.machine.state_machine_arn,
            AlarmTopicArn=alarms.topic.topic_arn,
            **{f"{camel(name)}Table": t.table.table_name for name, t in platform.data.tables.items()},
            **{f"{camel(name)}QueueUrl": queue.queue_url for name, queue in platform.queues.items()},
        )

    def _tell(self, **outputs: str) -> None:
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
