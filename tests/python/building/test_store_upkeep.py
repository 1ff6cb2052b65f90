"""A part of a store is copied, and what this version cannot use is removed."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from spymaster.cli import main
from spymaster_warehouse.partitions import PartitionRecord
from spymaster_warehouse.store.address import STORE_VARIABLE
from spymaster_warehouse.store.key import StoreKey
from spymaster_warehouse.store.runtime import runtime_hash
from spymaster_warehouse.store.store import Store

FIRST = dt.date(2025, 10, 1)
OLD = "f" * 16


def key(
    relation: str = "bars", owner: str = "ESZ5", day: int = 0, runtime: str | None = None
) -> StoreKey:
    owner_column = "root" if len(owner) == 2 else "symbol"
    record = PartitionRecord("inputs", "code")
    date = FIRST + dt.timedelta(day)
    return StoreKey.of(relation, owner_column, owner, date, record, runtime or runtime_hash())


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return a store of three days of two owners, and a day of an older version."""
    filled = Store(str(tmp_path / "store"))
    file = tmp_path / "bars.parquet"
    file.write_bytes(b"rows")
    for day in range(3):
        filled.add(key(day=day), {"bars": file})
        filled.add(key("gamma", "ES", day), {})
    filled.add(key(runtime=OLD), {"bars": file})
    monkeypatch.setenv(STORE_VARIABLE, filled.address)
    return filled


@pytest.fixture
def spymaster(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["spymaster", "store", *arguments])
        with pytest.raises(SystemExit) as status:
            main()
        return int(status.value.code or 0)

    return run


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), [key(day=n) for n in range(3)] + [key("gamma", "ES", n) for n in range(3)]),
        (("--days", "2025-10-02"), [key(day=1), key("gamma", "ES", 1)]),
        (
            ("--days", "2025-10-02:2025-10-03", "--symbols", "ES"),
            [key("gamma", "ES", 1), key("gamma", "ES", 2)],
        ),
        (("--relations", "bars,levels_1s", "--days", "2025-10-01"), [key()]),
        (("--symbols", "NQZ5"), []),
    ],
)
def test_the_selected_partitions_of_this_version_are_copied(
    store: Store,
    tmp_path: Path,
    spymaster: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    expected: list[StoreKey],
) -> None:
    folder = tmp_path / "copy"
    assert spymaster("pull", *options, str(folder)) == 0
    assert capsys.readouterr().out.startswith(f"{len(expected)} partition")
    assert list(Store(str(folder)).partitions()) == expected
    assert spymaster("pull", *options, str(folder)) == 0
    assert capsys.readouterr().out.startswith("0 partitions copied")


def test_a_damaged_partition_is_left_out(
    store: Store,
    tmp_path: Path,
    spymaster: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    [file] = Path(store.address, key().folder).glob("*.parquet")
    file.write_bytes(b"other")
    folder = tmp_path / "copy"
    assert spymaster("pull", "--days", "2025-10-01", str(folder)) == 0
    printed = capsys.readouterr()
    assert file.name in "".join(printed.err.split())
    assert list(Store(str(folder)).partitions()) == [key("gamma", "ES")]


def test_what_this_version_cannot_use_is_removed(
    store: Store, spymaster: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    everything = list(store.partitions())
    assert spymaster("gc", "--dry-run") == 0
    assert capsys.readouterr().out == "1 partition would be removed\n"
    assert list(store.partitions()) == everything
    assert spymaster("gc", "--days", "2025-10-02") == 0
    assert list(store.partitions()) == everything
    capsys.readouterr()
    assert spymaster("gc") == 0
    assert capsys.readouterr().out == "1 partition removed\n"
    everything.remove(key(runtime=OLD))
    assert list(store.partitions()) == everything


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("gc", "--days", "October"), "is no day or range of days"),
        (("gc", "--days", "2025-10-02:2025-10-01"), "ends before it begins"),
        (("pull",), "Missing argument 'FOLDER'"),
    ],
)
def test_wrong_arguments_are_named(
    store: Store,
    spymaster: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    why: str,
) -> None:
    assert spymaster(*arguments) == 2
    assert why in capsys.readouterr().err


def test_without_a_store_the_variable_is_named(
    spymaster: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(STORE_VARIABLE, raising=False)
    assert spymaster("gc") == 1
    assert capsys.readouterr().err.startswith(f"error: {STORE_VARIABLE}: is not set")
