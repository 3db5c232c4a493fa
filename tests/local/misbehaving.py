"""Functions that the tests of the local emulator deploy; they know nothing but the runtime's own packages."""

import json
import os
import sys
import time

import boto3

notes = boto3.client("dynamodb")
calls = 0
imported_by = os.getpid()


class OutOfParcelsError(Exception):
    pass


def note(text):
    notes.put_item(TableName="notes", Item={"note": {"S": text}, "at": {"N": str(time.time())}})


def wait_for(text):
    """Until another function has noted it, or this one's time is up."""
    while "Item" not in notes.get_item(TableName="notes", Key={"note": {"S": text}}):
        time.sleep(0.02)


def answer(event, context):
    global calls
    calls += 1
    return {"calls": calls, "process": os.getpid(), "left": context.get_remaining_time_in_millis()}


def behave(event, context):
    global calls
    calls += 1
    print("about to", event["how"])
    if event["how"] == "raise":
        raise OutOfParcelsError("none left")
    if event["how"] == "exit":
        os._exit(3)
    if event["how"] == "hang":
        time.sleep(60)
    if event["how"] == "answer a set":
        return {1}
    if event["how"] == "call yourself":
        client = boto3.client("lambda")
        return client.invoke(FunctionName="behave", Payload=b'{"how": "count"}')["StatusCode"]
    return {"calls": calls}


def sleep(event, context):
    time.sleep(event["seconds"])
    return {"process": os.getpid(), "imported_by": imported_by}


def report_environment(event, context):
    try:
        import ministack  # noqa: F401
    except ImportError as error:
        print("as it should be:", error)
    return {"environment": dict(os.environ), "path": sys.path, "emulator": "ministack" in sys.modules}


def measure(event, context):
    directive = {
        "Namespace": "Test",
        "Dimensions": [["room"]],
        "Metrics": [{"Name": "Orders", "Unit": "Count"}],
    }
    line = {
        "_aws": {"Timestamp": 1, "CloudWatchMetrics": [directive]},
        "room": "intake",
        "Orders": event["orders"],
    }
    print(json.dumps(line))


def on_message(event, context):
    for record in event["Records"]:
        message = json.loads(record["body"])
        if "after" in message:
            wait_for(message["after"])
        note(message["note"])


def on_record(event, context):
    keys = [record["dynamodb"]["Keys"]["key"]["S"] for record in event["Records"]]
    if any(key.startswith("slow") for key in keys):
        wait_for("meanwhile")
    if any(key.startswith("bad") for key in keys):
        raise OutOfParcelsError(keys)
    for key in keys:
        note(f"whole {key}")


def on_record_in_parts(event, context):
    global calls
    for record in event["Records"]:
        key = record["dynamodb"]["Keys"]["key"]["S"]
        if key.startswith("shaky"):
            calls += 1
            if calls < 3:
                return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        note(f"part {key}")
    return {"batchItemFailures": []}


def on_schedule(event, context):
    global calls
    calls += 1
    if calls < 2:
        raise OutOfParcelsError("the first time")
    note(f"scheduled at call {calls}")
