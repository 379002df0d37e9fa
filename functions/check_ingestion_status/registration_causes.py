"""The words about what is wrong with a registration, and how it is mended."""

from language import Phrase

# What is wrong, then the first step, which is also how to mend it: by the name of the complaint.
CAUSES: dict[str, tuple[Phrase, Phrase]] = {
    "datasets_absent": (
        Phrase(
            ja="原因: datasets（データセットの一覧）がありません。",
            en="Cause: datasets (the list of datasets) is missing.",
        ),
        Phrase(
            ja="登録に datasets（リスト）を足し、更新するデータセットを書いてください。",
            en="Add datasets (a list) to the registration, with the datasets to refresh.",
        ),
    ),
    "datasets_not_list": (
        Phrase(
            ja="原因: datasets が一覧（リスト）になっていません。",
            en="Cause: datasets is not a list.",
        ),
        Phrase(
            ja="登録の datasets を、リスト（L）に直してください。",
            en="Make datasets a list (L) in the registration.",
        ),
    ),
    "datasets_empty": (
        Phrase(
            ja="原因: datasets にデータセットが1件もありません。",
            en="Cause: datasets holds no dataset.",
        ),
        Phrase(
            ja="登録の datasets に、更新するデータセットを書き足してください。",
            en="Add the datasets to refresh to datasets in the registration.",
        ),
    ),
    "entry_not_map": (
        Phrase(
            ja="原因: {number}番目のデータセットが、datasetid と datasetname の組になって"
            "いません。",
            en="Cause: dataset number {number} is not a pair of datasetid and datasetname.",
        ),
        Phrase(
            ja="登録の{number}番目のデータセットを、datasetid と datasetname の組（マップ）に"
            "直してください。",
            en="Make dataset number {number} of the registration a map of datasetid and"
            " datasetname.",
        ),
    ),
    "text_missing": (
        Phrase(
            ja="原因: {number}番目のデータセットに {key} がないか、空か、文字列ではありません。",
            en="Cause: dataset number {number} has no {key}, or it is empty or not a text.",
        ),
        Phrase(
            ja="登録の{number}番目のデータセットに、{key}（{meaning}）を書き足してください。",
            en="Add a {key} ({meaning}) to dataset number {number} of the registration.",
        ),
    ),
    "ingestiontype_wrong": (
        Phrase(
            ja="原因: {number}番目のデータセットの ingestiontype が、決められた値ではありません。",
            en="Cause: the ingestiontype of dataset number {number} is none of the allowed values.",
        ),
        Phrase(
            ja="登録の{number}番目のデータセットの ingestiontype を、FULL_REFRESH か"
            " INCREMENTAL_REFRESH にしてください（消してもかまいません）。",
            en="Make the ingestiontype of dataset number {number} FULL_REFRESH or"
            " INCREMENTAL_REFRESH, or take it out.",
        ),
    ),
    "registered_twice": (
        Phrase(
            ja="原因: {number}番目のデータセットは{first_number}番目と同じIDで、二重に登録されて"
            "います（更新は1回だけ行います）。",
            en="Cause: dataset number {number} has the id of number {first_number}: it is"
            " registered twice (and refreshed once).",
        ),
        Phrase(
            ja="登録の{number}番目のデータセットを消してください（{first_number}番目と同じIDです）。",
            en="Take dataset number {number} out of the registration: it has the id of number"
            " {first_number}.",
        ),
    ),
    "ignore_not_boolean": (
        Phrase(
            ja="原因: ignore が true または false になっていません。",
            en="Cause: ignore is neither true nor false.",
        ),
        Phrase(
            ja="登録の ignore を、引用符のない true か false（BOOL）に直すか、消してください。",
            en="Make ignore in the registration true or false without quotes (BOOL), or take it"
            " out.",
        ),
    ),
    "ignored": (
        Phrase(
            ja="原因: このフォルダは ignore: true で登録されているため、何も更新しません。",
            en="Cause: this folder is registered with ignore: true, so nothing is refreshed.",
        ),
        Phrase(
            ja="このフォルダも更新するなら、登録の ignore を消して datasets を書いてください。",
            en="If this folder is to be refreshed, take ignore out of the registration and add"
            " datasets.",
        ),
    ),
    "after_circle": (
        Phrase(
            ja="原因: {number}番目のデータセットの after が循環しているため、"
            "更新を開始できません。",
            en="Cause: after of dataset number {number} goes in a circle, so that it cannot start.",
        ),
        Phrase(
            ja="登録の{number}番目のデータセットの after を見直し、循環をなくしてください。",
            en="Change after of dataset number {number} of the registration, so that nothing comes"
            " after itself.",
        ),
    ),
    "after_unknown": (
        Phrase(
            ja="原因: {number}番目の after にある {parent} は、このフォルダに登録されていません。"
            "待たずに更新しました。",
            en="Cause: after of number {number} names {parent}, which is not registered for this"
            " folder: it was not waited for.",
        ),
        Phrase(
            ja="登録の{number}番目のデータセットの after から {parent} を消すか、そのデータセットも"
            "このフォルダに登録してください。",
            en="Take {parent} out of after of dataset number {number} of the registration, or"
            " register it for this folder too.",
        ),
    ),
    "after_itself": (
        Phrase(
            ja="原因: {number}番目の after に、そのデータセット自身の {parent} があります。"
            "待たずに更新しました。",
            en="Cause: after of number {number} names {parent}, the dataset itself: it was not"
            " waited for.",
        ),
        Phrase(
            ja="登録の{number}番目のデータセットの after から {parent} を消してください。",
            en="Take {parent} out of after of dataset number {number} of the registration.",
        ),
    ),
    "after_not_list": (
        Phrase(
            ja="原因: {number}番目のデータセットの after が、IDの一覧（リスト）になっていません。"
            "IDでないものは待っていません。",
            en="Cause: after of dataset number {number} is not a list of ids. What is no id was not"
            " waited for.",
        ),
        Phrase(
            ja="登録の{number}番目のデータセットの after を、datasetid のリスト（L）に直すか、"
            "消してください。",
            en="Make after of dataset number {number} of the registration a list (L) of datasetids,"
            " or take it out.",
        ),
    ),
    "number_wrong": (
        Phrase(
            ja="原因: {number}番目のデータセットの {key} が、{least}～{most}の整数ではありません。"
            "ないものとして扱いました。",
            en="Cause: {key} of dataset number {number} is no whole number from {least} to {most}."
            " It was left out of account.",
        ),
        Phrase(
            ja="登録の{number}番目のデータセットの {key} を、引用符のない{least}～{most}の整数（N）"
            "に直すか、消してください。",
            en="Make {key} of dataset number {number} of the registration a whole number (N,"
            " without quotes) from {least} to {most}, or take it out.",
        ),
    ),
    "folder_number_wrong": (
        Phrase(
            ja="原因: {key} が、{least}～{most}の整数ではありません。代わりに、スタックのパラメータ"
            " {parameter} を使っています。",
            en="Cause: {key} is no whole number from {least} to {most}. The stack's {parameter} is"
            " used instead.",
        ),
        Phrase(
            ja="登録の {key} を、引用符のない{least}～{most}の整数（N）に直すか、消してください。",
            en="Make {key} in the registration a whole number (N, without quotes) from {least} to"
            " {most}, or take it out.",
        ),
    ),
    "startson_wrong": (
        Phrase(
            ja="原因: startson が、ファイル名になっていません。どのファイルでも更新が始まります。",
            en="Cause: startson is no name of a file. Every file starts a refresh.",
        ),
        Phrase(
            ja="登録の startson を、「/」のないファイル名（文字列。「*」は1つまで）に直すか、"
            "消してください。",
            en='Make startson in the registration the name of a file (a text without "/", with one'
            ' "*" at most), or take it out.',
        ),
    ),
}
MEANINGS = {
    "datasetid": Phrase(
        ja="QuickSightのデータセットのページのURLの末尾",
        en="the end of the address of the dataset's page in QuickSight",
    ),
    "datasetname": Phrase(ja="名前", en="its name"),
}
