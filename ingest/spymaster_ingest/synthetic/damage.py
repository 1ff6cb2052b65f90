"""Damaged days that the pipeline must handle.

Damage of the market itself (a halt, a cleared book) is part of the day's plan; damage of the
recording (a gap) is cut out of the records afterwards. The truth always holds what the market did.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from spymaster_ingest.errors import SpymasterError


@dataclass(frozen=True)
class Damage:
    """Damage of a day, in local times of the plan's zone; None leaves it out.

    Attributes:
        gap_start, gap_seconds: events of this time are missing, and the first events after it
            carry MAYBE_BAD_BOOK.
        clear_at: the venue clears the book and all participants enter their orders again.
        halt_start, halt_seconds: trading stops, then orders gather, then the market reopens.
        gathering_seconds: the last part of a halt, in which orders gather.
    """

    gap_start: dt.time | None = None
    gap_seconds: int = 120
    clear_at: dt.time | None = None
    halt_start: dt.time | None = None
    halt_seconds: int = 300
    gathering_seconds: int = 120


# choices of the command line
DAMAGES = {
    "gap": {"gap_start": dt.time(10, 5)},
    "clear": {"clear_at": dt.time(9, 55)},
    "halt": {"halt_start": dt.time(10, 12)},
}


def damage_of(names: list[str]) -> Damage:
    """Return the combined damage of some names of DAMAGES.

    Raises:
        SpymasterError: for an unknown name.
    """
    if unknown := [name for name in names if name not in DAMAGES]:
        raise SpymasterError(", ".join(unknown), f"not one of {', '.join(DAMAGES)}")
    merged: dict[str, Any] = {}
    for name in names:
        merged |= DAMAGES[name]
    return Damage(**merged)
