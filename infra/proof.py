"""Proof: what happens at a stop, and what shows that it happened."""

from constructs import Construct

from infra.functions import Platform, RoomFunction
from infra.nag import accept_wildcard


class Proof(Construct):
    """Drivers work their stops off and upload photos straight into the bucket."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Proof")
        proofs = platform.data.proofs
        stops = RoomFunction(
            self,
            platform,
            "proof/stops_api",
            reads=["vault", "tracking", "drivers", "zones"],
            writes=["deliveries", "routes", "proof"],
            environment={"PROOF_BUCKET": proofs.bucket_name},
        )
        objects = proofs.arn_for_objects("*")
        stops.may("s3:PutObject", "s3:GetObject", on=[objects])
        accept_wildcard(stops, objects, "A proof's key is made when it is captured; the bucket holds nothing else")
