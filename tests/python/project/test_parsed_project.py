"""A parsed project serves runs with any values of the vars that it does not depend on."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from dbt.contracts.graph.manifest import Manifest
from spymaster_ingest.lake import PROJECT_ROOT
from support.parsed_project import parse, vars_parsed

# text values must be values that the project accepts
OTHER_WORDS = {
    "retrieval_family": "market",
    "local_tz": "UTC",
    "trade_date_tz": "UTC",
    "calibration_mode": "prior_sessions",
    "evaluation_horizons": "s120",
    "pool_levels": "own",
    "retrieval_horizons": "s900",
    "signal_horizon": "s480",
    "retrieval_space": "learned",
    "learned_horizon": "s120",
    # windows that differ from the project's
    "learned_blocks": "w10_mean",
    "time_basis": "trading",
    "sign_convention": "none",
    "condition_retreat_by": "depth",
    "barrier_mode": "vol",
    "barrier_horizon": "s120",
}


def other(name: str, value: Any) -> Any:
    """Return a different value of the same type for a var."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value * 1.01
    if isinstance(value, list):
        return [other(name, item) for item in value] or ["ESZ5"]
    if isinstance(value, dict):
        return {key: other(name, item) for key, item in value.items()} or {"ES": "ESZ5"}
    if value is None:
        return "2025-10-01"
    clock = re.fullmatch(r"(\d\d):(\d\d)", value)
    return f"{clock[1]}:{int(clock[2]) + 1:02d}" if clock else OTHER_WORDS[name]


def content(manifest: Manifest | None) -> dict[str, Any]:
    """Return the parsed content, without its timestamps and the vars themselves."""
    assert manifest is not None
    parsed = json.dumps(manifest.to_dict(), default=str, sort_keys=True)
    parsed = json.loads(re.sub(r'"(created_at|mtime)": [\d.]+', r'"\1": 0', parsed))
    return {name: parsed[name] for name in parsed if name not in {"metadata", "state_check"}}


@pytest.fixture(scope="module")
def parsed() -> dict[str, Any]:
    return content(parse("{}"))


def test_other_vars_do_not_change_the_parsed_project(parsed: dict[str, Any]) -> None:
    defaults = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text())["vars"]
    changed = {
        name: other(name, value) for name, value in defaults.items() if name not in vars_parsed()
    }
    assert "symbols" in changed
    assert all(value != defaults[name] for name, value in changed.items())
    assert content(parse(json.dumps(changed))) == parsed


def test_unit_tests_pin_the_settings_that_their_models_read(parsed: dict[str, Any]) -> None:
    """A lake with other settings runs them too."""
    defaults = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text())["vars"]
    assert len(parsed["unit_tests"]) > 30
    for test in parsed["unit_tests"].values():
        model = parsed["nodes"][f"model.spymaster.{test['model']}"]
        read = vars_of(model["raw_code"], model["depends_on"]["macros"], parsed["macros"], set())
        pinned = (test["overrides"] or {}).get("vars", {})
        assert read & defaults.keys() <= pinned.keys(), test["name"]


def vars_of(code: str, called: list[str], macros: dict[str, Any], seen: set[str]) -> set[str]:
    """Return the vars that some code and the project's macros that it calls name."""
    found = set(re.findall(r"var\(\s*['\"](\w+)['\"]", code))
    for name in called:
        if name.startswith("macro.spymaster.") and name not in seen:
            seen.add(name)
            macro = macros[name]
            found |= vars_of(macro["macro_sql"], macro["depends_on"]["macros"], macros, seen)
    return found
