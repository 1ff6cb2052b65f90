"""The evaluation uses the settings of the lake's build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from spymaster.evaluation import evaluate as evaluation
from spymaster.evaluation.read import RELATIONS
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support.settings import vars_with


def lake_of(root: Path, columns: str) -> Lake:
    """Return a lake of two products without approaches, with these columns of settings.

    One of them has no order flow.
    """
    lake = Lake(root)
    with duckdb.connect(str(lake.published)) as connection:
        for schema in ("silver", "gold", "steps"):
            connection.execute(f"create schema {schema}")
        for relation in RELATIONS:
            held = {
                "gold.retrieval_settings": columns,
                "gold.retrieval_families": "'NQ' as root, 'market' as retrieval_family",
                "silver.mbo_contract_day_selection": (
                    "unnest(['ES', 'NQ']) as root, 'ESZ5' as selected_symbol"
                ),
            }.get(relation, "1 as nothing")
            connection.execute(f"create table {relation} as select {held}")
    return lake


def test_it_refreshes_what_the_lake_holds_and_its_own_relations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lake built with a selection lacks other readers of the verdicts."""
    lake = lake_of(tmp_path, "1 as nothing")
    asked: list[str] = []
    monkeypatch.setattr(
        evaluation, "build_and_publish", lambda lake, arguments, command: asked.extend(arguments)
    )
    evaluation._build(lake, "gold.evaluation+", vars_with())
    left_out = asked[asked.index("--exclude") + 1 :]
    assert {"retrieval_outcomes", "spot_odds"} <= set(left_out)
    assert not {"mbo_trigger_signals", "eval_retrieval_verdict"} & set(left_out)


def test_it_uses_the_settings_of_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = vars_with(
        evaluation_horizons=["s120", "s480"],
        vector_window_s=3,
        vector_block_windows=[2, 40],
        market_lookback_s=240,
        learned_blocks=["w2_mean"],
        learned_mirrored=False,
        sma_bar_s=60,
    )
    lake = lake_of(tmp_path, f"'{json.dumps(built)}' as settings, '{{}}' as evaluation_settings")
    read = []

    def read_directions(
        connection: Any, *arguments: Any, family: str, mirrored: bool, phases: tuple[str, ...]
    ) -> dict:
        read.append((*arguments, family, mirrored, phases))
        return {}

    monkeypatch.setattr(evaluation, "read_directions", read_directions)
    assert evaluation.evaluate(lake, tmp_path / "report")[1] == []
    # a vector of market features looks back over a time of its own
    assert read == [
        (root, horizon, 3, history, 60, None, family, False, phases)
        for root, history, family in (("ES", 43, "level"), ("NQ", 80, "market"))
        for horizon in ("s120", "s480")
        for phases in (("approaching",), ("at", "through", "back"))
    ]


@pytest.mark.parametrize("name", ["phase_distance_bands", "embargo_days"])
def test_a_lake_without_a_newer_setting_must_be_rebuilt(tmp_path: Path, name: str) -> None:
    built = vars_with()
    del built[name]
    lake = lake_of(tmp_path, f"'{json.dumps(built)}' as settings, '{{}}' as evaluation_settings")
    with pytest.raises(SpymasterError) as refused:
        evaluation.evaluate(lake, tmp_path / "report")
    assert str(refused.value) == (
        "gold.retrieval_settings: an earlier version of Spymaster built it, without the setting "
        f"{name} (run `spymaster build`)"
    )


def test_a_lake_of_an_older_version_must_be_rebuilt(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, "'{}' as settings")
    with pytest.raises(SpymasterError, match=r"evaluation_settings.*spymaster build"):
        evaluation.evaluate(lake, tmp_path / "report")
