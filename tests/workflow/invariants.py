"""What must hold after any schedule of runs, faults and kills (one folder registered or many).

I1  a file event that was counted is covered by a refresh whose count included it, or an ERROR mail
    names its folder;
I2  at most one running execution leads a folder;
I3  a dead leader never blocks a folder past the next event, and hand-overs end.
"""

from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from local.account import LocalAccount
from local.quicksight import Ingestion

_READ = TypeDeserializer()


def state_item(account: LocalAccount, folder: str) -> dict[str, Any]:
    """Return what the state table holds for a folder, as plain values."""
    answer = account.client("dynamodb").get_item(
        TableName="sampleproject-refresh-state", Key={"S3uri": {"S": folder}}
    )
    return {key: _READ.deserialize(value) for key, value in answer.get("Item", {}).items()}


def state_items(account: LocalAccount) -> list[dict[str, Any]]:
    """Return every item of the state table."""
    answer = account.client("dynamodb").scan(TableName="sampleproject-refresh-state")
    return [
        {key: _READ.deserialize(value) for key, value in item.items()} for item in answer["Items"]
    ]


def refreshes(account: LocalAccount, dataset: str) -> list[Ingestion]:
    """Return a dataset's ingestions, oldest first."""
    found = account.quicksight.datasets[dataset].ingestions.values()
    return sorted(found, key=lambda ingestion: ingestion.created)


def check_invariants(account: LocalAccount, leaders: int = 1) -> None:
    """Assert I1 to I3 on an account where nothing runs any more."""
    assert [e for e in account.executions if e.status == "RUNNING"] == []
    mails = [mail for mail in account.mails if mail.subject.startswith("[ERROR]")]
    for item in state_items(account):
        folder = item["S3uri"]
        owed = item.get("arrivals", 0) > item.get("covered", 0)
        # An item that owes, or that a dead run still leads, was told of.
        if owed or "leader" in item:
            assert any(folder in mail.message for mail in mails), f"{folder} waits unseen"
    _each_event_is_covered(account, mails)
    assert _most_leaders(account) <= leaders


def _each_event_is_covered(account: LocalAccount, error_mails: list[Any]) -> None:
    for event in account.events.sent:
        if event["source"] != "aws.s3":
            continue
        bucket, key = event["detail"]["bucket"]["name"], event["detail"]["object"]["key"]
        folder = f"s3://{bucket}/{key.rpartition('/')[0]}/"
        arrived = account.time_of(event["time"])
        sets = _registered(account, folder)
        late = [
            dataset
            for dataset in sets
            if not any(one.created >= arrived for one in refreshes(account, dataset))
        ]
        if sets and not late:
            continue
        named = [
            mail
            for mail in error_mails
            if mail.sent >= arrived and any(part in mail.message for part in _upwards(folder))
        ]
        assert named, f"{key} of {event['time']} is neither refreshed nor told of"


def _upwards(folder: str) -> list[str]:
    names = folder.removeprefix("s3://").strip("/").split("/")
    return [f"s3://{'/'.join(names[:length])}/" for length in range(len(names), 2, -1)]


def _registered(account: LocalAccount, folder: str) -> list[str]:
    for candidate in _upwards(folder):
        answer = account.client("dynamodb").get_item(
            TableName="sampleproject-parameters", Key={"S3uri": {"S": candidate}}
        )
        if "Item" in answer:
            item = {key: _READ.deserialize(value) for key, value in answer["Item"].items()}
            return [dataset["datasetid"] for dataset in item.get("datasets", [])]
    return []


def _most_leaders(account: LocalAccount) -> int:
    """Return how many runs led one folder at the same time, from their histories."""
    spans: dict[str, list[tuple[float, int]]] = {}
    for execution in account.executions:
        folder, since = None, None
        for event in account.history(execution):
            details = event.get("stateEnteredEventDetails") or {}
            if details.get("name") == "Wait Until Next Start":
                since = event["timestamp"]
            assigned = (event.get("stateExitedEventDetails") or {}).get("assignedVariables", {})
            folder = assigned.get("lockFolder", folder)
            if details.get("name") in ("Files Waiting?", "Start Next Run") and since:
                _note(account, spans, folder, since, event["timestamp"])
                since = None
        if since:
            _note(account, spans, folder, since, account.history(execution)[-1]["timestamp"])
    most = 0
    for changes in spans.values():
        now = 0
        for _, step in sorted(changes):
            now += step
            most = max(most, now)
    return most


def _note(
    account: LocalAccount,
    spans: dict[str, list[tuple[float, int]]],
    folder: str | None,
    since: str,
    until: str,
) -> None:
    changes = spans.setdefault(str(folder), [])
    changes.append((account.time_of(since) + 1e-6, 1))
    changes.append((account.time_of(until), -1))
