"""Refuse a name of a lake's file that there is not, with the nearest that there are."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from spymaster_ingest.errors import SpymasterError

# names that an error lists
_LISTED = 12


def require_near(path: Path, what: str, name: Any, there: Iterable[str]) -> None:
    """Raise a SpymasterError unless a name is one of those that there are.

    Args:
        path: of the file.
        what: the noun of what is named.
        name: as it was written.
        there: all names.
    """
    names = list(there)
    if name in names:
        return
    near = difflib.get_close_matches(str(name), names, n=3)
    raise SpymasterError(
        path,
        f"there is no {what} {name!r}",
        f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {_text(names)}",
    )


def _text(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= _LISTED else f"{', '.join(names[:_LISTED])} and others"
