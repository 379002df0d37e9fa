"""Other people's text made safe to show: what does not show is told by its number, [U+200B].

Which characters do not show is decided as in ``functions/check_ingestion_status/safe_text.py``.
"""

import re
import unicodedata

# Unicode, "General Category": control, format, surrogates, unassigned, line and paragraph ends.
_UNSEEN_CATEGORIES = ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")
# Unicode, "Default Ignorable Code Points": what shows nothing although its category would.
_FILLER = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_PLAIN_SPACES = " \u3000"
#: What breaks a line, or takes some of it, in text that has a right to do so: a service's message.
_WHITE = re.compile(r"\r\n|[\n\r\t]")


def unseen(character: str) -> bool:
    """Tell whether a character shows nothing, or another width than its reader expects."""
    category = unicodedata.category(character)
    odd_space = category == "Zs" and character not in _PLAIN_SPACES
    return odd_space or category in _UNSEEN_CATEGORIES or bool(_FILLER.match(character))


def visible(text: str) -> str:
    """Return a text with each character that does not show by its number."""
    if text.replace("\u3000", "").isprintable() and not _FILLER.search(text):
        return text
    return "".join(f"[U+{ord(one):04X}]" if unseen(one) else one for one in text)


def printable(text: str) -> str:
    """Return a text of several lines in which nothing hides, or commands a terminal."""
    return "\n".join(visible(line.replace("\t", " ")) for line in text.split("\n"))


def one_line(text: str) -> str:
    """Return a text that cannot forge a line of what we write."""
    return visible(_WHITE.sub(" ", text))
