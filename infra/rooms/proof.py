"""Proof: drivers' steps at stops, and the proof of hand-overs."""

from aws_cdk import Aws
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform


class Proof(Construct):
    """Drivers make their steps and upload photos to the bucket; staff read proofs and end deliveries; customers see."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Proof")
        proofs = platform.reference("ProofBucket")
        stops = RoomFunction(
            self,
            platform,
            "driver/stops",
            maps=True,
            reads=["drivers", "vault", "tracking", "zones", "settlement"],
            writes=["deliveries", "routes", "proof"],
            only={"vault": ("PutItem",)},
            environment={"PROOF_BUCKET": proofs},
        )
        staff = RoomFunction(
            self,
            platform,
            "console/proof",
            maps=True,
            reads=["drivers", "vault", "tracking", "zones"],
            writes=["deliveries", "routes", "proof"],
            environment={"PROOF_BUCKET": proofs},
            # A picture of 40 million pixels is decoded before it is made small.
            memory=1024,
        )
        customer = RoomFunction(
            self,
            platform,
            "customer/proof",
            reads=["deliveries", "proof"],
            # The pictures of a customer whose data was erased are shown no more.
            only={"vault": ("BatchGetItem",)},
            environment={"PROOF_BUCKET": proofs},
            memory=1024,
        )
        customer.may_read_secret(platform.reference("TrackingSecretArn"), "TRACKING_SECRET_ARN")
        objects = f"arn:{Aws.PARTITION}:s3:::{proofs}/*"
        stops.may("s3:PutObject", "s3:GetObject", on=[objects])
        for function in (staff, customer):
            function.may("s3:GetObject", on=[objects])
        for function in (stops, staff, customer):
            accept_wildcard(function, objects, "A proof's key is made when it is captured; nothing else is there")
