"""Drivers at the stops: helpers that several files share."""

import boto3
import pytest

from crowdship.proof.images import ImageStore


@pytest.fixture
def images(aws):
    boto3.client("s3").create_bucket(Bucket="proofs")
    return ImageStore("proofs")
