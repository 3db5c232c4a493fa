"""Deploy a synthesised cloud assembly to the local emulator, as ``cdk deploy`` does, but in a few seconds."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from botocore.exceptions import ClientError

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
POLL_SECONDS = 0.05
# A custom resource whose function fails makes its stack wait for an hour.
LONGEST_WORK = 180.0
# The date of every file in an archive, so that the same content makes the same archive.
ARCHIVE_DATE = (1980, 1, 1, 0, 0, 0)

ClientMaker = Callable[[str], Any]
Report = Callable[[str], None]


class DeployError(Exception):
    """The stack could not be deployed; the message names the resources that failed and why."""


def stacks_in_order(assembly: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the stacks of an assembly, each after the stacks it depends on."""
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    done: set[str] = set()

    def visit(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        if name in done or name not in artifacts:
            return
        done.add(name)
        for needed in artifacts[name].get("dependencies", []):
            yield from visit(needed)
        if artifacts[name]["type"] == "aws:cloudformation:stack":
            yield name, artifacts[name]

    for name in artifacts:
        yield from visit(name)


def resolve(text: str, account: str, region: str) -> str:
    """Fill in the placeholders of an asset's destination."""
    for name, value in {"AccountId": account, "Region": region, "Partition": "aws"}.items():
        text = text.replace("${AWS::" + name + "}", value)
    return text


def archive(source: Path, target: Any) -> None:
    """Zip a folder without compression, as the archive never leaves this machine."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as files:
        for path in sorted(source.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(source).as_posix(), ARCHIVE_DATE)
                entry.external_attr = (path.stat().st_mode & 0xFFFF) << 16
                files.writestr(entry, path.read_bytes())


def exists(s3: Any, bucket: str, key: str) -> bool:
    """Return whether an object exists."""
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True


def upload_assets(client: ClientMaker, assembly: Path, account: str, region: str, report: Report) -> None:
    """Upload the files and archives that are not there yet; their names contain their hashes."""
    s3 = client("s3")
    for manifest in sorted(assembly.glob("*.assets.json")):
        for asset in json.loads(manifest.read_text())["files"].values():
            source = assembly / asset["source"]["path"]
            for destination in asset["destinations"].values():
                bucket = resolve(destination["bucketName"], account, region)
                key = resolve(destination["objectKey"], account, region)
                if exists(s3, bucket, key):
                    continue
                if asset["source"]["packaging"] == "zip":
                    with TemporaryFile() as content:
                        archive(source, content)
                        content.seek(0)
                        s3.put_object(Bucket=bucket, Key=key, Body=content)
                else:
                    s3.put_object(Bucket=bucket, Key=key, Body=source.read_bytes())
                report(f"uploaded {asset.get('displayName', key)}")


def prepare(client: ClientMaker, account: str, region: str) -> None:
    """Create the resources of ``cdk bootstrap`` that templates refer to."""
    client("s3").create_bucket(Bucket=f"cdk-hnb659fds-assets-{account}-{region}")
    client("ssm").put_parameter(Name=BOOTSTRAP_VERSION, Value="21", Type="String", Overwrite=True)


def describe(cloudformation: Any, name: str) -> dict[str, Any] | None:
    """Return a stack, or None if there is none."""
    try:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError:
        return None
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def reasons(cloudformation: Any, name: str, since: float) -> list[str]:
    """Return the failures of a stack since a moment, the first failure first."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
    events = [event for page in pages for event in page["StackEvents"]]
    failed = [
        f"{event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason', '?')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("FAILED") and event["Timestamp"].timestamp() >= since - 1
    ]
    return list(dict.fromkeys(failed))


def pending(cloudformation: Any, name: str) -> str:
    """Return a sentence with the resources that a stack waits for."""
    resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    waiting = [one["LogicalResourceId"] for one in resources if one["ResourceStatus"].endswith("IN_PROGRESS")]
    return f"it waits for {', '.join(waiting) or 'an unnamed resource'}; see `make logs`"


def wait(cloudformation: Any, name: str, since: float, report: Report) -> None:
    """Wait until the work on a stack has ended.

    Raises
    ------
    DeployError
        If it failed, or takes longer than ``LONGEST_WORK``.
    """
    while True:
        stack = describe(cloudformation, name)
        status = stack["StackStatus"] if stack else "DELETE_COMPLETE"
        if not status.endswith("IN_PROGRESS"):
            break
        if time.time() - since > LONGEST_WORK:
            raise DeployError(f"{name} is still {status} after {LONGEST_WORK:.0f} s; {pending(cloudformation, name)}")
        time.sleep(POLL_SECONDS)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        why = "\n  ".join([f"{name} could not be deployed ({status}):", *reasons(cloudformation, name, since)])
        raise DeployError(why)
    report(f"{name}: {status.lower().replace('_', ' ')}")


def deploy_stack(
    client: ClientMaker, name: str, template: str, parameters: dict[str, str], report: Report
) -> dict[str, str]:
    """Create or update one stack and return its outputs."""
    cloudformation = client("cloudformation")
    existing = describe(cloudformation, name)
    if existing and existing["StackStatus"] in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"):
        cloudformation.delete_stack(StackName=name)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        existing = None
    request = {
        "StackName": name,
        "TemplateURL": template,
        "Capabilities": CAPABILITIES,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    }
    began = time.time()
    try:
        if existing:
            cloudformation.update_stack(**request)
        else:
            cloudformation.create_stack(**request)
        wait(cloudformation, name, began, report)
    except ClientError as error:
        message = error.response["Error"]["Message"]
        if "No updates are to be performed" not in message:
            raise DeployError(f"{name} could not be deployed: {message}") from error
        report(f"{name}: nothing has changed")
    stack = describe(cloudformation, name) or {}
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def united(outputs: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the outputs of several stacks as one.

    Raises
    ------
    DeployError
        If two stacks have an output of the same name: one of them would be lost.
    """
    found: dict[str, tuple[str, str]] = {}
    for stack, own in outputs.items():
        for name, value in own.items():
            if name in found:
                raise DeployError(f"{stack} and {found[name][0]} both have an output {name}: rename one")
            found[name] = stack, value
    return {name: value for name, (_, value) in found.items()}


def deploy(
    client: ClientMaker,
    assembly: Path,
    parameters: dict[str, str],
    *,
    account: str = "000000000000",
    region: str = "us-east-1",
    report: Report = print,
) -> dict[str, str]:
    """Deploy every stack of an assembly.

    Parameters
    ----------
    client
        Makes a boto3 client of a service at the target of the deployment.
    assembly
        The output folder of the CDK app.
    parameters
        Values of template parameters, by name; each template gets those that it declares.
    account, region
        The account and region that the assembly was synthesised for.
    report
        Called with a line about each step.

    Returns
    -------
    dict
        The outputs of all stacks.

    Raises
    ------
    DeployError
        With the resources that failed and the reasons, or if two stacks have an output of the same name.
    """
    prepare(client, account, region)
    upload_assets(client, assembly, account, region, report)
    outputs: dict[str, dict[str, str]] = {}
    for _, stack in stacks_in_order(assembly):
        properties = stack["properties"]
        declared = json.loads((assembly / properties["templateFile"]).read_text()).get("Parameters", {})
        chosen = {**properties.get("parameters", {}), **parameters}
        name = properties.get("stackName") or stack["displayName"]
        template = resolve(properties["stackTemplateAssetObjectUrl"], account, region)
        url = f"{client('s3').meta.endpoint_url}/{template.removeprefix('s3://')}"
        own = {key: value for key, value in chosen.items() if key in declared}
        outputs[name] = deploy_stack(client, name, url, own, report)
    return united(outputs)
