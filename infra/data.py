"""Where things are kept: the tables, the bucket of proofs, the secrets."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.nag import accept
from infra.settings import Settings

PROOF_KEPT = Duration.days(400)
"""Claims and chargebacks come within a year; a photo of somebody's door is not kept longer than they need."""

# Transactions are authorised by the actions on their items. No Scan: no request reads a whole table.
READ_ACTIONS = ("GetItem", "BatchGetItem", "Query", "ConditionCheckItem")
WRITE_ACTIONS = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
KEY_READ_ACTIONS = ("Decrypt", "DescribeKey")
KEY_WRITE_ACTIONS = (
    "Encrypt",
    "ReEncryptFrom",
    "ReEncryptTo",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
)


@dataclass(frozen=True)
class Index:
    """A second way into a table; it holds keys only, the row is then read by its own."""

    name: str
    partition: str
    sort: str


@dataclass(frozen=True)
class Shape:
    """What makes a table different from the others."""

    stream: bool = False
    indexes: tuple[Index, ...] = ()
    expires: str | None = None
    own_key: bool = False
    partition: str = "pk"
    sort: str | None = "sk"


TABLES = {
    "deliveries": Shape(
        stream=True,
        indexes=(
            Index("by_zone", "open_zone", "plan_from"),
            Index("by_merchant", "merchant_day", "created_key"),
            Index("by_hold", "held_zone", "held_since"),
            Index("by_settling", "settles_on", "pk"),
        ),
    ),
    "intake": Shape(stream=True, expires="expires_at"),
    "dispatch": Shape(stream=True, expires="expires_at"),
    "drivers": Shape(stream=True, indexes=(Index("on_duty", "duty_zone", "pk"),)),
    "routes": Shape(stream=True),
    "zones": Shape(),
    "traffic": Shape(),
    "merchants": Shape(),
    "usage": Shape(expires="expires_at"),
    "vault": Shape(own_key=True, expires="expires_at"),
    "places": Shape(expires="expires_at"),
    "tracking": Shape(stream=True, expires="expires_at"),
    "proof": Shape(stream=True),
    "settlement": Shape(stream=True),
    "notify": Shape(stream=True, expires="expires_at"),
    "idempotency": Shape(expires="expiration", partition="id", sort=None),
}
"""All tables; docs/data-model.md says what is under which key. A stream carries events to the bus."""


class Table(Construct):
    """One table, and the exact permissions on it."""

    def __init__(self, scope: Construct, name: str, shape: Shape, settings: Settings) -> None:
        super().__init__(scope, name.capitalize())
        self.name = name
        self.key = self._own_key(settings) if shape.own_key else None
        # Not TableV2: with a key of ours it has to know the region before it is deployed.
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=_text(shape.partition),
            sort_key=_text(shape.sort) if shape.sort else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if shape.stream else None,
            time_to_live_attribute=shape.expires,
            encryption_key=self.key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=settings.production,
            removal_policy=_removal(settings),
        )
        self._arns = [self.table.table_arn]
        for index in shape.indexes:
            self._add_index(index)

    def _add_index(self, index: Index) -> None:
        self.table.add_global_secondary_index(
            index_name=index.name,
            partition_key=_text(index.partition),
            sort_key=_text(index.sort),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        self._arns.append(f"{self.table.table_arn}/index/{index.name}")

    def _own_key(self, settings: Settings) -> kms.Key:
        return kms.Key(
            self,
            "Key",
            description=f"Encrypts crowdship's {self.name} table",
            enable_key_rotation=True,
            removal_policy=_removal(settings),
        )

    def grant_only(self, role: iam.IRole, actions: Iterable[str]) -> None:
        """Let a role do single things with items by key."""
        self._grant(role, actions, KEY_READ_ACTIONS + KEY_WRITE_ACTIONS)

    def grant_read(self, role: iam.IRole) -> None:
        """Let a role read items by key, but never all of them."""
        self._grant(role, READ_ACTIONS, KEY_READ_ACTIONS)

    def grant_read_write(self, role: iam.IRole) -> None:
        """Let a role read and write items by key."""
        self._grant(role, READ_ACTIONS + WRITE_ACTIONS, KEY_READ_ACTIONS + KEY_WRITE_ACTIONS)

    def _grant(self, role: iam.IRole, actions: Iterable[str], key_actions: Iterable[str]) -> None:
        role.add_to_principal_policy(
            iam.PolicyStatement(actions=[f"dynamodb:{action}" for action in actions], resources=self._arns)
        )
        if self.key:
            role.add_to_principal_policy(
                iam.PolicyStatement(
                    actions=[f"kms:{action}" for action in key_actions],
                    resources=[self.key.key_arn],
                    # The key opens the table, nothing else.
                    conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{Aws.REGION}.amazonaws.com"}},
                )
            )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _removal(settings: Settings) -> RemovalPolicy:
    return RemovalPolicy.RETAIN if settings.production else RemovalPolicy.DESTROY


def secrets_under(path: str) -> str:
    """Return the ARN of all secrets whose names begin with a path."""
    return f"arn:{Aws.PARTITION}:secretsmanager:{Aws.REGION}:{Aws.ACCOUNT_ID}:secret:{path}/*"


class Data(Construct):
    """Everything that is kept.

    What is retained has no name of our own: a stack that is deployed again after its end then makes new ones beside
    those that the first one left.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, "Data")
        # A secret per shop, made when staff connect it, and per webhook endpoint, made when it is added.
        self.merchant_secrets = secrets_under(settings.path("merchants"))
        self.endpoint_secrets = secrets_under(settings.path("endpoints"))
        self.tables = {name: Table(self, name, shape, settings) for name, shape in TABLES.items()}
        self.proofs = self._proof_bucket(settings)
        self.maps = self._map_bucket(settings)
        self.tracking_secret = secretsmanager.Secret(
            self,
            "TrackingSecret",
            description="Signs the links of tracking pages",
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=_removal(settings),
        )
        accept(
            self.tracking_secret,
            "SMG4",
            "Rotating it breaks every tracking link that customers hold: only after a leak, by hand",
        )
        self.payment_rail = secretsmanager.Secret(
            self,
            "PaymentRail",
            description="Address and key of whoever pays the drivers out: {url, api_key}",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({"url": "https://payment-rail.example"}),
                generate_string_key="api_key",
                exclude_punctuation=True,
            ),
            removal_policy=_removal(settings),
        )
        accept(self.payment_rail, "SMG4", "The key is issued by the payment rail, which has no API to rotate it")

    def _map_bucket(self, settings: Settings) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Maps",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=not settings.local,  # the emulator speaks plain HTTP
            removal_policy=_removal(settings),
        )
        accept(bucket, "S1", "Public street maps, read by our own functions: nobody needs to know who read them when")
        return bucket

    def _proof_bucket(self, settings: Settings) -> s3.Bucket:
        access_log = s3.Bucket(
            self,
            "ProofAccessLog",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=not settings.local,  # the emulator speaks plain HTTP
            lifecycle_rules=[s3.LifecycleRule(expiration=PROOF_KEPT)],
            removal_policy=_removal(settings),
        )
        return s3.Bucket(
            self,
            "Proofs",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=not settings.local,
            # A proof that was written over would prove nothing.
            versioned=True,
            server_access_logs_bucket=access_log,
            lifecycle_rules=[s3.LifecycleRule(expiration=PROOF_KEPT, noncurrent_version_expiration=Duration.days(30))],
            # Drivers' phones upload photos with a presigned address, straight from the page.
            cors=[
                s3.CorsRule(
                    allowed_origins=list(settings.web_origins),
                    allowed_methods=[s3.HttpMethods.PUT, s3.HttpMethods.POST, s3.HttpMethods.GET],
                    allowed_headers=["*"],
                )
            ],
            removal_policy=_removal(settings),
        )
