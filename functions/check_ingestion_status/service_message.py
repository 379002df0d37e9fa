"""What a service said about a failure: both ends of a long message, and its request id."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from language import Phrase, Voice
from payload import count, text
from safe_text import NAME_LIMIT, one_line, shorten

# A message up to this many characters is shown whole; of a longer one, both ends are.
LIMIT, START, END = 300, 110, 170

# What Step Functions adds to the message of a service: seen on AWS, documented nowhere.
_ADDED = re.compile(
    r"\s*\((?:Service: )[^()]*?Request ID: (?P<request_id>[^\s,;()]+)[^()]*\)"
    r"(?:\s*\(SDK Attempt Count: \d+\))?\s*$"
)

WORDS = {
    "whole": Phrase(ja="「{text}」", en='"{text}"'),
    "cut": Phrase(
        ja="「{start} …［{left_out}字省略］… {end}」",
        en='"{start} …[{left_out} characters left out]… {end}"',
    ),
    "length": Phrase(ja="（全{n}字）", en=" ({n} characters)"),
    "equal": Phrase(ja="（{n}件とも同じ）", en=" (the same for all {n})"),
    "quicksight": Phrase(
        ja="QuickSightのメッセージ{note}: {words}", en="QuickSight's message{note}: {words}"
    ),
    "step": Phrase(ja="メッセージ{note}: {words}", en="Message{note}: {words}"),
    "request_id": Phrase(ja="リクエストID: {request_id}", en="Request id: {request_id}"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A message: its start, where something was left out its end, and how long it was."""

    start: str = ""
    end: str = ""
    length: int = 0
    request_id: str = ""

    @property
    def text(self) -> str:
        """What is known of the message, to look for words in it."""
        return f"{self.start} {self.end}" if self.end else self.start

    def line(self, voice: Voice, speaker: str, datasets: int = 1) -> str:
        """Return the line of the mail; `speaker` is one of WORDS, quicksight or step."""
        note = voice.say(WORDS["length"], n=self.length) if self.end else ""
        if datasets > 2:
            note += voice.say(WORDS["equal"], n=datasets)
        left_out = max(self.length - len(self.start) - len(self.end), 0)
        cut = {"start": self.start, "end": self.end, "left_out": left_out, "text": self.start}
        words = voice.say(WORDS["cut" if self.end else "whole"], **cut)
        return voice.say(WORDS[speaker], note=note, words=words)

    def request_line(self, voice: Voice) -> str:
        """Return the line that a question to AWS Support needs; empty if no id is known."""
        if not self.request_id:
            return ""
        return voice.say(WORDS["request_id"], request_id=self.request_id)


NOTHING = Said()


def read_said(error: Mapping[str, Any]) -> Said:
    """Read what the state machine kept of a message: `message`, or its `end` and `length` too."""
    start, end = text(error.get("message")) or "", text(error.get("end")) or ""
    request_id = text(error.get("requestId")) or ""
    if end:
        length = max(count(error.get("length")) or 0, len(start) + len(end))
        return Said(one_line(start), one_line(end), length, shorten(request_id, NAME_LIMIT))
    return said(start, request_id)


def said(message: str, request_id: str = "") -> Said:
    """Return a whole message as the mail shows it."""
    if added := _ADDED.search(message):
        message = message[: added.start()]
        request_id = request_id or added["request_id"]
    request_id = shorten(request_id, NAME_LIMIT)
    line = one_line(message)
    if len(line) <= LIMIT:
        return Said(line, request_id=request_id, length=len(line))
    return Said(line[:START], line[-END:], len(line), request_id)
