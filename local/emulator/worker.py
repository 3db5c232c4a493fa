"""The process of a local Lambda function: the emulator starts this program and never imports it.

A *nursery* process imports the third-party packages of a set of layers once. Each function's *zygote* is forked from
the nursery and imports the handler once. Each worker is forked from the zygote. A cold start thus takes milliseconds
instead of the second that importing boto3, pydantic, Powertools and our own models takes. The program runs as
``python -I -S``: only the standard library, the layers and the function's code can be imported, as on AWS, so a
dependency missing from a layer is noticed here too.
"""

import contextlib
import decimal
import functools
import importlib
import json
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, NoReturn

# These are imported before the fork if the layers have them. None of them reads environment variables when it is
# imported; those of the function are set only after the fork.
PRELOADED = (
    "boto3",
    "botocore.handlers",
    "pydantic",
    "aws_lambda_powertools",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parser",
    "pynamodb.models",
)
SERVICES = ("dynamodb", "events", "secretsmanager", "sqs")
LONGEST_MESSAGE = 1 << 20


class Context:
    """The second argument of a handler."""

    identity = None
    client_context = None

    def __init__(self, envelope: dict[str, Any]) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = envelope["function_arn"]
        self.aws_request_id = envelope["request_id"]
        self._deadline = time.time() + envelope["timeout_seconds"]

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function is stopped."""
        return max(0, int((self._deadline - time.time()) * 1000))


def plain(value: object) -> float | int:
    """Return a number for a ``Decimal``, the only type beyond JSON that the AWS runtime accepts in an answer."""
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def failure(error_type: str, message: str, trace: list[str]) -> dict[str, Any]:
    """Write an error to the log in the format of the AWS runtime, and return it."""
    print(f"[ERROR] {error_type}: {message}\n{''.join(trace)}", flush=True)
    return {"error": {"errorMessage": message, "errorType": error_type, "stackTrace": trace}}


def load_handler(code_dir: str, handler: str) -> Any:
    """Import ``module.function`` and return the function; the caller reports errors of the import."""
    sys.path.insert(0, code_dir)
    os.chdir(code_dir)
    module_name, _, function_name = handler.rpartition(".")
    return getattr(importlib.import_module(module_name.replace("/", ".")), function_name)


def answer(function: Any, envelope: dict[str, Any]) -> dict[str, Any]:
    """Run one invocation and return its result or error."""
    if envelope.get("trace_id"):
        os.environ["_X_AMZN_TRACE_ID"] = envelope["trace_id"]
    try:
        result = function(envelope["event"], Context(envelope))
    except BaseException as error:
        frames = traceback.format_tb(error.__traceback__)[1:]
        return failure(type(error).__name__, str(error), frames)
    try:
        return {"result": json.dumps(result, default=plain)}
    except (TypeError, ValueError) as error:
        return failure("Runtime.MarshalError", f"Unable to marshal response: {error}", [])


def serve(requests: BinaryIO, send: Callable[[dict[str, Any]], None], function: Any) -> None:
    """Answer invocations until the pipe closes."""
    send({"ready": True})
    for line in requests:
        send(answer(function, json.loads(line)))


def imported(birth: dict[str, Any]) -> tuple[Any, dict[str, Any] | None]:
    """Import the handler in its environment; return it and None, or None and the error."""
    os.environ.clear()
    os.environ.update(birth["environment"])
    time.tzset()
    try:
        return load_handler(birth["code_dir"], birth["handler"]), None
    except (ImportError, AttributeError) as error:
        trace = traceback.format_tb(error.__traceback__)[1:]
        module = birth["handler"].rpartition(".")[0]
        return None, failure("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}", trace)
    except BaseException as error:
        return None, failure(type(error).__name__, str(error), traceback.format_tb(error.__traceback__)[1:])


def print_to(log_fd: int) -> None:
    """Redirect standard output and errors, also those of C code, to a log."""
    os.dup2(log_fd, 1)
    os.dup2(log_fd, 2)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def be_worker(fds: Sequence[int], function: Any, error: dict[str, Any] | None) -> NoReturn:
    """Turn this fork of a zygote into a worker."""
    requests_fd, answers_fd, log_fd = fds
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    print_to(log_fd)
    os.close(log_fd)
    status = 0
    try:
        with os.fdopen(requests_fd, "rb") as requests, os.fdopen(answers_fd, "wb") as answers:

            def send(message: dict[str, Any]) -> None:
                sys.stdout.flush()
                sys.stderr.flush()
                answers.write(json.dumps(message).encode() + b"\n")
                answers.flush()

            if error:
                send(error)
            else:
                serve(requests, send, function)
    except BaseException:
        traceback.print_exc()
        status = 1
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        os._exit(status)


def births(control: socket.socket) -> Iterator[tuple[bytes, list[int]]]:
    """Yield each request for a process, with its file descriptors, until the other end of the socket is closed."""
    # The system collects ended children at once.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, fds, _, _ = socket.recv_fds(control, LONGEST_MESSAGE, 3)
        if not message:
            return
        yield message, list(fds)
        for fd in fds:
            os.close(fd)


def be_zygote(control: socket.socket, birth: dict[str, Any]) -> NoReturn:
    """Turn this fork of the nursery into a function's zygote: import the handler at the first request, fork workers."""
    handler: tuple[Any, dict[str, Any] | None] | None = None
    for _, fds in births(control):
        if handler is None:
            # Output of the import goes to the log of the first worker.
            print_to(fds[-1])
            handler = imported(birth)
            sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            control.close()
            be_worker(fds, *handler)
        control.send(str(pid).encode())
    os._exit(0)


def share_descriptions() -> None:
    """Load botocore's service descriptions once; else each session of each worker would, in a tenth of a second."""
    session: Any = importlib.import_module("botocore.session")
    session.create_loader = functools.cache(session.create_loader)
    for service in SERVICES:
        session.get_session().create_client(service, "us-east-1")


def run_nursery(control: socket.socket, layers: list[str]) -> None:
    """Import shared packages, then fork a zygote for each message until the emulator has ended."""
    # The last folder has the packages of the runtime itself, which come after those of the layers.
    sys.path[:0] = layers[:-1]
    sys.path.append(layers[-1])
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with contextlib.suppress(ImportError):
        share_descriptions()
    for message, (theirs,) in births(control):
        pid = os.fork()
        if pid == 0:
            control.close()
            be_zygote(socket.socket(fileno=theirs), json.loads(message))
        control.send(str(pid).encode())


if __name__ == "__main__":
    run_nursery(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
