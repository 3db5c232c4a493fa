"""The stack of everything that must outlive code: tables, buckets, secrets and the user pool."""

import json
from typing import Any

from aws_cdk import App, Duration, Environment, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from crowdship.kernel import retention
from infra.parts.nag import accept
from infra.parts.reference import Published, camel
from infra.parts.stage_stack import StageStack
from infra.settings import DOCUMENTS_KEPT_DAYS, PROOF_KEPT_DAYS, Settings
from infra.stacks.user_pool import UserPool
from infra.tables import TABLES, Index, Shape

PROOF_KEPT = Duration.days(PROOF_KEPT_DAYS)
DOCUMENTS_KEPT = Duration.days(DOCUMENTS_KEPT_DAYS)
BANK_FILES_KEPT = Duration.days(retention.BANK_FILES.days)
TAX_KEPT = Duration.days(retention.TAX_FILES.days)
TAX_FILES_OF_AGENCY_KEPT = Duration.days(retention.TAX_UPLOADS.days)
EXPORTS_KEPT = Duration.days(retention.EXPORTS.days)


class DataStack(StageStack):
    """All resources that hold data.

    In production the resources stay when the stack is deleted. They have generated names, so that a new deployment of
    the stack can create new ones beside them.
    """

    def __init__(self, app: App, settings: Settings, env: Environment | None = None) -> None:
        super().__init__(app, settings, "Data", "tables, buckets, secrets, users", env)
        kept = Construct(self, "Data")
        identity = UserPool(self, settings)
        tables = {name: KeptTable(kept, name, shape, settings) for name, shape in TABLES.items()}
        published = {
            "ProofBucket": _proof_bucket(kept, settings).bucket_name,
            "DocumentsBucket": _documents_bucket(kept, settings, tables["vault"].key).bucket_name,
            "ExportsBucket": _exports_bucket(kept, settings).bucket_name,
            "InvoicesBucket": _invoices_bucket(kept, settings).bucket_name,
            "PayoutsBucket": _payouts_bucket(kept, settings, tables["vault"].key).bucket_name,
            "TaxBucket": _tax_bucket(kept, settings, tables["vault"].key).bucket_name,
            "MapsBucket": _map_bucket(kept, settings).bucket_name,
            "TrackingSecretArn": _tracking_secret(kept, settings).secret_arn,
            "SessionSecretArn": _session_secret(kept, settings).secret_arn,
            "AddressSecretArn": _address_secret(kept, settings).secret_arn,
            "EdgeSecretArn": _edge_secret(kept, settings).secret_arn,
            "PushSecretArn": _push_secret(kept, settings).secret_arn,
            "PaymentRailSecretArn": _payment_rail(kept, settings).secret_arn,
            "RelaySecretArn": _relay(kept, settings).secret_arn,
            "ScreeningSecretArn": _screening(kept, settings).secret_arn,
            "TaxSecretArn": _tax(kept, settings).secret_arn,
            "UserPoolId": identity.pool.user_pool_id,
            "UserPoolClientId": identity.client.user_pool_client_id,
        }
        for name, table in tables.items():
            published |= table.published(camel(name))
        Published(self, settings, published)


class KeptTable(Construct):
    """One table, with its own encryption key if it has one."""

    def __init__(self, scope: Construct, name: str, shape: Shape, settings: Settings) -> None:
        super().__init__(scope, name.capitalize())
        self.key = self._own_key(name, settings) if shape.own_key else None
        # TableV2 is not used, because with a key of ours it needs the region at synthesis.
        self._table = dynamodb.Table(
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
        for index in shape.indexes:
            self._add_index(index)

    def published(self, name: str) -> dict[str, str]:
        """Return the values of the table that other stacks refer to, under names that begin with ``name``."""
        told = {f"{name}Table": self._table.table_name}
        if self._table.table_stream_arn:
            told[f"{name}StreamArn"] = self._table.table_stream_arn
        if self.key:
            told[f"{name}KeyArn"] = self.key.key_arn
        return told

    def _add_index(self, index: Index) -> None:
        self._table.add_global_secondary_index(
            index_name=index.name,
            partition_key=_text(index.partition),
            sort_key=_text(index.sort),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )

    def _own_key(self, name: str, settings: Settings) -> kms.Key:
        return kms.Key(
            self,
            "Key",
            description=f"Encrypts crowdship's {name} table",
            enable_key_rotation=True,
            removal_policy=_removal(settings),
        )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _removal(settings: Settings) -> RemovalPolicy:
    return RemovalPolicy.RETAIN if settings.production else RemovalPolicy.DESTROY


def _secret(
    scope: Construct, settings: Settings, construct_id: str, description: str, why_kept: str, **generated: Any
) -> secretsmanager.Secret:
    """Create a secret that is not rotated by itself, with the reason; ``generated`` says how its value is made."""
    secret = secretsmanager.Secret(
        scope,
        construct_id,
        description=description,
        generate_secret_string=secretsmanager.SecretStringGenerator(exclude_punctuation=True, **generated),
        removal_policy=_removal(settings),
    )
    accept(secret, "SMG4", why_kept)
    return secret


def _tracking_secret(scope: Construct, settings: Settings) -> secretsmanager.Secret:
    why = "Rotating it breaks every tracking link that customers hold: only after a leak, by hand"
    return _secret(scope, settings, "TrackingSecret", "Signs the links of tracking pages", why, password_length=64)


def _session_secret(scope: Construct, settings: Settings) -> secretsmanager.Secret:
    why = "Rotating it ends every session: only after a leak, by hand"
    return _secret(scope, settings, "SessionSecret", "Seals the cookies of sessions", why, password_length=64)


def _address_secret(scope: Construct, settings: Settings) -> secretsmanager.Secret:
    description = "Hashes the addresses of people who replied STOP, or whose mails bounce"
    why = "Rotating it forgets who replied STOP: only after a leak, by hand"
    return _secret(scope, settings, "AddressSecret", description, why, password_length=64)


def _edge_secret(scope: Construct, settings: Settings) -> secretsmanager.Secret:
    """Create the secret by which CloudFront shows that a call came through it, and whose address it names."""
    description = "CloudFront sends it to the API, which then believes the address of the viewer"
    why = "CloudFront has it in its configuration, so a new one needs a deployment"
    return _secret(scope, settings, "EdgeSecret", description, why, password_length=40)


def _push_secret(scope: Construct, settings: Settings) -> secretsmanager.Secret:
    description = "The key pair that signs push messages follows from it"
    why = "Every browser's subscription is bound to the key: only after a leak, by hand"
    return _secret(scope, settings, "PushSecret", description, why, password_length=64)


def _provider(
    scope: Construct, settings: Settings, construct_id: str, description: str, why_kept: str, url: str
) -> secretsmanager.Secret:
    """Create the secret with a provider's address and key, which somebody replaces by the real ones."""
    template = json.dumps({"url": url})
    made = {"secret_string_template": template, "generate_string_key": "api_key"}
    return _secret(scope, settings, construct_id, description, why_kept, **made)


def _payment_rail(scope: Construct, settings: Settings) -> secretsmanager.Secret:
    description = "Fields of the payout provider, which docs/payout-providers.md lists"
    why = "Key or contract are the provider's or bank's, which has no API to rotate them"
    return _provider(scope, settings, "PaymentRail", description, why, "https://payment-rail.example")


def _relay(scope: Construct, settings: Settings) -> secretsmanager.Secret:
    description = "Address and key of the provider that connects calls: {url, api_key}"
    why = "The key is issued by the provider, which has no API to rotate it"
    return _provider(scope, settings, "Relay", description, why, "https://relay.example")


def _screening(scope: Construct, settings: Settings) -> secretsmanager.Secret:
    description = "Address, key and signing secret of the provider of background checks: {url, api_key, signing_secret}"
    why = "Key and signing secret are issued by the provider, which has no API to rotate them"
    return _provider(scope, settings, "Screening", description, why, "https://screening.example")


PAYER = {
    "payer_name": "Not set",
    "payer_tin": "000000000",
    "payer_street": "Not set",
    "payer_city": "Not set",
    "payer_state": "XX",
    "payer_zip": "00000",
    "payer_phone": "Not set",
}
"""The payer of tax forms until somebody writes the real one into the secret."""


def _tax(scope: Construct, settings: Settings) -> secretsmanager.Secret:
    description = "Address and key of TIN matching, and the payer of tax forms: {url, api_key, payer_name, ...}"
    why = "The key is issued by the provider, which has no API to rotate it"
    template = json.dumps({"url": "https://tin-matching.example", **PAYER})
    made = {"secret_string_template": template, "generate_string_key": "api_key"}
    return _secret(scope, settings, "TaxOffice", description, why, **made)


def _bucket(scope: Construct, settings: Settings, name: str, **more: Any) -> s3.Bucket:
    """Create a bucket that nobody outside can read, encrypted with a key of S3 unless another one is given."""
    return s3.Bucket(
        scope,
        name,
        **{"encryption": s3.BucketEncryption.S3_MANAGED, **more},
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=not settings.local,  # the emulator speaks plain HTTP
        removal_policy=_removal(settings),
    )


def _under(key: kms.IKey | None) -> dict[str, Any]:
    """Return the encryption of a bucket under a key of ours; without a bucket key each object would ask KMS once."""
    return {"encryption": s3.BucketEncryption.KMS, "encryption_key": key, "bucket_key_enabled": True}


def _tax_bucket(scope: Construct, settings: Settings, key: kms.IKey | None) -> s3.Bucket:
    """Create the bucket of tax forms, whose key is the vault's: files for the agency have whole numbers."""
    access_log = _access_log(scope, "TaxFilesAccessLog", settings, TAX_KEPT)
    return _bucket(
        scope,
        settings,
        "TaxFiles",
        **_under(key),
        server_access_logs_bucket=access_log,
        lifecycle_rules=[
            s3.LifecycleRule(prefix="copies/", expiration=TAX_KEPT),
            s3.LifecycleRule(prefix="letters/", expiration=TAX_KEPT),
            s3.LifecycleRule(prefix="iris/", expiration=TAX_FILES_OF_AGENCY_KEPT),
        ],
    )


def _map_bucket(scope: Construct, settings: Settings) -> s3.Bucket:
    bucket = _bucket(
        scope,
        settings,
        "Maps",
    )
    accept(bucket, "S1", "Public street maps, read by our own functions: nobody needs to know who read them when")
    return bucket


def _exports_bucket(scope: Construct, settings: Settings) -> s3.Bucket:
    bucket = _bucket(
        scope,
        settings,
        "Exports",
        lifecycle_rules=[
            s3.LifecycleRule(expiration=EXPORTS_KEPT, abort_incomplete_multipart_upload_after=Duration.days(1))
        ],
    )
    accept(bucket, "S1", "Each file is read by the one driver whom it is about, by a link of ten minutes")
    return bucket


def _invoices_bucket(scope: Construct, settings: Settings) -> s3.Bucket:
    bucket = _bucket(
        scope,
        settings,
        "Invoices",
        # A file that was issued stays, whatever is stored under its key afterwards.
        versioned=True,
    )
    accept(bucket, "S1", "A merchant's own invoices, read by a link of ten minutes; staff's readings are in the audit")
    return bucket


def _payouts_bucket(scope: Construct, settings: Settings, key: kms.IKey | None) -> s3.Bucket:
    """Create the bucket of bank files, whose key is the vault's: they hold account numbers."""
    return _bucket(
        scope,
        settings,
        "BankFiles",
        **_under(key),
        versioned=True,
        server_access_logs_bucket=_access_log(scope, "BankFilesAccessLog", settings, BANK_FILES_KEPT),
        lifecycle_rules=[s3.LifecycleRule(expiration=BANK_FILES_KEPT, noncurrent_version_expiration=Duration.days(1))],
    )


def _access_log(scope: Construct, name: str, settings: Settings, kept: Duration) -> s3.Bucket:
    """Create the bucket in which the readings of another bucket are noted, each for as long as that one's objects."""
    return _bucket(
        scope,
        settings,
        name,
        lifecycle_rules=[s3.LifecycleRule(expiration=kept)],
    )


def _proof_bucket(scope: Construct, settings: Settings) -> s3.Bucket:
    access_log = _access_log(scope, "ProofAccessLog", settings, PROOF_KEPT)
    return _bucket(
        scope,
        settings,
        "Proofs",
        # A proof must not be overwritten, and no version of it deleted.
        versioned=True,
        # Each picture is locked when it becomes proof. A default would also lock what never does, and S3 asks for
        # checksums of all uploads then, which a form in a browser can't send.
        object_lock_enabled=True,
        server_access_logs_bucket=access_log,
        # An expired picture is still a version behind a marker; this deletes it.
        lifecycle_rules=[s3.LifecycleRule(expiration=PROOF_KEPT, noncurrent_version_expiration=Duration.days(1))],
        # Drivers' phones upload photos directly, with a presigned form.
        cors=[
            s3.CorsRule(
                allowed_origins=list(settings.web_origins),
                allowed_methods=[s3.HttpMethods.PUT, s3.HttpMethods.POST, s3.HttpMethods.GET],
                allowed_headers=["*"],
            )
        ],
    )


def _documents_bucket(scope: Construct, settings: Settings, key: kms.IKey | None) -> s3.Bucket:
    """Create the bucket of drivers' documents, whose key is the vault's."""
    access_log = _access_log(scope, "PapersAccessLog", settings, DOCUMENTS_KEPT)
    return _bucket(
        scope,
        settings,
        "Papers",
        **_under(key),
        # A reviewed picture stays, whatever is uploaded under its key afterwards.
        versioned=True,
        server_access_logs_bucket=access_log,
        lifecycle_rules=[s3.LifecycleRule(expiration=DOCUMENTS_KEPT, noncurrent_version_expiration=DOCUMENTS_KEPT)],
        # Apps upload directly, with a presigned form.
        cors=[
            s3.CorsRule(
                allowed_origins=list(settings.web_origins),
                allowed_methods=[s3.HttpMethods.POST],
                allowed_headers=["*"],
            )
        ],
    )
