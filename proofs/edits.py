"""Wrong versions of the refresh's protocol, made from the real definition: each loses something.

The explorer must catch every one of them. An edit fails loudly when what it changes is no longer
there.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

States = dict[str, Any]


def _replace(holder: dict[str, Any], key: str, old: str, new: str) -> None:
    assert old in holder[key], f"{old!r} is not in {holder[key]!r}"
    holder[key] = holder[key].replace(old, new)


def _catch(state: dict[str, Any], error: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in state["Catch"] if error in one["ErrorEquals"])
    return found


def _take_over_without_condition(states: States) -> None:
    arguments = states["Take Over Folder"]["Arguments"]
    del arguments["ConditionExpression"]
    del arguments["ExpressionAttributeValues"][":seen"]


def _release_before_counting(states: States) -> None:
    early = copy.deepcopy(states["Withdraw Claim"])
    early["Next"] = _catch(early, "States.ALL")["Next"] = "Count Files"
    states["Release Early"] = early
    assert states["Wait For More Files"]["Next"] == "Count Files"
    states["Wait For More Files"]["Next"] = "Release Early"


def _count_after_the_refresh(states: States) -> None:
    settled = states["More Files Arriving?"]
    assert settled["Default"] == "Look Up Datasets"
    states["Wait For More Files"]["Next"] = "Refresh Each Dataset"
    states["Refresh Each Dataset"]["Next"] = "Count Files"
    states["Refresh Each Dataset"]["ItemSelector"]["deadline"] = "{% $millis() + 3600000 %}"
    settled["Default"] = "Check Ingestion Status"
    settled["Choices"] = [{"Condition": "{% false %}", "Next": "Wait For More Files"}]


def _release_covers_what_arrived_meanwhile(states: States) -> None:
    _replace(
        states["Release Folder"]["Arguments"],
        "UpdateExpression",
        "covered = :count",
        "covered = arrivals",
    )
    del states["Release Folder"]["Arguments"]["ExpressionAttributeValues"][":count"]
    states["Files Waiting?"]["Choices"][0]["Condition"] = "{% false %}"


def _ask_without_waiting(states: States) -> None:
    assert states["Leading This Folder?"]["Default"] == "Wait Before Asking"
    states["Leading This Folder?"]["Default"] = "Ask Leader"


def _hand_over_counts_one_more(states: States) -> None:
    values = states["Claim Folder"]["Arguments"]["ExpressionAttributeValues"]
    _replace(values[":n"], "N", "'0'", "'1'")


def _failed_release_is_taken_as_done(states: States) -> None:
    for name in ("Release Folder", "Release Idle Folder"):
        _catch(states[name], "DynamoDB.ConditionalCheckFailedException")["Next"] = "Mail Sent?"


def _start_next_before_release(states: States) -> None:
    look = copy.deepcopy(states["Count Files"])
    arrivals = look["Assign"]["counted"]
    look["Assign"] = {"arrivals": arrivals}
    look["Next"] = _catch(look, "States.ALL")["Next"] = "Files Waiting?"
    states["Look For Waiting Files"] = look
    states["Folder Led?"]["Choices"][0]["Next"] = "Look For Waiting Files"
    states["Files Waiting?"]["Default"] = "Release Folder"
    states["Start Next Run"]["Next"] = "Release Folder"
    states["Release Folder"]["Next"] = "Mail Sent?"
    _catch(states["Release Folder"], "DynamoDB.ConditionalCheckFailedException")["Next"] = (
        "Mail Sent?"
    )


def _no_release_after_a_failure(states: States) -> None:
    choice = states["Folder Led?"]["Choices"][0]
    _replace(choice, "Condition", "$leading", "$leading and $refreshed = true")


def _claim_takes_the_lead_from_whoever_has_it(states: States) -> None:
    _replace(
        states["Claim Folder"]["Arguments"],
        "UpdateExpression",
        "leader = if_not_exists(leader, :me)",
        "leader = :me",
    )


@dataclass(frozen=True)
class Edit:
    """One wrong version.

    Attributes:
        name: what it is called on the command line.
        change: changes the states of the definition in place.
    """

    name: str
    change: Callable[[States], None]

    def applied_to(self, definition: dict[str, Any]) -> dict[str, Any]:
        """Return the edited definition."""
        edited = copy.deepcopy(definition)
        self.change(edited["States"])
        return edited


EDITS = {
    change.__name__.strip("_").replace("_", "-"): Edit(
        change.__name__.strip("_").replace("_", "-"), change
    )
    for change in (
        _take_over_without_condition,
        _release_before_counting,
        _count_after_the_refresh,
        _release_covers_what_arrived_meanwhile,
        _ask_without_waiting,
        _hand_over_counts_one_more,
        _failed_release_is_taken_as_done,
        _start_next_before_release,
        _no_release_after_a_failure,
        _claim_takes_the_lead_from_whoever_has_it,
    )
}
