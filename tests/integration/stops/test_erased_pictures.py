"""Pictures of a proof are erased with all their versions, also under a lock."""

import boto3
import pytest

from crowdship.proof.images import ImageStore

pytestmark = pytest.mark.usefixtures("aws")


def bucket(*, locked):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="proofs", ObjectLockEnabledForBucket=locked)
    s3.put_bucket_versioning(Bucket="proofs", VersioningConfiguration={"Status": "Enabled"})
    if locked:
        rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}
        lock = {"ObjectLockEnabled": "Enabled", "Rule": rule}
        s3.put_object_lock_configuration(Bucket="proofs", ObjectLockConfiguration=lock)
    return s3


def versions(s3):
    found = s3.list_object_versions(Bucket="proofs")
    return [one["Key"] for one in (*found.get("Versions", ()), *found.get("DeleteMarkers", ()))]


@pytest.mark.parametrize("locked", [False, True])
def test_every_version_goes_and_those_of_other_deliveries_stay(locked):
    s3 = bucket(locked=locked)
    for key in ("dlv_1/photo-a", "dlv_1/photo-a", "dlv_1/signature-b", "dlv_12/photo-c", "dlv_2/photo-d"):
        s3.put_object(Bucket="proofs", Key=key, Body=b"picture")
    s3.delete_object(Bucket="proofs", Key="dlv_1/signature-b")
    assert len(versions(s3)) == 6
    assert ImageStore("proofs").erase("dlv_1") == 4
    assert sorted(versions(s3)) == ["dlv_12/photo-c", "dlv_2/photo-d"]
    assert ImageStore("proofs").erase("dlv_1") == 0
