import re
from pathlib import Path
from typing import Any

from crowdship.dispatch.rounds.ticks import LEASE_S
from infra.routes import ROUTES, Auth
from infra.settings import ROOT
from infra.stacks.rooms import STACKS
from tests.unit.infra.conftest import Synthesised, text

ITEM_ACTIONS = {
    f"dynamodb:{action}" for action in ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")
}


def tables_in(statement: dict[str, Any]) -> set[str]:
    """Return the tables that a statement names, as their functions' environments do."""
    return set(re.findall(r":table/\$\{(\w+)\}", " ".join(map(text, statement["Resource"]))))


TAX = {"driver/tax", "console/tax", "tasks/tax", "tasks/tax_year"}
"""Functions of tax forms: names and addresses on them, letters, and questions about numbers."""

ONBOARDING = {"driver/onboarding", "console/onboarding", "provider/screening", "tasks/onboarding"}
"""Functions of applicants' identity, reports, tax forms and bank accounts."""


def _handlers() -> set[str]:
    return {f"{path.parent.name}/{path.stem}" for path in (ROOT / "functions").glob("*/[a-z]*.py")}


def test_every_handler_is_deployed_and_nothing_else(prod: Synthesised) -> None:
    assert set(prod.functions) == _handlers()


def test_every_function_runs_python_3_13_on_arm_and_is_traced(prod: Synthesised) -> None:
    for name, function in prod.functions.items():
        assert function["Runtime"] == "python3.13", name
        assert function["Architectures"] == ["arm64"], name
        assert function["TracingConfig"] == {"Mode": "Active"}, name


def test_a_trace_has_neither_answers_nor_texts_of_errors(prod: Synthesised) -> None:
    for name, function in prod.functions.items():
        variables = function["Environment"]["Variables"]
        for part in ("RESPONSE", "ERROR"):
            assert variables[f"POWERTOOLS_TRACER_CAPTURE_{part}"] == "false", name


def test_a_function_counts_its_metrics_for_its_room(prod: Synthesised) -> None:
    counted = {function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] for function in prod.functions.values()}

    assert counted == {"bus", *(room for rooms in STACKS.values() for room in rooms)}


def test_nothing_is_traced_on_one_machine(local: Synthesised) -> None:
    for function in local.functions.values():
        assert "TracingConfig" not in function
        assert function["Environment"]["Variables"]["POWERTOOLS_TRACE_DISABLED"] == "true"


def test_our_layer_brings_the_bytecode_of_its_modules(prod: Synthesised) -> None:
    (content,) = {
        layer["Content"]["S3Key"].removesuffix(".zip")
        for name, layer in prod.all("AWS::Lambda::LayerVersion").items()
        if "CodeCrowdship" in name
    }
    (folder,) = Path(prod.app.outdir).glob(f"asset.{content}*")

    assert len(list(folder.rglob("*.cpython-313.pyc"))) == len(list(folder.rglob("*.py"))) > 0


def test_only_who_plans_a_day_makes_a_caller_of_the_api_wait_for_a_solver(prod: Synthesised) -> None:
    (solver,) = (name for name in prod.all("AWS::Lambda::LayerVersion") if "CodeSolver" in name)
    behind_the_api = {route.function for route in ROUTES}

    carrying = {name for name in behind_the_api if {"Ref": solver} in prod.functions[name]["Layers"]}
    assert carrying == {"console/day_plans"}


def test_a_caller_of_the_api_hears_before_the_gateway_gives_up(prod: Synthesised) -> None:
    for route in ROUTES:
        assert prod.functions[route.function]["Timeout"] < 29


def test_a_function_is_told_exactly_the_tables_it_may_touch(prod: Synthesised) -> None:
    roles = {function["Role"]["Fn::GetAtt"][0]: name for name, function in prod.functions.items()}
    may: dict[str, set[str]] = {name: set() for name in prod.functions}
    for who, statement in prod.statements():
        if ITEM_ACTIONS & set(statement["Action"]):
            may[roles[who]].update(tables_in(statement))

    for name, function in prod.functions.items():
        variables = function["Environment"]["Variables"]
        told = {value["Ref"] for variable, value in variables.items() if variable.endswith("_TABLE")}
        assert told == may[name], name


def test_whoever_instructs_a_payout_may_ask_what_tax_is_withheld_and_when_the_account_was_given(
    prod: Synthesised,
) -> None:
    for name in ("tasks/payouts", "console/payouts", "driver/pay"):
        assert {"TAX_TABLE", "ONBOARDING_TABLE"} <= prod.functions[name]["Environment"]["Variables"].keys(), name
    assert "ONBOARDING_TABLE" in prod.functions["provider/payouts"]["Environment"]["Variables"]


CLAIMS = {"merchant/claims", "console/claims", "driver/claims"}
"""The words about a claim are in the vault."""


def test_drivers_are_paid_by_bank_files_unless_a_stage_says_otherwise_and_by_the_imitated_rail_here(
    prod: Synthesised, local: Synthesised
) -> None:
    chosen = [
        {f["Environment"]["Variables"].get("PAYOUT_PROVIDER") for f in stage.functions.values()} - {None}
        for stage in (prod, local)
    ]
    assert chosen == [{"nacha"}, {"rail"}]


def test_only_those_that_show_or_store_personal_data_may_open_the_vault(prod: Synthesised) -> None:
    may = {name for name, f in prod.functions.items() if "VAULT_TABLE" in f["Environment"]["Variables"]}

    assert may == {
        "merchant/changes",
        "merchant/deliveries",
        "merchant/sources",
        "console/privacy",
        "tasks/retention",
        "console/drivers",
        "console/map",
        "console/search",
        "events/notify",
        "events/push",
        "console/proof",
        "driver/stops",
        "customer/tracking",
        "customer/actions",
        "driver/contact",
        "console/contact",
        "customer/contact",
        "driver/data_rights",
        "console/data_rights",
        "events/export",
        "driver/documents",
        "console/documents",
        *ONBOARDING,
        *TAX,
        "user/apply",
        "console/standing",
        "driver/performance",
        # Bank files, and corrections of accounts by banks.
        "tasks/payouts",
        "console/payouts",
        *CLAIMS,
        # The account at the provider to which instant pay goes.
        "driver/pay",
    }


def test_only_those_that_show_personal_data_may_read_it(prod: Synthesised) -> None:
    (vault,) = {
        f["Environment"]["Variables"]["VAULT_TABLE"]["Ref"]
        for f in prod.functions.values()
        if "VAULT_TABLE" in f["Environment"]["Variables"]
    }
    roles = {function["Role"]["Fn::GetAtt"][0]: name for name, function in prod.functions.items()}

    def who_may(action: str) -> set[str]:
        return {
            roles[who]
            for who, statement in prod.statements()
            if f"dynamodb:{action}" in statement["Action"] and vault in tables_in(statement)
        }

    assert who_may("GetItem") == {
        "merchant/changes",
        "merchant/sources",
        "events/notify",
        "events/push",
        "console/proof",
        "driver/stops",
        "customer/tracking",
        "customer/actions",
        "driver/contact",
        "console/contact",
        "customer/contact",
        "driver/data_rights",
        "console/data_rights",
        "events/export",
        "driver/documents",
        "console/documents",
        "console/standing",
        "driver/performance",
        *CLAIMS,
        # It keeps on what a hold needs, and so reads and writes it.
        "tasks/retention",
        # The name says under which words a driver is found, and a tax form is kept to its end.
        "console/privacy",
        *ONBOARDING,
        "tasks/payouts",
        "console/payouts",
        *TAX,
        "driver/pay",
    }
    assert who_may("BatchGetItem") - who_may("GetItem") == {"console/map", "console/search"}, (
        "names alone, many at once"
    )
    assert who_may("PutItem") == {
        # The name of who got goods that were not delivered.
        "console/proof",
        "console/drivers",
        "merchant/changes",
        "merchant/deliveries",
        "merchant/sources",
        "driver/stops",
        "customer/actions",
        "driver/contact",
        "console/contact",
        "customer/contact",
        "console/documents",
        "console/standing",
        "driver/performance",
        *CLAIMS,
        "tasks/retention",
        "driver/data_rights",
        "console/data_rights",
        "console/privacy",
        "console/payouts",
        "user/apply",
        *ONBOARDING - {"tasks/onboarding"},
        # A W-9, and the copy of it that the agency has.
        "driver/tax",
        "tasks/tax_year",
    }
    # Staff and applicants change a plate or a name, by which a driver is found in the vault.
    deleting = {"merchant/sources", "console/privacy", "console/drivers", "customer/actions", "tasks/retention"}
    deleting |= {"console/data_rights", "driver/onboarding"}
    assert who_may("DeleteItem") == deleting


def test_whoever_checks_keys_may_count_their_calls(prod: Synthesised) -> None:
    counting = {name for name, f in prod.functions.items() if "USAGE_TABLE" in f["Environment"]["Variables"]}

    # Tries to sign in are counted in the same table.
    assert counting == {route.function for route in ROUTES if route.auth in (Auth.KEY, Auth.SESSION)}


def test_an_order_that_a_system_sends_or_calls_off_needs_the_tables_of_one_that_is_posted(prod: Synthesised) -> None:
    def tables(name: str) -> set[str]:
        variables = prod.functions[name]["Environment"]["Variables"]
        return {variable for variable in variables if variable.endswith("_TABLE")}

    assert tables("merchant/deliveries") - {"USAGE_TABLE"} <= tables("merchant/sources")


def test_the_sandbox_touches_deliveries_and_nothing_else(prod: Synthesised) -> None:
    variables = prod.functions["tasks/sandbox"]["Environment"]["Variables"]

    assert {name for name in variables if name.endswith("_TABLE")} == {"DELIVERIES_TABLE"}


def test_a_tick_is_over_before_another_may_take_its_zone(prod: Synthesised) -> None:
    assert prod.functions["tasks/tick"]["Timeout"] < LEASE_S


def test_functions_that_come_round_to_themselves_are_not_cut_off(prod: Synthesised) -> None:
    allowed = {name for name, function in prod.functions.items() if function.get("RecursiveLoop") == "Allow"}

    assert allowed == {
        "events/notify",
        "tasks/tick",
        "tasks/replay",
        "tasks/simulate",
        "tasks/send_webhook",
        "tasks/sandbox",
        "tasks/tax_year",
    }


def test_every_function_logs_to_a_group_that_forgets(prod: Synthesised) -> None:
    groups = prod.all("AWS::Logs::LogGroup")

    for name, function in prod.functions.items():
        group = groups[function["LoggingConfig"]["LogGroup"]["Ref"]]
        assert (group["LogGroupName"], group["RetentionInDays"]) == (f"/crowdship/prod/{name}", 30)


def test_every_function_that_fails_wakes_somebody_but_the_steps_of_workflows_whose_executions_do(
    prod: Synthesised,
) -> None:
    watched = {
        prod.function_names[dimension["Value"]["Ref"]]
        for alarm in prod.all("AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", [])
        if alarm["MetricName"] == "Errors" and dimension["Name"] == "FunctionName"
    }

    assert watched == set(prod.functions) - {"tasks/settlement", "tasks/payouts", "tasks/onboarding"}


def test_time_in_aws_is_the_time_of_the_clock_on_the_wall(prod: Synthesised, sandbox: Synthesised) -> None:
    for stack in (prod, sandbox):
        told = [name for template in stack.templates.values() for name in template.get("Parameters", {})]
        assert not [name for name in told if name.startswith("Clock")]
    for function in [*prod.functions.values(), *sandbox.functions.values()]:
        assert not [variable for variable in function["Environment"]["Variables"] if "CLOCK" in variable]


def test_time_on_one_machine_can_be_set_for_all_functions_at_once(local: Synthesised) -> None:
    for function in local.functions.values():
        assert function["Environment"]["Variables"]["CLOCK_FILE"] == {"Ref": "ClockFile"}


def test_what_a_schedule_asks_of_a_step_of_a_workflow_is_kept_if_it_fails_for_good(prod: Synthesised) -> None:
    kept = {
        prod.function_names[config["FunctionName"]["Ref"]]
        for config in prod.all("AWS::Lambda::EventInvokeConfig").values()
        if config["DestinationConfig"]["OnFailure"]["Destination"]
    }

    assert kept == {"tasks/settlement", "tasks/payouts"}
