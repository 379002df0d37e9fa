"""Name the folder, the file and the datasets in the first lines of a mail."""

import re
import unicodedata
from collections.abc import Sequence

from language import Phrase, Voice
from meanings import THE_FILE
from run import Run
from safe_text import NAME_LIMIT, has_hidden, shorten, shorten_start
from verdict import Outcome

FIRST_LINES_LIMIT = 30
_FILE_LIMIT = 60
_MOST = 3
_WORD = re.compile(r"[\w.-]+")
_QUOTED = Phrase(ja="「{name}」", en='"{name}"')
_COUNTED = Phrase(ja="{n}件", en="{n} datasets")
_AND = Phrase(ja="と", en=" and ")
_COMMA = Phrase(ja="、", en=", ")


def dataset_name(outcome: Outcome, limit: int = NAME_LIMIT) -> str:
    """Return what people call a dataset, or else its id; empty if it has neither."""
    dataset = outcome.dataset
    name = shorten(dataset.name, limit)
    return name if name.strip() else shorten_start(dataset.id, limit)


def dataset_names(voice: Voice, outcomes: Sequence[Outcome]) -> str:
    """Return up to three datasets by their names in quotes, more of them by their number."""
    names = [dataset_name(outcome, FIRST_LINES_LIMIT) for outcome in outcomes[:_MOST]]
    if len(outcomes) > _MOST or not all(names):
        return voice.say(_COUNTED, n=len(outcomes))
    quoted = [voice.say(_QUOTED, name=name) for name in names]
    return voice.say(_AND).join([voice.say(_COMMA).join(quoted[:-1]), quoted[-1]][-len(quoted) :])


def folder_name(run: Run) -> str:
    """Return the folder's last name if it is short and cannot be taken for anything else."""
    name = unicodedata.normalize("NFC", (run.folder or "").rstrip("/").rpartition("/")[2])
    fits = len(name) <= FIRST_LINES_LIMIT and _WORD.fullmatch(name) and not has_hidden(name)
    return name if fits else ""


def file_name(run: Run) -> str | Phrase:
    """Return the name of the file that was added, THE_FILE if there are several or none."""
    trigger = run.trigger
    name = shorten_start((trigger.key or "").rpartition("/")[2], _FILE_LIMIT)
    one = trigger.kind == "Object Created" and trigger.file_events == 1 and not run.continues
    return name if name and one else THE_FILE
