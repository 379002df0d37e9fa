"""docs/parameters.md has the parameters and outputs of both templates."""

from typing import Any

import pytest

from local.services.cloudformation import COMMON_TEMPLATE, TEMPLATE, load
from tests.docs.pages import page, rows

PAGE = page("parameters.md")
TEMPLATES = {"shared": load(COMMON_TEMPLATE), "refresh": load(TEMPLATE)}

every_template = pytest.mark.parametrize("name", TEMPLATES)


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
        shared, refresh = PAGE.split("Refresh stack, ")
        return {"shared": shared, "refresh": refresh}[name]

    @staticmethod
    def _shown(body: dict[str, Any]) -> str:
        if "Default" not in body:
            return "none"
        return str(body["Default"]) or "empty"
