"""The entry point of ``qsrefresh``, and how Ctrl-C ends it."""

import sys

_EXIT_INTERRUPTED = 130


def run() -> int:
    """Run the command; Ctrl-C ends it quietly, even while it is loaded."""
    try:
        # The SDK takes a while, and so does what stands on it.
        from qsrefresh import command_line

        return command_line.run()
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return _EXIT_INTERRUPTED
