"""A Scan comes in pages of its Limit."""

from typing import Any

from local.account import LocalAccount

TABLE = "sampleproject-parameters"


def pages(account: LocalAccount, number: int, limit: int, **how: Any) -> list[list[str]]:
    """Return what a Scan of a table of ``number`` items yields, page by page."""
    table = account.client("dynamodb")
    for one in range(number):
        item = {"S3uri": {"S": f"{one}"}} | ({"odd": {"N": "1"}} if one % 2 else {})
        table.put_item(TableName=TABLE, Item=item)
    found: list[list[str]] = []
    start: dict[str, Any] = {}
    while True:
        answer = table.scan(TableName=TABLE, Limit=limit, **start, **how)
        found.append([item["S3uri"]["S"] for item in answer["Items"]])
        if "LastEvaluatedKey" not in answer:
            return found
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def test_a_limit_counts_what_is_looked_at(account: LocalAccount) -> None:
    odd = pages(account, 5, 2, FilterExpression="attribute_exists(odd)")
    assert odd == [["1"], ["3"], []]


def test_a_limit_that_was_reached_leaves_a_key_at_the_end_too(account: LocalAccount) -> None:
    assert pages(account, 4, 2) == [["0", "1"], ["2", "3"], []]
