"""What the grid does not show: surprises, bursts, and the limit of a history."""

from dataclasses import dataclass

from bench.deployment import deployed
from bench.grid import HOUR, MINUTE, duration_text
from bench.refresh import FOLDER, dataset_id, refresh, register
from local.account import LocalAccount

#: A burst's one dataset takes this long.
BURST_SECONDS = MINUTE
BURSTS = (20, 100)


def remembered_seconds(account: LocalAccount) -> float:
    """Return how long the first dataset's last good refresh took, as the folder's record says."""
    answer = account.client("dynamodb").get_item(
        TableName=f"{account.project}-refresh-state", Key={"S3uri": {"S": f"{FOLDER}#record"}}
    )
    return float(answer["Item"]["datasets"]["M"][dataset_id(0)]["M"]["seconds"]["N"])


@dataclass(frozen=True)
class Faster:
    """A refresh that takes a tenth of what its history says."""

    expected: int
    looks: int
    late: float


def faster(account: LocalAccount, expected: int) -> Faster:
    """Measure it."""
    register(account, 1)
    refresh(account, [expected])
    run = refresh(account, [expected / 10])
    return Faster(expected, run.looks[0], run.late[0])


@dataclass(frozen=True)
class Failure:
    """What a failed refresh between two good ones changes."""

    why: str
    remembered_before: float
    remembered_after: float
    looks_after: int
    late_after: float


def failure(account: LocalAccount, error: str, seconds: int = 10 * MINUTE) -> Failure:
    """Measure it: a refresh that fails at once, with an ``ErrorInfo`` of this type."""
    register(account, 1)
    refresh(account, [seconds])
    before = remembered_seconds(account)
    ended = {"IngestionStatus": "FAILED", "ErrorInfo": {"Type": error, "Message": "simulated"}}
    refresh(account, [5], outcome=lambda _: ended, ends="FAILED")
    after = remembered_seconds(account)
    run = refresh(account, [seconds])
    return Failure(error, before, after, run.looks[0], run.late[0])


@dataclass(frozen=True)
class Burst:
    """Files that arrive in the same moment, for one dataset."""

    files: int
    ingestions: int
    mails: int
    transitions: int
    one_by_one: int


def burst(account: LocalAccount, files: int) -> Burst:
    """Measure it, beside as many refreshes of one file each."""
    register(account, 1)
    single = refresh(account, [BURST_SECONDS])
    register(account, 1)
    run = refresh(account, [BURST_SECONDS], files=files)
    ingestions = len(account.quicksight.datasets[dataset_id(0)].ingestions)
    return Burst(files, ingestions, len(run.mails), run.transitions, files * single.transitions)


@dataclass(frozen=True)
class Crowd:
    """Datasets refreshed together, and what became of the execution that refreshed them."""

    what: str
    looks: int
    history: int
    status: str
    error: str


def crowd(
    datasets: int,
    seconds: int,
    wait: int | None = None,
    inline: bool = False,
    history_limit: int | None = None,
) -> Crowd:
    """Refresh datasets without history; by default as deployed, and at AWS's own limit."""
    with deployed(wait, inline) as account:
        register(account, datasets)
        if history_limit is not None:
            account.history_limit = history_limit
        run = refresh(account, [seconds] * datasets, ends=None)
        how = "as deployed" if wait is None else f"fixed {wait} s"
        return Crowd(
            what=f"{how}, {'inline' if inline else 'distributed'} Map, "
            f"{datasets} × {duration_text(seconds)}",
            looks=sum(run.looks),
            history=run.history,
            status=run.status,
            error=str(account.executions[0].error or ""),
        )


#: The datasets whose fixed, inline loop fills a history.
CROWD = (8, HOUR)
