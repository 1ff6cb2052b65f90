"""Python's search for reference cycles, which would walk the parsed project again and again."""

from __future__ import annotations

import gc

# net new objects from which Python looks for cycles; thresholds of the older generations
_THRESHOLDS = (20_000, 20, 100)


def look_for_cycles_less() -> None:
    """Look for reference cycles less often: a run of dbt keeps nearly all that it makes."""
    gc.set_threshold(*_THRESHOLDS)
