"""What make audit lets pass has a reason, and make audit is part of what every change must pass."""

import dataclasses

import pytest

from local.services.cloudformation import COMMON_TEMPLATE, TEMPLATE
from proofs.accepted_findings import ACCEPTED, Accepted
from proofs.audit import TOOLS, Finding, judged, kinds, reasons

ROOT = TEMPLATE.parent


@pytest.mark.parametrize("row", ACCEPTED, ids=lambda row: f"{row.tool} {row.id} {row.on[0]}")
def test_a_finding_that_stays_has_a_reason_and_a_resource(row: Accepted) -> None:
    assert row.tool in TOOLS
    assert len(row.why.split()) >= 4
    assert set(row.on) <= set(kinds()) | set(kinds().values())


def test_nothing_is_accepted_in_the_templates_themselves() -> None:
    for path in (COMMON_TEMPLATE, TEMPLATE):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in (*TOOLS, "cfn-lint", "ignore_checks") if word in text]


#: As found: by the name of a resource, and by its kind.
ACCEPTED_FINDINGS = [
    Finding("checkov", "RefreshStateTable", "CKV_AWS_28"),
    Finding("checkov", "FileEventDeadLetterQueue", "CKV_AWS_27"),
]


@pytest.mark.parametrize("finding", ACCEPTED_FINDINGS, ids=str)
def test_a_reason_counts_for_its_resources_only(finding: Finding) -> None:
    assert reasons(finding)
    assert not reasons(dataclasses.replace(finding, resource="OperationTopic"))
    assert not reasons(dataclasses.replace(finding, id="CKV_AWS_0"))
    assert not reasons(dataclasses.replace(finding, tool="parliament"))


def test_findings_without_a_reason_and_reasons_without_a_finding_are_told() -> None:
    unknown = Finding("checkov", "OperationTopic", "CKV_AWS_0", "Be safe")
    told = judged({*ACCEPTED_FINDINGS, unknown})
    assert told[0] == "checkov: OperationTopic: CKV_AWS_0: Be safe"
    assert "checkov: AWS::Logs::LogGroup: CKV_AWS_158: a reason for no finding" in told
    assert not any("CKV_AWS_28:" in line or "CKV_AWS_27:" in line for line in told)


def test_every_change_is_audited() -> None:
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert run.index("make test") < run.index("make audit")


def test_the_tools_are_pinned_with_hashes_and_without_an_index() -> None:
    text = (ROOT / "requirements/audit.txt").read_text(encoding="utf-8")
    for tool in TOOLS:
        assert f"\n{tool}==" in text
    assert "--index" not in text
    assert "--hash=sha256:" in text
