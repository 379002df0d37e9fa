"""A folder with a past, for what tells of it."""

from local.account import LocalAccount
from tests.workflow.scenarios import drop, ends_as, register, stop_at

HOUR = 3600


def six_refreshes(account: LocalAccount) -> None:
    """One good, one of two files, one with a skipped row, one failed, one stopped, one by hand."""
    register(account, "one", "two")
    for dataset in account.quicksight.datasets.values():
        dataset.seconds = lambda rows: 5.0 + rows
    drop(account)
    account.clock.run_for(24 * HOUR)
    drop(account, "b.csv")
    account.clock.run_for(2)
    drop(account, "c.csv")
    account.clock.run_for(HOUR)
    drop(account, "d.csv", b"day,sales\n1,10\n2\n")
    account.clock.run_for(HOUR)
    account.drop(f"{account.watched}elsewhere/x.csv")
    failure = {"Type": "DATA_SOURCE_AUTH_FAILED", "Message": "not let in"}
    ends_as(account, "one", {"IngestionStatus": "FAILED", "ErrorInfo": failure})
    drop(account, "e.csv")
    account.clock.run_for(HOUR)
    account.quicksight.datasets["id-one"].outcome = None
    stop_at(account, "Wait For More Files")
    drop(account, "f.csv")
    account.clock.run_for(HOUR)
    account.delete(f"{account.watched}sales/d.csv")
    account.settle()
