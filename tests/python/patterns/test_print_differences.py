"""Fingerprints and outcomes on tables made by hand: nothing in noise, what is planted is shown."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from spymaster.evaluation.fingerprint_report import fingerprint_lines
from spymaster.evaluation.fingerprints import JUDGED, NOT_JUDGED, PRINTS, fingerprint_rows
from spymaster.evaluation.result_tables import FINGERPRINTS, table_of
from spymaster_engine.statistics.evaluation.print_differences import (
    NOT_SHOWN,
    SHOWN,
    TOO_FEW,
    print_differences,
)

DAYS, EPISODES = 20, 15
SETTINGS = {"condition_min_episodes": 30, "evaluation_seed": 7}
OUTCOMES = ("BREAK", "REJECT", "CHOP")


def approaches(seed: int, planted: float = 0.0, days: int = DAYS) -> pa.Table:
    """Approaches whose measures are noise, but for one that is larger before a break."""
    rng = np.random.default_rng(seed)
    n = days * EPISODES
    outcome = rng.choice(OUTCOMES, n)
    day = np.repeat(np.arange(days), EPISODES)
    columns = {
        "session_date": [dt.date(2025, 9, 1) + dt.timedelta(days=int(code)) for code in day],
        "outcome_reached": outcome,
        "approach_dir": rng.choice(["approach_up", "approach_down"], n),
        "horizon_id": ["s240"] * n,
    }
    for prefix in ("", "touch_"):
        for role in ("ahead", "behind"):
            for name in PRINTS:
                # loud days are loud in everything
                values = rng.normal(0.3, 0.1, n) + rng.normal(0, 0.1, days)[day]
                columns[f"{prefix}{role}_{name}"] = values
    columns["ahead_requote_share"] = columns["ahead_requote_share"] + planted * (outcome == "BREAK")
    columns["behind_chase_share"][: n // 3] = np.nan
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})


def verdicts(table: pa.Table) -> dict[tuple[str, ...], str]:
    names = ("approach_dir", "moment", "side_role", "print")
    rows = fingerprint_rows("ES", table, SETTINGS)
    return {tuple(row[name] for name in names): row["verdict"] for row in rows}


def judged(table: pa.Table) -> dict[tuple[str, ...], str]:
    return {key: verdict for key, verdict in verdicts(table).items() if key[1] == JUDGED}


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_shown_in_noise(seed: int) -> None:
    found = judged(approaches(seed))
    assert len(found) == 3 * 2 * len(PRINTS)
    assert set(found.values()) == {NOT_SHOWN}


def test_what_is_planted_is_shown() -> None:
    found = verdicts(approaches(1, planted=0.1))
    shown = {key for key, verdict in found.items() if verdict == SHOWN}
    assert ("both", "approach", "ahead", "requote_share") in shown
    assert {key[3] for key in shown} == {"requote_share"}


def test_few_days_have_no_verdict() -> None:
    assert set(judged(approaches(1, planted=0.3, days=9)).values()) == {TOO_FEW}


def test_the_window_of_the_touch_is_not_judged() -> None:
    """It overlaps with what followed, so that a difference there is no knowledge."""
    table = approaches(1, planted=0.1)
    at_touch = table["ahead_requote_share"]
    place = table.schema.get_field_index("touch_ahead_requote_share")
    table = table.set_column(place, "touch_ahead_requote_share", at_touch)
    found = verdicts(table)
    assert found["both", "approach", "ahead", "requote_share"] == SHOWN
    of_touch = {verdict for key, verdict in found.items() if key[1] == "touch"}
    assert of_touch == {NOT_JUDGED}
    assert sum(key[1] == "touch" for key in found) == 3 * 2 * len(PRINTS)


def test_differences_are_those_of_the_means() -> None:
    values = np.array([[1.0], [2.0], [4.0], [np.nan], [9.0]])
    outcome = np.array(
        [OUTCOMES.index(name) for name in ("BREAK", "REJECT", "BREAK", "BREAK", "CHOP")]
    )
    [found] = print_differences(values, outcome, np.array([0, 0, 1, 1, 1]), 30, 7)
    assert found.means == (2.5, 2.0, 9.0)
    assert (found.difference, found.n_episodes, found.n_days) == (0.5, 4, 2)
    assert found.verdict == TOO_FEW


def test_report_names_what_is_shown() -> None:
    rows = table_of(FINGERPRINTS, list(fingerprint_rows("ES", approaches(1, 0.1), SETTINGS)))
    lines = fingerprint_lines(rows.to_pylist())
    assert lines[0].startswith("## ")
    [sentence] = [line for line in lines if "**shown**" in line]
    assert sentence.startswith("- requote_share, side ahead of price: **shown**")
    assert fingerprint_lines([]) == []
