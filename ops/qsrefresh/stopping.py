"""What a change of registrations stops: datasets that files of a folder refresh no longer. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from qsrefresh.registrations import Change, Item, dataset_names, is_ignored, nearest


def stops(registered: Mapping[str, Item], changes: Iterable[Change]) -> list[str]:
    """Return what stops, in words, a text for each folder whose files refresh less than before."""
    changes = list(changes)
    after = dict(registered)
    for change in changes:
        after.pop(change.folder, None)
        if change.after is not None:
            after[change.folder] = change.after
    return [text for change in changes for text in _stops(change.folder, registered, after)]


def _stops(folder: str, before: Mapping[str, Item], after: Mapping[str, Item]) -> Iterator[str]:
    if not folder.endswith("/"):
        return  # no file is in such a folder
    was, becomes = _refreshed(folder, before), _refreshed(folder, after)
    gone = [name for one, name in was.items() if one not in becomes]
    if not gone:
        return
    listed = ", ".join(gone)
    if becomes:
        yield f"files in {folder} will no longer refresh {listed}"
        return
    counts = nearest(folder, after)
    ignored = counts is not None and is_ignored(after[counts])
    told = "and no mail will say so" if ignored else "and an ERROR mail will say so each time"
    yield f"files in {folder} will refresh nothing any more (now: {listed}), {told}"


def _refreshed(folder: str, registered: Mapping[str, Item]) -> dict[str, str]:
    """Return the datasets that files of a folder refresh, id → name."""
    counts = nearest(folder, registered)
    if counts is None or is_ignored(registered[counts]):
        return {}
    return dataset_names(registered[counts])
