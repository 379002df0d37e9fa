"""What became of the datasets of a run, as a table for people."""

from collections.abc import Sequence

from qsrefresh.meanings import bare_name
from qsrefresh.refreshes import DatasetResult

#: Names of headings, as ``words`` has them.
RESULT_TITLES = ("dataset", "status", "rows", "skipped", "seconds", "error")


def result_rows(datasets: Sequence[DatasetResult]) -> Sequence[tuple[str, ...]]:
    """Return what became of each dataset, for a table."""
    return [
        (
            one.name,
            one.status,
            *map(_shown, (one.rows, one.skipped_rows, one.seconds)),
            ", ".join(map(bare_name, filter(None, (*one.before, one.error_type)))),
        )
        for one in datasets
    ]


def _shown(number: int | None) -> str:
    return "-" if number is None else str(number)
