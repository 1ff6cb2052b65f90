"""Lake and server that the tests of the stream share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from spymaster_ingest.lake import Lake
from support.hud_lake import write_lake
from support.stream_server import FakeClock, Served, serving


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return write_lake(Lake(tmp_path_factory.mktemp("hud") / "lake"))


@pytest.fixture(scope="module")
def served(lake: Lake) -> Iterator[Served]:
    with serving(lake) as server:
        yield server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def paced(lake: Lake, clock: FakeClock) -> Iterator[Served]:
    with serving(lake, clock) as server:
        yield server
