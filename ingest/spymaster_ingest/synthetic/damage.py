"""Days that went wrong on purpose: what the pipeline must get over.

What happens to the market itself (a halt, a cleared book) is part of the day's plan; what
happens to the recording (a gap) is cut out of the records afterwards. The truth always tells
what the market did.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from spymaster_ingest.errors import SpymasterError


@dataclass(frozen=True)
class Damage:
    """What goes wrong; local times of the plan's zone, None leaves it out.

    Attributes:
        gap_start, gap_seconds: events of this time are missing, and the first ones after it
            carry MAYBE_BAD_BOOK.
        clear_at: the venue clears the book and everybody enters their orders again.
        halt_start, halt_seconds: trading stops, then orders gather, then the market opens anew.
        gathering_seconds: the last part of a halt, in which orders gather.
    """

    gap_start: dt.time | None = None
    gap_seconds: int = 120
    clear_at: dt.time | None = None
    halt_start: dt.time | None = None
    halt_seconds: int = 300
    gathering_seconds: int = 120


# what the command line offers
DAMAGES = {
    "gap": {"gap_start": dt.time(10, 5)},
    "clear": {"clear_at": dt.time(9, 55)},
    "halt": {"halt_start": dt.time(10, 12)},
}


def damage_of(names: list[str]) -> Damage:
    """Return the damage with some names of DAMAGES.

    Raises:
        SpymasterError: for a name that is not among them.
    """
    if unknown := [name for name in names if name not in DAMAGES]:
        raise SpymasterError(", ".join(unknown), f"not one of {', '.join(DAMAGES)}")
    merged: dict[str, Any] = {}
    for name in names:
        merged |= DAMAGES[name]
    return Damage(**merged)
