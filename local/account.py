"""The local AWS account: one object that holds the clock, the services and what happened."""

import datetime
import functools
import io
import json
import math
import os
import zipfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, TextIO
from unittest import mock

import yaml
from boto3.dynamodb.types import TypeSerializer
from moto import mock_aws
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.core import responses
from moto.core.utils import method_names_from_class
from moto.dynamodb.models import dynamodb_backends
from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local.core.clock import VIRTUAL, Clock
from local.core.world import World
from local.services import (
    bucket_notifications,
    change_sets,
    checked_requests,
    cloudformation,
    mail,
    public_parameters,
    queues,
    quicksight_api,
    stack_creation,
    stack_imports,
    stacks,
    subscriptions,
    table_scans,
    template_constraints,
    unknown_calls,
)
from local.services.events import EventBridge
from local.services.iam import Authorizer
from local.services.lambdas import LocalFunction, LogStream
from local.services.mail import Mail
from local.services.quicksight import Dataset, LocalQuickSight
from local.services.schedules import Scheduler
from local.services.shortcuts import Shortcuts
from local.stepfunctions import executions, jsonata
from local.stepfunctions.interpreter import Interpreter
from local.stepfunctions.service import StepFunctions

ACCOUNT_ID = "123456789012"
REGION = "ap-northeast-1"
PROJECT = "sampleproject"
BUCKET = "sampleproject-dashboard-data"
WATCHED = "dashboard/data/"
REGISTRATION = cloudformation.ROOT / "events" / "SampleIngestionParameter.yaml"

_FAKE_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
_SERIALIZER = TypeSerializer()
#: What could point boto3 at a real account or another endpoint.
_REAL_ACCOUNT = ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE", "AWS_REGION")


class LocalAccount:
    """An AWS account in this process; use it as a context manager.

    Args:
        speed: see :class:`local.core.clock.Clock`.
        seed: the same seed gives the same run, event by event.
        region: where everything lives.

    Attributes:
        mails: every mail published, oldest first.
        journal: every file event, call and execution's start and end, in one order.
        problems: what the account noticed and AWS would not have told anybody.
        on_call, on_history, on_mail, on_execution: listeners, for the live view and for tests.
        world: what every service knows of the account.
    """

    def __init__(self, speed: float | None = VIRTUAL, seed: int = 0, region: str = REGION) -> None:
        self.clock = Clock(speed, seed)
        self.seed = seed
        self.region = region
        self.account_id = ACCOUNT_ID
        self.world = World(self.clock, region, ACCOUNT_ID)
        self.faults, self.journal = self.world.faults, self.world.journal
        self.problems = self.world.problems
        self.authorizer = Authorizer(ACCOUNT_ID)
        self.quicksight = LocalQuickSight(self.world)
        shortcuts = Shortcuts(self.world, self.quicksight)
        self.events = EventBridge(self.world, self.authorizer, shortcuts)
        self.scheduler = Scheduler(self.world, self.events)
        self.stepfunctions = StepFunctions(
            self.world, self.authorizer, shortcuts, self.function, self._status_changed
        )
        self.describe_execution = self.stepfunctions.describe_execution
        self.children, self.executions = self.stepfunctions.children, self.stepfunctions.executions
        self.on_call, self.on_history = self.stepfunctions.on_call, self.stepfunctions.on_history
        self.mails: list[Mail] = []
        self.on_mail: list[Callable[[Mail], None]] = []
        self.on_execution: list[Callable[[Execution], object]] = []
        self.functions: dict[str, LocalFunction] = {}
        self._template_functions: dict[str, Path] = {}
        self.project, self.bucket, self.watched = PROJECT, BUCKET, WATCHED
        self.function_log: TextIO = io.StringIO()
        self.stack = ExitStack()

    # ----------------------------------------------------------- life cycle

    _active: "LocalAccount | None" = None

    def __enter__(self) -> "LocalAccount":
        if LocalAccount._active is not None:
            raise RuntimeError("one local account at a time: moto's state belongs to the process")
        LocalAccount._active = self
        self.stack.callback(setattr, LocalAccount, "_active", None)
        enter = self.stack.enter_context
        environment = {k: v for k, v in os.environ.items() if k not in _REAL_ACCOUNT}
        enter(mock.patch.dict(os.environ, environment | _FAKE_CREDENTIALS, clear=True))
        enter(unknown_calls.installed())
        enter(quicksight_api.installed(self.quicksight))
        enter(mock_aws(config={"stepfunctions": {"execute_state_machine": True}}))
        enter(checked_requests.installed())
        enter(cloudformation.installed())
        enter(change_sets.installed(self._stack_changed))
        enter(stack_creation.installed())
        enter(mail.installed(self.clock, self._mail_sent, subscriptions.recipients))
        enter(bucket_notifications.installed())
        enter(subscriptions.installed(self.clock, self._mail_sent))
        enter(executions.installed(self.stepfunctions))
        enter(queues.installed())
        enter(public_parameters.installed())
        enter(stacks.installed())
        enter(table_scans.installed())
        enter(stack_imports.installed())
        enter(template_constraints.installed())
        enter(self.events.installed())
        enter(Interpreter(self.stepfunctions).installed())
        # moto looks through a whole class for every call.
        names_of = functools.cache(method_names_from_class)
        enter(mock.patch.object(responses, "method_names_from_class", names_of))
        enter(mock.patch.object(LambdaFunction, "_get_layers_data", return_value=[]))
        mock_random.seed(self.seed)
        jsonata.seed(self.clock.random)
        self.clock.start()
        self.stack.callback(self.clock.stop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stack.close()

    # ------------------------------------------------------------- services

    def arn(self, service: str, path: str) -> str:
        """Return an ARN of this account and Region."""
        return self.world.arn(service, path)

    def client(self, service: str) -> Any:
        """Return the one client of a service."""
        return self.world.client(service)

    def inbox(self, address: str) -> list[Mail]:
        """Return the mails that an address got, oldest first."""
        return [mail for mail in self.mails if address in mail.to]

    @property
    def dead_child_leaves(self) -> str:
        """What a tolerated dead child leaves in a Map's results: ``record`` or ``nothing``."""
        return self.stepfunctions.dead_child_leaves

    @dead_child_leaves.setter
    def dead_child_leaves(self, what: str) -> None:
        self.stepfunctions.dead_child_leaves = what

    @property
    def history_limit(self) -> int:
        """How many events end an execution."""
        return self.stepfunctions.history_limit

    @history_limit.setter
    def history_limit(self, events: int) -> None:
        self.stepfunctions.history_limit = events

    def function(self, name_or_arn: str) -> LocalFunction:
        """Return a deployed function, ready to be invoked."""
        name = name_or_arn.split(":function:")[-1].split(":")[0]
        if name not in self.functions:
            found = self.client("lambda").get_function_configuration(FunctionName=name)
            location = self._template_functions.get(name) or self._unpacked(name)
            environment = dict(found.get("Environment", {}).get("Variables", {}))
            environment |= {
                "AWS_REGION": self.region,
                "AWS_LAMBDA_FUNCTION_NAME": name,
                "TZ": ":UTC",
                "PATH": os.environ.get("PATH", ""),
            }
            self.functions[name] = LocalFunction(
                name=name,
                arn=found["FunctionArn"],
                folder=location,
                handler=found["Handler"],
                environment=environment,
                log=LogStream(lambda: self.function_log),
                request_id=lambda: f"{self.clock.random.getrandbits(128):032x}",
            )
        return self.functions[name]

    def _unpacked(self, name: str) -> Path:
        """Return a folder with the code that was uploaded for a function."""
        backend = lambda_backends[self.account_id][self.region]
        folder = Path(self.stack.enter_context(TemporaryDirectory()))
        with zipfile.ZipFile(io.BytesIO(backend.get_function(name).code_bytes)) as archive:
            archive.extractall(folder)
        return folder

    def log_to(self, stream: TextIO) -> None:
        """Send what the functions print to a stream (it is dropped otherwise)."""
        self.function_log = stream

    def _stack_changed(self) -> None:
        """Read anew what a change set may have changed: policies of roles, code, environments."""
        self.authorizer.forget()
        self.functions.clear()
        self._template_functions.clear()  # from now on what was uploaded counts

    def _mail_sent(self, sent: Mail) -> None:
        self.mails.append(sent)
        for listener in self.on_mail:
            listener(sent)

    def _status_changed(self, execution: Execution) -> None:
        detail = executions.status_change(execution, self.clock.now())
        self.events.status_changed(execution.execution_arn, detail)
        for listener in self.on_execution:
            listener(execution)

    # ------------------------------------------------------------ deployment

    def deploy(
        self,
        project: str = PROJECT,
        bucket: str = BUCKET,
        watched: str = WATCHED,
        template: Path = cloudformation.TEMPLATE,
        common_template: Path = cloudformation.COMMON_TEMPLATE,
        **parameters: str,
    ) -> None:
        """Deploy the shared stack and the refresh stack, and create the bucket they watch.

        Raises:
            ParameterRefusedError: a value does not meet its template's constraint;
            StackFailedError: a service refused a resource; the stack was rolled back.
        """
        self.project = project
        self.bucket = bucket
        self.watched = watched
        s3 = self.client("s3")
        here = {"LocationConstraint": self.region}
        s3.create_bucket(Bucket=cloudformation.ARTIFACTS_BUCKET, CreateBucketConfiguration=here)
        common = cloudformation.load(common_template)
        self._create(f"{project}-common", common, {"ProjectId": project})
        self.create_bucket(bucket)
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        translated = cloudformation.translate(template, self.region)
        self._upload_code(template.parent, translated)
        values = {"ProjectId": project, "BucketName": bucket, "TargetFolderPath": watched}
        self._create(f"{project}-refresh", translated, values | parameters)

    def _create(self, name: str, template: dict[str, Any], values: Mapping[str, str]) -> None:
        template_constraints.check_parameters(template, values)
        template_constraints.check_rules(template, {**values, "AWS::Region": self.region})
        key = f"{name}.template"
        text = json.dumps(template, ensure_ascii=False)
        # By way of S3, as sam deploy does: sent along, it may have 51,200 bytes.
        self.client("s3").put_object(Bucket=cloudformation.ARTIFACTS_BUCKET, Key=key, Body=text)
        stacks = self.client("cloudformation")
        stacks.create_stack(
            StackName=name,
            TemplateURL=f"https://s3.amazonaws.com/{cloudformation.ARTIFACTS_BUCKET}/{key}",
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in values.items()
            ],
            Capabilities=["CAPABILITY_IAM"],
        )
        self.authorizer.forget()
        stack_creation.raise_if_failed(stacks, name)

    def create_bucket(self, bucket: str = BUCKET) -> None:
        """Create a bucket that sends no events yet."""
        here = {"LocationConstraint": self.region}
        self.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=here)

    def _upload_code(self, root: Path, translated: dict[str, Any]) -> None:
        s3 = self.client("s3")
        for resource in translated["Resources"].values():
            if resource["Type"] != "AWS::Lambda::Function":
                continue
            key = resource["Properties"]["Code"]["S3Key"]
            folder = root / key.removesuffix(".zip")
            body = cloudformation.zip_folder(folder)
            s3.put_object(Bucket=cloudformation.ARTIFACTS_BUCKET, Key=key, Body=body)
            name = resource["Properties"]["FunctionName"]["Fn::Sub"]
            self._template_functions[name.replace("${ProjectId}", self.project)] = folder

    def register(self, items: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
        """Write registrations (by default the sample file's) and create their datasets."""
        if items is None:
            items = yaml.safe_load(REGISTRATION.read_text(encoding="utf-8"))
        for item in items:
            self._table(f"{self.project}-parameters").put_item(
                {name: _SERIALIZER.serialize(value) for name, value in item.items()}
            )
        self.add_datasets(items)
        return items

    def add_datasets(self, items: list[dict[str, Any]] | None = None) -> None:
        """Create the datasets of registrations (by default the sample file's)."""
        for item in items or yaml.safe_load(REGISTRATION.read_text(encoding="utf-8")):
            for dataset in item.get("datasets", []):
                self.quicksight.add(
                    Dataset(dataset["datasetid"], dataset["datasetname"], item["S3uri"])
                )

    def items(self, table: str) -> list[dict[str, Any]]:
        """Return a table's items as they are on the wire."""
        return [item.to_json()["Attributes"] for item in self._table(table).all_items()]

    def _table(self, name: str) -> Any:
        return dynamodb_backends[self.account_id][self.region].tables[name]

    def reset(self) -> None:
        """Forget traffic, data and subscribers; what is deployed stays, and so does the time."""
        self.clock.stop_all()
        self.clock.random.seed(self.seed)
        mock_random.seed(self.seed)
        self.faults.clear()
        self.quicksight.reset()
        self.stepfunctions.reset()
        for kept in (self.mails, self.problems, self.on_mail, self.on_execution):
            kept.clear()
        self.events.reset()
        self.journal.clear()
        self.authorizer.uses.clear()
        for machine in self._backend().state_machines:
            machine.executions.clear()
        tables = dynamodb_backends[self.account_id][self.region].tables
        for table in tables.values():
            table.items.clear()
        s3_backends[self.account_id]["aws"].buckets[self.bucket].keys.clear()
        sns_backends[self.account_id][self.region].subscriptions.clear()

    # ---------------------------------------------------------------- traffic

    def drop(self, key: str, body: bytes | str = b"a,b\n1,2\n") -> None:
        """Put a file into the watched bucket, as anybody would."""
        content = body.encode() if isinstance(body, str) else body
        s3_backends[self.account_id]["aws"].put_object(self.bucket, key, content)

    def delete(self, key: str) -> None:
        """Delete a file from the watched bucket."""
        self.client("s3").delete_object(Bucket=self.bucket, Key=key)

    def tick(self, hours: int = 1) -> None:
        """Let hours pass, and what is started by a schedule start when it is due."""
        began, passed = self.clock.now(), 0
        for moment, schedule in list(self.scheduler.due(began, began + hours * 3600)):
            seconds = math.ceil(moment - began)
            self.events.tick(seconds - passed)
            passed = seconds
            self.scheduler.start(schedule)
        self.events.tick(hours * 3600 - passed)

    def settle(self) -> None:
        """Run until nothing is left to do."""
        self.clock.run()

    @staticmethod
    def time_of(text: str) -> float:
        """Return an event's or history entry's time in seconds since 1970."""
        return datetime.datetime.fromisoformat(text).timestamp()

    @property
    def machine_arn(self) -> str:
        """The refresh machine's ARN."""
        return self.arn("states", f"stateMachine:{self.project}-create-and-check-ingestion")

    def start(self, payload: Any, name: str) -> Execution:
        """Start the refresh machine with an input, past EventBridge."""
        self.client("stepfunctions").start_execution(
            stateMachineArn=self.machine_arn, name=name, input=json.dumps(payload)
        )
        execution: Execution = self._backend().describe_execution(
            self.machine_arn.replace(":stateMachine:", ":execution:") + f":{name}"
        )
        return execution

    def _backend(self) -> Any:
        return stepfunctions_parser_backends[self.account_id][self.region]

    def history(self, execution: Execution) -> list[Any]:
        """Return an execution's events."""
        environment = execution.exec_worker.env if execution.exec_worker else None
        return list(environment.event_manager._history_event_list) if environment else []

    def path(self, execution: Execution) -> list[str]:
        """Return the names of the states that an execution entered, in order."""
        return states_entered(self.history(execution))


def states_entered(history: list[Any]) -> list[str]:
    """Return the names of the states in a history, in order."""
    return [
        event["stateEnteredEventDetails"]["name"]
        for event in history
        if "stateEnteredEventDetails" in event
    ]
