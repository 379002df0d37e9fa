"""How many examples a property test tries: a few in ``make test``, many more in ``make fuzz``."""

import os

from hypothesis import settings

#: ``make fuzz`` sets it.
FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))


def examples(count: int) -> settings:
    """Return the settings of a test that tries ``count`` examples in ``make test``."""
    return settings(max_examples=count * FACTOR)
