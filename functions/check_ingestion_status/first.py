"""The line 【まず】 / FIRST: the one thing to do first, the easiest one."""

from language import Phrase, Voice
from names import dataset_names, file_name
from run import Run
from safe_text import NAME_LIMIT, hidden_in, shorten_place
from unregistered import TYPE_IT
from verdict import Kind, Oddity, Outcome, Verdict

WORDS = {
    "first": Phrase(ja="【まず】{text}", en="FIRST: {text}"),
    "others": Phrase(ja="ほかの失敗は下にあります。", en="For the other failures see below."),
    "about": Phrase(ja="{name}: {text}", en="{name}: {text}"),
    "follows": Phrase(
        ja="{names}は、次の更新で自動的に続きます。",
        en="The next refresh goes on with {names}.",
    ),
    "gap": Phrase(ja="", en=" "),
    "hidden_id": Phrase(
        ja="登録のIDにある、見えない文字 {hidden} を消してください。",
        en="Delete the character that one cannot see, {hidden}, from the registered id.",
    ),
    "no_rows": Phrase(
        ja="空でよいか確かめてください。意図しないときは、ファイルが見出し行だけになっていないか見て、"
        "正しいファイルを同じフォルダに置き直してください。",
        en="Check whether empty is right. If not, see whether the file holds nothing but its header"
        " line, and put the right file into the same folder again.",
    ),
    "all_skipped": Phrase(
        ja="{file}の列の並び、見出し行、区切り文字が前回と同じか確かめ、直したファイルを同じフォルダに"
        "置き直してください。",
        en="Check that the columns, the header line and the delimiter of {file} are those of the"
        " last file, and put the corrected file into the same folder again.",
    ),
    "dropped": Phrase(
        ja="{file}が途中で切れていないか確かめてください。切れていれば、完全なファイルを同じフォルダに"
        "置き直してください。意図した減少なら、何もする必要はありません。",
        en="Check whether {file} is cut off. If it is, put the complete file into the same folder"
        " again. If fewer rows are right, nothing is to be done.",
    ),
}


def first(voice: Voice, verdict: Verdict, run: Run) -> str:
    """Return the line that says what to do, and where that depends on it, about which dataset."""
    file = file_name(run)
    kept_back = [one for one in verdict.outcomes if one.kind is Kind.NOT_STARTED]
    bad = [one for one in verdict.outcomes if one.kind not in (Kind.GOOD, Kind.NOT_STARTED)]
    causes = {outcome.key for outcome in bad}
    if verdict.problems:
        problem = verdict.problems[0]
        said = [voice.say(problem.first, **{**problem.values, "file": file})]
        if len(verdict.problems) > 1 or causes:
            said.append(voice.say(WORDS["others"]))
    elif bad:
        said = [_about(voice, bad, of_several=len(causes) > 1 or bool(kept_back), file=file)]
        if kept_back:
            said.append(voice.say(WORDS["follows"], names=dataset_names(voice, kept_back)))
        if len(causes) > 1:
            said.append(voice.say(WORDS["others"]))
    else:
        said = [_on_odd_data(voice, verdict.outcomes[0], file)]
    return voice.say(WORDS["first"], text=voice.say(WORDS["gap"]).join(said))


def hidden_id(voice: Voice, outcome: Outcome) -> str:
    """Return what to do about an id with a character that nobody sees, else an empty text."""
    hidden = " ".join(hidden_in(outcome.dataset.id))
    return voice.say(WORDS["hidden_id"], hidden=hidden) if hidden else ""


def _about(voice: Voice, bad: list[Outcome], *, of_several: bool, file: str | Phrase) -> str:
    outcome = bad[0]
    if outcome.oddity in (Oddity.EMPTY, Oddity.MAYBE_EMPTY) and outcome.skipped:
        return voice.say(WORDS["all_skipped"], file=file)
    text = hidden_id(voice, outcome)
    if not text and outcome.meaning:
        values = {"file": file, "permission": outcome.permission}
        values["dataset_id"] = shorten_place(outcome.dataset.id, NAME_LIMIT)
        values["error"] = outcome.meaning.type
        text = voice.say(outcome.meaning.first, **values)
    alike = [one for one in bad if one.key == outcome.key]
    if not of_several:
        return text
    return voice.say(WORDS["about"], name=dataset_names(voice, alike), text=text)


def _on_odd_data(voice: Voice, outcome: Outcome, file: str | Phrase) -> str:
    if outcome.oddity is None:  # then the file lies in a folder that only looks the same
        return voice.say(TYPE_IT)
    dropped = outcome.oddity is Oddity.DROPPED
    return voice.say(WORDS["dropped" if dropped else "no_rows"], file=file)
