"""Delivery of table streams' records to functions in the local emulator.

``local.emulator`` imports this module after it has set the environment, in the emulator's own Python.
"""

from __future__ import annotations

import time
from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.services import dynamodb, lambda_svc

LONGEST_PAUSE = 5.0


class StreamReader:
    """Reads every stream that has an event source mapping, each in order and one batch at a time."""

    def __init__(self) -> None:
        self._attempts: dict[str, int] = {}
        self._batch_limits: dict[str, int] = {}

    def poll(self) -> bool:
        """Start the delivery of new records in all streams; return whether there were any."""
        found = [self._poll_one(*entry) for entry in lambda_svc._iter_all_esms()]
        return any(found)

    def _poll_one(self, account: str, region: str, mapping: dict[str, Any]) -> bool:
        account_token = lambda_svc._request_account_id.set(account)
        region_token = lambda_svc._request_region.set(region)
        try:
            name = mapping["UUID"]
            table = table_of(mapping) if mapping.get("Enabled", True) else None
            pausing = lambda_svc._esm_backoff_until.get(name, 0) > time.time()
            if table is None or pausing or lambda_svc._esm_inflight.get(name):
                return False
            position, batch = self._next_batch(mapping, table)
            func, _ = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
            if func is None or not batch:
                return False
            lambda_svc._dispatch_esm_batch(name, self._deliver, mapping, func, position, batch)
            return True
        finally:
            lambda_svc._request_account_id.reset(account_token)
            lambda_svc._request_region.reset(region_token)

    def _next_batch(self, mapping: dict[str, Any], table: str) -> tuple[int, list[dict[str, Any]]]:
        name = mapping["UUID"]
        oldest, newest = dynamodb.stream_start_position(table), dynamodb.stream_end_position(table)
        start = oldest if mapping.get("StartingPosition") == "TRIM_HORIZON" else newest
        with lambda_svc._dynamodb_stream_positions_lock:
            position = max(lambda_svc._dynamodb_stream_positions.get(name, start), oldest)
            lambda_svc._dynamodb_stream_positions[name] = position
        limit = self._batch_limits.get(name, int(mapping.get("BatchSize", 100)))
        return position, list(dynamodb.stream_records_since(table, position, limit))

    def _advance(self, mapping: dict[str, Any], position: int) -> None:
        name = mapping["UUID"]
        self._attempts.pop(name, None)
        self._batch_limits.pop(name, None)
        with lambda_svc._dynamodb_stream_positions_lock:
            lambda_svc._dynamodb_stream_positions[name] = position

    def _deliver(
        self, mapping: dict[str, Any], func: dict[str, Any], position: int, batch: list[dict[str, Any]]
    ) -> None:
        wanted = lambda_svc._apply_filter_criteria(batch, mapping)
        result = lambda_svc._execute_function(func, {"Records": wanted}) if wanted else {}
        good = 0 if result.get("error") else records_done(mapping, result.get("body"), batch)
        if good:
            mapping["LastProcessingResult"] = f"OK - {good} records"
            self._advance(mapping, position + good)
        if good < len(batch):
            self._fail(mapping, func, position + good, batch[good:], result)

    def _fail(
        self,
        mapping: dict[str, Any],
        func: dict[str, Any],
        position: int,
        batch: list[dict[str, Any]],
        result: dict[str, Any],
    ) -> None:
        name = mapping["UUID"]
        mapping["LastProcessingResult"] = "FAILED"
        if is_true(mapping.get("BisectBatchOnFunctionError")) and len(batch) > 1:
            self._batch_limits[name] = len(batch) // 2
            return
        attempts = self._attempts[name] = self._attempts.get(name, 0) + 1
        reason = reason_to_discard(mapping, batch, attempts)
        if reason:
            lambda_svc._send_ddb_stream_failure_record(mapping, func, batch, mapping["EventSourceArn"], result, reason)
            self._advance(mapping, position + len(batch))
            return
        lambda_svc._esm_backoff_until[name] = time.time() + min(0.1 * 2**attempts, LONGEST_PAUSE)


def is_true(value: Any) -> bool:
    """Return a truth value, which a template may write as text."""
    return str(value).lower() == "true"


def table_of(mapping: dict[str, Any]) -> str | None:
    """Return the name of the table whose present stream is the mapping's source, or None if there is no such table."""
    try:
        source = parse_arn(mapping.get("EventSourceArn", ""))
    except ArnParseError:
        return None
    found = lambda_svc._dynamodb_stream_table_from_arn_spec(source) if source.service == "dynamodb" else None
    table = dynamodb._tables.get(found[0]) if found else None
    return found[0] if found and table and table.get("LatestStreamArn") == mapping["EventSourceArn"] else None


def records_done(mapping: dict[str, Any], answer: Any, batch: list[dict[str, Any]]) -> int:
    """Return the number of records before the first that the handler reported as failed."""
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
        return len(batch)
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    failed = {failure.get("itemIdentifier") for failure in failures or []}
    for index, record in enumerate(batch):
        if record["dynamodb"]["SequenceNumber"] in failed:
            return index
    return 0 if failed else len(batch)  # an identifier that is not in the batch fails the whole batch


def reason_to_discard(mapping: dict[str, Any], batch: list[dict[str, Any]], attempts: int) -> str | None:
    """Return why a failing batch is not tried again, or None if it is tried again."""
    retries = int(mapping.get("MaximumRetryAttempts", -1))
    longest = int(mapping.get("MaximumRecordAgeInSeconds", -1))
    oldest = min(float(record["dynamodb"]["ApproximateCreationDateTime"]) for record in batch)
    if 0 < longest < time.time() - oldest:
        return "MaxRecordAgeExceeded"
    if 0 <= retries < attempts:
        return "RetryAttemptsExhausted"
    return None
