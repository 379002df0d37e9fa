"""Write the state machines in their one form: ``make format`` runs this file.

Members stand in a fixed order; what fits into a line stands on one; a retrier takes two. So a
change to a state is a change of few lines, and two states that do the same look the same.
``python statemachine/format.py`` rewrites ``*.asl.json`` beside it.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

#: An object goes on one line if that line stays this short.
WIDTH = 140

#: Members by line, in the order in which they are written; those that do not fit get a line each.
_Groups = Sequence[Sequence[str]]
MACHINE: _Groups = [["Comment"], ["QueryLanguage", "TimeoutSeconds"], ["ProcessorConfig"],
                    ["StartAt"], ["States"]]  # fmt: skip
STATE: _Groups = [
    ["Type", "Label", "Resource", "TimeoutSeconds"],
    ["Comment"],
    ["Arguments"],
    ["Items"],
    ["ItemSelector"],
    ["MaxConcurrency", "ToleratedFailurePercentage"],
    ["ItemProcessor"],
    ["Seconds"],
    ["Choices"],
    ["Error"],
    ["Cause"],
    ["Assign"],
    ["Retry"],
    ["Catch"],
    ["Output", "Next", "End"],
    ["Default"],
]
RULE: _Groups = [["Comment"], ["Condition"], ["Assign"], ["Output", "Next"]]
RETRIER: _Groups = [
    ["Comment"],
    ["ErrorEquals"],
    ["IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"],
]
CATCHER: _Groups = [["Comment"], ["ErrorEquals", "Output", "Next"], ["Assign"]]
_INSIDE = {"Choices": RULE, "Retry": RETRIER, "Catch": CATCHER}


def formatted(text: str) -> str:
    """Return a definition in the one form.

    Raises:
        ValueError: it is not JSON, or has a member that no group names.
    """
    return "\n".join(_machine(json.loads(text), "")) + "\n"


def _machine(machine: dict[str, Any], indent: str) -> list[str]:
    lines = ["{"]
    for members in _grouped(machine, MACHINE):
        if members == ["States"]:
            block = ["{"]
            for name, state in machine["States"].items():
                block += _commaed(_named(name, _state(state, f"{indent}    "), f"{indent}    "))
            block[-1] = block[-1].removesuffix(",")
            lines += _commaed(_named("States", [*block, f"{indent}  }}"], f"{indent}  "))
        else:
            lines += _commaed(_members(machine, members, f"{indent}  "))
    lines[-1] = lines[-1].removesuffix(",")
    return [*lines, f"{indent}}}"]


def _state(state: dict[str, Any], indent: str) -> list[str]:
    if not {"Choices", "Retry", "Catch", "ItemProcessor"} & set(state):
        ordered = {name: state[name] for group in _grouped(state, STATE) for name in group}
        if len(indent) + len(_flat(ordered)) <= WIDTH - 30:
            return [_flat(ordered)]
    lines = ["{"]
    for members in _grouped(state, STATE):
        (first, *_) = members
        inner = f"{indent}  "
        if first in _INSIDE:
            block = ["["]
            for one in state[first]:
                block += _commaed(_record(one, _INSIDE[first], f"{inner}  "))
            block[-1] = block[-1].removesuffix(",")
            lines += _commaed(_named(first, [*block, f"{inner}]"], inner))
        elif first == "ItemProcessor":
            lines += _commaed(_named(first, _machine(state[first], inner), inner))
        else:
            lines += _commaed(_members(state, members, inner))
    lines[-1] = lines[-1].removesuffix(",")
    return [*lines, f"{indent}}}"]


def _record(record: dict[str, Any], groups: _Groups, indent: str) -> list[str]:
    """Write a rule, a retrier or a catcher: on one line, or one group a line."""
    found = list(_grouped(record, groups))
    whole = _flat({name: record[name] for members in found for name in members})
    if groups is not RETRIER and len(indent) + len(whole) <= WIDTH:
        return [indent + whole]
    lines: list[str] = []
    for members in found:
        lines += _commaed(_members(record, members, f"{indent}  "))
    lines[0] = f"{indent}{{ {lines[0].lstrip()}"
    lines[-1] = f"{lines[-1].removesuffix(',')} }}"
    return lines


def _grouped(holder: dict[str, Any], groups: _Groups) -> Iterator[list[str]]:
    known = [name for group in groups for name in group]
    unknown = [name for name in holder if name not in known]
    if unknown:
        raise ValueError(f"statemachine/format.py has no place for {unknown}: name it in a group")
    for group in groups:
        present = [name for name in group if name in holder]
        if present:
            yield present


def _members(holder: dict[str, Any], names: Sequence[str], indent: str) -> list[str]:
    """Write members on one line if they fit, or one below the other."""
    line = indent + ", ".join(f'"{name}": {_flat(holder[name])}' for name in names)
    if len(names) > 1 and len(line) <= WIDTH:
        return [line]
    lines: list[str] = []
    for name in names:
        lines += _commaed(_named(name, _data(holder[name], indent, len(name) + 4), indent))
    lines[-1] = lines[-1].removesuffix(",")
    return lines


def _data(value: Any, indent: str, taken: int) -> list[str]:
    """Write what is not the language's own: in the author's order: as much on a line as fits."""
    flat = _flat(value)
    if isinstance(value, list) and len(value) == 1:
        lines = _data(value[0], indent, taken + 1)
        lines[0], lines[-1] = f"[{lines[0]}", f"{lines[-1]}]"
        return [flat] if len(indent) + taken + len(flat) <= WIDTH else lines
    if not isinstance(value, dict) or len(indent) + taken + len(flat) <= WIDTH:
        return [flat]
    if len(value) == 1:
        ((name, member),) = value.items()
        lines = _data(member, indent, taken + len(_flat(name)) + 6)
        return _closed([f"{{ {_flat(name)}: {lines[0]}", *lines[1:]])
    inner, lines, open_line = f"{indent}  ", ["{"], False
    for name, member in value.items():
        block = _named(name, _data(member, inner, len(_flat(name)) + 2), inner)
        joined = f"{lines[-1]} {block[0].lstrip()},"
        if open_line and len(block) == 1 and len(joined) <= WIDTH:
            lines[-1] = joined
        else:
            lines += _commaed(block)
        open_line = len(block) == 1
    lines[-1] = lines[-1].removesuffix(",")
    return [*lines, f"{indent}}}"]


def _flat(value: Any) -> str:
    if isinstance(value, dict) and value:
        return "{ " + ", ".join(f"{_flat(k)}: {_flat(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_flat(member) for member in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _closed(lines: list[str]) -> list[str]:
    return [*lines[:-1], f"{lines[-1]} }}"]


def _named(name: str, lines: list[str], indent: str) -> list[str]:
    return [f"{indent}{_flat(name)}: {lines[0]}", *lines[1:]]


def _commaed(lines: list[str]) -> list[str]:
    return [*lines[:-1], f"{lines[-1]},"]


def main(folder: Path) -> None:
    """Rewrite the definitions of a folder, and name those that changed."""
    for path in sorted(folder.glob("*.asl.json")):
        before = path.read_text(encoding="utf-8")
        after = formatted(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            sys.stdout.write(f"formatted {path.name}\n")


if __name__ == "__main__":
    main(Path(__file__).parent)
