"""Templates keep data for the periods that are promised, and few may delete pictures."""

from crowdship.kernel import retention
from infra.tables import TABLES
from tests.unit.infra.conftest import Synthesised


def test_pictures_end_after_their_period(prod: Synthesised) -> None:
    rules = [
        rule
        for bucket in prod.all("AWS::S3::Bucket").values()
        for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", ())
        if "NoncurrentVersionExpiration" in rule and rule.get("ExpirationInDays") == retention.PICTURES.days
    ]
    (replaced,) = {rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in rules}
    assert replaced == 1, "what has expired stays as a version until then"


def test_every_log_ends_after_its_period(prod: Synthesised) -> None:
    groups = prod.all("AWS::Logs::LogGroup")
    assert groups
    for name, group in groups.items():
        assert group["RetentionInDays"] == retention.LOGS.days, name


def test_a_table_whose_rows_end_has_a_time_to_live(prod: Synthesised) -> None:
    tables = prod.all("AWS::DynamoDB::GlobalTable") | prod.all("AWS::DynamoDB::Table")
    ending = sorted(
        table["TimeToLiveSpecification"]["AttributeName"]
        for table in tables.values()
        if table.get("TimeToLiveSpecification", {}).get("Enabled")
    )
    assert ending == sorted(shape.expires for shape in TABLES.values() if shape.expires)


def test_only_erasures_delete_pictures_and_pass_their_lock(prod: Synthesised) -> None:
    roles = {function["Role"]["Fn::GetAtt"][0]: name for name, function in prod.functions.items()}
    for action in ("s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"):
        may = {roles[who] for who, statement in prod.statements() if action in statement["Action"]}
        assert may == {"console/privacy", "tasks/retention"}, action
