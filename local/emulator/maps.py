"""Distributed Maps of Step Functions with what ministack leaves out: batches, JSONata, and results written to S3.

The items are made here, then ministack runs one child execution for each of them, as it does without batches.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

MOST_IN_A_BATCH = 1_000
"""Items of a batch if only its bytes are limited."""

Run = Callable[..., tuple[Any, Any]]


def batches(items: list[Any], most: int, most_bytes: int | None) -> list[list[Any]]:
    """Return items in batches, in their order: at most so many, and at most so many bytes of JSON unless one is larger.

    Examples
    --------
    >>> batches([1, 2, 3], 2, None)
    [[1, 2], [3]]
    >>> batches(["aaaa", "bbbb", "c"], 10, 12)
    [['aaaa'], ['bbbb', 'c']]
    """
    result: list[list[Any]] = []
    size = 0
    for item in items:
        weight = len(json.dumps(item)) + 1
        too_large = most_bytes is not None and size + weight > most_bytes
        if not result or len(result[-1]) >= most or too_large:
            result.append([])
            size = 0
        result[-1].append(item)
        size += weight
    return result


class _State:
    """One Map state as it is entered: its fields resolved in its query language."""

    def __init__(self, flow: Any, state: dict[str, Any], raw: Any, effective: Any, ctx: dict[str, Any]) -> None:
        self._flow, self._state, self._raw, self._ctx = flow, state, raw, ctx
        self.jsonata = flow._state_query_language(state, ctx) == "JSONata"
        self._base = raw if self.jsonata else effective
        self._effective = effective

    def template(self, value: Any, ctx: dict[str, Any] | None = None) -> Any:
        resolve = self._flow._apply_jsonata_template if self.jsonata else self._flow._resolve_params_obj
        return resolve(value, self._base, ctx or self._ctx)

    def items(self) -> list[Any]:
        state = self._state
        if state.get("ItemReader"):
            found = self._flow._read_map_items(state["ItemReader"], self._effective, self._ctx)
        elif self.jsonata and "Items" in state:
            found = self._flow._jsonata_state_field(state, "Items", "array", self._raw, self._ctx)
        else:
            found = self._flow._resolve_path_or_ctx(state.get("ItemsPath", "$"), self._effective, self._ctx)
        return found if isinstance(found, list) else [found]

    def selected(self, index: int, item: Any) -> Any:
        selector = self._state.get("ItemSelector") or self._state.get("Parameters")
        if not selector:
            return item
        ctx = copy.deepcopy(self._ctx)
        ctx["Map"] = {"Item": {"Index": index, "Value": item}}
        return self.template(selector, ctx)

    def inputs(self) -> list[Any]:
        """Return the input of each child execution."""
        made = [self.selected(index, item) for index, item in enumerate(self.items())]
        batcher = self._state.get("ItemBatcher")
        if not batcher:
            return made
        extra = {"BatchInput": self.template(batcher["BatchInput"])} if "BatchInput" in batcher else {}
        most = self._number(batcher, "MaxItemsPerBatch") or MOST_IN_A_BATCH
        most_bytes = self._number(batcher, "MaxInputBytesPerBatch")
        return [{**extra, "Items": some} for some in batches(made, most, most_bytes)]

    def _number(self, batcher: dict[str, Any], name: str) -> int | None:
        if f"{name}Path" in batcher:
            return int(self._flow._resolve_path_or_ctx(batcher[f"{name}Path"], self._effective, self._ctx))
        return int(self.template(batcher[name])) if batcher.get(name) else None


FIELDS_OF_ITEMS = (
    "ItemReader",
    "ItemBatcher",
    "ItemSelector",
    "Parameters",
    "Items",
    "ItemsPath",
    "InputPath",
    "ResultWriter",
)
FIELDS_OF_OUTPUT = ("Output", "Assign", "ResultPath", "ResultSelector", "OutputPath")


def install(flow: Any, put_object: Callable[[str, str, bytes], None]) -> None:
    """Replace the distributed Map of ministack's module ``flow``; results are written by ``put_object``."""
    original: Run = flow._run_distributed_map

    def run(
        state: dict[str, Any], raw: Any, effective: Any, iterator: Any, execution: dict[str, Any], ctx: dict[str, Any]
    ) -> tuple[Any, Any]:
        entered = _State(flow, state, raw, effective, ctx)
        inputs = entered.inputs()
        writer = state.get("ResultWriter")
        label = state.get("Label") or flow.new_uuid()
        left_out = (*FIELDS_OF_ITEMS, *FIELDS_OF_OUTPUT)
        own = {name: value for name, value in state.items() if name not in left_out} | {"Label": label}
        before = set(flow._map_runs)
        results, following = original(own, inputs, inputs, iterator, execution, ctx)
        if writer:
            # Other executions begin runs at the same time; this one's is new, and has its execution and label.
            (arn,) = (
                arn
                for arn, one in list(flow._map_runs.items())
                if arn not in before and one["executionArn"] == execution["executionArn"] and f"/{label}:" in arn
            )
            to = entered.template(writer.get("Parameters") or writer.get("Arguments") or {})
            results = _written(flow, arn, to, put_object)
        if entered.jsonata:
            output = flow._apply_jsonata_output(state, raw, ctx, result=results, default=results)
            flow._apply_state_assign(state, raw, ctx, result=results)
            return output, following
        selected = flow._apply_result_selector(state, results)
        return flow._apply_output_path(state, flow._apply_result_path(state, raw, selected), ctx), following

    flow._run_distributed_map = run


def _written(flow: Any, arn: str, to: dict[str, str], put_object: Callable[[str, str, bytes], None]) -> dict[str, Any]:
    """Write the results of a map run with their manifest, as AWS lays them out; return what the state answers."""
    children = [one for one in list(flow._executions.values()) if one.get("mapRunArn") == arn]
    folder = "/".join(part for part in (to.get("Prefix", "").strip("/"), arn.rsplit(":", 1)[1]) if part)
    files: dict[str, list[dict[str, Any]]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for status in ("FAILED", "SUCCEEDED"):
        lines = [_line(one) for one in children if one["status"] == status]
        if lines:
            key, body = f"{folder}/{status}_0.json", json.dumps(lines).encode()
            put_object(to["Bucket"], key, body)
            files[status].append({"Key": key, "Size": len(body)})
    manifest = {"DestinationBucket": to["Bucket"], "MapRunArn": arn, "ResultFiles": files}
    put_object(to["Bucket"], f"{folder}/manifest.json", json.dumps(manifest).encode())
    flow._map_runs[arn]["itemCounts"]["resultsWritten"] = len(children)
    return {
        "MapRunArn": arn,
        "ResultWriterDetails": {"Bucket": to["Bucket"], "Key": f"{folder}/manifest.json"},
    }


def _line(child: dict[str, Any]) -> dict[str, Any]:
    told = {
        "ExecutionArn": child["executionArn"],
        "Name": child["name"],
        "Status": child["status"],
        "Input": child["input"],
        "InputDetails": {"Included": True},
        "StartDate": child["startDate"],
        "StopDate": child["stopDate"],
    }
    named = {"Output": child.get("output"), "Error": child.get("error"), "Cause": child.get("cause")}
    return told | {name: value for name, value in named.items() if value is not None}
