"""Product roots and their tick, from the project's ``instruments`` seed."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import PROJECT_ROOT

INSTRUMENTS_SEED = PROJECT_ROOT / "seeds" / "instruments.csv"

# The exchange's symbols of outright futures: root, month letter, one or two digits of the year.
_OUTRIGHT = re.compile(r"([A-Z0-9]+)[FGHJKMNQUVXZ]\d{1,2}")


def read_ticks(seed: Path = INSTRUMENTS_SEED) -> Mapping[str, int]:
    """Return the tick of every known root, in 1e-9 units of price (seed ``instruments``).

    Raises:
        SpymasterError: the seed is missing or has a line that cannot be read.
    """
    try:
        with seed.open(newline="") as lines:
            return {row["root"]: int(row["tick_int"]) for row in csv.DictReader(lines)}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise SpymasterError(seed, f"the instruments seed cannot be read: {error}") from error


def outright_root(symbol: str) -> str | None:
    """Return the root of a symbol that looks like an outright future, else None."""
    match = _OUTRIGHT.fullmatch(symbol)
    return match.group(1) if match else None
