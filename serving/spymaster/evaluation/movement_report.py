"""The report's section on what the book does before key movements."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from spymaster_engine.statistics.evaluation.movement_profile import SHOWN

from spymaster.patterns.catalogue import Catalogue, Row, catalogue_of
from spymaster.patterns.picture import draw_catalogue
from spymaster.patterns.table import CAUTION, STANDARD_ERROR, when_of

_KEY = ("root", "direction", "reading", "derivative", "second")
_PICTURE = "movements.png"
# readings named in the report, of each product
_MOST = 10


def movement_lines(profile: pa.Table, folder: Path) -> list[str]:
    """Return the lines of the report on key movements, and draw their picture.

    Args:
        profile: rows of key_movement_profile.
        folder: folder of the report.
    """
    if not profile.num_rows:
        return []
    ordered = profile.sort_by([(name, "ascending") for name in _KEY])
    catalogue = catalogue_of({name: _column(ordered, name) for name in ordered.column_names})
    draw_catalogue(catalogue, folder / _PICTURE)
    return [
        "## What does the book do before price moves far?",
        "",
        "Readings of the book in each second before key movements, against turns of price in the "
        "same half-hour, of like volatility and spread, without a move nearby. The placebo takes "
        "one of these turns for the movement, by chance; a reading is shown only where its "
        "interval leaves out zero and its difference, counted in standard errors, is larger than "
        "the placebo's largest among all readings, seconds and both directions.",
        "",
        STANDARD_ERROR,
        "",
        *(f"- {line}" for line in catalogue.summaries()),
        *_shown_lines(catalogue),
        "",
        CAUTION,
        "",
        f"![What the book shows before price moves far]({_PICTURE})",
        "",
    ]


def _shown_lines(catalogue: Catalogue) -> list[str]:
    rows = [row for row in catalogue.rows(len(catalogue.courses)) if row["verdict"] == SHOWN]
    return [f"- {_sentence(row)}" for row in rows[:_MOST]]


def _sentence(row: Row) -> str:
    return (
        f"{row['root']}, before moves {row['direction']}, {when_of(row)}: {row['words']} "
        f"({row['mean']:.3g} against {row['matched_mean']:.3g}, {row['z']:+.2f} standard "
        f"deviations, 95 % interval {row['z_lo']:+.2f} to {row['z_hi']:+.2f}; "
        f"{row['welch_t']:+.1f} standard errors)."
    )


def _column(table: pa.Table, name: str) -> np.ndarray:
    """Return a column as numpy holds it, NaN for NULL."""
    return table[name].to_numpy()
