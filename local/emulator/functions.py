"""Execution of Lambda functions in the local emulator: quick, isolated, and with the failures of AWS.

``local.emulator`` imports this module after it has set the environment, in the emulator's own Python.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc, sqs

from local.emulator.processes import (
    LONGEST_START,
    Nurseries,
    Process,
    discard_old,
    extracted,
    runtime_environment,
    runtime_packages,
)

# The most workers of one function; further requests wait for a free one.
MOST_WORKERS = int(os.environ.get("CROWDSHIP_MAX_WORKERS", "8"))
# A handler that calls itself, perhaps through others, may wait for a worker that it holds itself. If no worker of a
# function became free for this long, one request gets a worker beyond the limit. As long as workers become free the
# machine is only busy, and more workers would make it slower.
LONGEST_WAIT_FOR_WORKER = 10.0
# The most workers of a function that start at once. A start needs only CPU, so more at once would only be slower.
MOST_STARTING = 2
# The most messages that ministack takes from a queue at once.
MOST_PER_BATCH = 10


class FailedStartError(Exception):
    """A worker could not import its handler."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["errorMessage"])
        self.error = error


class PythonWorker(lambda_runtime.Worker):
    """One execution environment of a Python function; takes the place of ministack's."""

    nurseries: Nurseries
    cache: Path
    _proc: Process | None

    def _layer_folders(self) -> tuple[str, ...]:
        archives = (lambda_svc._resolve_layer_zip(layer) for layer in self.config.get("Layers") or [])
        folders = (extracted(archive, self.cache / "layers") for archive in archives if archive)
        return tuple(str(folder / "python") for folder in folders)

    def _environment(self, code_dir: Path) -> dict[str, str]:
        _, region = lambda_runtime._account_region_from_function_config(self.config)
        variables = (self.config.get("Environment") or {}).get("Variables") or {}
        return {
            **runtime_environment(),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
            # Clients of some services put a prefix before the host name, and such a name cannot be resolved here.
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            **{key: str(value) for key, value in variables.items()},
            **lambda_runtime.execution_credentials(self.config),
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_LAMBDA_FUNCTION_NAME": self.config["FunctionName"],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.config.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_VERSION": self.config.get("Version", "$LATEST"),
            "AWS_LAMBDA_LOG_GROUP_NAME": log_group_of(self.config),
            "AWS_LAMBDA_LOG_STREAM_NAME": log_stream_of(self.config),
            "LAMBDA_TASK_ROOT": str(code_dir),
            "_HANDLER": self.config["Handler"],
        }

    def _spawn(self) -> None:
        code_dir = extracted(self.code_zip, self.cache / "code")
        birth = {
            "code_dir": str(code_dir),
            "handler": self.config["Handler"],
            "environment": self._environment(code_dir),
        }
        kin = self._layer_folders(), json.dumps(birth, sort_keys=True).encode()
        self._unread = b""
        self._log = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with the worker
        # The worker appends to the file, so that it writes at the new end after the emulator has emptied it.
        fcntl.fcntl(self._log, fcntl.F_SETFL, fcntl.fcntl(self._log, fcntl.F_GETFL) | os.O_APPEND)
        theirs_in, self._requests = os.pipe()
        self._answers, theirs_out = os.pipe()
        try:
            born = self._born(kin, [theirs_in, theirs_out, self._log.fileno()])
        except TimeoutError:
            born = {"error": timeout_error(LONGEST_START)}
        except (EOFError, OSError):
            born = {"error": exit_error("the import of the handler")}
        if "error" in born:
            self.nurseries.discard(*kin)
            raise FailedStartError(born["error"])

    def _born(self, kin: tuple[tuple[str, ...], bytes], fds: list[int]) -> dict[str, Any]:
        """Have a worker forked, and return its first message."""
        try:
            self._proc = self.nurseries.bear(*kin, fds)
        finally:
            # Only the worker may hold the ends of its pipes, so that its exit is noticed here.
            for fd in fds[:2]:
                os.close(fd)
        return self._receive(LONGEST_START) or {"error": timeout_error(LONGEST_START)}

    def _receive(self, seconds: float) -> dict[str, Any] | None:
        """Return the worker's next message, or None when it took too long."""
        deadline = time.monotonic() + seconds
        poll = select.poll()
        poll.register(self._answers, select.POLLIN | select.POLLHUP)
        while b"\n" not in self._unread:
            if not poll.poll(max(0, (deadline - time.monotonic()) * 1000)):
                return None
            piece = os.read(self._answers, 1 << 16)
            if not piece:
                raise EOFError
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def _take_log(self) -> str:
        """Return the output since the last call; the file is emptied, as a worker may live for days."""
        size = os.fstat(self._log.fileno()).st_size
        text = os.pread(self._log.fileno(), size, 0).decode(errors="replace") if size else ""
        if size:
            self._log.truncate(0)
        return text

    def _discard_tmpdir(self) -> None:
        """Close the files of the process, after it has ended."""
        log = getattr(self, "_log", None)
        if log is not None and not log.closed:
            log.close()
            os.close(self._requests)
            os.close(self._answers)

    def _end(self) -> None:
        process, self._proc = self._proc, None
        if process is not None:
            process.kill()
        self._discard_tmpdir()

    def start(self) -> None:
        """Make sure that the process lives and has imported the handler."""
        with self._lock:
            if self._proc is None or self._proc.poll() is not None:
                self._discard_tmpdir()
                self._spawn()

    def fail(self, error: dict[str, Any]) -> dict[str, Any]:
        """End the process, and return its error with its last output."""
        log = self._take_log()
        self._end()
        return {"error": error, "log": f"{log}{error['errorMessage']}\n"}

    def invoke(self, event: Any, request_id: str, **context: Any) -> dict[str, Any]:
        """Answer one event: ``{"result": JSON}`` or ``{"error": {...}}``, and the log.

        An exception leaves the worker alive, as on AWS; a timeout or an exit ends it.
        """
        timeout = float(self.config.get("Timeout", 3))
        envelope = {
            "event": event,
            "request_id": request_id,
            "function_arn": context.get("invoked_function_arn") or self.config["FunctionArn"],
            "timeout_seconds": timeout,
            "trace_id": context.get("trace_id"),
        }
        with self._lock:
            try:
                write_all(self._requests, json.dumps(envelope).encode() + b"\n")
                answer = self._receive(timeout)
            except (EOFError, OSError):
                return self.fail(exit_error(f"RequestId: {request_id}"))
            if answer is None:
                return self.fail(timeout_error(timeout))
            return {**answer, "log": self._take_log()}


def exit_error(during: str) -> dict[str, Any]:
    """Return the error of a process that ended by itself."""
    return {"errorType": "Runtime.ExitError", "errorMessage": f"{during} Error: Runtime exited unexpectedly"}


def timeout_error(seconds: float) -> dict[str, Any]:
    """Return the error of a process that took too long."""
    return {"errorType": "Sandbox.Timedout", "errorMessage": f"Task timed out after {seconds:.2f} seconds"}


def log_group_of(config: dict[str, Any]) -> str:
    """Return the name of the log group a function writes to."""
    chosen: str | None = (config.get("LoggingConfig") or {}).get("LogGroup")
    return chosen or f"/aws/lambda/{config.get('FunctionName', 'unknown')}"


def log_stream_of(config: dict[str, Any]) -> str:
    """Return the one log stream of a function version on a day."""
    return f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{config.get('Version', '$LATEST')}]local"


def write_all(fd: int, content: bytes) -> None:
    """Write all of a content, which may be larger than one write takes."""
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


class WorkerQueue:
    """The queue for workers of each function.

    A request takes a free worker of its function, else starts one while few are starting and fewer than the limit
    live, else waits.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._starting: dict[tuple[str, str], int] = {}
        self._moved: dict[tuple[str, str], float] = {}

    def acquire(self, take: Callable[[int], tuple[Any, str]], key: tuple[str, str]) -> tuple[Any, bool]:
        """Wait for a worker; ``take(limit)`` is ministack's own function, which never waits.

        Returns
        -------
        tuple
            The worker, and whether it is new; for a new worker the caller has to call ``started``.
        """
        came = time.monotonic()
        with self._changed:
            while True:
                give_up = max(came, self._moved.get(key, came)) + LONGEST_WAIT_FOR_WORKER
                patient = time.monotonic() < give_up
                crowded = self._starting.get(key, 0) >= MOST_STARTING
                limit = 1 if crowded else MOST_WORKERS
                worker, how = take(limit if patient else 1_000_000)
                if worker is not None:
                    if how == "spawn":
                        self._starting[key] = self._starting.get(key, 0) + 1
                    if not patient:
                        self._moved[key] = time.monotonic()
                    return worker, how == "spawn"
                self._changed.wait(max(0.01, give_up - time.monotonic()))

    def started(self, key: tuple[str, str]) -> None:
        """Wake waiting requests, as a worker has finished its start."""
        with self._changed:
            self._starting[key] -= 1
            self._changed.notify_all()

    def released(self, key: tuple[str, str]) -> None:
        """Tell the waiting that a worker is free."""
        with self._changed:
            self._moved[key] = time.monotonic()
            self._changed.notify_all()


def execute(queue: WorkerQueue, func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
    """Run one invocation in a worker of its function; wait for a worker if needed."""
    config = func.get("config") or func
    key = (config["FunctionName"], config.get("Version", "$LATEST"))

    def take(limit: int) -> tuple[Any, str]:
        found: tuple[Any, str] = lambda_runtime.acquire_worker(
            key[0], config, func["code_zip"], qualifier=key[1], max_concurrency=limit
        )
        return found

    lambda_svc._ensure_reaper_thread()
    worker, new = queue.acquire(take, key)
    try:
        try:
            worker.start()
        finally:
            if new:
                queue.started(key)
        result = worker.invoke(
            event,
            request_id,
            trace_id=lambda_svc._xray_trace_id_for_invocation(config),
            invoked_function_arn=config.get("FunctionArn", ""),
        )
    except FailedStartError as failed:
        result = worker.fail(failed.error)
    finally:
        lambda_runtime.release_worker(worker)
        queue.released(key)
    if "error" in result:
        return {"body": result["error"], "error": True, "log": result["log"]}
    return {"body": json.loads(result["result"]), "log": result["log"]}


def wait_for_full_batches() -> None:
    """Wait for full batches of a queue, for up to the window of their event source mapping."""
    take = sqs._receive_messages_for_esm

    def receive(queue_url: str, most: int) -> list[dict[str, Any]]:
        messages = sqs._queues.get(queue_url, {}).get("messages", ())
        window, now = batching_window(queue_url), time.time()
        if window and messages:
            visible = [since for since in map(_visible_since, messages) if since <= now]
            if len(visible) < min(most, MOST_PER_BATCH) and min(visible, default=now) + window > now:
                return []
        return list(take(queue_url, most))

    sqs._receive_messages_for_esm = receive


def batching_window(queue_url: str) -> float:
    """Return the batching window of a queue, in seconds."""
    name = queue_url.rsplit("/", 1)[-1]
    mappings = (mapping for *_, mapping in lambda_svc._iter_all_esms())
    mine = (mapping for mapping in mappings if str(mapping.get("EventSourceArn", "")).rsplit(":", 1)[-1] == name)
    return max((float(mapping.get("MaximumBatchingWindowInSeconds") or 0) for mapping in mine), default=0.0)


def _visible_since(message: dict[str, Any]) -> float:
    return max(float(message.get("sent_at") or 0), float(message.get("visible_at") or 0))


def install(state: Path) -> None:
    """Run Python functions with this module; other runtimes (of custom resources) are left to ministack."""
    cache = state / "functions"
    for kind in ("code", "layers"):
        discard_old(cache / kind)
    PythonWorker.cache = cache
    PythonWorker.nurseries = Nurseries(runtime_packages(cache / "runtime"))
    queue = WorkerQueue()
    theirs, their_class = lambda_svc._execute_function_warm, lambda_runtime._worker_class_for

    def is_python(config: dict[str, Any]) -> bool:
        return str(config.get("Runtime", "")).startswith("python")

    def execute_warm(func: dict[str, Any], event: Any, request_id: str) -> Any:
        if func.get("code_zip") and is_python(func.get("config") or func):
            return execute(queue, func, event, request_id)
        return theirs(func, event, request_id)

    wait_for_full_batches()
    lambda_svc._execute_function_warm = execute_warm
    lambda_runtime._worker_class_for = lambda config: PythonWorker if is_python(config) else their_class(config)
