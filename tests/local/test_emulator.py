"""The local emulator behaves as AWS does: each repair in local/emulator/__main__.py has its sentences here."""

import json
import socket
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from local.deploy import DeployError
from tests.local.conftest import alarm

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("emulator")]


# -- functions ---------------------------------------------------------------------------------------------


def test_an_error_is_reported_by_the_name_of_its_exception_with_the_stack(platform):
    error = platform.invoke("behave", how="raise")
    assert (error["errorType"], error["errorMessage"]) == ("OutOfParcelsError", "none left")
    assert 'raise OutOfParcelsError("none left")' in "".join(error["stackTrace"])


def test_an_exception_does_not_end_the_process(platform):
    before = platform.invoke("behave", how="count")["calls"]
    platform.invoke("behave", how="raise")
    assert platform.invoke("behave", how="count")["calls"] == before + 2


def test_an_exit_is_an_error_and_the_next_call_starts_afresh(platform):
    assert platform.invoke("behave", how="exit")["errorType"] == "Runtime.ExitError"
    assert platform.invoke("behave", how="count") == {"calls": 1}


def test_a_function_that_takes_too_long_is_stopped(platform):
    error = platform.invoke("behave", how="hang")
    assert error == {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 1.00 seconds"}
    assert platform.invoke("behave", how="count") == {"calls": 1}


def test_an_answer_that_is_not_json_is_an_error(platform):
    assert platform.invoke("behave", how="answer a set")["errorType"] == "Runtime.MarshalError"


def test_a_handler_that_cannot_be_imported_says_why(platform):
    lambda_ = platform.client("lambda")
    lambda_.update_function_configuration(FunctionName="behave", Handler="nowhere.handler")
    try:
        error = platform.invoke("behave", how="count")
    finally:
        lambda_.update_function_configuration(FunctionName="behave", Handler="index.behave")
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert "No module named 'nowhere'" in error["errorMessage"]


def test_calls_one_after_the_other_find_a_warm_process(platform):
    first = platform.invoke("answer")
    later = [platform.invoke("answer") for _ in range(20)]
    assert {answer["process"] for answer in later} == {first["process"]}


def test_a_function_knows_how_long_it_has_left(platform):
    assert 0 < platform.invoke("answer")["left"] <= 20_000


def test_nothing_of_the_machine_leaks_into_a_function(platform):
    told = platform.invoke("report_environment")
    assert told["environment"]["ANSWER"] == "42"
    assert told["environment"]["AWS_LAMBDA_FUNCTION_NAME"] == "report_environment"
    assert "LEAKED_INTO_FUNCTIONS" not in told["environment"]
    assert not told["emulator"]
    assert not [folder for folder in told["path"] if folder.endswith("site-packages")]


def test_many_requests_at_once_share_few_processes(platform):
    with ThreadPoolExecutor(40) as crowd:
        answers = list(crowd.map(lambda _: platform.invoke("sleep", seconds=0.05), range(40)))
    assert 1 < len({answer["process"] for answer in answers}) <= 8


def test_requests_that_wait_long_get_no_processes_of_their_own_while_others_are_answered(platform):
    with ThreadPoolExecutor(40) as crowd:
        answers = list(crowd.map(lambda _: platform.invoke("sleep", seconds=3), range(40)))
    assert len({answer["process"] for answer in answers}) <= 8, "the last waited for 12 seconds"


def test_all_processes_of_a_function_share_one_import_of_its_handler(platform):
    with ThreadPoolExecutor(4) as crowd:
        answers = list(crowd.map(lambda _: platform.invoke("sleep", seconds=0.5), range(4)))
    assert len({answer["process"] for answer in answers}) > 1
    assert len({answer["imported_by"] for answer in answers}) == 1


def test_a_function_may_call_itself(platform):
    assert platform.invoke("behave", how="call yourself") == 200


# -- logs, metrics, alarms ---------------------------------------------------------------------------------


def log_lines(platform, group):
    events = platform.client("logs").filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in events]


def test_what_is_printed_is_logged_also_before_a_timeout(platform):
    platform.invoke("behave", how="hang")
    lines = log_lines(platform, "/aws/lambda/behave")
    assert "about to hang" in lines
    assert any(line.startswith("Task timed out") for line in lines)


def test_a_function_keeps_one_log_stream(platform):
    for _ in range(3):
        platform.invoke("answer")
    streams = platform.client("logs").describe_log_streams(logGroupName="/aws/lambda/answer")["logStreams"]
    assert len(streams) == 1


def alarm_state(platform, name):
    return platform.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]


def test_metrics_in_log_lines_reach_alarms_of_exactly_their_dimensions(platform):
    platform.invoke("measure", orders=7)
    platform.eventually(lambda: alarm_state(platform, "orders") == "ALARM")
    assert alarm_state(platform, "other orders") == "OK"


def test_a_waiting_message_raises_an_alarm(platform):
    platform.client("sqs").send_message(QueueUrl=platform.outputs["DeadMessages"], MessageBody="x")
    platform.eventually(lambda: alarm_state(platform, "dead messages") == "ALARM", within=20)


def test_calls_are_measured_whoever_makes_them(platform):
    platform.send(note="measured")
    platform.eventually(lambda: "measured" in platform.notes())
    metrics = platform.client("cloudwatch").list_metrics(
        Namespace="AWS/Lambda", Dimensions=[{"Name": "FunctionName", "Value": "on_message"}]
    )["Metrics"]
    assert {metric["MetricName"] for metric in metrics} >= {"Invocations", "Errors", "Duration"}


# -- queues, streams, rules --------------------------------------------------------------------------------


def until_noted(platform, text):
    platform.eventually(lambda: text in platform.notes())


def test_a_delayed_message_is_handled_when_it_is_due_and_one_without_delay_before_it(platform):
    sent = time.time()
    platform.send(note="later", delay=2)
    platform.send(note="at once")
    until_noted(platform, "later")
    assert platform.noted_at("at once") < platform.noted_at("later")
    assert platform.noted_at("later") >= sent + 2 - 0.2  # the emulator counts in whole ticks of its own clock


def test_a_slow_message_stalls_no_other(platform):
    platform.send(note="slow", after="quick")
    platform.send(note="quick")
    until_noted(platform, "slow")  # it waits for the quick one, and would be stopped by its time-out first


def test_a_slow_stream_stalls_no_queue(platform):
    platform.put_record("slow stream")
    platform.send(note="meanwhile")
    until_noted(platform, "whole slow stream")


def test_a_bad_record_is_set_aside_and_those_around_it_are_handled(platform):
    platform.put_records(["one", "bad", "two", "three"])
    until_noted(platform, "whole three")
    handled = [text for text in platform.notes() if text in ("whole one", "whole two", "whole three")]
    assert handled == ["whole one", "whole two", "whole three"]
    lost = json.loads(platform.eventually(lambda: platform.messages("LostRecords"))[0])
    assert lost["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert lost["DDBStreamBatchInfo"]["batchSize"] == 1


def test_a_record_reported_as_failed_is_tried_again_before_those_after_it(platform):
    platform.put_records(["before", "shaky", "after"])
    until_noted(platform, "part after")
    parts = [text for text in platform.notes() if text in ("part before", "part shaky", "part after")]
    assert parts == ["part before", "part shaky", "part after"]


def test_a_function_that_a_rule_calls_is_called_again_after_an_error(platform):
    entry = {"Source": "test", "DetailType": "any", "Detail": "{}"}
    platform.client("events").put_events(Entries=[entry])
    platform.eventually(lambda: "scheduled at call 2" in platform.notes())


def test_a_workflow_that_waits_for_days_goes_on_when_the_clock_jumps(platform):
    states = {"Wait": {"Type": "Wait", "TimestampPath": "$.until", "Next": "Rest"}}
    states["Rest"] = {"Type": "Wait", "Seconds": 86_400, "End": True}
    flow = platform.client("stepfunctions")
    machine = flow.create_state_machine(
        name="waiting",
        definition=json.dumps({"StartAt": "Wait", "States": states}),
        roleArn="arn:aws:iam::000000000000:role/any",
    )["stateMachineArn"]
    until = datetime.now(UTC) + timedelta(days=5)
    run = flow.start_execution(stateMachineArn=machine, input=json.dumps({"until": until.isoformat()}))["executionArn"]

    def has_entered(name: str) -> bool:
        events = flow.get_execution_history(executionArn=run)["events"]
        return any(one.get("stateEnteredEventDetails", {}).get("name") == name for one in events)

    platform.eventually(lambda: has_entered("Wait"))
    platform.clock.jump(timedelta(days=5, minutes=1))
    platform.eventually(lambda: has_entered("Rest"))
    assert flow.describe_execution(executionArn=run)["status"] == "RUNNING"
    platform.clock.jump(timedelta(days=1, minutes=1))
    platform.eventually(lambda: flow.describe_execution(executionArn=run)["status"] == "SUCCEEDED")


# -- distributed Maps --------------------------------------------------------------------------------------


def run_map(platform, state, given, *, after=None):
    """Run a machine with one Map over items; return its execution as it ended."""
    flow = platform.client("stepfunctions")
    states = {"Map": {"Type": "Map", **({"Next": "After"} if after else {"End": True}), **state}}
    if after:
        states["After"] = after
    machine = flow.create_state_machine(
        name=f"map-{uuid4()}",
        definition=json.dumps({"StartAt": "Map", "States": states}),
        roleArn="arn:aws:iam::000000000000:role/any",
    )["stateMachineArn"]
    run = flow.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
    platform.eventually(lambda: flow.describe_execution(executionArn=run)["status"] != "RUNNING")
    return flow.describe_execution(executionArn=run)


def distributed():
    states = {"Pass": {"Type": "Pass", "End": True}}
    return {"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "Pass", "States": states}}


@pytest.mark.parametrize("most", [{"MaxItemsPerBatch": 2}, {"MaxItemsPerBatchPath": "$.most"}])
def test_a_distributed_map_hands_its_items_on_in_batches_with_the_input_of_all(platform, most):
    batcher = {**most, "BatchInput": {"day.$": "$.day"}}
    state = {**distributed(), "ItemsPath": "$.items", "ItemBatcher": batcher}
    ended = run_map(platform, state, {"items": [1, 2, 3, 4, 5], "day": "monday", "most": 2})
    common = {"BatchInput": {"day": "monday"}}
    expected = [{**common, "Items": some} for some in ([1, 2], [3, 4], [5])]
    assert json.loads(ended["output"]) == expected


@pytest.mark.parametrize(
    ("path", "expected"), [(None, {"items": [1, 2]}), ("$.made", {"items": [1, 2], "made": [{"Items": [1, 2]}]})]
)
def test_the_results_of_a_distributed_map_go_where_its_result_path_says(platform, path, expected):
    state = {**distributed(), "ItemsPath": "$.items", "ItemBatcher": {"MaxItemsPerBatch": 9}, "ResultPath": path}
    assert json.loads(run_map(platform, state, {"items": [1, 2]})["output"]) == expected


def test_a_batch_has_at_most_so_many_bytes_and_its_items_are_selected_first(platform):
    state = {
        **distributed(),
        "ItemsPath": "$.items",
        "ItemSelector": {"of.$": "$.day", "value.$": "$$.Map.Item.Value"},
        "ItemBatcher": {"MaxInputBytesPerBatch": 80},
    }
    given = {"items": ["first", "second", "third"], "day": "monday"}
    output = json.loads(run_map(platform, state, given)["output"])
    assert [len(batch["Items"]) for batch in output] == [2, 1]
    assert output[0]["Items"][0] == {"of": "monday", "value": "first"}


def test_a_distributed_map_takes_its_items_from_jsonata_and_answers_as_its_output_says(platform):
    state = {
        **distributed(),
        "QueryLanguage": "JSONata",
        "Items": "{% $states.input.numbers %}",
        "ItemBatcher": {"MaxItemsPerBatch": 2},
        "Output": {"batches": "{% $count($states.result) %}", "day": "{% $states.input.day %}"},
    }
    ended = run_map(platform, state, {"numbers": [1, 2, 3], "day": "monday"})
    assert json.loads(ended["output"]) == {"batches": 2, "day": "monday"}


def test_a_result_writer_leaves_the_results_in_s3_and_answers_where_their_manifest_is(platform):
    s3 = platform.client("s3")
    s3.create_bucket(Bucket="results")
    state = {
        **distributed(),
        "ItemsPath": "$.items",
        "ItemBatcher": {"MaxItemsPerBatch": 2},
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": "results", "Prefix": "days"},
        },
        "ResultPath": "$.written",
    }
    output = json.loads(run_map(platform, state, {"items": [1, 2, 3]}, after={"Type": "Pass", "End": True})["output"])
    assert output["items"] == [1, 2, 3]
    place = output["written"]["ResultWriterDetails"]
    manifest = json.loads(s3.get_object(Bucket=place["Bucket"], Key=place["Key"])["Body"].read())
    assert manifest["MapRunArn"] == output["written"]["MapRunArn"]
    (file,) = manifest["ResultFiles"]["SUCCEEDED"]
    body = s3.get_object(Bucket="results", Key=file["Key"])["Body"].read()
    assert len(body) == file["Size"]
    assert sorted(one["Output"] for one in json.loads(body)) == ['{"Items": [1, 2]}', '{"Items": [3]}']
    assert manifest["ResultFiles"]["FAILED"] == []


def test_two_executions_at_once_find_their_own_results(platform):
    s3 = platform.client("s3")
    s3.create_bucket(Bucket="results")
    state = {
        **distributed(),
        "ItemsPath": "$.items",
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "results"}},
    }

    def results_of(number: int) -> str:
        place = json.loads(run_map(platform, state, {"items": [number]})["output"])["ResultWriterDetails"]
        manifest = json.loads(s3.get_object(Bucket="results", Key=place["Key"])["Body"].read())
        (file,) = manifest["ResultFiles"]["SUCCEEDED"]
        (line,) = json.loads(s3.get_object(Bucket="results", Key=file["Key"])["Body"].read())
        return line["Output"]

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(results_of, range(6))) == [str(number) for number in range(6)]


# -- sign-in -----------------------------------------------------------------------------------------------


class Pool:
    """A user pool whose users were invited and have their first password."""

    FIRST, SECOND = "First-one-1", "Second-one-2"

    def __init__(self, cognito, *names):
        self.cognito = cognito
        pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
        client = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="page", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        )
        self.client_id = client["UserPoolClient"]["ClientId"]
        for name in names:
            cognito.admin_create_user(
                UserPoolId=pool, Username=name, TemporaryPassword=self.FIRST, MessageAction="SUPPRESS"
            )

    def sign_in(self, name):
        return self.cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client_id,
            AuthParameters={"USERNAME": name, "PASSWORD": self.FIRST},
        )

    def choose_password(self, name, session):
        return self.cognito.respond_to_auth_challenge(
            ChallengeName="NEW_PASSWORD_REQUIRED",
            ClientId=self.client_id,
            Session=session,
            ChallengeResponses={"USERNAME": name, "NEW_PASSWORD": self.SECOND},
        )


def test_a_first_password_is_replaced_only_with_the_session_of_its_own_sign_in(platform):
    cognito = platform.client("cognito-idp")
    pool = Pool(cognito, "ada", "ben")
    adas, bens = pool.sign_in("ada")["Session"], pool.sign_in("ben")["Session"]
    for session in ("made-up-session-of-nobody", bens):
        with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Invalid session"):
            pool.choose_password("ada", session)
    assert pool.sign_in("ada")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert pool.choose_password("ada", adas)["AuthenticationResult"]["AccessToken"]
    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Invalid session"):
        pool.choose_password("ada", adas)


# -- HTTP --------------------------------------------------------------------------------------------------


def test_uvicorn_serves_not_hypercorn(platform):
    address = urlsplit(platform.endpoint)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(b"no HTTP\r\n\r\n")
        # Uvicorn's words; hypercorn has none for it.
        assert b"Invalid HTTP request received." in connection.recv(4096)


# -- sign-ins ----------------------------------------------------------------------------------------------


def test_a_password_is_taken_only_by_flows_that_the_app_client_allows(platform):
    cognito = platform.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="pages", ExplicitAuthFlows=flows)
    client = made["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="ana", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="ana", Password="Own-password-22", Permanent=True)
    secrets = {"ClientId": client, "AuthParameters": {"USERNAME": "ana", "PASSWORD": "Own-password-22"}}
    with pytest.raises(ClientError, match="flow not enabled"):
        cognito.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", **secrets)
    admitted = cognito.admin_initiate_auth(UserPoolId=pool, AuthFlow="ADMIN_USER_PASSWORD_AUTH", **secrets)
    assert admitted["AuthenticationResult"]["AccessToken"]


# -- templates ---------------------------------------------------------------------------------------------


def test_a_preflight_request_is_answered_from_the_template(platform):
    request = urllib.request.Request(
        f"{platform.endpoint}/_aws/execute-api/{platform.outputs['Api']}/$default/any",
        method="OPTIONS",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        assert answer.headers["Access-Control-Allow-Headers"] == "authorization"


def test_a_version_that_is_locked_can_not_be_deleted_where_the_template_allows_locks(platform):
    s3 = platform.client("s3")
    until = datetime.now(UTC) + timedelta(days=1)
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until}
    version = s3.put_object(Bucket="locked", Key="photo", Body=b"bytes", IfNoneMatch="*", **lock)["VersionId"]
    named = {"Bucket": "locked", "Key": "photo", "VersionId": version}
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**named)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket="locked", Key="photo", Body=b"others", IfNoneMatch="*")
    s3.put_object(Bucket="locked", Key="photo", Body=b"others")
    assert s3.get_object(**named)["Body"].read() == b"bytes"
    s3.delete_object(**named, BypassGovernanceRetention=True)
    with pytest.raises(ClientError, match="NoSuchVersion"):
        s3.get_object(**named)


def test_time_to_live_is_enabled_from_the_template(platform):
    told = platform.client("dynamodb").describe_time_to_live(TableName="notes")["TimeToLiveDescription"]
    assert told == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ends"}


def test_a_stack_that_fails_says_which_resource_and_why(platform):
    metrics = [{"Id": "sum", "Expression": "a + b", "ReturnData": True}]
    resources = {"Broken": alarm("broken", Metrics=metrics, Threshold=1)}
    with pytest.raises(DeployError, match=r"Broken \(AWS::CloudWatch::Alarm\): ."):
        platform.deploy({"Resources": resources}, name="Failing")
