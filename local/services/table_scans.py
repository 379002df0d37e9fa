"""A Scan of DynamoDB in pages of a Limit, which moto counts by what passes the filter.

Imitates: a Limit, which counts the items that are looked at, before the filter; a
``LastEvaluatedKey`` wherever a Limit was reached, at the table's end too.
Does not imitate: Limits of an index or of a segment; a page after an item that is deleted by then.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.dynamodb.models.table import Table

_SCAN: Any = Table.scan


def _scan(
    table: Any,
    filters: Any,
    limit: int | None,
    start: dict[str, Any] | None,
    filter_expression: Any = None,
    index_name: str | None = None,
    *rest: Any,
    segments: tuple[Any, Any] = (None, None),
) -> Any:
    given = (filter_expression, index_name, *rest)
    if limit is None or index_name or segments[0] is not None:
        return _SCAN(table, filters, limit, start, *given, segments=segments)
    items = list(table.all_items())
    keys = [table._get_last_evaluated_key(item, None) for item in items]
    written = [{name: part.to_json() for name, part in key.items()} for key in keys]
    begin = written.index(start) + 1 if start else 0
    page = items[begin : begin + limit]
    with mock.patch.object(table, "all_items", return_value=page):
        results, seen, last = _SCAN(table, filters, None, None, *given)
    if last is None and len(page) == limit:
        last = keys[begin + limit - 1]
    return results, seen, last


@contextmanager
def installed() -> Iterator[None]:
    """Let every table be scanned so."""
    with mock.patch.object(Table, "scan", _scan):
        yield
