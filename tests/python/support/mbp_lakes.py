"""One synthetic day, landed as market by order in a lake and as market by price in another."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, load_product, write_day

from support import lakes
from support.made_once import made_once

DAY = dt.date(2025, 10, 1)
ES = lakes.ES
# A night as busy as usual: in a quieter night the ten levels alone are silent for longer than the
# whole book, which is a true difference of both sources.
_PLAN = SessionPlan(hours=0.2)
SURFACE_WINDOW = ("09:29", "09:31")
WARN = "warn"


@dataclass(frozen=True)
class ByPrice:
    """The raw files of both schemas, and a lake of market by price alone."""

    raw: Path
    lake: Lake


@pytest.fixture(scope="session")
def by_price(tmp_path_factory: pytest.TempPathFactory) -> ByPrice:
    """The day, written, landed and built; tests must not change it."""
    return made_once(tmp_path_factory, "by_price", build_by_price)


def build_by_price(folder: Path) -> ByPrice:
    """Build everything as the command does, with every data test: it fails where one does."""
    raw = write_raw(folder / "raw")
    lake = landed(raw, folder / "lake", "mbp-10")
    results = lakes.build(lake, surface_window=SURFACE_WINDOW)
    assert not [result.node.name for result in results if result.status == WARN]
    return ByPrice(raw, lake)


def write_raw(folder: Path) -> Path:
    """Write the day with both schemas and return the folder."""
    market = SyntheticMarket(load_product("ES"), 1, _PLAN)
    write_day(market, DAY, folder, schemas=("mbo", "mbp-10", "definition"))
    return folder


def landed(raw: Path, root: Path, table: str) -> Lake:
    """Return a new lake with one schema of the day, ``mbo`` or ``mbp-10``, and its definitions."""
    lake = Lake(root)
    files = [
        path
        for path in sorted(raw.rglob("*.dbn.zst"))
        if path.parent.name in (f"table={table}", "table=definition")
    ]
    lakes.land_raw(lake, *files)
    return lake
