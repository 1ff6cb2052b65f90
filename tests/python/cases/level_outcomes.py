"""Cases of decisions that are not eligible; those of labels are in `level_labels`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from naive.levels_episodes import Decision
from naive.levels_model import LevelRules
from naive.levels_outcomes import BARRIER_KINDS, has_rows, horizon_ends_s, outcome_row
from naive.levels_paths import Future
from naive.surfaces import second_of
from support.cases import Case, Row, Tables

RULES = LevelRules("ESZ5", None, 1, elapsed_horizons_s=(120,), clock_horizons=())
FAR_TICKS = 99


def twin(given: Tables, _: Case) -> Iterator[Row]:
    for row in given["level_decisions"]:
        decision = Decision(
            second_of(row["window_end_ts"]),
            row["level_id"],
            row["window_valid"],
            row["is_active"],
            row["is_primary"],
            level_tick=0,
            # what is not eligible for no other reason is too far away
            k_ticks=FAR_TICKS,
            sigma_ticks=None,
            approach_dir=row["approach_dir"],
        )
        if not has_rows(decision):
            continue
        rules = replace(RULES, barrier_mode="vol" if row["barrier_ticks"] is None else "fixed")
        for kind in BARRIER_KINDS:
            [end_s] = horizon_ends_s(decision.end_s, rules).values()
            label = outcome_row(decision, kind, end_s, Future((), (), rules), rules)
            yield {"level_id": row["level_id"], "barrier_kind": kind, **label}


CASES = (
    Case(
        "reasons_of_decisions_that_are_not_eligible",
        "The first that holds is given; a level behind another in its stack has no row.",
        variables={"horizons_s": {"s120": 120}, "horizon_bars": -1},
        given={
            "level_labels": "",
            "level_decisions": """
                window_end_ts=13:30:05  is_eligible=false
                level_id  window_valid  is_active  is_primary  approach_dir   barrier_ticks
                invalid   false         false      false       approach_none  -
                inactive  true          false      false       approach_none  -
                none      true          true       true        approach_none  8
                silent    true          true       true        approach_none  -
                far       true          true       true        approach_up    8
                stacked   true          true       false       approach_up    8
                unknown   true          true       true        approach_up    -
            """,
        },
        expected="""
            outcome=-
            level_id  barrier_kind  label_reason    barrier_ticks
            invalid   fixed         invalid_window  8
            invalid   vol           invalid_window  -
            inactive  fixed         inactive_level  8
            inactive  vol           inactive_level  -
            none      fixed         no_approach     8
            none      vol           no_approach     -
            silent    fixed         no_approach     8
            silent    vol           no_approach     -
            far       fixed         beyond_barrier  8
            far       vol           beyond_barrier  -
            unknown   fixed         no_sigma        8
            unknown   vol           no_sigma        -
        """,
    ),
)
