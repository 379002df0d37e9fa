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
    del arguments["ExpressionAttributeValues"][":turn"]


def _release_before_counting(states: States) -> None:
    early = copy.deepcopy(states["Withdraw Claim"])
    early["Next"] = _catch(early, "States.ALL")["Next"] = "Count Files"
    states["Release Early"] = early
    assert states["Wait For More Files"]["Next"] == "Count Files"
    states["Wait For More Files"]["Next"] = "Release Early"
    count = states["Count Files"]["Arguments"]
    del count["ConditionExpression"]
    del count["ExpressionAttributeValues"][":me"]


def _count_after_the_refresh(states: States) -> None:
    settled = states["More Files Arriving?"]
    assert settled["Default"] == "Look Up Datasets"
    states["Wait For More Files"]["Next"] = "Recall Last Run"
    states["Any Dataset To Refresh?"]["Default"] = "Count Files"
    settled["Default"] = "Check Ingestion Status"
    settled["Choices"] = [{"Condition": "{% false %}", "Next": "Wait For More Files"}]


def _release_covers_what_arrived_meanwhile(states: States) -> None:
    release = states["Release Folder"]["Arguments"]
    _replace(release, "UpdateExpression", "covered = :count", "covered = arrivals")
    _replace(release, "ExpressionAttributeValues", "':count': {'N': $string($counted)}, ", "")
    states["Files Waiting?"]["Choices"][0]["Condition"] = "{% false %}"


def _ask_without_waiting(states: States) -> None:
    assert states["Leading This Folder?"]["Default"] == "Wait Before Asking"
    states["Leading This Folder?"]["Default"] = "Look At Folder"


def _hand_over_counts_one_more(states: States) -> None:
    values = states["Claim Folder"]["Arguments"]["ExpressionAttributeValues"]
    _replace(values[":n"], "N", "'0'", "'1'")


def _failed_release_is_taken_as_done(states: States) -> None:
    failed = _catch(states["Release Folder"], "DynamoDB.ConditionalCheckFailedException")
    failed["Next"] = "Mail Sent?"


def _start_next_before_release(states: States) -> None:
    assert _catch(states["Remember Run"], "States.ALL")["Next"] == "Release Folder"
    for remembered in (states["Remember Run"], *states["Remember Run"]["Catch"]):
        remembered["Next"] = "Look For Waiting Files"
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


def _free_folder_is_left_to_the_hand_over(states: States) -> None:
    states["File In Good Hands?"]["Choices"].insert(
        2, {"Condition": "{% $not($exists($held.S)) %}", "Next": "Joined Newer Run"}
    )


def _vouch_names_what_arrived_by_then(states: States) -> None:
    _replace(states["Vouch For Leader"]["Arguments"], "UpdateExpression", ":mine", "arrivals")


def _vouch_names_what_the_look_saw(states: States) -> None:
    values = states["Vouch For Leader"]["Arguments"]["ExpressionAttributeValues"]
    _replace(values[":mine"], "N", "$mine", "$arrivals")


def _leader_is_believed_without_asking(states: States) -> None:
    """A run that waits believes whoever led at its claim, alive or not."""
    states["File In Good Hands?"]["Default"] = "Joined Running Refresh"


def _all_datasets_start_together(states: States) -> None:
    recall = states["Recall Last Run"]
    for holder in (recall, _catch(recall, "States.ALL")):
        _replace(holder, "Output", "[$all[$count(after) = 0]]", "[$all]")
        _replace(holder, "Output", "[$all[$count(after) > 0]]", "[]")


def _failed_announcement_keeps_the_lead(states: States) -> None:
    failed = _catch(states["Announce Result"], "States.ALL")
    assert failed["Next"] == "Folder Led?"
    failed["Next"] = "Mail Sent?"


# ---- Wrong only where somebody tampers, or where a write lands late ---------------------------


def _odd_counts_are_believed(states: States) -> None:
    del states["Leading This Folder?"]["Choices"][:2]


def _owed_is_more_than_covered(states: States) -> None:
    _replace(
        states["Leading This Folder?"]["Choices"][2],
        "Condition",
        "($arrivals != $covered or $arrivals = 0 or $mends > 0)",
        "$arrivals > $covered",
    )


def _marks_ahead_of_the_count_are_believed(states: States) -> None:
    for rule in states["File In Good Hands?"]["Choices"]:
        for mark in ("$covered", "$vouched"):
            rule["Condition"] = rule["Condition"].replace(f" and {mark} <= $arrivals", "")


def _replaced_leader_ends(states: States) -> None:
    failed = _catch(states["Count Files"], "DynamoDB.ConditionalCheckFailedException")
    assert failed["Next"] == "Look At Folder"
    failed["Next"] = "Joined Newer Run"


def _who_cannot_take_over_ends(states: States) -> None:
    failed = _catch(states["Take Over Folder"], "DynamoDB.ConditionalCheckFailedException")
    assert failed["Next"] == "Look At Folder"
    failed["Next"] = "Joined Newer Run"


def _foreign_leader_is_asked_about(states: States) -> None:
    rules = states["Leading This Folder?"]["Choices"]
    assert rules.pop()["Next"] == "Take Over Folder"
    states["File In Good Hands?"]["Choices"] = [
        rule
        for rule in states["File In Good Hands?"]["Choices"]
        if rule["Next"] != "Take Over Folder"
    ]


def _count_vouches_for_itself(states: States) -> None:
    """``vouched`` becomes what has arrived where the write lands, however late."""
    _replace(states["Count Files"]["Arguments"], "UpdateExpression", ":known", "arrivals")
    del states["Count Files"]["Arguments"]["ExpressionAttributeValues"][":known"]


def _taking_over_needs_no_turn(states: States) -> None:
    arguments = states["Take Over Folder"]["Arguments"]
    condition, and_, _ = arguments["ConditionExpression"].partition(" AND (")
    assert and_
    arguments["ConditionExpression"] = condition
    del arguments["ExpressionAttributeValues"][":turn"]


def _any_input_with_continues_hands_over(states: States) -> None:
    variables = states["Folder Marker?"]["Assign"]
    condition, and_, _ = variables["continues"].partition(" and $contains(")
    assert and_
    variables["continues"] = condition + " %}"


# ---- Wrong only where datasets come after each other, or are tried again ----------------------


def _left_keeps_what_was_handed_out(states: States) -> None:
    _replace(states["Refresh Each Dataset"], "Output", "[$all[$count(after) > 0]]", "[$all]")


def _handed_out_is_what_has_a_result(states: States) -> None:
    """A child that died may leave none."""
    without = "[$all[$not(datasetid in $states.result.datasetid)]]"
    _replace(states["Refresh Each Dataset"], "Output", "[$all[$count(after) > 0]]", without)


def _few_rows_hold_nothing_up(states: States) -> None:
    _replace(states["Refresh Each Dataset"], "Output", " and $not(short = true)", "")


def _a_dead_parent_holds_nothing_up(states: States) -> None:
    _replace(states["Refresh Each Dataset"], "Output", "result = 'dataset' and status", "status")
    _replace(states["Refresh Each Dataset"], "Output", "status = 'COMPLETED'", "true")


def _a_map_that_fails_is_not_caught(states: States) -> None:
    del states["Refresh Each Dataset"]["Catch"]


def _earlier_waves_are_forgotten(states: States) -> None:
    del states["Any Dataset To Refresh?"]["Choices"][0]["Assign"]


def _a_second_attempt_is_timed_from_the_first(states: States) -> None:
    start = states["Refresh Each Dataset"]["ItemProcessor"]["States"]["Start Ingestion"]
    for holder in (start, *start["Catch"]):
        if "'since'" in holder["Output"]:
            holder["Output"] = "{% $states.input %}"


def _every_attempt_has_the_same_id(states: States) -> None:
    children = states["Refresh Each Dataset"]["ItemProcessor"]["States"]
    old = " & '-r' & $string($count($before))"
    _replace(children["Wait Before Trying Again"], "Output", old, "")


def _whatever_failed_is_tried_again(states: States) -> None:
    rule = states["Refresh Each Dataset"]["ItemProcessor"]["States"]["Ingestion Finished?"]
    condition, _, rest = rule["Choices"][0]["Condition"].partition(" and $states.input.error.type")
    rule["Choices"][0]["Condition"] = condition + rest.partition("]")[2]


def _attempts_go_past_the_deadline(states: States) -> None:
    rule = states["Refresh Each Dataset"]["ItemProcessor"]["States"]["Ingestion Finished?"]
    _replace(rule["Choices"][0], "Condition", "$millis() + 300000", "0")


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


def _by_name(*changes: Callable[[States], None]) -> dict[str, Edit]:
    names = [change.__name__.strip("_").replace("_", "-") for change in changes]
    return {name: Edit(name, change) for name, change in zip(names, changes, strict=True)}


EDITS = _by_name(
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
    _free_folder_is_left_to_the_hand_over,
    _vouch_names_what_arrived_by_then,
    _vouch_names_what_the_look_saw,
    _leader_is_believed_without_asking,
    _all_datasets_start_together,
    _failed_announcement_keeps_the_lead,
)


#: Those that no schedule catches: ``tests/workflow/test_wrong_versions.py`` makes what they lose.
SUBTLE_EDITS = _by_name(
    _odd_counts_are_believed,
    _owed_is_more_than_covered,
    _marks_ahead_of_the_count_are_believed,
    _replaced_leader_ends,
    _who_cannot_take_over_ends,
    _foreign_leader_is_asked_about,
    _count_vouches_for_itself,
    _taking_over_needs_no_turn,
    _any_input_with_continues_hands_over,
)

#: Those of order and of second attempts: ``tests/workflow/test_wrong_orders.py``.
ORDER_EDITS = _by_name(
    _left_keeps_what_was_handed_out,
    _handed_out_is_what_has_a_result,
    _few_rows_hold_nothing_up,
    _a_dead_parent_holds_nothing_up,
    _a_map_that_fails_is_not_caught,
    _earlier_waves_are_forgotten,
    _a_second_attempt_is_timed_from_the_first,
    _every_attempt_has_the_same_id,
    _whatever_failed_is_tried_again,
    _attempts_go_past_the_deadline,
)
