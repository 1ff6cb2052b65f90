"""The hand-made scenarios of the plain engine, on the compiled one."""

from __future__ import annotations

import pytest
import test_naive_book_scenarios as scenarios
from support.engine_rows import EngineRows, engine_config


@pytest.fixture(autouse=True)
def _compiled_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        scenarios, "replay", lambda records, config: EngineRows(records, engine_config(config))
    )


globals().update(
    {name: value for name, value in vars(scenarios).items() if name.startswith("test_")}
)
