"""docs/deploy.md: what people paste into the DynamoDB console is a registration that works."""

import json

import pytest

import deploy
from local.account import LocalAccount
from local.services.quicksight import Dataset
from qsrefresh.registrations import plain, problems_of
from tests.docs.pages import blocks, page, rows


@pytest.mark.parametrize("name", ["deploy.md", "deploy.ja.md"])
def test_the_item_for_the_console_is_valid_and_refreshes(account: LocalAccount, name: str) -> None:
    (block,) = blocks(page(name), "json")
    item = json.loads(block)
    assert problems_of(item) == []
    (dataset,) = plain(item)["datasets"]
    account.quicksight.add(Dataset(dataset["datasetid"], dataset["datasetname"]))
    account.client("dynamodb").put_item(TableName="sampleproject-parameters", Item=item)

    account.drop(f"{account.watched}tokyo_covid19/a.csv")
    account.settle()

    assert [one.subject for one in account.mails] == ["[SUCCESS]QuickSight refresh succeeded"]


def test_the_table_shows_every_variable_of_make_deploy() -> None:
    shown = " ".join(row[0] for row in rows(page("deploy.md"), "Variable", "What"))
    for option in deploy.main.params:
        first, *_ = option.envvar or ()
        assert first in shown
