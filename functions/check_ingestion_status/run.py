"""The facts of one run that the mail shows: where it ran, on which folder, and why."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from urllib.parse import quote

from commands import qsrefresh
from payload import count, mapping, text

_EXECUTION = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):states:[a-z0-9-]+:(?P<account>[0-9]{12})"
    r":execution:(?P<machine>[A-Za-z0-9_-]+):[^:\s]+"
)
# Step Functions developer guide, "Regions and endpoints": each partition has its own console.
_CONSOLE_DOMAINS = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
# Amazon Quick user guide, "AWS Regions, websites, IP address ranges, and endpoints".
_QUICKSIGHT_DOMAINS = {
    "aws-cn": "{region}.quicksight.amazonaws.cn",
    "aws-us-gov": "quicksight.{region}.amazonaws.com",
}
_REGION_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


@dataclass(frozen=True, slots=True)
class Trigger:
    """What started the run; a run started by hand has neither key nor kind.

    `by` is what whoever started it by another way says of that way.
    """

    key: str | None
    kind: str | None
    reason: str | None
    time: datetime | None
    file_events: int
    deletion: str | None = None
    version: str | None = None
    by: str | None = None

    @property
    def removes_version(self) -> bool:
        """Whether one version of the file, or its delete marker, was removed for good.

        S3 user guide, "Using EventBridge", deletion-type; only buckets with versions name one.
        """
        return self.deletion == "Permanently Deleted" and self.version is not None


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of the state machine; one that `continues` took over files from another."""

    project: str
    region: str
    execution: str | None
    started_at: datetime | None
    folder: str | None
    trigger: Trigger
    continues: bool = False
    upload_folder: str | None = None

    @property
    def in_other_form(self) -> bool:
        """Whether the file lies in a folder that only looks like the registered one.

        S3 compares bytes: to a dataset's source it is another folder, whatever a reader sees.
        """
        here, there = self.upload_folder or "", self.folder or ""
        composed = [unicodedata.normalize("NFC", one) for one in (here, there)]
        return not here.startswith(there) and composed[0].startswith(composed[1])

    @property
    def parameter_table(self) -> str:
        """The table in which people register folders."""
        return f"{self.project}-parameters"

    @property
    def account(self) -> str:
        """The AWS account id, or a placeholder a reader can replace."""
        found = self._arn()
        return found["account"] if found else "ACCOUNT_ID"

    @property
    def partition(self) -> str:
        """The AWS partition, by the execution's ARN or else by the Region's name."""
        if found := self._arn():
            return found["partition"]
        by_region = (
            partition
            for start, partition in _REGION_PARTITIONS.items()
            if self.region.startswith(start)
        )
        return next(by_region, "aws")

    @property
    def machine(self) -> str:
        """The state machine's name."""
        found = self._arn()
        return found["machine"] if found else f"{self.project}-create-and-check-ingestion"

    def execution_link(self) -> str | None:
        """Return the console page of this execution, None when its ARN is not known."""
        if not self.execution or not self._arn():
            return None
        arn = quote(self.execution, safe=":/-_.")
        return (
            f"https://{self.region}.{self._console()}/states/home?region={self.region}"
            f"#/v2/executions/details/{arn}"
        )

    def dataset_link(self, dataset_id: str) -> str:
        """Return the QuickSight page of a dataset."""
        quoted = quote(dataset_id, safe="", errors="replace")
        usual = "{region}.quicksight.aws.amazon.com"
        domain = _QUICKSIGHT_DOMAINS.get(self.partition, usual).format(region=self.region)
        return f"https://{domain}/sn/data-sets/{quoted}"

    def table_link(self) -> str:
        """Return the console page with the items of the parameter table.

        The form of the address is what public projects use; AWS documents none.
        """
        return (
            f"https://{self.region}.{self._console()}/dynamodbv2/home?region={self.region}"
            f"#item-explorer?table={self.parameter_table}"
        )

    def facts(self) -> dict[str, object]:
        """Return what any phrase of the mail may name."""
        return {
            "project": self.project,
            "region": self.region,
            "account": self.account,
            "partition": self.partition,
            "table": self.parameter_table,
            "machine": self.machine,
        }

    def command(self, verb: str, folder: str | None, *more: str) -> str | None:
        """Return a qsrefresh command on this project, None where it would need quoting."""
        return qsrefresh(self.region, self.project, verb, folder, *more)

    def _console(self) -> str:
        return _CONSOLE_DOMAINS.get(self.partition, "console.aws.amazon.com")

    def _arn(self) -> re.Match[str] | None:
        return _EXECUTION.fullmatch(self.execution or "")


def read_run(event: object, *, project: str, region: str) -> Run:
    """Read the run's facts out of what the state machine sent; odd values become unknown ones."""
    payload = mapping(event)
    execution = mapping(payload.get("execution"))
    upload = mapping(payload.get("event"))
    return Run(
        project=project,
        region=region,
        execution=text(execution.get("id")),
        started_at=_moment(execution.get("startedAt")),
        folder=_folder(payload),
        trigger=Trigger(
            key=text(upload.get("key")),
            kind=text(upload.get("kind")),
            reason=text(upload.get("reason")),
            time=_moment(upload.get("time")),
            file_events=count(payload.get("fileEvents")) or 1,
            deletion=text(upload.get("deletionType")),
            version=text(upload.get("versionId")),
            by=text(upload.get("startedBy")),
        ),
        continues=payload.get("continues") is True,
        upload_folder=text(payload.get("uploadFolder")),
    )


def _folder(payload: Mapping[str, object]) -> str | None:
    """Return the registered folder, or that of the file where none is registered."""
    names = ["folder", "uploadFolder"]
    if payload.get("registered") is not True:
        names.reverse()
    return next((folder for name in names if (folder := text(payload.get(name)))), None)


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text(value) or "")
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # The very last year cannot be moved to another zone.
    return moment if moment.year < MAXYEAR else None
