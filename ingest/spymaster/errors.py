"""The one kind of error a user of the command line is meant to read."""

from __future__ import annotations


class SpymasterError(Exception):
    """A problem the user can act on, told in one line: where, what and why, what to do.

    The command line prints the line to stderr and exits with status 1. Anything else that
    escapes a command is a defect and keeps its traceback.
    """

    def __init__(self, where: object, why: str, remedy: str | None = None) -> None:
        self.where = str(where)
        self.why = why
        self.remedy = remedy
        super().__init__(f"{where}: {why}" + (f" ({remedy})" if remedy else ""))
