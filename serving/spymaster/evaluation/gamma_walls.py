"""Gamma walls against other strikes, by the sign of dealers' gamma: rows of eval_gamma_walls.

Dealers who are long gamma hedge against a move, so price should hold at a wall; those who are short
hedge with it, so price should go through. Nobody publishes their sign: both claims are judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.level_placebo import (
    HELD,
    Approaches,
    level_matters,
    placebo_gains,
)
from spymaster_engine.statistics.evaluation.outcome_gains import SUPPORTED
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, TOO_FEW
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

from spymaster.evaluation.conditions import BOTH, DIRECTIONS
from spymaster.evaluation.placebo import WORDS
from spymaster.evaluation.read import bands_of, evaluation_query
from spymaster.evaluation.result_rows import Row
from spymaster.evaluation.result_tables import GAMMA_WALLS, table_of
from spymaster.published import relations_of

_RELATION = "gold.strike_outcomes"
LONG, SHORT = "long", "short"
# what each sign of dealers' gamma says of walls
_CLAIMS = {LONG: HELD, SHORT: "BREAK"}


@dataclass(frozen=True)
class StrikeApproaches:
    """Approaches to strikes of a product; n rows.

    Attributes:
        approaches: day, cell, outcome and whether at a gamma wall.
        direction, band: (n,) names.
    """

    approaches: Approaches
    direction: NDArray[np.str_]
    band: NDArray[np.str_]


def gamma_wall_table(
    connection: duckdb.DuckDBPyConnection,
    roots: Sequence[str],
    horizons: Sequence[str],
    settings: Mapping[str, Any],
) -> pa.Table:
    """Return the rows of eval_gamma_walls.

    Args:
        connection: the published file; the table is empty if it has no approaches to strikes.
        roots: products.
        horizons: horizons of the labels.
        settings: the settings of ``built_settings``.
    """
    rows: list[Row] = []
    if _RELATION in relations_of(connection):
        for root in roots:
            for horizon in horizons:
                scope = {"root": root, "horizon_id": horizon}
                table = connection.execute(
                    evaluation_query("strike_approaches"), scope
                ).to_arrow_table()
                found = strike_approaches(table, settings["distance_bands"])
                rows += gamma_wall_rows(scope, found, settings)
    return table_of(GAMMA_WALLS, rows)


def strike_approaches(
    table: pa.Table, bands: Mapping[str, Sequence[int | None]]
) -> StrikeApproaches:
    """Return approaches to strikes as arrays.

    Args:
        table: session_date, approach_dir, x0_ticks, outcome_reached and is_gamma_wall.
        bands: bands of distance, [from, to] in ticks, None for no end.
    """
    direction = np.array(table["approach_dir"].to_pylist(), dtype=np.str_)
    band = bands_of(np.abs(table["x0_ticks"].to_numpy().astype(np.int64)), bands)
    cells = np.char.add(np.char.add(direction, "|"), band)
    outcome = pc.index_in(table["outcome_reached"], pa.array(CLASSES))
    approaches = Approaches(
        day=np.unique(table["session_date"].to_numpy(), return_inverse=True)[1],
        cell=np.unique(cells, return_inverse=True)[1],
        outcome=outcome.combine_chunks().to_numpy().astype(np.int64),
        is_level=np.array(table["is_gamma_wall"].to_pylist(), np.bool_),
    )
    return StrikeApproaches(approaches, direction, band)


def gamma_wall_rows(
    scope: Row, found: StrikeApproaches, settings: Mapping[str, Any]
) -> Iterator[Row]:
    """Yield the rows of a product and horizon, two of each direction and band.

    Args:
        scope: key columns of the rows.
        found: approaches to strikes.
        settings: the settings of ``built_settings``.
    """
    least, seed = settings["condition_min_episodes"], settings["evaluation_seed"]
    for direction in DIRECTIONS:
        own = np.ones(len(found.direction), np.bool_)
        if direction != BOTH:
            own = found.direction == direction
        for band in (None, *settings["distance_bands"]):
            inside = own if band is None else own & (found.band == band)
            approaches = found.approaches.take(inside).comparable()
            if not len(approaches):
                continue
            gains = placebo_gains(approaches, len(_CLAIMS), seed)
            verdicts = {
                sign: level_matters(approaches, gains[claim], least)
                for sign, claim in _CLAIMS.items()
            }
            for sign, claim in _CLAIMS.items():
                row = {
                    **scope,
                    "approach_dir": direction,
                    "distance_band": band,
                    "dealer_gamma_sign": sign,
                    "n_days": approaches.n_days,
                    "n_episodes": approaches.n_levels,
                    "n_other_strikes": approaches.n_placebos,
                    "difference": gains[claim].gain,
                    "difference_lo": gains[claim].lo,
                    "difference_hi": gains[claim].hi,
                    "verdict": verdicts[sign],
                    "preferred_sign": preferred_sign(verdicts),
                }
                for outcome, word in WORDS.items():
                    row[f"{word}_share"] = gains[outcome].share
                    row[f"other_{word}_share"] = gains[outcome].base_rate
                yield row


def preferred_sign(verdicts: Mapping[str, str]) -> str:
    """Return the sign of dealers' gamma whose claim alone is supported, or why there is none.

    Args:
        verdicts: verdict on the claim of each sign.
    """
    if TOO_FEW in verdicts.values():
        return TOO_FEW
    supported = [sign for sign, verdict in verdicts.items() if verdict == SUPPORTED]
    # more of both holds and breaks is a stronger reaction, but of no sign
    return supported[0] if len(supported) == 1 else NOT_SHOWN
