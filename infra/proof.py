"""Proof: what happens at a stop, and what shows that it happened."""

from constructs import Construct

from infra.functions import Platform, RoomFunction
from infra.nag import accept_wildcard


class Proof(Construct):
    """Drivers work their stops off and upload photos straight into the bucket; staff look, and end what they can't."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Proof")
        proofs = platform.data.proofs
        stops = RoomFunction(
            self,
            platform,
            "proof/stops_api",
            maps=True,
            reads=["vault", "tracking", "zones"],
            writes=["deliveries", "routes", "proof"],
            only={"vault": ("PutItem",)},
            environment={"PROOF_BUCKET": proofs.bucket_name},
        )
        staff = RoomFunction(
            self,
            platform,
            "proof/staff_api",
            maps=True,
            reads=["drivers", "vault", "tracking", "zones"],
            writes=["deliveries", "routes", "proof"],
            environment={"PROOF_BUCKET": proofs.bucket_name},
        )
        objects = proofs.arn_for_objects("*")
        stops.may("s3:PutObject", "s3:GetObject", on=[objects])
        staff.may("s3:GetObject", on=[objects])
        for function in (stops, staff):
            accept_wildcard(function, objects, "A proof's key is made when it is captured; nothing else is there")
