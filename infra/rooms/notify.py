"""Notify: SMS and mail to customers, pushes to drivers, webhooks to merchants."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue
from infra.parts.reference import arn

REPORTS = "reports"
"""The topic on which providers tell of our messages, which is with the sender of mail in the shared stack."""


class Notify(Construct):
    """Customers and merchants are told what happens to a delivery, drivers what they are asked to do."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Notify")
        notify = RoomFunction(
            self,
            platform,
            "events/notify",
            maps=True,
            reads=["deliveries", "merchants", "routes", "tracking", "vault", "zones"],
            writes=["notify"],
            only={"contact": ("GetItem",), "invoicing": ("GetItem",), "proof": ("GetItem",)},
            timeout=30,
            # A message that waits for the end of quiet hours, or for a provider, is put back on the queue.
            calls_itself=True,
            environment={"PAGES_URL": platform.pages_url},
        )
        notify.may_read_secret(platform.reference("TrackingSecretArn"), "TRACKING_SECRET_ARN")
        notify.may_send_mail()
        self._may_send_sms(notify, platform)
        notices = WorkQueue(self, platform, "notices", notify)
        platform.bus.tells(notices, "delivery.*", "endpoint.*", "source.*", "surge.changed")
        money = ("claim.opened", "claim.decided", "claim.withdrawn", "refund.granted", "invoice.issued")
        payments = ("invoice.payment_recorded", "invoice.payment_returned", "invoice.overdue")
        platform.bus.tells(notices, *money, *payments, rule="Money")
        # A customer who has the page open reads a message there; whoever has not by then gets an SMS.
        conversations = WorkQueue(self, platform, "conversations", notify, delay=60)
        platform.bus.tells(conversations, "message.sent", where={"to": ["customer"]})
        notices.filled_by(notify)
        self._messages(platform, notify)
        self._push_to_drivers(platform)

        send_webhook = RoomFunction(
            self,
            platform,
            "tasks/send_webhook",
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
            "tasks/replay",
            writes=["notify"],
            timeout=60,
            # Each page of a replay sends the message for the next page.
            calls_itself=True,
        )
        replays = WorkQueue(self, platform, "replays", replay, batch_size=1, most_at_once=5)

        RoomFunction(self, platform, "merchant/event_log", reads=["deliveries", "merchants", "notify"])
        by_merchants = RoomFunction(self, platform, "merchant/webhooks", reads=["merchants"], writes=["notify"])
        by_staff = RoomFunction(
            self, platform, "console/webhooks", reads=["deliveries", "merchants"], writes=["notify"]
        )
        for manages in (by_merchants, by_staff):
            manages.may_with_endpoint_secrets("GetSecretValue", "CreateSecret", "PutSecretValue", "DeleteSecret")
        webhooks.filled_by(notify, send_webhook, replay, by_merchants, by_staff)
        replays.filled_by(replay, by_merchants, by_staff)

    def _messages(self, platform: Platform, notify: RoomFunction) -> None:
        """Create the function that takes in what providers tell, and those by which people look after messages."""
        reach = RoomFunction(self, platform, "events/reach", writes=["notify"], timeout=20)
        self._may_send_sms(reach, platform)
        if not platform.settings.local:
            reach.may("sns:OptInPhoneNumber", on=["*"])
        reports = WorkQueue(self, platform, "reports", reach)
        topic = sns.Topic.from_topic_arn(self, "Reports", arn("sns", platform.settings.named(REPORTS)))
        topic.add_subscription(subscriptions.SqsSubscription(reports.queue))
        by_merchants = RoomFunction(
            self,
            platform,
            "merchant/messages",
            reads=["deliveries", "merchants"],
            writes=["notify"],
            only={"contact": ("Query",)},
            environment={"PAGES_URL": platform.pages_url},
        )
        by_merchants.may_send_mail()
        self._may_send_sms(by_merchants, platform)
        RoomFunction(
            self,
            platform,
            "console/messages",
            reads=["deliveries"],
            writes=["notify"],
            only={"contact": ("Query",)},
        )
        for function in (notify, reach, by_merchants):
            self._may_know_addresses(function, platform)

    @staticmethod
    def _may_know_addresses(function: RoomFunction, platform: Platform) -> None:
        function.may_read_secret(platform.reference("AddressSecretArn"), "ADDRESS_SECRET_ARN")

    def _push_to_drivers(self, platform: Platform) -> None:
        """Create the function that tells drivers, its queue, and the calls by which their browsers subscribe."""
        push = RoomFunction(
            self,
            platform,
            "events/push",
            reads=["routes"],
            writes=["notify"],
            only={
                "claims": ("GetItem",),
                "dispatch": ("GetItem",),
                # Those on duty are told of a surge, by the hours of their zone.
                "drivers": ("GetItem", "BatchGetItem", "Query"),
                "zones": ("GetItem",),
                "onboarding": ("GetItem",),
                "standing": ("GetItem",),
                "vault": ("GetItem", "BatchGetItem"),
            },
            timeout=20,
        )
        push.may_send_mail()  # by its sender a push service reaches us, too
        self._may_send_sms(push, platform)
        self._may_know_addresses(push, platform)
        # An offer stands for a minute or two: it waits behind no other, and a push that failed comes again in time.
        pushes = WorkQueue(self, platform, "pushes", push, batch_size=1, visible_after=30)
        platform.bus.tells(pushes, "offer.made", "offer.expired", "offer.withdrawn")
        platform.bus.tells(pushes, "offer.accepted", where={"policy": ["broadcast"]}, rule="Rivals")
        platform.bus.tells(pushes, "route.changed", where={"by": [{"anything-but": {"prefix": "drv_"}}]}, rule="Routes")
        platform.bus.tells(pushes, "message.sent", where={"to": ["driver"]}, rule="Messages")
        papers = ("driver.documents_expiring", "driver.documents_expired", "driver.work_resumed")
        platform.bus.tells(pushes, *papers, "document.approved", "document.refused", rule="Papers")
        platform.bus.tells(pushes, "standing.changed", rule="Standing")
        platform.bus.tells(pushes, "surge.changed", where={"percent_before": [100]}, rule="Surge")
        platform.bus.tells(pushes, "claim.opened", "claim.decided", "claim.withdrawn", rule="Claims")
        extra = ("incentive.earned", "incentive.reversed", "incentive.not_funded")
        platform.bus.tells(pushes, *extra, "block.moved_up", "block.missed", "block.guaranteed", rule="Extra")
        platform.bus.tells(pushes, "pay_floor.due", rule="Floors")
        payouts = ("payout.paid", "payout.failed", "payout.returned", "payout.canceled", "payout.held")
        platform.bus.tells(pushes, *payouts, "payout.account_corrected", rule="Payouts")
        # The law demands these letters: each is tried for more than an hour, and one that fails then rings.
        letters = WorkQueue(self, platform, "letters", push, batch_size=1, visible_after=900)
        platform.bus.tells(letters, "application.pre_adverse", "application.refused", "application.approved")
        platform.bus.tells(letters, "tax.*", rule="Tax")
        subscribing = RoomFunction(self, platform, "driver/push", writes=["notify"])
        for function in (push, subscribing):
            function.may_read_secret(platform.reference("PushSecretArn"), "PUSH_SECRET_ARN")

    @staticmethod
    def _may_send_sms(function: RoomFunction, platform: Platform) -> None:
        """Allow SMS: a phone number has no ARN, so all resources are allowed except topics and endpoints."""
        # The emulator has no list of numbers that replied STOP.
        function.tell("SMS_OPT_OUTS", "none" if platform.settings.local else "sns")
        if not platform.settings.local:
            function.may("sns:CheckIfPhoneNumberIsOptedOut", on=["*"])
            accept_wildcard(function, "*", "A phone number is no resource")
        function.role.add_to_principal_policy(
            iam.PolicyStatement(actions=["sns:Publish"], not_resources=[f"arn:{Aws.PARTITION}:sns:*:*:*"])
        )
