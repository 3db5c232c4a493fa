"""Notify: SMS and mail to customers, webhooks to merchants."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue


class Notify(Construct):
    """Customers and merchants are told what happens to a delivery."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Notify")
        on_event = RoomFunction(
            self,
            platform,
            "notify/on_event",
            maps=True,
            reads=["deliveries", "drivers", "merchants", "routes", "tracking", "vault", "zones"],
            writes=["notify"],
            timeout=30,
            environment={"API_URL": platform.api_url},
        )
        on_event.may_read_secret(platform.reference("TrackingSecretArn"), "TRACKING_SECRET_ARN")
        on_event.may_send_mail()
        self._may_send_sms(on_event)
        # The emulator has no list of numbers that replied STOP.
        on_event.tell("SMS_OPT_OUTS", "none" if platform.settings.local else "sns")
        if not platform.settings.local:
            on_event.may("sns:CheckIfPhoneNumberIsOptedOut", on=["*"])
            accept_wildcard(on_event, "*", "A phone number is no resource")
        notices = WorkQueue(self, platform, "notices", on_event)
        platform.bus.tells(notices, "delivery.*", "endpoint.*", "route.changed", "source.*")

        send_webhook = RoomFunction(
            self,
            platform,
            "notify/send_webhook",
            writes=["notify"],
            timeout=60,
            # A webhook that an endpoint did not accept is sent to the same queue again, with growing delays.
            calls_itself=True,
        )
        send_webhook.may_with_endpoint_secrets("GetSecretValue")
        webhooks = WorkQueue(self, platform, "webhooks", send_webhook)
        send_webhook.may_send_to(webhooks.dead, "WEBHOOKS_DEAD_QUEUE_URL")

        replay = RoomFunction(
            self,
            platform,
            "notify/replay",
            writes=["notify"],
            timeout=60,
            # Each page of a replay sends the message for the next page.
            calls_itself=True,
        )
        replays = WorkQueue(self, platform, "replays", replay, batch_size=1, most_at_once=5)

        RoomFunction(self, platform, "notify/events_api", reads=["deliveries", "merchants", "notify"])
        account_api = RoomFunction(self, platform, "notify/account_api", reads=["merchants"], writes=["notify"])
        staff_api = RoomFunction(
            self, platform, "notify/staff_api", reads=["deliveries", "merchants"], writes=["notify"]
        )
        for manages in (account_api, staff_api):
            manages.may_with_endpoint_secrets("GetSecretValue", "CreateSecret", "PutSecretValue", "DeleteSecret")
        webhooks.filled_by(on_event, send_webhook, replay, account_api, staff_api)
        replays.filled_by(replay, account_api, staff_api)

    @staticmethod
    def _may_send_sms(function: RoomFunction) -> None:
        """Allow SMS: a phone number has no ARN, so all resources are allowed except topics and endpoints."""
        function.role.add_to_principal_policy(
            iam.PolicyStatement(actions=["sns:Publish"], not_resources=[f"arn:{Aws.PARTITION}:sns:*:*:*"])
        )
