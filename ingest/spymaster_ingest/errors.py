"""The error that a user of the command line reads."""

from __future__ import annotations

import json
import sys

from spymaster_ingest.plain_text import plain, shortened

# base classes of library errors about a failed file or query; looked up in sys.modules, because
# importing the libraries takes longer than most commands
_LIBRARIES = {"duckdb": "Error", "pyarrow": "ArrowException"}
_REMEDY = "`spymaster verify` says which files of the lake are damaged"


class SpymasterError(Exception):
    """A problem the user can act on, in one line: where, what and why, what to do.

    The command line prints the line to stderr and exits with status 1. It treats errors of the
    system, DuckDB, Arrow and JSON alike, see ``as_one_line``. Any other exception is a defect and
    keeps its traceback.
    """

    def __init__(self, where: object, why: str, remedy: str | None = None) -> None:
        self.where = str(where)
        self.why = why
        self.remedy = remedy
        # what a user typed may be long, and hold line breaks and what acts on a terminal
        line = f"{shortened(self.where)}: {shortened(why)}" + (f" ({remedy})" if remedy else "")
        super().__init__(plain(" ".join(line.split())))

    def __reduce__(self) -> tuple[type[SpymasterError], tuple[str, str, str | None]]:
        """Let another process raise it."""
        return type(self), (self.where, self.why, self.remedy)


def as_one_line(error: Exception) -> str | None:
    """Return an error as the line that is shown to the user; None for a defect of ours."""
    if isinstance(error, SpymasterError):
        return str(error)
    if isinstance(error, UnicodeError):
        line = f"a name or a text is no UTF-8: {error}"
    elif isinstance(error, OSError):
        line = f"{error.filename or 'the system'}: {error.strerror or error}"
    elif isinstance(error, json.JSONDecodeError):
        line = f"a JSON document cannot be read: {error} ({_REMEDY})"
    elif any(isinstance(error, kind) for kind in _library_errors()):
        line = f"{type(error).__module__.lstrip('_').partition('.')[0]}: {error} ({_REMEDY})"
    else:
        return None
    return plain(shortened(" ".join(line.split())))


def _library_errors() -> list[type[Exception]]:
    loaded = {name: sys.modules.get(name) for name in _LIBRARIES}
    # a library that is still being imported has no errors yet
    kinds = [getattr(module, _LIBRARIES[name], None) for name, module in loaded.items()]
    return [kind for kind in kinds if kind is not None]


def one_line(error: BaseException) -> str:
    """Return an error's message without line breaks, its type when it has none."""
    return " ".join(str(error).split()) or type(error).__name__
