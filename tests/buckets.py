"""The buckets of pictures in moto, with the versions and the lock that the stack gives them."""

import boto3

from crowdship.documents.bucket import DocumentBucket
from crowdship.proof.images import ImageStore


def proof_bucket(name: str = "proofs") -> ImageStore:
    """Create the bucket and return it as the code sees it."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return ImageStore(name)


def documents_bucket(name: str = "documents") -> DocumentBucket:
    """Create the bucket of drivers' documents and return it as the code sees it."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return DocumentBucket(name)
