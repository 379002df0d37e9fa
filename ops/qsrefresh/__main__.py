"""``python -m qsrefresh`` is ``qsrefresh``."""

import sys

from qsrefresh.cli import run

if __name__ == "__main__":
    sys.exit(run())
