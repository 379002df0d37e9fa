"""What tests read in a page: sections, code blocks, tables, pictures."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tests.loading import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = ROOT / "docs"
#: https://aws.amazon.com/step-functions/pricing/: for 1,000 transitions of a Standard workflow.
DOLLARS_A_THOUSAND = 0.025


def page(name: str) -> str:
    """Return a page of docs/ by its file's name."""
    return (DOCS / name).read_text(encoding="utf-8")


def section(title: str, text: str) -> str:
    """Return what stands under a heading, up to the next of its level."""
    found = re.search(
        rf"^(#+) {re.escape(title)}\n(.*?)(?=^\1 |\Z)", text, re.DOTALL | re.MULTILINE
    )
    assert found, f"no heading {title!r}: put it back, or change the test that asks for it"
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
