"""Change a stack by a change set that people see first; a failure says why, and the way out."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError, OperatorError
from qsrefresh.language import Phrase, Sentence, sentence

_SECONDS_BETWEEN_LOOKS = 2
#: One that was never made: its first change set was not executed.
_EMPTY = "REVIEW_IN_PROGRESS"
#: Left by a creation that failed; nothing but its deletion is possible.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
_DEAD = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
_NOTHING = ("didn't contain changes", "No updates are to be performed")
_SIGNS = {"Add": "+", "Import": "+", "Remove": "-"}
_CONSEQUENCE = "CANCELLED", "cancelled"
#: A change that the same words tell in every language, and what may be added to it.
_CHANGE = "{sign} {what}{more}"
_IMPORTED = Phrase(ja=": このまま引き継ぎます", en=": taken over as it is")
#: Value of ``Replacement`` → what it means.
_REPLACED = {
    "True": Phrase(ja=": 新しいものに【置き換わります】", en=": REPLACED by a new one"),
    "Conditional": Phrase(ja=": 【置き換わる】ことがあります", en=": perhaps REPLACED"),
}


@dataclass(frozen=True)
class Wanted:
    """What a stack is to become.

    Attributes:
        template: ``TemplateBody`` or ``TemplateURL`` and its value.
        parameters: names that the template has, in their order.
        values: those that are given; the others stay as they are, or have their default.
        adopts: whether a table that is there is taken into a new stack.
    """

    template: Mapping[str, str]
    parameters: list[str]
    values: Mapping[str, str] = field(default_factory=dict)
    adopts: bool = False


class Stack:
    """A stack of this account and Region, there or not."""

    def __init__(self, aws: Aws, name: str) -> None:
        self.aws = aws
        self.name = name

    def found(self) -> dict[str, Any] | None:
        """Return what DescribeStacks says of it, None if there is none."""
        try:
            answer = self.aws.call("cloudformation", "describe_stacks", StackName=self.name)
        except AwsError as error:
            if error.code == "ValidationError" and "does not exist" in error.message:
                return None
            raise
        found: dict[str, Any] = answer["Stacks"][0]
        return found

    @property
    def status(self) -> str | None:
        """Its status, None if there is none."""
        found = self.found()
        return found["StackStatus"] if found else None

    @property
    def is_dead(self) -> bool:
        """Whether a failed creation or deletion left it, so that it has to be deleted first."""
        return self.status in _DEAD

    def values(self) -> dict[str, str]:
        """Return the parameters that it has now."""
        found = self.found() or {}
        given = found.get("Parameters", []) if found.get("StackStatus") != _EMPTY else []
        return {one["ParameterKey"]: one["ParameterValue"] for one in given}

    # ------------------------------------------------------------- change

    def plan(self, wanted: Wanted) -> "ChangeSet | None":
        """Return the change set that makes it so; None if nothing would change.

        Raises:
            OperatorError: it cannot be changed now, or CloudFormation refuses.
        """
        status = self.status
        self._expect_quiet(status)
        before = self.values()
        change_set = ChangeSet(self, is_new=status in (None, _EMPTY))
        named = {"StackName": self.name, "ChangeSetName": change_set.name}
        self.aws.call(
            "cloudformation",
            "create_change_set",
            **named,
            ChangeSetType="CREATE" if change_set.is_new else "UPDATE",
            Capabilities=["CAPABILITY_IAM"],
            Parameters=list(_parameters(wanted, before)),
            **wanted.template,
            **({"ImportExistingResources": True} if wanted.adopts else {}),
        )
        while (answer := self.aws.call("cloudformation", "describe_change_set", **named))[
            "Status"
        ] not in ("CREATE_COMPLETE", "FAILED"):
            self.aws.pause(_SECONDS_BETWEEN_LOOKS)
        if answer["Status"] == "CREATE_COMPLETE":
            return change_set
        change_set.drop()
        reason = answer.get("StatusReason", "")
        if any(one in reason for one in _NOTHING):
            return None
        raise OperatorError(f"stack {self.name} cannot be changed: {reason}", "mend that first")

    def _expect_quiet(self, status: str | None) -> None:
        if status == "UPDATE_ROLLBACK_FAILED":
            raise OperatorError(
                f"stack {self.name} is in {status}",
                f"aws cloudformation continue-update-rollback --stack-name {self.name}",
            )
        if status and status.endswith("_IN_PROGRESS") and status != _EMPTY:
            raise OperatorError(
                f"stack {self.name} is just being changed ({status})",
                f"wait for its end (aws cloudformation describe-stack-events --stack-name"
                f" {self.name}), then run the command again",
            )

    def delete(self) -> None:
        """Delete it, and wait until it is gone.

        Raises:
            OperatorError: CloudFormation could not delete all of it.
        """
        found = self.found()
        if found is None:
            return
        self.aws.call("cloudformation", "delete_stack", StackName=self.name)
        status = self._settled()
        if status not in (None, "DELETE_COMPLETE"):
            raise OperatorError(
                f"stack {self.name} could not be deleted: {'; '.join(self.failures())}",
                "mend that, then run the command again",
            )

    def _settled(self) -> str | None:
        while (status := self.status) and status.endswith("_IN_PROGRESS"):
            self.aws.pause(_SECONDS_BETWEEN_LOOKS)
        return status

    def failures(self) -> list[str]:
        """Return which resources failed last, and why; not those that were only cut short."""
        events = self.aws.members(
            "cloudformation", "describe_stack_events", "StackEvents", StackName=self.name
        )
        found: list[str] = []
        for event in events:
            reason = event.get("ResourceStatusReason", "")
            status = event["ResourceStatus"]
            if event["LogicalResourceId"] == self.name:
                if reason == "User Initiated" and not status.startswith("ROLLBACK"):
                    break  # the beginning of the last attempt
            elif status.endswith("_FAILED") and not any(one in reason for one in _CONSEQUENCE):
                found.insert(0, f"{event['LogicalResourceId']}: {reason}")
        return found


@dataclass
class ChangeSet:
    """What would change in a stack; it is executed or dropped."""

    stack: Stack
    is_new: bool
    name: str = field(default_factory=lambda: f"make-deploy-{secrets.token_hex(4)}")

    def lines(self) -> Iterator[Sentence]:
        """Yield what would change, as people read it."""
        aws, name = self.stack.aws, self.stack.name
        changes = [
            one["ResourceChange"]
            for one in aws.members(
                "cloudformation",
                "describe_change_set",
                "Changes",
                StackName=name,
                ChangeSetName=self.name,
            )
        ]
        if self.is_new:
            ja, en = "スタック{name}の作成: {n}件の変更", "create stack {name}: {n} changes"
        else:
            ja, en = "スタック{name}の更新: {n}件の変更", "update stack {name}: {n} changes"
        yield sentence(ja, en, name=name, n=len(changes))
        # A new stack is shown by kinds, or it would fill the screen.
        added = Counter(one["ResourceType"] for one in changes if one["Action"] == "Add")
        for kind, number in sorted(added.items()):
            if self.is_new:
                yield sentence(_CHANGE, _CHANGE, sign="+", what=f"{number} {kind}", more="")
        for one in changes:
            if not (self.is_new and one["Action"] == "Add"):
                yield line_of(one)

    def execute(self, tell: Callable[[Sentence], object]) -> None:
        """Execute it, and wait for the end.

        Raises:
            OperatorError: it failed and was rolled back.
        """
        aws, stack = self.stack.aws, self.stack
        named = {"StackName": stack.name, "ChangeSetName": self.name}
        aws.call("cloudformation", "execute_change_set", **named)
        if self.is_new:
            ja, en = "{name}を作成しています。数分かかることがあります …", "Creating {name}"
        else:
            ja, en = "{name}を更新しています。数分かかることがあります …", "Updating {name}"
        tell(sentence(ja, f"{en}; this may take minutes …", name=stack.name))
        # The status of before may still be there for a moment.
        aws.pause(_SECONDS_BETWEEN_LOOKS)
        status = stack._settled()
        if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return
        what = "created" if self.is_new else "updated"
        way_out = "mend that, then run the same command again"
        raise OperatorError(
            f"stack {stack.name} could not be {what}; CloudFormation took everything back"
            f" ({status}):",
            f"{way_out}: it asks to delete what is left of the failed stack, and goes on"
            if self.is_new
            else way_out,
            stack.failures(),
        )

    def drop(self) -> None:
        """Delete it; and the empty stack that was made for it."""
        named = {"StackName": self.stack.name, "ChangeSetName": self.name}
        self.stack.aws.call("cloudformation", "delete_change_set", **named)
        if self.is_new:
            self.stack.delete()


def line_of(change: Mapping[str, Any]) -> Sentence:
    """Return one change as people read it."""
    imported = change["Action"] == "Import"
    return sentence(
        _CHANGE,
        _CHANGE,
        sign=_SIGNS.get(change["Action"], "~"),
        what=f"{change['LogicalResourceId']} ({change['ResourceType']})",
        more=_IMPORTED if imported else _REPLACED.get(change.get("Replacement", ""), ""),
    )


def _parameters(wanted: Wanted, before: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for name in wanted.parameters:
        if name in wanted.values:
            yield {"ParameterKey": name, "ParameterValue": wanted.values[name]}
        elif name in before:
            yield {"ParameterKey": name, "UsePreviousValue": True}
