"""Read and write the table of registrations; never over what somebody changed meanwhile."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError, ChangedMeanwhileError
from qsrefresh.registrations import FIELDS, KEY, Change, Item, folder_of

#: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
_CHANGES_AT_ONCE = 100
_BYTES_AT_ONCE = 4 * 1024 * 1024
_TAKEN = ("ConditionalCheckFailed", "TransactionConflict")


Request = dict[str, Any]


class ParameterTable:
    """The items that register folders."""

    def __init__(self, aws: Aws, name: str) -> None:
        self._aws = aws
        self.name = name

    def items(self) -> list[Item]:
        """Return every registration, sorted by folder."""
        found = self._aws.members(
            "dynamodb", "scan", "Items", TableName=self.name, ConsistentRead=True
        )
        return sorted(found, key=folder_of)

    def by_folder(self) -> dict[str, Item]:
        """Return every registration: folder → item."""
        return {folder_of(item): item for item in self.items()}

    def write(self, changes: Sequence[Change]) -> None:
        """Make the changes, up to 100 of them or 4 MB all or none.

        Raises:
            ChangedMeanwhileError: an item is no longer what the plan was made for.
        """
        written = 0
        for requests in _batches([_request(self.name, change) for change in changes]):
            batch = changes[written : written + len(requests)]
            try:
                self._aws.call("dynamodb", "transact_write_items", TransactItems=requests)
            except AwsError as error:
                if taken := list(_taken(error, batch)):
                    raise _changed_meanwhile(taken, written, len(changes)) from error
                raise
            written += len(batch)


def _batches(requests: Iterable[Request]) -> Iterator[list[Request]]:
    """Yield as many requests at once as one transaction takes."""
    batch: list[Request] = []
    size = 0
    for request in requests:
        # More than DynamoDB counts: the names of its own fields and the conditions are in it.
        more = len(json.dumps(request, ensure_ascii=False, default=bytes.hex).encode())
        if batch and (len(batch) == _CHANGES_AT_ONCE or size + more > _BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(request)
        size += more
    if batch:
        yield batch


def _taken(error: AwsError, batch: Sequence[Change]) -> Iterator[str]:
    reasons = error.answer.get("CancellationReasons", [])
    for change, reason in zip(batch, reasons, strict=False):
        if reason.get("Code") in _TAKEN:
            yield change.folder


def _changed_meanwhile(taken: Sequence[str], written: int, total: int) -> ChangedMeanwhileError:
    how_far = f"{written} of {total} changes were written" if written else "nothing was written"
    return ChangedMeanwhileError(
        f"somebody else changed {', '.join(taken)} meanwhile; {how_far}",
        "look at it (qsrefresh show FOLDER) and run the command again",
    )


def _request(table: str, change: Change) -> Request:
    if change.before is None:
        condition = {
            "ConditionExpression": "attribute_not_exists(#key)",
            "ExpressionAttributeNames": {"#key": KEY},
        }
        return {"Put": {"TableName": table, "Item": change.after, **condition}}
    expression = _Expression()
    unchanged = expression.unchanged(change.before)
    if change.after is None:
        return {"Delete": _keyed(table, change, unchanged, expression)}
    update = expression.update(change.before, change.after)
    request = _keyed(table, change, unchanged, expression)
    return {"Update": {**request, "UpdateExpression": update}}


def _keyed(table: str, change: Change, condition: str, expression: "_Expression") -> Request:
    return {
        "TableName": table,
        "Key": {KEY: {"S": change.folder}},
        "ConditionExpression": condition,
        "ExpressionAttributeNames": expression.names,
        "ExpressionAttributeValues": expression.values,
    }


class _Expression:
    """DynamoDB's expressions, with an alias for every name: many words are reserved."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def unchanged(self, item: Item) -> str:
        """Return the condition that the item is what was read, without any field more."""
        same = [f"{self._name(name)} = {self._value(item[name])}" for name in sorted(item)]
        absent = [
            f"attribute_not_exists({self._name(name)})" for name in FIELDS if name not in item
        ]
        return " AND ".join([*same, *absent])

    def update(self, before: Item, after: Item) -> str:
        """Return what turns one item into the other."""
        changed = [name for name in sorted(after) if before.get(name) != after[name]]
        sets = [f"{self._name(name)} = {self._value(after[name])}" for name in changed]
        removed = [self._name(name) for name in sorted(before) if name not in after]
        parts = [("SET", sets), ("REMOVE", removed)]
        return " ".join(f"{verb} {', '.join(some)}" for verb, some in parts if some)

    def _name(self, name: str) -> str:
        for alias, known in self.names.items():
            if known == name:
                return alias
        alias = f"#n{len(self.names)}"
        self.names[alias] = name
        return alias

    def _value(self, value: Any) -> str:
        alias = f":v{len(self.values)}"
        self.values[alias] = value
        return alias
