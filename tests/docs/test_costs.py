"""docs/costs.md counts right, and the README's two lines follow from it."""

import re
from collections import deque
from itertools import pairwise
from typing import Any

import pytest

from local.services.cloudformation import TEMPLATE
from local.services.cloudformation import load as load_template
from tests.asl import STATE_MACHINES, load, targets
from tests.docs.pages import DOLLARS_A_THOUSAND, README, page, rows, section

PAGE = page("costs.md")
MACHINE = load(next(path for path in STATE_MACHINES if path.name == "sfn.asl.json"))


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


class TestFixedCost:
    table = rows(PAGE, "Monitoring", "Alarms", "Dashboard", "Dollars a month")

    def test_the_table_is_what_the_template_makes(self) -> None:
        resources = load_template(TEMPLATE)["Resources"]
        alarms = [
            body["Properties"]
            for body in resources.values()
            if body["Type"] == "AWS::CloudWatch::Alarm"
        ]
        metrics = sum(
            sum("MetricStat" in one for one in alarm.get("Metrics", [])) or 1 for alarm in alarms
        )
        fixed = {"yes": 1, "no": 0}
        for _, has_alarms, has_dashboard, dollars in self.table:
            cost = metrics * 0.1 * fixed[has_alarms] + 3 * fixed[has_dashboard]
            assert float(dollars) == pytest.approx(cost)
        values = load_template(TEMPLATE)["Parameters"]["Monitoring"]["AllowedValues"]
        assert [row[0] for row in self.table] == values


class TestCostOfARun:
    table = rows(PAGE, "Datasets", "Each takes", "Looks", "Transitions", "Dollars")
    told = " ".join(section("Cost of a run", PAGE).split())

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

    def test_the_readme_says_the_same_in_words(self) -> None:
        (dollars,) = (float(row[4]) for row in self.table if row[:2] == ["5", "5 minutes"])
        assert round(dollars, 2) == 0.01
        joined = steps(MACHINE, MACHINE["StartAt"], "Joined Running Refresh")
        assert round(0.01 / (joined * DOLLARS_A_THOUSAND / 1000)) == 40
        told = " ".join(section("What it costs", README).split())
        assert "five datasets of five minutes each costs about one cent" in told
        assert "a fortieth" in told
