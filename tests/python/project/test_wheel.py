"""The wheel: it holds the dbt project, and its commands run in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT

_FOLDERS = ("macros", "models", "seeds", "python_models/gold")
_FILES = ("dbt_project.yml", "profiles.yml", "selectors.yml")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the wheel installs."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=PROJECT_ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_every_file_that_dbt_reads(installed: Path) -> None:
    needed = [PROJECT_ROOT / name for name in _FILES]
    for folder in _FOLDERS:
        needed += [
            path
            for path in (PROJECT_ROOT / folder).rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        ]
    needed += (PROJECT_ROOT / "tests").glob("*.sql")
    project = installed / "spymaster_project"
    for path in needed:
        inside = project / path.relative_to(PROJECT_ROOT)
        assert inside.read_bytes() == path.read_bytes(), inside
    assert not (project / "tests" / "python").exists()


def test_an_installed_command_uses_its_own_project_and_the_folder_it_runs_in(
    installed: Path, tmp_path: Path
) -> None:
    variables = {key: value for key, value in os.environ.items() if key != LAKE_VARIABLE}
    variables |= {"PYTHONPATH": str(installed)}
    for arguments, said in (
        (["init"], f"wrote {tmp_path.resolve()}/lake/spymaster.toml"),
        (["status"], f"{tmp_path.resolve()}/lake: nothing is landed"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", "from spymaster.cli import main; main()", *arguments],
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert said in done.stdout.replace("\n", "")
