"""Metrics of the local emulator, and the evaluation of its alarms.

``local.emulator`` imports this module after it has set the environment, in the emulator's own Python.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from ministack.services import cloudwatch, sqs

EVALUATION_SECONDS = 2.0
QUEUE_SECONDS = 10.0
KEPT_SECONDS = 3 * 3600.0

logger = logging.getLogger("crowdship.metrics")


def embedded_metrics(line: str) -> Iterator[tuple[str, str, float, str, dict[str, str]]]:
    """Yield namespace, name, value, unit and dimensions of each metric in a log line."""
    if not line.startswith("{") or '"_aws"' not in line:
        return
    try:
        record = json.loads(line)
        for directive in record["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"] or [[]]:
                dimensions = {name: str(record[name]) for name in names}
                for metric in directive["Metrics"]:
                    values = record[metric["Name"]]
                    for value in values if isinstance(values, list) else [values]:
                        unit = metric.get("Unit", "None")
                        yield directive["Namespace"], metric["Name"], float(value), unit, dimensions
    except (ValueError, KeyError, TypeError):
        return  # a malformed metric is only a log line, as on AWS


def record_invocation(function: str, milliseconds: float, error: bool) -> None:
    """Record the metrics of one invocation, whatever its source."""
    dimensions = {"FunctionName": function}
    cloudwatch.record_metric("AWS/Lambda", "Invocations", 1, "Count", dimensions)
    cloudwatch.record_metric("AWS/Lambda", "Errors", int(error), "Count", dimensions)
    cloudwatch.record_metric("AWS/Lambda", "Duration", milliseconds, "Milliseconds", dimensions)


def record_queues() -> None:
    """Record the number of visible messages of each queue, and the age of its oldest one."""
    now = time.time()
    with sqs._queues_lock:
        waiting = {
            queue["name"]: [message["sent_at"] for message in queue["messages"] if message["visible_at"] <= now]
            for queue in sqs._queues.values()
        }
    for name, sent in waiting.items():
        dimensions = {"QueueName": name}
        age = now - min(sent, default=now)
        cloudwatch.record_metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", len(sent), "Count", dimensions)
        cloudwatch.record_metric("AWS/SQS", "ApproximateAgeOfOldestMessage", age, "Seconds", dimensions)


def forget_old() -> None:
    """Drop points older than ``KEPT_SECONDS``, which no alarm or dashboard of ours uses."""
    oldest = time.time() - KEPT_SECONDS
    for points in cloudwatch._metrics.values():
        count = next((i for i, point in enumerate(points) if point["Timestamp"] >= oldest), len(points))
        del points[:count]


def points_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the points of the alarm's metric that have exactly its dimensions."""
    wanted = alarm.get("Dimensions") or {}
    if isinstance(wanted, list):
        wanted = {one["Name"]: one["Value"] for one in wanted}
    key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(wanted))
    return list(cloudwatch._metrics.get(key) or [])


def is_breaching(alarm: dict[str, Any], points: list[dict[str, Any]]) -> bool | None:
    """Return whether one period breaches the threshold; None if missing data says neither."""
    statistics = cloudwatch._calc_stats(points) if points else {}
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    value = cloudwatch._stat_value(statistics, name, points) if statistics else None
    if value is None:
        return {"breaching": True, "notBreaching": False}.get(alarm.get("TreatMissingData", "missing"))
    threshold = float(alarm["Threshold"])
    return {
        "GreaterThanOrEqualToThreshold": value >= threshold,
        "GreaterThanThreshold": value > threshold,
        "LessThanThreshold": value < threshold,
        "LessThanOrEqualToThreshold": value <= threshold,
    }.get(alarm["ComparisonOperator"])


def state_of(alarm: dict[str, Any], now: float) -> str:
    """Return the state that an alarm should be in."""
    points = points_of(alarm)
    length, count = float(alarm.get("Period", 60)), int(alarm.get("EvaluationPeriods", 1))
    periods = [
        is_breaching(alarm, [p for p in points if length * i <= now - p["Timestamp"] < length * (i + 1)])
        for i in range(count)
    ]
    if periods.count(True) >= int(alarm.get("DatapointsToAlarm") or count):
        return "ALARM"
    if any(period is not None for period in periods):
        return "OK"
    return str(alarm["StateValue"]) if alarm.get("TreatMissingData") == "ignore" else "INSUFFICIENT_DATA"


def evaluate(alarm: dict[str, Any]) -> None:
    """Set an alarm's state, and run its actions if the state changed."""
    if not alarm.get("MetricName"):
        return
    before, after = alarm["StateValue"], state_of(alarm, time.time())
    if before == after:
        return
    reason = f"Threshold crossed: {alarm['MetricName']} {alarm['ComparisonOperator']} {alarm['Threshold']}"
    alarm.update(StateValue=after, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, after, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, after, reason)


def watch() -> None:
    """Measure the queues and evaluate the alarms in an endless loop."""
    measured = 0.0
    while True:
        time.sleep(EVALUATION_SECONDS)
        try:
            if time.time() - measured >= QUEUE_SECONDS:
                measured = time.time()
                record_queues()
                forget_old()
            for alarm in cloudwatch._alarms.values():
                evaluate(alarm)
        except Exception:
            logger.exception("cannot evaluate the alarms")


def install() -> None:
    """Replace ministack's evaluation of alarms."""
    cloudwatch._evaluate_alarm = evaluate
    threading.Thread(target=watch, daemon=True, name="alarms").start()
