"""A table of the data stack as rooms see it: its name, and the exact permissions on it."""

from collections.abc import Iterable

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.parts.reference import arn, camel, reference
from infra.settings import Settings
from infra.tables import TABLES

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


class Table:
    """One table by reference.

    Parameters
    ----------
    scope : Construct
        The stack, or something in it, whose functions use the table.
    name : str
        A key of ``TABLES``.

    Attributes
    ----------
    table_name : str
        The name that CloudFormation gave it.
    """

    def __init__(self, scope: Construct, settings: Settings, name: str) -> None:
        shape = TABLES[name]
        self.table_name = reference(scope, settings, f"{camel(name)}Table")
        self._key = reference(scope, settings, f"{camel(name)}KeyArn") if shape.own_key else None
        table = arn("dynamodb", f"table/{self.table_name}")
        self._arns = [table, *(f"{table}/index/{index.name}" for index in shape.indexes)]

    def grant_only(self, role: iam.IRole, actions: Iterable[str]) -> None:
        """Let a role do single actions on items by key."""
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
        if self._key:
            role.add_to_principal_policy(
                iam.PolicyStatement(
                    actions=[f"kms:{action}" for action in key_actions],
                    resources=[self._key],
                    # The key may be used for the table only.
                    conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{Aws.REGION}.amazonaws.com"}},
                )
            )
