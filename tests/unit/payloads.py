"""What the state machine sends to "Check Ingestion Status", built piece by piece."""

from collections.abc import Sequence
from typing import Any

ACCOUNT, REGION, PROJECT = "123456789012", "ap-northeast-1", "sampleproject"
MACHINE = f"{PROJECT}-create-and-check-ingestion"
EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{MACHINE}:17793124-05d4"
WATCHED = "s3://sampleproject-dashboard-data/dashboard/data/"
FOLDER = f"{WATCHED}tokyo_covid19/"


def dataset(dataset_id: Any = "id-a", name: Any = "Sales", **more: Any) -> dict[str, Any]:
    """Return one registered dataset as DynamoDB stores it."""
    return {"M": {"datasetid": {"S": dataset_id}, "datasetname": {"S": name}, **more}}


def item(*datasets: Any, **more: Any) -> dict[str, Any]:
    """Return a registration as DynamoDB stores it."""
    return {"datasets": {"L": list(datasets)}, **more}


def row(dataset_id: Any = "id-a", status: Any = "COMPLETED", **more: Any) -> dict[str, Any]:
    """Return one result row of our own state machine."""
    return {"result": "dataset", "datasetid": dataset_id, "status": status, **more}


def failed_row(error: str, message: str = "", status: str | None = "FAILED") -> dict[str, Any]:
    """Return the row of a dataset that failed with `error`."""
    return row(status=status, error={"type": error, "message": message})


def child_record(dataset_input: Any, **more: Any) -> dict[str, Any]:
    """Return AWS's own record of a child execution that died."""
    arn = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{MACHINE}/Dataset:1"
    return {"ExecutionArn": arn, "Input": dataset_input, "Name": "1", "Status": "FAILED", **more}


def payload(results: Sequence[Any] = (), **changes: Any) -> dict[str, Any]:
    """Return a whole payload: one registered dataset, started by one file."""
    return {
        "execution": {"id": EXECUTION, "startedAt": "2026-11-23T12:03:02Z"},
        "folder": FOLDER,
        "uploadFolder": FOLDER,
        "watchedFolder": WATCHED,
        "event": {
            "key": "dashboard/data/tokyo_covid19/2026-11-23.csv",
            "size": 5120,
            "kind": "Object Created",
            "reason": "PutObject",
            "time": "2026-11-23T12:03:00Z",
        },
        "registered": True,
        "item": item(dataset()),
        "results": list(results),
        **changes,
    }
