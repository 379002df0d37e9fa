"""What a chat shows of a run: a custom notification of Amazon Q Developer in chat applications."""

from collections.abc import Iterator
from typing import Any

from caution import caution
from dashboards import dashboards
from first import first
from language import Language, Voice
from mail import subject
from names import folder_name
from result import result
from run import Run
from safe_text import shorten
from verdict import Verdict

# Amazon Q Developer in chat applications administrator guide, "Custom notifications".
TITLE_LIMIT = 250
# The guide allows 8,000; a chat shows the first screen, the mail tells the rest.
DESCRIPTION_LIMIT = 2000
_LINE_LIMIT = 500


def notification(verdict: Verdict, run: Run, language: Language) -> dict[str, Any]:
    """Return the mail's subject and first answers for a chat, in `language`."""
    voice = Voice(language, run.facts())
    title = subject(voice, verdict)
    if name := folder_name(run):
        title = f"{title} - {name}"
    lines = [_in_chat(line, _LINE_LIMIT) for line in _answers(voice, verdict, run)]
    link = run.execution_link() or ""
    description = "\n\n".join(filter(None, [*lines, link]))
    content = {
        "textType": "client-markdown",
        "title": _in_chat(title, TITLE_LIMIT),
        "description": description[:DESCRIPTION_LIMIT],
    }
    return {"version": "1.0", "source": "custom", "content": content}


def _answers(voice: Voice, verdict: Verdict, run: Run) -> Iterator[str]:
    odd = caution(voice, verdict.outcomes, run)
    if odd:
        yield odd
    yield result(voice, verdict, run)
    if odd or not verdict.refreshed:
        yield dashboards(voice, verdict, run)
        yield first(voice, verdict, run)


def _in_chat(text: str, limit: int) -> str:
    """Return a line in which no name can become a mention or a link.

    Slack writes both as <...>, Markdown writes links as [text](address).
    """
    shown = shorten(text, limit).replace("<", "‹").replace(">", "›")
    return shown.replace("](", "]‹")
