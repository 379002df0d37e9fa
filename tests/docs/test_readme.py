"""The README and docs/ say what is there: states, parameters, commands, links, prices."""

import re
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from local.programs.run import main
from local.services.cloudformation import COMMON_TEMPLATE, TEMPLATE
from local.services.cloudformation import load as load_template
from tests.asl import STATE_MACHINES, State, load, states, targets
from tests.loading import ROOT, load_module

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
MACHINE = load(next(path for path in STATE_MACHINES if path.name == "sfn.asl.json"))
STATES = [state for path in STATE_MACHINES for state in states(load(path))]
NAMES = {state.name for state in STATES}
TEMPLATES = {"shared": load_template(COMMON_TEMPLATE), "refresh": load_template(TEMPLATE)}

FIRST_SCREEN_LINES = 30
COLUMNS = 120
TRIGGER = "file added or deleted"
#: https://aws.amazon.com/step-functions/pricing/: for 1,000 transitions of a Standard workflow.
DOLLARS_A_THOUSAND = 0.025

every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
every_template = pytest.mark.parametrize("name", TEMPLATES)


def section(title: str, text: str = README) -> str:
    """Return what stands under a heading, up to the next of its level."""
    found = re.search(
        rf"^(#+) {re.escape(title)}\n(.*?)(?=^\1 |\Z)", text, re.DOTALL | re.MULTILINE
    )
    assert found, f"no heading {title!r}"
    return found[2]


def blocks(text: str, *languages: str) -> Iterator[str]:
    """Yield the code blocks in these languages."""
    for language, body in re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE):
        if language in languages:
            yield body


def prose(text: str) -> str:
    """Return a page without its code blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)


def rows(text: str, *titles: str) -> list[list[str]]:
    """Return the cells of every table with this head; a cell all bold or all code without it."""
    found, inside = [], False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        cells = [re.sub(r"^(\*\*|`)([^*`]+)\1$", r"\2", cell) for cell in cells]
        if cells == list(titles):
            inside = True
        elif inside and not set(line) <= set("|- "):
            found.append(cells)
    return found


def resource(state: State) -> str:
    """Return the part of a Task's Resource that names service and action."""
    path: str = state.body["Resource"].split(":states:::")[1]
    return path


def steps(machine: dict[str, Any], start: str, end: str) -> int:
    """Return how many states the shortest way from one to another enters, both counted."""
    ways = deque([(start, 1)])
    seen = {start}
    while ways:
        name, length = ways.popleft()
        for following in targets(machine["States"][name]):
            if following == end:
                return length + 1
            if following not in seen:
                seen.add(following)
                ways.append((following, length + 1))
    raise AssertionError(f"no way from {start} to {end}")


class TestFirstScreen:
    screen = README.split("\n## ")[0]

    def test_it_is_one_screen(self) -> None:
        assert len(self.screen.splitlines()) <= FIRST_SCREEN_LINES

    def test_it_has_a_picture_a_walk_and_then_the_run(self) -> None:
        assert len(list(blocks(self.screen, "mermaid"))) == 1
        numbers = re.findall(r"^(\d+)\. ", self.screen, re.MULTILINE)
        assert numbers == [str(number) for number in range(1, len(numbers) + 1)] != []
        assert README.split("\n## ")[1].startswith("See it run in a minute\n")

    def test_no_line_of_prose_is_too_wide_for_a_window(self) -> None:
        lines = [line for line in prose(README).splitlines() if not line.startswith("|")]
        assert [line for line in lines if len(line) > COLUMNS] == []

    def test_nothing_stands_before_the_meaning(self) -> None:
        assert "![" not in self.screen


class Picture:
    """A flowchart: its labels, and its arrows from label to label."""

    def __init__(self, text: str) -> None:
        pairs = re.findall(r'(\w+)[\[({]+"([^"]+)"[\])}]+', text)
        self.labels = [label for _, label in pairs]
        self.arrows = set(self._arrows(text, dict(pairs)))

    @staticmethod
    def _arrows(text: str, label_of: dict[str, str]) -> Iterator[tuple[str, str]]:
        for line in text.splitlines()[1:]:
            plain = re.sub(r'(?<=\w)[\[({]+"[^"]+"[\])}]+', "", line).strip()
            # a -- text --> b, a -. text .-> b, a --> b
            nodes = re.split(r"\s+(?:-- .+? -->|-\. .+? \.->|-->)\s+", plain)
            groups = [re.split(r"\s*&\s*", node) for node in nodes]
            for here, there in pairwise(groups):
                yield from ((label_of[one], label_of[other]) for one in here for other in there)

    def next_drawn(self, name: str) -> set[str]:
        """Return the labels that follow a state, past those that the picture leaves out."""
        found: set[str] = set()
        left, passed = [name], {name}
        while left:
            for following in targets(MACHINE["States"][left.pop()]):
                if following in self.labels:
                    found.add(following)
                elif following not in passed:
                    passed.add(following)
                    left.append(following)
        return found


class TestPictures:
    drawn = tuple(map(Picture, blocks(README, "mermaid")))
    every_picture = pytest.mark.parametrize("picture", drawn, ids=("short", "full"))

    @every_picture
    def test_it_shows_only_states(self, picture: Picture) -> None:
        trigger, *shown = picture.labels
        assert trigger == TRIGGER
        assert len(shown) == len(set(shown))
        assert set(shown) <= set(MACHINE["States"])

    @every_picture
    def test_every_arrow_is_a_way_of_the_machine(self, picture: Picture) -> None:
        for start, end in picture.arrows:
            first = {MACHINE["StartAt"]} | picture.next_drawn(MACHINE["StartAt"])
            assert end in (first if start == TRIGGER else picture.next_drawn(start)), start

    def test_the_full_one_shows_every_state_and_every_way_without_failure(self) -> None:
        full = self.drawn[-1]
        assert {TRIGGER, *MACHINE["States"]} == set(full.labels)
        without_failure = {
            (name, following)
            for name, body in MACHINE["States"].items()
            for following in targets({key: body[key] for key in body if key != "Catch"})
        }
        assert without_failure - full.arrows == set()

    def test_the_full_one_shows_what_every_step_that_can_fail_leads_to(self) -> None:
        full = self.drawn[-1]
        for name, body in MACHINE["States"].items():
            caught = {(name, catch["Next"]) for catch in body.get("Catch", [])}
            assert not caught or caught & full.arrows, name


class TestStates:
    def test_the_task_table_is_the_machines_tasks(self) -> None:
        tasks = [state for state in STATES if state.body["Type"] == "Task"]
        told = [tuple(row[:2]) for row in rows(README, "Task", "Resource", "What it does")]
        assert sorted(told) == sorted((state.name, resource(state)) for state in tasks)

    def test_every_task_is_described(self) -> None:
        for name, _, meaning in rows(README, "Task", "Resource", "What it does"):
            assert len(meaning) > len(name)

    def test_every_end_is_explained(self) -> None:
        lines = re.findall(r"^- ((?:\*\*[^*]+\*\*(?:, )?)+):", section("The states"), re.MULTILINE)
        told = [name for line in lines for name in re.findall(r"\*\*(.+?)\*\*", line)]
        ends = {state.name for state in STATES if state.body["Type"] in ("Succeed", "Fail")}
        assert len(told) == len(set(told))
        assert set(told) == ends

    def test_what_is_bold_is_a_state(self) -> None:
        bold = set(re.findall(r"\*\*(.+?)\*\*", prose(README), re.DOTALL))
        assert {" ".join(name.split()) for name in bold} - NAMES == set()


class TestParameters:
    @every_template
    def test_the_table_is_the_templates(self, name: str) -> None:
        told = {
            parameter: default
            for parameter, default, _ in rows(self._part(name), "Parameter", "Default", "Meaning")
        }
        assert told == {
            parameter: self._shown(body)
            for parameter, body in TEMPLATES[name]["Parameters"].items()
        }

    @every_template
    def test_the_outputs_are_the_templates(self, name: str) -> None:
        told = [output for output, _ in rows(self._part(name), "Output", "What it is")]
        assert told == list(TEMPLATES[name]["Outputs"])

    def test_the_numbers_in_the_text_are_the_templates(self) -> None:
        timeout = TEMPLATES["refresh"]["Parameters"]["RefreshTimeoutSeconds"]
        meanings = {
            row[0]: row[2] for row in rows(self._part("refresh"), "Parameter", "Default", "Meaning")
        }
        assert f"`{timeout['MaxValue']}`" in meanings["RefreshTimeoutSeconds"]
        assert timeout["Default"] == 6 * 3600
        assert "six hours" in meanings["RefreshTimeoutSeconds"]

    @staticmethod
    def _part(name: str) -> str:
        shared, refresh = section("Parameters and outputs").split("Refresh stack, ")
        return {"shared": shared, "refresh": refresh}[name]

    @staticmethod
    def _shown(body: dict[str, Any]) -> str:
        if "Default" not in body:
            return "none"
        return str(body["Default"]) or "empty"


class TestRunExample:
    runs = "\n".join(blocks(README, "console"))

    def test_its_files_are_there(self) -> None:
        for name in re.findall(r"events/[\w.]+", self.runs):
            assert (ROOT / name).is_file()
        for name in re.findall(r"Drop .*/([\w.]+)$", self.runs, re.MULTILINE):
            assert (ROOT / "events" / name).is_file()

    def test_its_mails_are_the_functions_words(self) -> None:
        phrases = load_module("check_ingestion_status", "mail").WORDS
        told = re.findall(r"^Subject: (\[.+)\n\n(.+)$", self.runs, re.MULTILINE)
        said = [("good", "ja"), ("bad", "en"), ("good", "en")]
        assert told == [
            (
                phrases[f"subject_{verdict}"].say(language),
                phrases[f"opening_{verdict}"].say(language),
            )
            for verdict, language in said
        ]


class TestMails:
    def test_the_subjects_are_the_functions(self) -> None:
        phrases = load_module("check_ingestion_status", "mail").WORDS
        told = rows(README, "", "Subject in Japanese", "Subject in English")
        assert [row[1:] for row in told] == [
            [phrases[name].say(language) for language in ("ja", "en")]
            for name in ("subject_good", "subject_bad")
        ]


class TestCosts:
    table = rows(README, "Datasets", "Each takes", "Looks", "Transitions", "Dollars")
    told = " ".join(section("Cost of a run").split())

    def test_a_run_has_as_many_transitions_as_it_says(self) -> None:
        child = MACHINE["States"]["Refresh Each Dataset"]["ItemProcessor"]
        way = [MACHINE["StartAt"], "More Files Arriving?", "Refresh Each Dataset"]
        way += ["Release Folder", "Refresh Succeeded"]
        # Each stop on the way is counted twice but the first and the last.
        run = sum(steps(MACHINE, *leg) for leg in pairwise(way)) - len(way[1:-1])
        look = steps(child, "Wait Before Checking", "Ingestion Finished?")
        # What is left of a child without the looks, and its start.
        dataset = steps(child, child["StartAt"], "Ingestion Ended") - look + 1
        assert f"A run has {run}, and per dataset {dataset} plus {look} for every look" in self.told
        for datasets, _, looks, formula, _ in self.table:
            begin = f"{run} + {datasets} × ({dataset} + {look} × {looks}) = "
            assert formula.startswith(begin)

    def test_a_run_that_joins_has_as_many_transitions_as_it_says(self) -> None:
        joined = steps(MACHINE, MACHINE["StartAt"], "Joined Running Refresh")
        dollars = joined * DOLLARS_A_THOUSAND
        assert f"joins another has {joined} transitions: a burst of 1,000 files" in self.told
        assert f"1,000 files is ${dollars:.2f} more" in self.told

    def test_its_sums_are_right(self) -> None:
        assert self.table
        for *_, formula, dollars in self.table:
            numbers = re.findall(r"\d+", formula.replace(",", ""))
            base, datasets, each, look, looks, total = map(int, numbers)
            assert base + datasets * (each + look * looks) == total
            exact = total * DOLLARS_A_THOUSAND / 1000
            assert float(dollars) == pytest.approx(exact, rel=0.04)  # two digits


class TestCommands:
    def test_every_make_target_exists(self) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        exist = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
        told = {
            target
            for page in PAGES
            for target in re.findall(r"(?:`|\$ )make ([a-z-]+)", page.read_text(encoding="utf-8"))
        }
        assert {"run", "test"} <= told <= exist

    def test_the_variables_of_make_run_are_read(self) -> None:
        told = set(re.findall(r"make run ([A-Z_]+)=", README))
        assert {"FILE", "MAIL_LANGUAGE"} <= told
        assert told <= {option.envvar for option in main.params}

    def test_outputs_and_resources_in_commands_exist(self) -> None:
        outputs = {name for body in TEMPLATES.values() for name in body["Outputs"]}
        for page in PAGES:
            asked = re.findall(r"OutputKey=='(\w+)'", page.read_text(encoding="utf-8"))
            assert set(asked) <= outputs

    def test_the_layer_that_is_looked_for_is_the_functions(self) -> None:
        told = re.findall(r"aws ssm get-parameter --name (\S+)", README)
        assert told == re.findall(
            r"\{\{resolve:ssm:(\S+?)\}\}", TEMPLATE.read_text(encoding="utf-8")
        )

    def test_commands_can_be_pasted_into_any_shell(self) -> None:
        # zsh, the shell of macOS, takes "#" in a typed line for a word, and globs what is bare.
        for page in PAGES:
            for block in blocks(page.read_text(encoding="utf-8"), "sh"):
                assert not re.search(r"(^|\s)#", block)
                bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", block)
                assert not re.search(r"[\[\]*?]", bare)

    def test_the_sample_registration_is_as_in_the_readme(self) -> None:
        sample = (ROOT / "events" / "SampleIngestionParameter.yaml").read_text(encoding="utf-8")
        (shown,) = blocks(README, "yaml")
        keys = re.findall(r"^([ -]*\w+):", shown, re.MULTILINE)
        given = re.findall(r"^([ -]*\w+):", sample, re.MULTILINE)
        assert set(keys) == set(given)


class TestPages:
    @every_page
    def test_every_link_leads_somewhere(self, path: Path) -> None:
        text = prose(path.read_text(encoding="utf-8"))
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            file, _, heading = target.partition("#")
            if file.startswith("https://"):
                continue
            linked = path.parent / file if file else path
            assert linked.exists(), target
            if heading:
                assert heading in self._anchors(linked), target

    @every_page
    def test_every_page_is_reached_from_the_readme(self, path: Path) -> None:
        assert path.name == "README.md" or f"docs/{path.name}" in README

    @every_page
    def test_paths_in_code_quotes_exist(self, path: Path) -> None:
        made = (".local/", ".venv", ".aws-sam")
        for quoted in re.findall(r"`([\w.-]+/[\w./-]*)`", prose(path.read_text(encoding="utf-8"))):
            if not quoted.startswith(made) and not quoted.startswith("path/to"):
                assert (ROOT / quoted).exists(), quoted

    @every_page
    def test_no_page_names_one_machine(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.:/-])/(home|Users|root|tmp|work)/", text)
        assert "TO" + "DO" not in text

    @staticmethod
    def _anchors(path: Path) -> set[str]:
        titles = re.findall(r"^#+ (.+)$", prose(path.read_text(encoding="utf-8")), re.MULTILINE)
        return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}

    def test_decisions_are_dated_newest_last_and_complete(self) -> None:
        text = (ROOT / "docs" / "dev" / "decisions.md").read_text(encoding="utf-8")
        entries = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
        dates = [entry[:10] for entry in entries]
        assert dates == sorted(dates)
        for entry in entries:
            assert re.match(r"\d{4}-\d{2}-\d{2} · ", entry)
            parts = re.findall(r"^\*\*(.+?)\.\*\*", entry, re.MULTILINE)
            assert parts == ["Decision", "Alternatives", "Why", "How to undo"]

    def test_every_unproven_claim_is_complete(self) -> None:
        text = (ROOT / "docs" / "needs-aws.md").read_text(encoding="utf-8")
        claims = rows(text, "Claim", "Why in doubt", "Command", "Expected", "If not")
        assert claims
        for claim in claims:
            assert len(claim) == 5
            assert all(claim)
            assert re.match(r"[VSIU]\b", claim[1])
