"""What goes wrong in a run apart from its datasets: as programs read it, and as people do."""

import re

from qsrefresh.language import Phrase, Sentence
from qsrefresh.meanings import (
    bare_name,
    complaint,
    field_meaning,
    headline,
    meaning_of_end,
    meaning_of_step,
    named,
)
from qsrefresh.refreshes import Trouble
from qsrefresh.registrations import Problem

_PLACE = re.compile(r"datasets\[([0-9]+)\]")
_HOW = {"ABORTED": "it was stopped", "TIMED_OUT": "it ran out of time"}
_FAILED = "it ended with an unexpected error"
_STOPPED_IN = Phrase(ja="ステップ「{step}」の途中でした。", en="That was in the step {step}.")


def step_failed(step: str, error: str, cause: str = "", times: int = 1) -> Trouble:
    """Return that a step failed for good, and how often it was tried."""
    often = f", {times} times" if times > 1 else ""
    more = f": {cause}" if cause else ""
    values = {"step": step, "error": bare_name(error)}
    return Trouble(
        f"the step {step} failed with {error}{often}{more}",
        Sentence(headline("step_failed"), values),
        meaning_of_step(error, cause),
        cause,
        (("error", bare_name(error)),),
    )


def died(status: str, error: str, cause: str, last_step: str, more: str = "") -> Trouble:
    """Return that a run ended where it could not tell of it: how, why, in which step."""
    told = ": ".join(part for part in (error, cause) if part and part != "Unknown")
    place = f" in the step {last_step}" if last_step else ""
    fact = f"{_HOW.get(status, _FAILED)}{place}" + (f" ({told})" if told else "") + more
    where = Sentence(_STOPPED_IN, {"step": last_step}) if last_step else None
    return Trouble(fact, where, meaning_of_end(status), told)


def wrong_registration(folder: str, problem: Problem) -> Trouble:
    """Return what is wrong with a registration."""
    number = _PLACE.search(problem.field)
    key = problem.field.rpartition(".")[2]
    return Trouble(
        f"registration: {problem.field} {problem.text}",
        Sentence(headline("registration"), {"field": problem.field, "folder": folder}),
        complaint(problem.cause),
        values=(
            *problem.values,
            ("key", key),
            ("meaning", field_meaning(key)),
            ("number", int(number[1]) + 1 if number else None),
        ),
    )


def unregistered(folder: str | None, watched: str | None) -> Trouble:
    """Return that nothing is registered for a folder, nor for one above."""
    return Trouble(
        f"nothing is registered for {folder}, nor for a folder above",
        Sentence(headline("unregistered"), {"upload_folder": folder or "-"}),
        named("unregistered"),
        values=(("watched_folder", watched or "-"),),
    )
