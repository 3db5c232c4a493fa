"""Proof: drivers' steps at stops, and the proof of hand-overs."""

from aws_cdk import Aws
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform


class Proof(Construct):
    """Drivers make their steps and upload photos to the bucket; staff read proofs and end deliveries; customers see.

    Merchants verify the proof of their deliveries. No function here may delete a picture, or shorten its lock.
    """

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Proof")
        proofs = platform.reference("ProofBucket")
        locked = {"PROOF_BUCKET": proofs, "PROOF_LOCK_DAYS": str(platform.settings.proof_lock_days)}
        stops = RoomFunction(
            self,
            platform,
            "driver/stops",
            maps=True,
            reads=["drivers", "vault", "tracking", "zones", "settlement"],
            writes=["deliveries", "routes", "proof"],
            only={"vault": ("PutItem",)},
            environment=locked,
            # A picture of 40 million pixels is decoded before it is made small.
            memory=1024,
        )
        staff = RoomFunction(
            self,
            platform,
            "console/proof",
            maps=True,
            reads=["drivers", "vault", "tracking", "zones"],
            writes=["deliveries", "routes", "proof"],
            # The name of who got goods that were not delivered.
            only={"vault": ("PutItem",)},
            environment=locked,
            # Staff complete a delivery in its driver's stead, with the pictures that were uploaded for it.
            memory=1024,
        )
        customer = RoomFunction(
            self,
            platform,
            "customer/proof",
            reads=["deliveries", "proof"],
            environment={"PROOF_BUCKET": proofs},
        )
        merchant = RoomFunction(
            self,
            platform,
            "merchant/proof",
            reads=["merchants", "deliveries", "proof"],
            environment={"PROOF_BUCKET": proofs},
        )
        customer.may_read_secret(platform.reference("TrackingSecretArn"), "TRACKING_SECRET_ARN")
        objects = f"arn:{Aws.PARTITION}:s3:::{proofs}/*"
        # The picture that is shown is put by whoever completes the delivery.
        for function in (stops, staff):
            function.may("s3:PutObject", "s3:PutObjectRetention", "s3:GetObject", "s3:GetObjectVersion", on=[objects])
        for function in (customer, merchant):
            function.may("s3:GetObjectVersion", on=[objects])
        for function in (stops, staff, customer, merchant):
            accept_wildcard(function, objects, "A proof's key is made when it is captured; nothing else is there")
