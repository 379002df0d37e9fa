"""What is odd about a CSV file that somebody drops: told beside the mail, in a sentence.

QuickSight would not say as much; its mail tells the cause in general words.
"""

import codecs
import csv
import io

from local.services.spice import separator

_SAVE = {
    "en": 'save it as UTF-8 without BOM (Excel\'s "CSV UTF-8" has one)',
    "ja": "「UTF-8（BOMなし）」で保存し直してください（Excelの「CSV UTF-8」はBOM付きです）",
}
_WORDS = {
    "bom": {
        "en": "it begins with a byte-order mark (BOM): {save}",
        "ja": "先頭にBOMが付いています。{save}",
    },
    "utf-16": {"en": "UTF-16? {save}", "ja": "文字コードがUTF-16のようです。{save}"},
    "shift_jis": {"en": "Shift_JIS? {save}", "ja": "文字コードがShift_JISのようです。{save}"},
    "bytes": {"en": "no UTF-8 text: {save}", "ja": "UTF-8ではありません。{save}"},
    "separator": {
        "en": "1 column; is the separator {mark} ? Separate the columns by commas",
        "ja": "列が1つです。区切り文字が「{mark}」のようです。カンマで区切ってください",
    },
    "NUL": {"en": "it holds a NUL character", "ja": "NUL文字が含まれています"},
}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def hint(content: bytes, language: str) -> str | None:
    """Return what seems to be wrong with a file; None: nothing that anybody could guess.

    Args:
        content: the whole file.
        language: ``ja`` or ``en``.
    """
    found, mark = _oddity(content)
    if found is None:
        return None
    return _WORDS[found][language].format(save=_SAVE[language], mark=mark)


def _oddity(content: bytes) -> tuple[str | None, str]:
    if content.startswith(codecs.BOM_UTF8):
        return "bom", ""
    if content.startswith(_UTF_16):
        return "utf-16", ""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return _other_encoding(content), ""
    if "\0" in text:
        return "NUL", ""
    first = next(csv.reader(io.StringIO(text.split("\n", 1)[0])), [])
    mark = separator(first)
    return (None, "") if mark is None else ("separator", {"\t": "TAB"}.get(mark, mark))


def _other_encoding(content: bytes) -> str:
    try:
        content.decode("cp932")
    except UnicodeDecodeError:
        return "bytes"
    return "shift_jis"
