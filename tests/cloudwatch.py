"""Evaluate an alarm's properties over data points, as CloudWatch does.

Imitates: statistic, threshold and comparison over the latest evaluation periods; missing data
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html);
the metric expression ``FILL(id, constant)``.
Does not imitate: looking further back than the evaluation periods where some data is missing. Such
data would be breaching for our alarms in no case: each has all of it, none, or takes missing data
for good.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Key = tuple[str, str, tuple[tuple[str, str], ...]]

_COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
}
_STATISTICS: dict[str, Callable[[list[float]], float]] = {"Sum": sum, "Maximum": max}


@dataclass
class Data:
    """What CloudWatch has: for each metric, its values with their times."""

    values: dict[Key, list[tuple[float, float]]] = field(default_factory=dict)

    def add(self, namespace: str, name: str, time: float, value: float, **dimensions: str) -> None:
        """Put one value."""
        key = (namespace, name, tuple(dimensions.items()))
        self.values.setdefault(key, []).append((time, value))


@dataclass(frozen=True)
class Watched:
    """The metric an alarm looks at, and how."""

    key: Key
    statistic: str
    period: int
    filled_with: float | None = None


def watched(properties: Mapping[str, Any]) -> Watched:
    """Return what an alarm looks at, be it a metric or one expression over one."""
    if "Metrics" not in properties:
        return Watched(_key(properties), properties["Statistic"], int(properties["Period"]))
    source, expression = properties["Metrics"]
    filled = re.fullmatch(r"FILL\((\w+), (\d+)\)", expression["Expression"])
    assert filled
    assert filled[1] == source["Id"]
    assert (source["ReturnData"], expression["ReturnData"]) == (False, True)
    stat = source["MetricStat"]
    return Watched(_key(stat["Metric"]), stat["Stat"], int(stat["Period"]), float(filled[2]))


def in_alarm(properties: Mapping[str, Any], data: Data, now: float) -> bool:
    """Tell whether an alarm with these properties is in alarm."""
    what = watched(properties)
    points = [
        _point(data.values.get(what.key, []), what, now - (number + 1) * what.period)
        for number in range(int(properties["EvaluationPeriods"]))
    ]
    breaches = _COMPARISONS[properties["ComparisonOperator"]]
    threshold = float(properties["Threshold"])
    missing = {"breaching": True, "notBreaching": False}[properties["TreatMissingData"]]
    return all(missing if one is None else breaches(one, threshold) for one in points)


def _point(values: list[tuple[float, float]], what: Watched, start: float) -> float | None:
    inside = [value for time, value in values if start < time <= start + what.period]
    if not inside:
        return what.filled_with if values else None
    return float(_STATISTICS[what.statistic](inside))


def _key(metric: Mapping[str, Any]) -> Key:
    dimensions = tuple((one["Name"], one["Value"]) for one in metric["Dimensions"])
    return (metric["Namespace"], metric["MetricName"], dimensions)
