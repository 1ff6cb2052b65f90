"""Every number of the level engines comes from seed engine_constants."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from support import lakes
from support.engine_market import CONSTANTS

# the epsilon of a ratio, and what cannot be a threshold
ALLOWED = {"0", "1", "0.5", "100", "1e-6"}
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])")
MODELS = sorted(
    [
        *PROJECT_ROOT.glob("models/*/engines/**/*.sql"),
        *PROJECT_ROOT.glob("macros/engines/*.sql"),
    ]
)
KERNELS = sorted(PROJECT_ROOT.glob("python_models/spymaster_engine/kernels/engines/*.py"))
SEED = PROJECT_ROOT / "seeds" / "engine_constants.csv"
# the plain engines' names of settings that are not rows of the seed, or have another name there
NOT_IN_SEED = {
    *("runway_reach_ticks", "tick_int", "point_value", "strike_step_int"),
    *("wall_max_ticks", "surface_window_s", "gex_max_dte", "approach_over_s"),
    "cluster_drift_ticks",
}


def seed_values() -> dict[str, float]:
    with SEED.open(newline="") as lines:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(lines)}


def numbers_of(sql: str) -> list[str]:
    """Return the numbers of SQL outside of comments and texts that are not allowed."""
    bare = re.sub(r"\{#.*?#\}|--[^\n]*|'[^']*'", " ", sql, flags=re.DOTALL)
    return [number for number in NUMBER.findall(bare) if number not in ALLOWED]


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_no_number_in_a_model(path: Path) -> None:
    assert numbers_of(path.read_text()) == []


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select 3 as x", ["3"]),
        ("where score > 80.0 -- at 80", ["80.0"]),
        ("interval 59 second", ["59"]),
        ("'7' || level_1s || {{ engine_const('w_l') }} + 1 - 0.5 * 100 + 1e-6", []),
        ("range(-8, 1)", ["8"]),
    ],
)
def test_a_planted_number_is_found(sql: str, found: list[str]) -> None:
    assert numbers_of(sql) == found


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.stem)
def test_no_number_in_a_kernel(path: Path) -> None:
    functions = [
        node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)
    ]
    numbers = {
        node.value
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float))
    }
    assert numbers <= {0, 1}


def test_the_models_are_found() -> None:
    names = {path.stem for path in MODELS}
    assert {"barrier_engine_1s", "tape_engine_1s", "fuel_engine_1s", "break_score_1s"} <= names
    assert {"level_events", "level_event_labels"} <= names
    assert len(KERNELS) > 2


def test_weights_sum_to_one() -> None:
    values = seed_values()
    assert values["w_l"] + values["w_h"] + values["w_t"] == pytest.approx(1, abs=1e-15)


def test_the_seed_has_the_values_of_the_specification() -> None:
    values = seed_values()
    assert {name: values[name] for name in CONSTANTS if name not in NOT_IN_SEED} == {
        name: value for name, value in CONSTANTS.items() if name not in NOT_IN_SEED
    }


def test_models_read_names_of_the_seed() -> None:
    read = {
        name for path in MODELS for name in re.findall(r"engine_const\('(\w+)'\)", path.read_text())
    }
    assert len(read) > 25
    assert read <= seed_values().keys()


def test_an_unknown_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SpymasterError, match="0 rows named 'w_barrier'"):
        lakes.run(
            Lake(tmp_path / "lake"), "compile", "--inline", "select {{ engine_const('w_barrier') }}"
        )
