"""The words about a step of the state machine that failed."""

import json
import re
from collections.abc import Mapping
from typing import Any

from language import UNKNOWN, Phrase
from meanings import bare_name, headline, meaning_of_step
from payload import text
from problem import Problem
from safe_text import NAME_LIMIT, shorten
from service_message import said

_CAUSE = Phrase(ja="原因: {cause}", en="Cause: {cause}")
_NEXT_STEP = Phrase(ja="対処: {next_step}", en="Next step: {next_step}")
_RESULT = Phrase(
    ja="ステップ「{step}」の失敗のため、更新を終えられませんでした。",
    en="the step {step} failed, so the refresh could not be finished.",
)
_DASHBOARDS = Phrase(ja="新しいデータか前回のままか、分かりません。", en="they may be new or old.")


def failed_step(failure: Mapping[str, Any]) -> Problem:
    """Return the problem of a step that failed: its name, its error and what Lambda or AWS said."""
    error = text(failure.get("error")) or ""
    words = said(_said_by_lambda(text(failure.get("cause")) or ""))
    found = meaning_of_step(error, words.text)
    steps = Phrase(
        ja="".join(step.ja for step in found.steps), en=" ".join(step.en for step in found.steps)
    )
    return Problem(
        headline("step_failed"),
        (_CAUSE, _NEXT_STEP) if found.steps else (_CAUSE,),
        first=found.first,
        result=_RESULT,
        dashboards=_DASHBOARDS,
        values={
            "step": shorten(text(failure.get("step")) or "", NAME_LIMIT) or UNKNOWN,
            "error": shorten(bare_name(error), NAME_LIMIT) or UNKNOWN,
            "cause": found.cause,
            "next_step": steps,
        },
        said=words,
        reruns=found.offers_rerun,
    )


def _said_by_lambda(cause: str) -> str:
    """Return the message in a Cause: Lambda wraps it in JSON beside a stack trace, maybe cut."""
    found = re.search(r'"errorMessage"\s*:\s*"((?:[^"\\]|\\.)*)', cause)
    if not found:
        return cause
    try:
        return str(json.loads(f'"{found[1]}"', strict=False))
    except ValueError:
        return found[1]
