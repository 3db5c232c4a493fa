"""The platform's cost in a month without an order, counted in its template.

python -m benchmarks.idle
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.support import prices
from benchmarks.support.report import Finding, conclude, console, show
from benchmarks.support.template import resources

DAYS = 30
CYCLE_TRANSITIONS = 10
"""Of a settlement without payouts."""

SWEEPS = DAYS * 24 * 12
SWEEP_MS, SWEEP_MB, SWEEP_ZONES = 60, 512, 10
"""A look for overdue zones: milliseconds, memory, zones. It reads a zone's row, its tick and its open deliveries."""

METRIC = re.compile(r'\\",\\"(\w+)\\",\\"service\\"')
"""A metric of ours in a dashboard: AWS's own have another dimension."""


@dataclass(frozen=True)
class Line:
    """Something that costs, how much of it there is, and what one costs in a month."""

    what: str
    count: float
    each: float

    @property
    def month(self) -> float:
        """What it costs in a month."""
        return self.count * self.each


def lines(template: Mapping[str, Mapping[str, Any]]) -> Iterator[Line]:
    """Yield what costs though nothing happens."""
    kinds = [one["Type"] for one in template.values()]
    yield Line("keys of our own", kinds.count("AWS::KMS::Key"), prices.KEY_MONTH)
    yield Line("secrets", kinds.count("AWS::SecretsManager::Secret"), prices.SECRET_MONTH)
    yield Line("alarms", kinds.count("AWS::CloudWatch::Alarm"), prices.ALARM_MONTH)
    yield Line("dashboards", kinds.count("AWS::CloudWatch::Dashboard"), prices.DASHBOARD_MONTH)
    firewalls = [one["Properties"]["Rules"] for one in template.values() if one["Type"] == "AWS::WAFv2::WebACL"]
    yield Line("firewalls", len(firewalls), prices.WEB_ACL_MONTH)
    yield Line("rules of the firewalls", sum(map(len, firewalls)), prices.WEB_ACL_RULE_MONTH)
    yield Line("empty queues that Lambda polls", polled_queues(template), prices.idle_polls() * prices.QUEUE_REQUEST)
    sweep = prices.compute(1, SWEEP_MS, SWEEP_MB) + SWEEP_ZONES * 2.5 * prices.READ_UNIT
    yield Line("sweeps for overdue zones, of ten", SWEEPS, sweep)
    yield Line("state transitions of empty settlements", DAYS * CYCLE_TRANSITIONS, prices.STATE_TRANSITION)


def polled_queues(template: Mapping[str, Mapping[str, Any]]) -> int:
    """Count the queues that a function works off."""
    queues = {name for name, one in template.items() if one["Type"] == "AWS::SQS::Queue"}
    mappings = (one["Properties"] for one in template.values() if one["Type"] == "AWS::Lambda::EventSourceMapping")
    return sum(mapping["EventSourceArn"].get("Fn::GetAtt", [""])[0] in queues for mapping in mappings)


def metrics(template: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the names of our own metrics on the dashboard and under alarms."""
    bodies = [one["Properties"] for one in template.values() if one["Type"].startswith("AWS::CloudWatch::")]
    named = {name for body in bodies for name in METRIC.findall(json.dumps(body))}
    return named | {body["MetricName"] for body in bodies if str(body.get("Namespace")).startswith("Crowdship-")}


def main() -> None:
    template = resources("prod")
    found = list(lines(template))
    total = sum(line.month for line in found)
    own = len(metrics(template))
    rows = [(line.what, f"{line.count:g}", f"{line.each:.4f}", f"{line.month:.2f}") for line in found]
    note = (
        f"{prices.REGION} list price, no free tier. Besides: {prices.SECRET_MONTH} a month for each merchant's secret; "
        f"stored data ({prices.TABLE_GB_MONTH} + {prices.BACKUP_GB_MONTH} a GB in tables with backups, "
        f"{prices.LOG_GB_MONTH} in logs, {prices.BUCKET_GB_MONTH} in the bucket); "
        f"{own} metrics of our own at {prices.METRIC_MONTH} in months in which they are written all the time"
    )
    show("what it costs in a month without an order, US dollars", ("what", "count", "each", "month"), rows, note)
    findings = [
        Finding("list price of a month without an order", f"${total:.2f}"),
        Finding("... more, once orders come in every hour: metrics of our own", f"${own * prices.METRIC_MONTH:.2f}"),
    ]
    conclude("idle", findings, {"lines": {line.what: [line.count, line.each] for line in found}})
    console.print()


if __name__ == "__main__":
    main()
