"""``docs/dev/protocol.md`` has the names that the definitions have."""

import json
import re
from typing import Any

from tests.asl import STATE_MACHINES, assigned, load, states, walk
from tests.loading import ROOT, load_module

PAGE = (ROOT / "docs" / "dev" / "protocol.md").read_text(encoding="utf-8")
MACHINES = {path.name.split(".")[0]: load(path) for path in STATE_MACHINES}
REFRESH = MACHINES["sfn"]["States"]
ALL = {state.name: state.body for one in MACHINES.values() for state in states(one)}


def section(title: str) -> str:
    """Return the text under a heading."""
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def first_cells(text: str) -> list[list[str]]:
    """Return the code words in the first cell of every row of a text's tables."""
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return [re.findall(r"`([^`]+)`", row) for row in rows]


def updates(key: str) -> dict[str, dict[str, Any]]:
    """Return the writes to the lead items or to the records: state → arguments."""
    return {
        name: body["Arguments"]
        for name, body in ALL.items()
        if body["Type"] == "Task"
        and body["Resource"].endswith(":dynamodb:updateItem")
        and ("#record" in json.dumps(body["Arguments"]["Key"])) == (key == "record")
    }


def written(arguments: dict[str, Any]) -> set[str]:
    """Return the attributes that a write sets, adds to or removes."""
    text = re.sub(r"if_not_exists\([^)]*\)", "", arguments["UpdateExpression"])
    if "#noted" in text:
        return set(re.findall(r"'(\w+)'", arguments["ExpressionAttributeNames"]["#noted"]))
    removed = re.findall(r"REMOVE ([\w, ]+?)(?: ADD|'|$)", text)
    names = set(re.findall(r"(\w+) = ", text)) | set(re.findall(r"ADD (\w+)", text))
    return names | {name for part in removed for name in part.split(", ")}


def test_every_variable_is_explained_and_no_other() -> None:
    told = [name for cell in first_cells(section("The variables")) for name in cell]
    assert sorted(told) == sorted(assigned(REFRESH["Folder Marker?"]))


def test_every_attribute_of_the_lead_item_is_explained_with_those_who_write_it() -> None:
    old = {"lastEnded", "verdict", "lastExecution", "datasets"}
    who: dict[str, set[str]] = {}
    for state, arguments in updates("lead").items():
        for attribute in written(arguments) - old:
            who.setdefault(attribute, set()).add(state)
    lead = section("The items").split("**Record item**")[0]
    rows = re.findall(r"^\| `(\w+)` \| [^|]* \| ([^|]*) \|", lead, re.MULTILINE)
    assert {name for name, _ in rows} == set(who)
    for attribute, cell in rows:
        named = set(re.findall(r"\*\*([^*]+)\*\*", cell))
        if "removed with the lead" in cell:
            named |= {"Take Over Folder", "Mend Folder", "Release Folder", "Withdraw Claim"}
            named |= {"Free Folder"}
        assert named == who[attribute], attribute


def test_every_attribute_of_the_record_is_explained() -> None:
    (arguments,) = updates("record").values()
    record = section("The items").split("**Record item**")[1]
    told = {name for cell in first_cells(record) for name in cell}
    assert told == {"run00", "run29"} | (written(arguments) - {"run"})
    run = arguments["ExpressionAttributeValues"][":run"]["M"]
    prose = record.split("A run in the ring has")[1]
    assert set(run) <= set(re.findall(r"`(\w+)`", prose))


def test_every_name_in_bold_is_a_state() -> None:
    invariants = {"I1", "I2", "I3", "Lead item", "Record item"}
    assert set(re.findall(r"\*\*([^*]+)\*\*", PAGE)) - invariants <= set(ALL)


def test_every_bound_of_the_page_is_that_of_the_definition() -> None:
    text = "\n".join(one for one in walk(MACHINES["sfn"]) if isinstance(one, str))
    assert f"{{1,{load_module('check_ingestion_status', 'unregistered').LEVELS}}}" in text
    assert "% 30)" in text
    assert "[[0..39]]" in text
    assert "[[0..99]]" in text
    assert "$tries > 7" in text
