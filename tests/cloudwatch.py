"""Evaluate an alarm's properties over data points, as CloudWatch does.

Imitates: statistic, threshold and comparison over the latest evaluation periods; missing data
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html);
the metric expression ``SUM(FILL(METRICS(), constant))``; alarms of some of their periods.
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

    keys: tuple[Key, ...]
    statistic: str
    period: int
    filled_with: float | None = None


def watched(properties: Mapping[str, Any]) -> Watched:
    """Return what an alarm looks at, be it a metric or the sum of some."""
    if "Metrics" not in properties:
        return Watched((_key(properties),), properties["Statistic"], int(properties["Period"]))
    *sources, expression = properties["Metrics"]
    filled = re.fullmatch(r"SUM\(FILL\(METRICS\(\), (\d+)\)\)", expression["Expression"])
    assert filled
    assert expression["ReturnData"]
    assert not any(source["ReturnData"] for source in sources)
    stats = [source["MetricStat"] for source in sources]
    ((statistic, period),) = {(stat["Stat"], int(stat["Period"])) for stat in stats}
    assert statistic == "Sum"
    keys = tuple(_key(stat["Metric"]) for stat in stats)
    return Watched(keys, statistic, period, float(filled[1]))


def in_alarm(properties: Mapping[str, Any], data: Data, now: float) -> bool:
    """Tell whether an alarm with these properties is in alarm."""
    what = watched(properties)
    periods = int(properties["EvaluationPeriods"])
    values = [value for key in what.keys for value in data.values.get(key, [])]
    points = [_point(values, what, now - (number + 1) * what.period) for number in range(periods)]
    breaches = _COMPARISONS[properties["ComparisonOperator"]]
    threshold = float(properties["Threshold"])
    missing = {"breaching": True, "notBreaching": False}[properties["TreatMissingData"]]
    breaching = [missing if one is None else breaches(one, threshold) for one in points]
    return bool(sum(breaching) >= int(properties.get("DatapointsToAlarm", periods)))


def _point(values: list[tuple[float, float]], what: Watched, start: float) -> float | None:
    inside = [value for time, value in values if start < time <= start + what.period]
    if not inside:
        return what.filled_with if values else None
    return float(_STATISTICS[what.statistic](inside))


def _key(metric: Mapping[str, Any]) -> Key:
    dimensions = tuple((one["Name"], one["Value"]) for one in metric["Dimensions"])
    return (metric["Namespace"], metric["MetricName"], dimensions)
