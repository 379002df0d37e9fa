"""The same seed gives the same run."""

import json
from typing import Any

from local.account import LocalAccount


def history_of(seed: int) -> list[Any]:
    """Return every event of one refresh in an account of its own."""
    with LocalAccount(seed=seed) as account:
        account.deploy()
        account.register()
        for name in "abc":
            account.drop(f"dashboard/data/tokyo_covid19/{name}.csv")
        account.settle()
        events = [account.history(execution) for execution in account.executions]
        events += [
            child.environment.event_manager._history_event_list for child in account.children
        ]
        return [json.dumps(events, default=str), *(mail.message for mail in account.mails)]


def test_the_same_run_twice_gives_the_same_history_event_by_event() -> None:
    assert history_of(3) == history_of(3)
