"""Read CloudWatch's embedded metric format out of a log, as CloudWatch Logs does."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Datum:
    """One metric's value, with what CloudWatch files it under."""

    namespace: str
    name: str
    unit: str
    dimensions: tuple[tuple[str, str], ...]
    value: float


def read_emf(log: str) -> list[Datum]:
    """Return every metric value in a log's lines; other lines hold none."""
    found = []
    for line in log.splitlines():
        entry = _object(line)
        for directive in entry.get("_aws", {}).get("CloudWatchMetrics", []):
            for keys in directive["Dimensions"]:
                dimensions = tuple((key, entry[key]) for key in keys)
                for metric in directive["Metrics"]:
                    name = metric["Name"]
                    found += [
                        Datum(directive["Namespace"], name, metric["Unit"], dimensions, value)
                        for value in entry[name]
                    ]
    return found


def _object(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
