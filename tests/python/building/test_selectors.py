"""Selecting a layer selects its models, on a fresh lake too."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT
from support.parsed_project import parsed_project

CALIBRATION = "spymaster.silver.calibration.physics_norm_calibration"


@pytest.mark.parametrize(
    ("selection", "has_calibration", "has_seeds"),
    [
        (["--select", "silver"], True, False),
        (["--selector", "silver"], True, True),
        (["--selector", "gold"], True, False),
        (["--selector", "bronze"], False, False),
    ],
)
def test_selectors_of_layers(
    selection: list[str],
    has_calibration: bool,
    has_seeds: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path))
    flags = ["--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)]
    flags += ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")]
    kinds = ["--resource-type", "model", "--resource-type", "seed"]
    result = dbtRunner(parsed_project()).invoke(["ls", "--quiet", *selection, *kinds, *flags])
    assert result.success, result.exception
    names = set(result.result)
    assert names
    assert (CALIBRATION in names) == has_calibration
    assert ("spymaster.physics_weights" in names) == has_seeds
    silver = {name for name in names if name.startswith("spymaster.silver.")}
    assert ("spymaster.silver.surfaces.physics_bands_1s" in silver) == ("silver" in selection)
    # a step belongs to the layer of its subject
    assert ("spymaster.silver.surfaces.steps.vacuum_cells_1s" in silver) == ("silver" in selection)
