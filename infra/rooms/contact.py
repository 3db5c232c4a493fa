"""Contact: drivers' emergencies, and messages between drivers, staff and customers."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform

TEXTS = {"vault": ("PutItem",)}
"""Rights on the texts that people write: they are kept in the vault, and ``console/privacy`` alone deletes them."""


class Contact(Construct):
    """A function for each audience. None of them can change a delivery or a driver."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Contact")
        driver = RoomFunction(
            self,
            platform,
            "driver/contact",
            reads=["deliveries", "drivers", "vault"],
            writes=["contact"],
            only=TEXTS,
        )
        RoomFunction(self, platform, "console/contact", reads=["drivers", "vault"], writes=["contact"], only=TEXTS)
        customer = RoomFunction(
            self,
            platform,
            "customer/contact",
            # The driver's phone is given to whoever connects a call.
            reads=["deliveries", "drivers", "vault"],
            writes=["contact"],
            only=TEXTS,
        )
        for function in (driver, customer):
            function.tell("RELAY_PROVIDER", platform.settings.relay)
            function.may_read_secret(platform.reference("RelaySecretArn"), "RELAY_SECRET_ARN")
        customer.may_read_secret(platform.reference("TrackingSecretArn"), "TRACKING_SECRET_ARN")
