"""docs/states.md shows the state machines as they are: picture, tasks, ends."""

import re

from tests.asl import STATE_MACHINES, State, load, states, targets
from tests.docs.pages import Picture, blocks, page, rows

PAGE = page("states.md")
MACHINE = load(next(path for path in STATE_MACHINES if path.name == "sfn.asl.json"))
STATES = [state for path in STATE_MACHINES for state in states(load(path))]
TRIGGER = "file added or deleted"


def resource(state: State) -> str:
    """Return the part of a Task's Resource that names service and action."""
    path: str = state.body["Resource"].split(":states:::")[1]
    return path


def next_drawn(picture: Picture, name: str) -> set[str]:
    """Return the labels that follow a state, past those that the picture leaves out."""
    found: set[str] = set()
    left, passed = [name], {name}
    while left:
        for following in targets(MACHINE["States"][left.pop()]):
            if following in picture.labels:
                found.add(following)
            elif following not in passed:
                passed.add(following)
                left.append(following)
    return found


class TestPicture:
    (full,) = map(Picture, blocks(PAGE, "mermaid"))

    def test_every_arrow_is_a_way_of_the_machine(self) -> None:
        for start, end in self.full.arrows:
            first = {MACHINE["StartAt"]} | next_drawn(self.full, MACHINE["StartAt"])
            assert end in (first if start == TRIGGER else next_drawn(self.full, start)), start

    def test_it_shows_every_state_and_every_way_without_failure(self) -> None:
        full = self.full
        assert {TRIGGER, *MACHINE["States"]} == set(full.labels)
        without_failure = {
            (name, following)
            for name, body in MACHINE["States"].items()
            for following in targets({key: body[key] for key in body if key != "Catch"})
        }
        assert without_failure - full.arrows == set()

    def test_it_shows_what_every_step_that_can_fail_leads_to(self) -> None:
        full = self.full
        for name, body in MACHINE["States"].items():
            caught = {(name, catch["Next"]) for catch in body.get("Catch", [])}
            assert not caught or caught & full.arrows, name


class TestStates:
    def test_the_task_table_is_the_machines_tasks(self) -> None:
        tasks = [state for state in STATES if state.body["Type"] == "Task"]
        told = [tuple(row[:2]) for row in rows(PAGE, "Task", "Resource", "What it does")]
        assert sorted(told) == sorted((state.name, resource(state)) for state in tasks)

    def test_every_task_is_described(self) -> None:
        for name, _, meaning in rows(PAGE, "Task", "Resource", "What it does"):
            assert len(meaning) > len(name)

    def test_every_end_is_explained(self) -> None:
        lines = re.findall(r"^- ((?:\*\*[^*]+\*\*(?:, )?)+):", PAGE, re.MULTILINE)
        told = [name for line in lines for name in re.findall(r"\*\*(.+?)\*\*", line)]
        ends = {state.name for state in STATES if state.body["Type"] in ("Succeed", "Fail")}
        assert len(told) == len(set(told))
        assert set(told) == ends
