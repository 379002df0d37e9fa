"""What the hourly check of freshness costs: mails and transitions over ninety hours."""

from dataclasses import dataclass

from bench.refresh import FOLDER, USD_PER_TRANSITION
from local.account import PROJECT, LocalAccount, states_entered

FOLDERS = (1, 100, 1000)
HOURS = 90
#: Every folder promises this, and is never refreshed.
PROMISE = 24
#: How an average month is counted, for its price.
HOURS_A_MONTH = 730


@dataclass(frozen=True)
class Freshness:
    """What so many folders with a promise cost.

    Attributes:
        first: transitions of the first check, which meets all folders for the first time.
        usual: those of an hour in which nothing is stale.
        breach: those of the hour in which every folder is.
        mails: over all hours; every folder is told of in one of them.
        told: how many folders they name.
    """

    folders: int
    first: int
    usual: int
    breach: int
    mails: int
    told: int

    @property
    def usd(self) -> float:
        """Return what a month of usual hours costs."""
        return self.usual * HOURS_A_MONTH * USD_PER_TRANSITION


def freshness(account: LocalAccount, folders: int, hours: int = HOURS) -> Freshness:
    """Watch folders that nobody ever refreshes, for more hours than they promise."""
    account.reset()
    table = account.client("dynamodb")
    for number in range(folders):
        item = {"S3uri": {"S": f"{FOLDER}{number}/"}, "datasets": {"L": []}}
        item["freshwithin"] = {"N": str(PROMISE)}
        table.put_item(TableName=f"{PROJECT}-parameters", Item=item)
    account.tick(hours)
    account.settle()
    entered = [len(states_entered(account.history(run))) for run in account.executions]
    (usual,) = set(entered[1:]) - {max(entered[1:])}
    return Freshness(
        folders,
        first=entered[0],
        usual=usual,
        breach=max(entered[1:]),
        mails=len(account.mails),
        told=sum(mail.message.count("\n\t・") for mail in account.mails),
    )
