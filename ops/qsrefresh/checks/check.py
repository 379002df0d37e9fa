"""What the checks look at; each thing is read once."""

from functools import cached_property

from qsrefresh import datasets
from qsrefresh.aws import Aws
from qsrefresh.datasets import Dataset
from qsrefresh.parameter_table import ParameterTable
from qsrefresh.project import Place, Project, Rule, file_rules, stack_parameters
from qsrefresh.registrations import Item, dataset_ids, is_ignored

#: Names in one line; the rest are counted.
SHOWN = 5


class Check:
    """What the checks look at; each thing is read once, when the first check needs it."""

    def __init__(self, aws: Aws, project: Project) -> None:
        self.aws = aws
        self.project = project

    @cached_property
    def rules(self) -> list[Rule]:
        """The rules that start the refresh."""
        return file_rules(self.aws, self.project)

    @cached_property
    def places(self) -> list[Place]:
        """What they watch."""
        return [place for rule in self.rules for place in rule.places]

    @cached_property
    def items(self) -> list[Item]:
        """The registrations."""
        return ParameterTable(self.aws, self.project.table).items()

    @cached_property
    def active(self) -> list[Item]:
        """The registrations that are to refresh something."""
        return [item for item in self.items if not is_ignored(item)]

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The parameters of the refresh stack, as ``stack_parameters`` returns them."""
        return stack_parameters(self.aws, self.project)

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        """The datasets of the account, by id."""
        return {dataset.id: dataset for dataset in datasets.datasets(self.aws)}

    def registered(self, item: Item) -> list[str]:
        """Return the registered datasets of an item that exist and can be refreshed."""
        known = (self.datasets.get(one) for one in dataset_ids(item))
        return [dataset.id for dataset in known if dataset and dataset.refreshable]


def listed(names: list[str]) -> str:
    """Return names for a sentence, those beyond the first few as their number."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
