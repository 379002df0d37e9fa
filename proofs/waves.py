"""How large a run's data gets where many datasets come in waves: ``python -m proofs.waves``.

Counted in the local account (simulated services, virtual time), from the real state machine.
"""

import json
import logging
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from local.account import BUCKET, WATCHED, LocalAccount

FOLDER = f"s3://{BUCKET}/{WATCHED}sales/"
#: Bytes that a state's input may have, and an entry of a history, in the generations below.
MOST_INPUT, MOST_ENTRY = 112_000, 150_000
#: As many datasets as one folder may reasonably have, three generations of a hundred.
DATASETS, GENERATIONS = 300, 3


@dataclass(frozen=True)
class Sizes:
    """What a run with waves was.

    Attributes:
        waves: how often the Map ran.
        input: bytes of the largest input of a state, as JSON.
        entry: bytes of the largest entry of the run's history, as JSON.
        entry_of: the state, or the kind, of that entry.
        verdict: SUCCESS or ERROR.
    """

    waves: int
    input: int
    entry: int
    entry_of: str
    verdict: str


def datasets(number: int, generations: int) -> Iterator[dict[str, Any]]:
    """Yield rows of a registration, each but those of the first generation after one before it."""
    ids = [str(uuid.UUID(int=place)) for place in range(number)]
    each = number // generations
    for place, one in enumerate(ids):
        row: dict[str, Any] = {"datasetid": one, "datasetname": f"売上_店舗別_{place:03}"}
        if place >= each:
            row["after"] = [ids[place - each]]
        yield row


def measure(account: LocalAccount, number: int = DATASETS, generations: int = GENERATIONS) -> Sizes:
    """Refresh so many datasets in so many generations, and measure the run."""
    account.register([{"S3uri": FOLDER, "datasets": list(datasets(number, generations))}])
    for one in account.quicksight.datasets.values():
        one.folder, one.rows = None, 31_183
    account.drop(f"{WATCHED}sales/a.csv")
    account.settle()
    (execution,) = account.executions
    history = account.history(execution)
    entered = [e["stateEnteredEventDetails"] for e in history if "stateEnteredEventDetails" in e]
    largest = max(history, key=_size)
    details: dict[str, Any] = next((v for k, v in largest.items() if k.startswith("state")), {})
    return Sizes(
        waves=account.path(execution).count("Refresh Each Dataset"),
        input=max(len(one["input"].encode()) for one in entered),
        entry=_size(largest),
        entry_of=str(details.get("name") or getattr(largest["type"], "value", largest["type"])),
        verdict=account.mails[-1].subject.partition("]")[0].strip("["),
    )


def _size(event: Any) -> int:
    return len(json.dumps(event, default=str, ensure_ascii=False).encode())


def main() -> None:
    """Print the sizes as a table."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    table = Table(title="One run with waves (simulated services)")
    for column in ("datasets", "waves", "largest input", "largest entry", "of", "mail"):
        table.add_column(column, justify="right")
    with LocalAccount() as account:
        account.deploy()
        for generations in (1, GENERATIONS):
            account.reset()
            found = measure(account, generations=generations)
            sizes = (f"{found.input:,} bytes", f"{found.entry:,} bytes", found.entry_of)
            table.add_row(str(DATASETS), str(found.waves), *sizes, found.verdict)
    Console().print(table)


if __name__ == "__main__":
    main()
