"""Every page: links that lead somewhere, commands and paths that exist, no trace of one machine."""

import re
import warnings
from pathlib import Path

import pytest

from local.programs.run import main
from local.services.cloudformation import COMMON_TEMPLATE, TEMPLATE
from local.services.cloudformation import load as load_template
from tests.asl import STATE_MACHINES, load, states
from tests.docs.pages import DOCS, README, blocks, page, prose, rows
from tests.loading import ROOT

PAGES = sorted([*ROOT.glob("README*.md"), ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])
TEMPLATES = [load_template(COMMON_TEMPLATE), load_template(TEMPLATE)]

every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)


class TestCommands:
    def test_every_make_target_exists(self) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        exist = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
        told = {
            target
            for path in PAGES
            for target in re.findall(r"(?:`|\$ )make ([a-z-]+)", path.read_text(encoding="utf-8"))
        }
        assert {"run", "test"} <= told
        assert told <= exist, f"no such target in the Makefile: {sorted(told - exist)}"

    def test_the_variables_of_make_run_are_read(self) -> None:
        told = set(re.findall(r"make run ([A-Z_]+)=", README))
        assert {"FILE", "MAIL_LANGUAGE"} <= told
        assert told <= {option.envvar for option in main.params}

    def test_outputs_and_resources_in_commands_exist(self) -> None:
        outputs = {name for body in TEMPLATES for name in body["Outputs"]}
        for path in PAGES:
            asked = re.findall(r"OutputKey=='(\w+)'", path.read_text(encoding="utf-8"))
            assert set(asked) <= outputs

    def test_the_layer_that_is_looked_for_is_the_functions(self) -> None:
        told = re.findall(r"aws ssm get-parameter --name (\S+)", page("deploy.md"))
        assert told == re.findall(
            r"\{\{resolve:ssm:(\S+?)\}\}", TEMPLATE.read_text(encoding="utf-8")
        )

    def test_commands_can_be_pasted_into_any_shell(self) -> None:
        # zsh, the shell of macOS, takes "#" in a typed line for a word, and globs what is bare.
        for path in PAGES:
            for block in blocks(path.read_text(encoding="utf-8"), "sh"):
                assert not re.search(r"(^|\s)#", block)
                bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", block)
                assert not re.search(r"[\[\]*?]", bare)


class TestPages:
    @every_page
    def test_every_link_leads_somewhere(self, path: Path) -> None:
        text = prose(path.read_text(encoding="utf-8"))
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            file, _, heading = target.partition("#")
            if file.startswith("https://"):
                continue
            linked = path.parent / file if file else path
            assert linked.exists(), f"{target} leads nowhere: mend the link, or make the page"
            if heading:
                assert heading in self._anchors(linked), f"{target}: that page has no such heading"

    def test_pages_that_no_page_links_to_are_listed(self) -> None:
        # A warning: a new page may wait for its place.
        linked = {
            (path.parent / target.partition("#")[0]).resolve()
            for path in PAGES
            for target in re.findall(r"\]\(([^)\s]+)\)", prose(path.read_text(encoding="utf-8")))
        }
        assert linked
        for path in sorted(set(PAGES) - linked):
            name = path.relative_to(ROOT)
            warnings.warn(f"nothing links to {name}: link to it from a page", stacklevel=1)

    @every_page
    def test_paths_in_code_quotes_exist(self, path: Path) -> None:
        made = (".local/", ".venv", ".aws-sam")
        if path.parent.name == "dev":
            return  # what developers read quotes paths of AWS's, too
        for quoted in re.findall(r"`([\w.-]+/[\w./-]*)`", prose(path.read_text(encoding="utf-8"))):
            if not quoted.startswith(made) and not quoted.startswith("path/to"):
                assert (ROOT / quoted).exists(), f"`{quoted}` is no path here (any more)"

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


def test_pages_that_the_code_names_are_there() -> None:
    kinds = ("*.py", "*.yaml", "*.toml", "*.asl.json", "Makefile")
    folders = [path for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._"]
    files = [file for kind in kinds for folder in folders for file in folder.rglob(kind)]
    files += [file for kind in kinds for file in ROOT.glob(kind)]
    named = {
        (file.name, found)
        for file in files
        for found in re.findall(r"\bdocs/[A-Za-z0-9_./-]+\.md", file.read_text(encoding="utf-8"))
    }
    assert {"Makefile", "template.yaml"} <= {file for file, _ in named}
    assert [(file, found) for file, found in named if not (ROOT / found).exists()] == []


def test_the_map_shows_every_folder() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = {name for row in rows(text, "Where", "What") for name in re.findall(r"(\w+)/", row[0])}
    there = {path.name for path in ROOT.iterdir() if path.is_dir()}
    lacking = {name for name in there if name[0] not in "._"} ^ shown
    assert lacking == set(), f"the map in CONTRIBUTING.md lacks, or has too much: {lacking}"


def test_where_to_look_first_names_states_that_are_there() -> None:
    there = {state.name for machine in STATE_MACHINES for state in states(load(machine))}
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = {
        name
        for _, place, _ in rows(text, "Looking for", "There", "Its test")
        for name in re.findall(r"`([A-Z][\w ?]+)`", place)
    }
    assert told
    assert told <= there, "name the state as the definition does, in CONTRIBUTING.md"
