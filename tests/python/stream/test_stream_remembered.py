"""What is read of a contract-day once, however many pages open it."""

from __future__ import annotations

from pathlib import Path

import pytest
from spymaster.stream import meta
from spymaster.stream.reader import SurfaceReader, open_reader
from spymaster.stream.remembered import Remembered
from spymaster_ingest.lake import Lake
from support import hud_lake


def test_a_contract_day_is_described_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = hud_lake.write_lake(Lake(tmp_path / "lake"))
    until_ns = hud_lake.window_end_ns(hud_lake.EPISODES[0][2])
    with open_reader(lake) as reader:
        of = reader.contract_day(hud_lake.SYMBOL, hud_lake.DAY)

        def ask(reader: SurfaceReader) -> list[object]:
            return [
                meta.days(reader),
                meta.meta(reader, of),
                meta.approaches(reader, of, None),
                meta.approaches(reader, of, until_ns),
                meta.retests(reader, of, None),
                meta.retests(reader, of, until_ns),
            ]

        first = ask(reader)
        asked = []
        monkeypatch.setattr(
            SurfaceReader, "ask_rows", lambda self, name, **values: asked.append(name)
        )
        # another thread reads the same file
        assert ask(reader.again()) == first
        assert asked == []
    # what one page hides another one sees
    assert first[2] != first[3]
    assert first[4] != first[5]
    # each open file has its own
    with open_reader(lake) as reader, pytest.raises(TypeError):
        meta.days(reader)
    assert asked == ["days"]


def test_the_answers_used_last_are_kept() -> None:
    remembered = Remembered(2)
    found = []

    def ask(key: str) -> str:
        return remembered.get(key, lambda: found.append(key) or key.upper())

    assert [ask(key) for key in "abacab"] == list("ABACAB")
    # b made room for c, and c for b
    assert found == ["a", "b", "c", "b"]


def test_an_error_is_not_kept() -> None:
    remembered = Remembered(2)
    with pytest.raises(ZeroDivisionError):
        remembered.get("a", lambda: 1 // 0)
    assert remembered.get("a", lambda: 1) == 1
