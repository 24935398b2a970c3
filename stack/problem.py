"""What the stack's programs tell a person when they cannot go on: one sentence, no stack trace."""

import sys


class Problem(Exception):
    """Says what is wrong and what to do about it."""


def exit_code_of(main):
    """Runs main() and turns a Problem into a line on stderr and exit code 1."""
    try:
        return main()
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
