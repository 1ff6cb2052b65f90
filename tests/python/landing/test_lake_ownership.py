"""Spymaster never takes a directory with other files for a lake, and never removes them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from dbt_common.exceptions import DbtRuntimeError
from spymaster.cli import main
from spymaster_ingest.lake import LAKE_VARIABLE, MARKER, Lake
from spymaster_warehouse.durable_files import Plugin
from spymaster_warehouse.publish import publish
from support import lakes
from support.dbn_files import mbo, plain
from support.held_database import held_open
from support.landing_lake import land_ok
from support.publish_lake import BANDS, DAY, SYMBOL, built_lake

# foreign files below a directory, by path
THESIS, VECTORS = "tmp/work/thesis.txt", "indexes/mine.npy"
# and below a lake, beside its own files
BESIDE_OURS = (
    THESIS,
    VECTORS,
    ".tmp-notes",
    ".tmp-mine.duckdb",
    "indexes/mine.parquet",
    "indexes/mine.faiss",
    "indexes/root=ES/approach_dir=approach_up/mine.npy",
    f"silver/relations/{BANDS}/symbol={SYMBOL}/dt={DAY}/mine.parquet",
    f"silver/book_engine/symbol={SYMBOL}/dt={DAY}/mine.parquet",
    f"silver/book_engine/symbol={SYMBOL}/dt={DAY}/.tmp-notes",
    f"bronze/source=databento/product_type=future/symbol={SYMBOL}/table=mbo/.tmp-notes/mine.txt",
)
COMMANDS = {
    "build": ["build", "--select", "ingest_manifest"],
    "publish": ["publish"],
    "demo": ["demo"],
    "land": ["land", __file__],
}
SIGNS = (
    "bronze/source=databento",
    "raw/source=databento",
    ".build.lock",
    ".publication.json",
    ".demo",
)


def keep(root: Path, *names: str) -> dict[str, str]:
    """Put foreign files below a directory; return all files below it."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"this is {name}")
    return below(root)


def below(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text(errors="replace")
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_directory_with_foreign_files_is_refused_and_left_alone(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    there = keep(tmp_path, THESIS, VECTORS, "warehouse.duckdb")
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["spymaster", *COMMANDS[command]])
    with pytest.raises(SystemExit) as exit_status:
        main()
    assert exit_status.value.code == 1
    assert capsys.readouterr().err == (
        f"error: {tmp_path}: is not a lake: it holds 'indexes' and nothing of Spymaster's "
        f"(point {LAKE_VARIABLE} at an empty directory)\n"
    )
    assert below(tmp_path) == there


def test_a_plain_dbt_refuses_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = keep(tmp_path, THESIS)
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path))
    # dbt prints its own errors without a traceback
    with pytest.raises(DbtRuntimeError, match="is not a lake: it holds 'tmp'"):
        Plugin("durable_files", {})
    assert below(tmp_path) == there


def test_a_plain_dbt_beside_a_build_says_so_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = built_lake(tmp_path)
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    with (
        held_open(lake.warehouse),
        pytest.raises(DbtRuntimeError, match=r"is open in another process \(\d+\) \(wait until"),
    ):
        Plugin("durable_files", {})


@pytest.mark.parametrize("names", [(), ("README.md",), (".gitignore", "lost+found/x")])
def test_an_empty_directory_becomes_a_lake(names: tuple[str, ...], tmp_path: Path) -> None:
    keep(tmp_path, *names)
    Lake(tmp_path).make_root()
    assert (tmp_path / MARKER).is_file()
    # and stays one, whatever files are added
    keep(tmp_path, THESIS)
    Lake(tmp_path).make_root()


@pytest.mark.parametrize("sign", SIGNS)
def test_a_lake_without_a_marker_stays_a_lake(sign: str, tmp_path: Path) -> None:
    keep(tmp_path, THESIS, f"{sign}/x" if "=" in sign else sign)
    Lake(tmp_path).make_root()
    assert (tmp_path / MARKER).is_file()


def test_foreign_files_survive_every_publication(tmp_path: Path) -> None:
    lake = built_lake(tmp_path)
    mine = keep(lake.root, *BESIDE_OURS)
    for _ in range(3):
        publish(lake)
    left = below(lake.root)
    assert {name: left.get(name) for name in BESIDE_OURS} == {
        name: mine[name] for name in BESIDE_OURS
    }


def test_foreign_files_survive_a_build_and_a_landing(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.make_root()
    shown = [name for name in BESIDE_OURS if not name.startswith("silver/")]
    mine = keep(lake.root, *shown)
    scratch = lake.spill / "left by a killed build"
    scratch.parent.mkdir()
    scratch.write_text("ours")
    for count in (10, 12):
        land_ok(lake, plain(tmp_path / "a.dbn", mbo(count)), overwrite=True)
    lakes.build(lake, "--select", "ingest_manifest")
    left = below(lake.root)
    assert {name: left.get(name) for name in shown} == {name: mine[name] for name in shown}
    assert not scratch.exists()
