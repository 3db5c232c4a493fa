"""Start the AWS emulator ministack, with repairs of its gaps in the same process.

It is run by the emulator's own Python (``.local/emulator``), whose version is the Lambda runtime's::

    .local/emulator/bin/python -m local.emulator PORT STATE_FOLDER

Each function named ``repair_...`` repairs one thing and says what was broken and how it showed. The repairs use
internals of one exact version of ministack, pinned in ``requirements/emulator.in``. ``tests/local/test_emulator.py``
has a test for each, which shows whether a newer version breaks it or no longer needs it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from local.clock import CLOCK_FILE, ClockFile

LOG_EVENTS_KEPT = 20_000

LONGEST_LOOK_AWAY = 0.5
"""Seconds after which a wait of Step Functions sees that the clock jumped."""


def settle_environment(port: int, state: Path) -> None:
    """Set the environment to fixed values, so that the caller's can't change how the emulator or a function behaves."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    temporary = state / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True, exist_ok=True)
    os.environ.clear()
    os.environ.update(
        kept,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(port),
        IOT_MTLS_ENABLED="0",
        # The emulator must not refuse requests: those beyond our own limit wait for a worker.
        LAMBDA_ACCOUNT_CONCURRENCY="1000",
        LAMBDA_WARM_TTL_SECONDS="60",
        LANG="C.UTF-8",
        LOG_LEVEL="WARNING",
        MINISTACK_HOST="localhost",
        SFTP_ENABLED="0",
        # Signing keys are stored here; by default the folder is shared by all emulators of the machine.
        STATE_DIR=str(state),
        TMPDIR=str(temporary),
    )
    tempfile.tempdir = str(temporary)


def repair_functions(state: Path) -> None:
    """Run Python functions in workers that start quickly, share nothing with the emulator, and fail as on AWS.

    ministack's own workers were seen to

    - answer ``errorType: Runtime.HandlerError`` whatever was raised, so Step Functions never retried by name;
    - wait 50 ms after each call that logs nothing;
    - inherit the whole environment and the emulator's packages, which hid dependencies missing from a layer;
    - unpack every layer again for each process, and take 0.5-0.8 s to import boto3;
    - be lost after an exception, so that the next call started another;
    - be as many as there were simultaneous requests: a hundred took 41 s and 2 GB, most of it imports.
    """
    from local.emulator import functions as emulated_functions

    emulated_functions.install(state)


# -- logs and metrics --------------------------------------------------------------------------------------


def repair_logs() -> None:
    """Keep one log stream per function and day, and record the metrics in log lines.

    ministack makes a stream per invocation and never removes it. It does not evaluate lines in CloudWatch's embedded
    metric format: GetMetricData was seen to return nothing for metrics written with Powertools, so dashboards and
    alarms never saw them.
    """
    from ministack.services import cloudwatch, cloudwatch_logs, lambda_svc

    from local.emulator.functions import log_group_of, log_stream_of
    from local.emulator.metrics import embedded_metrics, record_invocation

    lock = threading.Lock()

    def stream_for(config: dict[str, Any], now: int) -> tuple[str, str, dict[str, Any]]:
        group_name, stream_name = (
            log_group_of(config),
            log_stream_of(config),
        )
        with lock:
            if group_name not in cloudwatch_logs._log_groups:
                cloudwatch_logs._log_groups[group_name] = {
                    "arn": cloudwatch_logs._make_group_arn(group_name),
                    "creationTime": now,
                    "retentionInDays": None,
                    "tags": {},
                    "subscriptionFilters": {},
                    "streams": {},
                }
            streams = cloudwatch_logs._log_groups[group_name]["streams"]
            stream = streams.setdefault(
                stream_name,
                {
                    "events": [],
                    "uploadSequenceToken": "1",
                    "creationTime": now,
                    "firstEventTimestamp": None,
                    "lastEventTimestamp": None,
                    "lastIngestionTime": None,
                },
            )
            if len(stream["events"]) > LOG_EVENTS_KEPT:
                del stream["events"][: LOG_EVENTS_KEPT // 2]
        return group_name, stream_name, stream

    def emit(func: dict[str, Any], request_id: str, text: str, error: bool, milliseconds: int, **_: Any) -> None:
        config = func.get("config") or func
        now = int(time.time() * 1000)
        lines = [
            f"START RequestId: {request_id} Version: {config.get('Version', '$LATEST')}",
            *text.splitlines(),
            f"END RequestId: {request_id}",
            f"REPORT RequestId: {request_id}\tDuration: {milliseconds} ms\t"
            f"Billed Duration: {milliseconds} ms\tMemory Size: {config.get('MemorySize', 128)} MB",
        ]
        group_name, stream_name, stream = stream_for(config, now)
        events = [{"timestamp": now, "message": line, "ingestionTime": now} for line in lines]
        cloudwatch_logs._append_log_events(stream, events)
        cloudwatch_logs._fanout_to_subscription_filters(group_name, stream_name, events)
        for line in lines:
            for namespace, name, value, unit, dimensions in embedded_metrics(line):
                cloudwatch.record_metric(namespace, name, value, unit, dimensions)
        record_invocation(config.get("FunctionName", "unknown"), milliseconds, error)

    lambda_svc._emit_lambda_logs = emit
    lambda_svc._emit_lambda_metrics = lambda *_, **__: None  # else direct invocations would be counted twice


def repair_alarms() -> None:
    """Measure every invocation and the queues, and evaluate alarms as time passes.

    ministack evaluates an alarm only when a metric is put, mixes the points of all dimensions and ignores periods
    without points. It measures only functions that are invoked directly, and no queues. An alarm on the errors of a
    function behind a queue, or on the depth of a queue, was never raised.
    """
    from local.emulator import metrics as emulated_metrics

    emulated_metrics.install()


# -- events ------------------------------------------------------------------------------------------------


def repair_streams() -> None:
    """Give each stream its own thread, and treat failed batches as AWS does.

    ministack calls the handlers of all table streams one after the other on the thread that also polls the queues, so
    a slow handler stalls everything. It takes a partial failure (``batchItemFailures``) for a success, which loses
    records. It retries a raising handler for ever and ignores ``MaximumRetryAttempts``,
    ``BisectBatchOnFunctionError`` and the on-failure destination.
    """
    from ministack.services import lambda_svc

    from local.emulator.streams import StreamReader

    lambda_svc._poll_dynamodb_streams = StreamReader().poll


class PunctualWake:
    """An event whose ``wait`` also ends when the next delayed message or retry is due."""

    def __init__(self, event: threading.Event, next_due: Callable[[], float]) -> None:
        self._event = event
        self._next_due = next_due
        self.clear = event.clear
        self.set = event.set

    def wait(self, timeout: float) -> bool:
        """Wait for the event, the next due time or the timeout, whichever comes first."""
        until_due = max(0.002, self._next_due() - time.time())
        return self._event.wait(min(timeout, until_due))


def repair_event_sources() -> None:
    """Call functions for delayed messages and retries when these are due.

    ministack wakes its poller when a message is sent, but a delayed message becomes visible between two wakes, so its
    function was called up to a second late.
    """
    from ministack.services import lambda_svc, sqs

    def next_due() -> float:
        now = time.time()
        with sqs._queues_lock:
            delayed = [
                message["visible_at"]
                for queue in sqs._queues._data.values()
                for message in queue["messages"]
                if message["visible_at"] > now
            ]
        retries = [due for due in list(lambda_svc._esm_backoff_until._data.values()) if due > now]
        return min([*delayed, *retries], default=now + 3600)

    lambda_svc._esm_wake = PunctualWake(lambda_svc._esm_wake, next_due)
    lambda_svc._ESM_IDLE_WAKE_GAP_SECONDS = 0.005


def repair_bus_targets() -> None:
    """Retry a function that an EventBridge rule calls, and send its last failure to its destination.

    ministack calls the function once and ignores the outcome.
    """
    from ministack.services import eventbridge, lambda_svc

    def dispatch(arn: str, payload: str) -> None:
        func, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if func and config:
            record = lambda_svc._execution_record_for_config(func, config)
            lambda_svc.invoke_async_with_retry(record, json.loads(payload))

    eventbridge._dispatch_to_lambda = dispatch


def repair_challenges() -> None:
    """Take the answer to a challenge of a sign-in only with the session of that challenge.

    ministack looks at no session: whoever knew the name of an invited user could set a password with a made-up one, and
    a page that mixed two sessions up was never noticed. Cognito answers NotAuthorizedException, also to a session that
    was used or is older than three minutes.
    """
    from local.emulator import challenges

    challenges.install()


def repair_schedules() -> None:
    """Look for due schedules every second; ministack looks every ten seconds, and was seen to be as late."""
    from ministack.services import eventbridge, scheduler

    eventbridge._SCHEDULER_TICK_INTERVAL = 1
    scheduler._SCHEDULE_TICK_INTERVAL = 1


def repair_waits(state: Path) -> None:
    """Let the waits of Step Functions pass by the platform's time; ministack's pass by wall time and know no jump."""
    from ministack.services import stepfunctions

    clock = ClockFile(state.parent / CLOCK_FILE.name)

    def until(moment: float) -> None:
        while (left := moment - clock.sim_now()) > 0:
            time.sleep(min(left / clock.speed, LONGEST_LOOK_AWAY))

    stepfunctions._scaled_sleep = lambda seconds: until(clock.sim_now() + seconds)
    stepfunctions._sleep_until = lambda stamp: until(datetime.fromisoformat(stamp).timestamp())


def repair_distributed_maps() -> None:
    """Batch the items of distributed Maps, take them from JSONata, and write their results to S3.

    ministack ignores ItemBatcher, JSONata's Items and Output, and ResultWriter: each item was a child execution of its
    own without ``Items``, and a state after the Map got the results instead of the place of their manifest.
    """
    from ministack.services import s3, stepfunctions

    from local.emulator import maps

    def put(bucket: str, key: str, body: bytes) -> None:
        s3._put_object(bucket, key, body, {"content-type": "application/json"})

    maps.install(stepfunctions, put)


def serve_quickly() -> None:
    """Serve with uvicorn, whose HTTP parser and event loop are written in C.

    ministack serves with hypercorn, which took half of the emulator's processor time. That time is scarce, since one
    process answers the calls of all functions.
    """
    import hypercorn.asyncio
    import uvicorn
    import uvloop

    async def serve(application: Any, config: Any) -> None:
        host, _, port = config.bind[0].rpartition(":")
        settings = uvicorn.Config(
            application,
            host=host,
            port=int(port),
            http="httptools",
            lifespan="on",
            timeout_keep_alive=75,
            # A long poll of a queue may take 20 seconds; shutdown does not wait for it.
            timeout_graceful_shutdown=1,
            log_config=None,
            access_log=False,
            # The application sends these headers itself.
            date_header=False,
            server_header=False,
        )
        await uvicorn.Server(settings).serve()

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    # ministack imports this name when it starts.
    hypercorn.asyncio.serve = serve


# -- Cognito -------------------------------------------------------------------------------------------------


def repair_sign_in_flows() -> None:
    """Refuse the flows that an app client does not allow.

    ministack looks at them only while it checks all credentials, so a password was taken from anybody by InitiateAuth.
    """
    from ministack.services import cognito

    original = cognito._run_idp_handler

    def run(handler: Callable[..., Any], action: str, data: dict[str, Any]) -> Any:
        if action in cognito._UNSIGNED_IDP_ACTIONS:
            cognito._pin_unsigned_idp_scope(data)
        return cognito._auth_flow_error(action, data) or original(handler, action, data)

    cognito._run_idp_handler = run


# -- CloudFormation ----------------------------------------------------------------------------------------


def wrap_resource(kind: str, verb: str, wrapper: Callable[..., Any]) -> None:
    """Replace the function that creates or updates a kind of resource by ``wrapper(original, *arguments)``."""
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS[kind]
    original = handlers[verb]
    handlers[verb] = lambda *args, **kwargs: wrapper(original, *args, **kwargs)


def repair_http_api_cors() -> None:
    """Apply the CORS settings of an HTTP API in a template.

    ministack stores the names of settings with capital first letters and reads them with small ones, so a preflight
    request was answered 403.
    """

    def with_small_letters(properties: dict[str, Any]) -> dict[str, Any]:
        cors = properties.get("CorsConfiguration")
        if not cors:
            return properties
        return {**properties, "CorsConfiguration": {key[0].lower() + key[1:]: cors[key] for key in cors}}

    wrap_resource(
        "AWS::ApiGatewayV2::Api",
        "create",
        lambda original, name, properties, stack: original(name, with_small_letters(properties), stack),
    )
    wrap_resource(
        "AWS::ApiGatewayV2::Api",
        "update",
        lambda original, name, old, new, *rest, **more: original(name, old, with_small_letters(new), *rest, **more),
    )


def repair_time_to_live() -> None:
    """Enable time to live on a table if its template does; ministack ignores the property."""
    from ministack.services import dynamodb

    def enable(table: str, properties: dict[str, Any]) -> None:
        setting = properties.get("TimeToLiveSpecification") or {}
        if str(setting.get("Enabled", "true")).lower() == "true" and setting.get("AttributeName"):
            dynamodb._ttl_settings[table] = {
                "TimeToLiveStatus": "ENABLED",
                "AttributeName": setting["AttributeName"],
            }

    def create(original: Callable[..., Any], name: str, properties: dict[str, Any], *rest: Any) -> Any:
        made = original(name, properties, *rest)
        enable(made[0], properties)
        return made

    def update(original: Callable[..., Any], name: str, old: Any, new: dict[str, Any], *rest: Any, **more: Any) -> Any:
        made = original(name, old, new, *rest, **more)
        enable(made[0], new)
        return made

    for kind in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
        wrap_resource(kind, "create", create)
        wrap_resource(kind, "update", update)


def repair_object_lock() -> None:
    """Enable Object Lock on a bucket if its template does; ministack ignores the property.

    A version was then refused a lock, and could be deleted.
    """
    from ministack.services import s3

    def create(original: Callable[..., Any], name: str, properties: dict[str, Any], *rest: Any) -> Any:
        made = original(name, properties, *rest)
        if str(properties.get("ObjectLockEnabled", "false")).lower() == "true":
            s3._bucket_object_lock[made[0]] = {"enabled": True, "default_retention": None}
        return made

    wrap_resource("AWS::S3::Bucket", "create", create)


def main() -> None:
    """Repair the emulator, then serve until the process is ended."""
    port, state = int(sys.argv[1]), Path(sys.argv[2]).resolve()
    settle_environment(port, state)
    repair_functions(state)
    repair_logs()
    repair_alarms()
    repair_streams()
    repair_event_sources()
    repair_bus_targets()
    repair_challenges()
    repair_schedules()
    repair_waits(state)
    repair_distributed_maps()
    repair_sign_in_flows()
    repair_http_api_cors()
    repair_time_to_live()
    repair_object_lock()
    serve_quickly()
    sys.argv[1:] = []
    from ministack.app import main as serve

    serve()


if __name__ == "__main__":
    main()
