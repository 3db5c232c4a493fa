"""The bucket of proofs in moto, with the versions and the lock that the stack gives it."""

import boto3

from crowdship.proof.images import ImageStore


def proof_bucket(name: str = "proofs") -> ImageStore:
    """Create the bucket and return it as the code sees it."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return ImageStore(name)
