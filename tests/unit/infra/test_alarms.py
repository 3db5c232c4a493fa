"""What goes wrong wakes somebody, and whoever is woken finds in docs/operations.md what it means."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from aws_cdk.aws_cloudwatch import CfnAlarm

from crowdship.insight.kpis import KPIS
from crowdship.notify.channels.once import COUNTED_AS
from crowdship.notify.channels.pushes import COUNTED_AS as PUSHES_COUNTED_AS
from crowdship.notify.reach.service import COUNTED_AS as REPORTS_COUNTED_AS
from crowdship.notify.webhooks.delivery.service import METRIC_OF
from infra.alarms import UNWATCHED, WATCHED
from infra.settings import ROOT
from tests.unit.infra.conftest import Synthesised, last_part

CODE = (ROOT / "layers" / "crowdship" / "python" / "crowdship", ROOT / "functions")
NAMED_ELSEWHERE = {
    "METRIC_OF[fate]": set(METRIC_OF.values()),
    "COUNTED_AS.get((result, to.channel), 'AddressRefused')": {*COUNTED_AS.values(), "AddressRefused"},
    "COUNTED_AS[verdict]": set(PUSHES_COUNTED_AS.values()),
    "COUNTED_AS[report.fate]": set(REPORTS_COUNTED_AS.values()),
    "measurement.name": {kpi.name for kpi in KPIS},
    "name": set(),  # in `timed` itself: its callers name it
}
"""What is emitted where the name is not written out."""

EMITTERS = {"add_metric", "add_measurement", "single_metric", "count_for_all"}


def _named(argument: ast.expr) -> set[str]:
    written = ast.unparse(argument)
    if written in NAMED_ELSEWHERE:
        return NAMED_ELSEWHERE[written]
    names = {
        node.value for node in ast.walk(argument) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert names, f"which metrics is {written}? Add it to NAMED_ELSEWHERE"
    return names


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def _emitted_by(path: Path) -> frozenset[str]:
    """Return the names of the metrics that a module emits."""
    return frozenset(_names_in(path))


def _names_in(path: Path) -> Iterator[str]:
    tree = _tree(path)
    # Routes have a function of the same name.
    measures = re.search(r"adapters\.observability import .*\btimed\b", path.read_text())
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in EMITTERS or (measures and called == "timed"):
            yield from _named(node.args[0] if node.args else node.keywords[0].value)


@cache
def emitted() -> frozenset[str]:
    """Return the names of all metrics that our code emits."""
    return frozenset(name for folder in CODE for path in folder.rglob("*.py") for name in _emitted_by(path))


def our_alarms(stack: Synthesised) -> dict[tuple[str, str], dict]:
    """Return the alarms on metrics of ours, by metric and room."""
    return {
        (alarm["MetricName"], alarm["Dimensions"][0]["Value"]): alarm
        for alarm in stack.all("AWS::CloudWatch::Alarm").values()
        if not str(alarm["Namespace"]).startswith("AWS/")
    }


def test_every_metric_has_an_alarm_or_a_reason_for_none(prod: Synthesised) -> None:
    watched = {metric for metric, _ in our_alarms(prod)}

    assert len(emitted()) > 30
    assert emitted() - watched - UNWATCHED.keys() == set(), "add an alarm to WATCHED, or a reason to UNWATCHED"
    assert watched & UNWATCHED.keys() == set()


def test_nothing_is_watched_or_excused_that_no_code_emits(prod: Synthesised) -> None:
    assert {metric for metric, _ in our_alarms(prod)} <= emitted()
    assert UNWATCHED.keys() <= emitted()
    assert all(len(reason) > 10 for reason in UNWATCHED.values())


def test_what_any_room_may_meet_is_watched_once_for_all_of_them(prod: Synthesised) -> None:
    def watched_in(metric: str) -> set[str]:
        return {room for name, room in our_alarms(prod) if name == metric}

    assert watched_in("MapsNotUsable") == {"platform"}
    assert watched_in("CallsNotCounted") == {"platform"}


def test_each_alarm_on_a_metric_of_ours_reaches_somebody(prod: Synthesised) -> None:
    (topic,) = (one for one in prod.all("AWS::SNS::Topic").values() if one["TopicName"].endswith("-alarms"))
    for one in WATCHED:
        for room in one.rooms:
            alarm = our_alarms(prod)[one.metric, room]
            assert [last_part(action) for action in alarm["AlarmActions"]] == [topic["TopicName"]]
            assert (alarm["Statistic"], alarm["Threshold"]) == (one.statistic, one.limit)
            assert alarm["Dimensions"] == [{"Name": "service", "Value": room}]
            assert alarm["TreatMissingData"] == "notBreaching"


def test_every_function_whose_code_counts_something_sends_what_it_counted() -> None:
    for path in sorted((ROOT / "functions").glob("*/*.py")):
        text = path.read_text()
        if any(_emits(one) for one in _reached(path)):
            assert "@metrics.log_metrics" in text or "serve(" in text, f"{path} keeps its metrics to itself"


def _emits(path: Path) -> bool:
    # What `timed` emits, whoever calls it emits.
    return path.name != "observability.py" and bool(_emitted_by(path))


def _reached(path: Path) -> set[Path]:
    """Return a function's file and the modules of ours that it imports, and that these import."""
    found, left = set(), [path]
    while left:
        here = left.pop()
        if here in found:
            continue
        found.add(here)
        left += _imported_by(here)
    return found


@cache
def _imported_by(path: Path) -> frozenset[Path]:
    found = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crowdship."):
            base = CODE[0].parent.joinpath(*str(node.module).split("."))
            found += [base.with_suffix(".py"), *((base / alias.name).with_suffix(".py") for alias in node.names)]
    return frozenset(one for one in found if one.is_file())


@cache
def table_of_alarms() -> tuple[str, ...]:
    """Return the rows of the table of alarms in docs/operations.md."""
    text = (ROOT / "docs" / "operations.md").read_text()
    _, _, table = text.partition("| alarm | means | do |")
    return tuple(line for line in table.partition("\n\n")[0].splitlines() if line.startswith("| `"))


@cache
def described() -> tuple[str, ...]:
    """Return the names of alarms that docs/operations.md explains: the first column of its table of alarms."""
    return tuple(name for row in table_of_alarms() for name in re.findall(r"`([^`]+)`", row.split(" | ")[0]))


def test_every_alarm_is_described_in_operations(prod: Synthesised) -> None:
    alarms = [one.node.scope for one in prod.app.node.find_all() if isinstance(one, CfnAlarm)]

    assert len(alarms) > 50
    undescribed = {
        alarm.node.id
        for alarm in alarms
        if not any(re.fullmatch(name.replace("*", r"\w+"), alarm.node.id) for name in described())
    }
    assert undescribed == set()


def test_each_alarm_has_an_action_and_a_person_who_takes_it() -> None:
    for row in table_of_alarms():
        name, means, do, who = (cell.strip() for cell in row.strip("|").split(" | "))
        assert means, name
        assert do, name
        assert set(who.split(" with ")) <= {"on call", "support", "finance"}, name


def test_no_alarm_is_described_that_does_not_exist(prod: Synthesised) -> None:
    ids = {one.node.scope.node.id for one in prod.app.node.find_all() if isinstance(one, CfnAlarm)}

    assert not [name for name in described() if not any(re.fullmatch(name.replace("*", r"\w+"), one) for one in ids)]


def test_a_schedule_that_could_not_start_its_work_leaves_a_message_that_rings(prod: Synthesised) -> None:
    queues = prod.all("AWS::SQS::Queue")
    ringing = {
        queues[alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]]["QueueName"]
        for alarm in prod.all("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    }
    schedules = prod.all("AWS::Scheduler::Schedule").values()
    timed_rules = [rule for rule in prod.all("AWS::Events::Rule").values() if "ScheduleExpression" in rule]

    assert schedules
    for target in [*(one["Target"] for one in schedules), *(one for rule in timed_rules for one in rule["Targets"])]:
        dead = prod.queue_name(target["DeadLetterConfig"]["Arn"])
        assert dead in ringing
        assert dead.endswith("-dead")


def test_what_a_dead_letter_queue_without_a_queue_holds_is_explained(prod: Synthesised) -> None:
    """Dead letters of a queue are redriven; those of a stream, a rule or a schedule have no queue to go back to."""
    queues = prod.all("AWS::SQS::Queue")
    names = {queue["QueueName"].removeprefix("crowdship-prod-") for queue in queues.values()}
    without_queue = {name for name in names if name.endswith("-dead") and name.removesuffix("-dead") not in names}

    explained = (ROOT / "docs" / "operations.md").read_text()
    assert without_queue
    assert [name for name in without_queue if f"`{name}`" not in explained] == []
