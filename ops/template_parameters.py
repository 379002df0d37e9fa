"""A template's parameters, and what they take: asked before anything is created."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """Reads a template; what short forms like ``!Ref`` stand for is not asked here."""


_Loader.add_multi_constructor("!", lambda loader, _, node: None)


def parameters(template: Path) -> dict[str, dict[str, Any]]:
    """Return the parameters of a template by their names."""
    read = yaml.load(template.read_text(encoding="utf-8"), Loader=_Loader)
    found: dict[str, dict[str, Any]] = read["Parameters"]
    return found


def layer_parameter(template: Path) -> str:
    """Return the name of the public parameter that names the functions' layer."""
    (found,) = re.findall(r"\{\{resolve:ssm:(\S+?)\}\}", template.read_text(encoding="utf-8"))
    return str(found)


def problems(template: Path, values: Mapping[str, str]) -> list[str]:
    """Return what a template would refuse of these values, and what it takes."""
    return list(_problems(parameters(template), values))


def _problems(known: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        if name not in known:
            yield f"{name} is no parameter; these are: {', '.join(known)}"
        elif not _takes(known[name], value):
            yield f"{name}={value}: {known[name]['ConstraintDescription']}"


def _takes(declared: Mapping[str, Any], value: str) -> bool:
    if declared["Type"] == "Number":
        low, high = declared.get("MinValue", 0), declared.get("MaxValue", float("inf"))
        if not (value.isdecimal() and low <= int(value) <= high):
            return False
    allowed = [str(one) for one in declared.get("AllowedValues", [value])]
    pattern = declared.get("AllowedPattern", "(?s:.*)")
    fits = len(value) <= declared.get("MaxLength", len(value))
    return value in allowed and fits and re.fullmatch(pattern, value) is not None
